"""The command line: its commands, and what their failures mean to the shell."""

import sys
from typing import NoReturn

import typer

from loaders.faults import FaultyInputError
from models.values.errors import (
    CommunityError,
    ConflictError,
    InfeasibleError,
    InvalidArgumentError,
    InvalidDataError,
    NotFoundError,
)
from scripts.commands import (
    database,
    demo,
    export_community,
    import_folder,
    plan,
    schema,
    serve,
    token,
    validate,
)

BAD_ARGUMENTS, BAD_DATA, INFEASIBLE, FAULT_OF_THE_PROGRAM = 2, 3, 4, 1

app = typer.Typer(
    name="reparto",
    help="Chooses, proves and hands out the coefficients of collective self-consumption.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.command("plan")(plan.plan)
app.command("validate")(validate.validate)
app.command("import")(import_folder.import_folder)
app.command("export")(export_community.export)
app.command("serve")(serve.serve)
app.command("demo")(demo.demo)
app.add_typer(database.app, name="db")
app.add_typer(token.app, name="token")
app.add_typer(schema.app, name="schema")


def main() -> NoReturn:
    """Run a command; turn an expected failure into its message and exit code."""
    try:
        app()
    except CommunityError as error:
        sys.stderr.write(f"{describe_failure(error)}\n")
        sys.exit(exit_code_of(error))
    sys.exit(0)


def describe_failure(error: CommunityError) -> str:
    """Say what failed; of faulty files, every fault on a line of its own."""
    if isinstance(error, FaultyInputError):
        return "\n".join(map(str, error.faults))
    return f"error: {error}"


def exit_code_of(error: CommunityError) -> int:
    """Tell the shell whose fault it is."""
    if isinstance(error, InfeasibleError):
        return INFEASIBLE
    if isinstance(error, InvalidDataError):
        return BAD_DATA
    if isinstance(error, InvalidArgumentError | NotFoundError | ConflictError):
        return BAD_ARGUMENTS
    return FAULT_OF_THE_PROGRAM
