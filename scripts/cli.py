"""The command line: its commands, and what their failures mean to the shell."""

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import Annotated, Any, NoReturn, cast

import typer
from typer.core import TyperCommand, TyperGroup

from loaders.faults import FaultyInputError
from loaders.number_text import show_name
from models.texts.errors import describe_error
from models.values.errors import (
    CommunityError,
    ConflictError,
    InfeasibleError,
    InvalidArgumentError,
    InvalidDataError,
    NotFoundError,
    UnavailableError,
    UnsetSettingError,
)
from models.values.language import Language
from scripts.faults import tell_fault
from scripts.help_texts import HELP_NAMES, SpokenContext, spoken_refusals, translate_help
from scripts.texts import speak, spoken

FAULT_OF_THE_PROGRAM, BAD_ARGUMENTS, BAD_DATA, INFEASIBLE, UNAVAILABLE = 1, 2, 3, 4, 5
_THE_CALLERS = (InvalidArgumentError, NotFoundError, ConflictError, UnsetSettingError)

_LANGUAGE = "REPARTO_LANGUAGE"

COMMANDS = {
    "plan": "plan",
    "fill-vacancies": "fill_vacancies",
    "validate": "validate",
    "import": "import_files",
    "detect": "detect",
    "community": "community",
    "completeness": "completeness",
    "fill-gaps": "fill_gaps",
    "versions": "versions",
    "fetch": "fetch",
    "propose": "propose",
    "agreement": "agreement",
    "bill": "bill",
    "check": "check",
    "invoices": "invoices",
    "collection": "collection",
    "agency": "agency",
    "outbox": "outbox",
    "debts": "debts",
    "accounts": "accounts",
    "export": "export_community",
    "export-data": "export_data",
    "serve": "serve",
    "worker": "worker",
    "demo": "demo",
    "simulate-country": "simulate_country",
    "db": "database",
    "keys": "keys",
    "token": "token",
    "user": "user",
    "audit": "audit",
    "person": "person",
    "schema": "schema",
}
"""Each command and the module of ``scripts.commands`` that holds it."""


class _Commands(TyperGroup):
    """Load a command's module, and all that it imports, only when the command is called."""

    context_class = SpokenContext

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        """List the commands as the help shows them."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> TyperCommand | TyperGroup | None:  # noqa: ARG002
        """Find a command by its name."""
        if cmd_name not in COMMANDS:
            return None
        with _what_stays():
            module = import_module(f"scripts.commands.{COMMANDS[cmd_name]}")
        command = typer.main.get_command(module.app)
        command.name = cmd_name
        translate_help(command)
        return cast("TyperCommand | TyperGroup", command)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read what stands before the command."""
        with spoken_refusals():
            return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run the command, which reads what stands behind it."""
        with spoken_refusals():
            return super().invoke(ctx)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the page that lists the commands."""
        translate_help(self)
        super().format_help(ctx, formatter)


@contextmanager
def _what_stays() -> Iterator[None]:
    """Look for no garbage in modules while they load, nor ever after: it takes a quarter longer."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _speak(language: Language) -> Language:
    speak(language)
    return language


app = typer.Typer(
    name="reparto",
    cls=_Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": HELP_NAMES},
)


@app.callback()
def reparto(
    language: Annotated[
        Language,
        typer.Option(
            envvar=_LANGUAGE,
            is_eager=True,
            callback=_speak,
            help="Language of results, messages and help.",
        ),
    ] = Language.ENGLISH,
) -> None:
    """Choose, prove and hand out the coefficients of collective self-consumption."""


def main() -> NoReturn:
    """Run a command; turn an expected failure into its message and exit code."""
    # Help that is asked for is shown before the setting is looked at.
    with suppress(ValueError):
        speak(Language(os.environ.get(_LANGUAGE, Language.ENGLISH)))
    try:
        app()
    except CommunityError as error:
        sys.stderr.write(f"{describe_failure(error)}\n")
        sys.exit(exit_code_of(error))
    sys.exit(0)


def describe_failure(error: CommunityError) -> str:
    """Say what failed; of faulty files, every fault on a line of its own."""
    if isinstance(error, FaultyInputError):
        return "\n".join(map(tell_fault, error.faults))
    # A message may name what somebody typed or sent, which must not steer the terminal.
    lines = describe_error(error, spoken()).split("\n")
    return "error: " + "\n".join(map(show_name, lines))


def exit_code_of(error: CommunityError) -> int:
    """Tell the shell whose fault it is."""
    if isinstance(error, InfeasibleError):
        return INFEASIBLE
    if isinstance(error, InvalidDataError):
        return BAD_DATA
    if isinstance(error, _THE_CALLERS):
        return BAD_ARGUMENTS
    if isinstance(error, UnavailableError):
        return UNAVAILABLE
    return FAULT_OF_THE_PROGRAM
