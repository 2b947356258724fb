"""``reparto user``: the people who sign in."""

import sys
from typing import Annotated

import typer

from api.clock import now
from api.services.accounts.create_user import create_user
from api.services.accounts.second_factor import reset_second_factor
from api.settings import read_settings
from models.session import write_session
from models.values.access import Role
from models.values.errors import InvalidArgumentError
from scripts.commands.database import ready_database
from scripts.commands.user_access import app as access
from scripts.role_option import offer_roles
from scripts.texts import say

app = typer.Typer(
    add_completion=False, help="Look after the accounts of those who sign in.", no_args_is_help=True
)

app.add_typer(access)

_PEOPLE = frozenset(Role) - {Role.INTEGRATOR, Role.PUBLIC}
"""Roles of those who sign in."""


class NoTerminalError(InvalidArgumentError):
    """Nobody sits at a terminal who could be asked for a password."""

    def __init__(self) -> None:
        super().__init__(
            "there is no terminal to ask for the password at; use --password-stdin and send it"
            " there"
        )


@app.callback()
def gather() -> None:
    """Look after the accounts of those who sign in."""


@app.command("create")
def create(
    email: Annotated[str, typer.Argument(help="Address to sign in with.")],
    role: Annotated[Role, offer_roles(_PEOPLE)],
    name: Annotated[
        str | None, typer.Option(help="What the user is called; else the address.")
    ] = None,
    promoter: Annotated[
        str | None, typer.Option(help="Whom the user works for; made if need be.")
    ] = None,
    password_from_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
) -> None:
    """Make an account; the password is asked for and only its hash is kept."""
    if password_from_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    elif not sys.stdin.isatty():
        raise NoTerminalError
    else:
        password = typer.prompt(say("accounts.password"), hide_input=True, confirmation_prompt=True)
    with ready_database(read_settings()) as engine, write_session(engine) as session:
        account = create_user(
            session,
            email=email,
            name=name or email,
            role=role,
            promoter=promoter,
            password=password,
            now=now(),
        )
    sys.stdout.write(f"USER {account.email} {account.role.value}\n")


@app.command("reset-second-factor")
def reset(
    email: Annotated[str, typer.Argument(help="Address that they sign in with.")],
) -> None:
    """Take the second factor of somebody away who has lost it, and end their sessions."""
    with ready_database(read_settings()) as engine, write_session(engine) as session:
        reset_second_factor(session, email=email, now=now())
    sys.stdout.write(f"{say('accounts.reset')}\n")
