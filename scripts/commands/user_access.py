"""``reparto user``: who is invited, what they reach, and whether they get in."""

import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer

from api.clock import now
from api.link_settings import require_link_desk
from api.policies import GIVES
from api.services.accounts.disable_account import disable_account, enable_account
from api.services.accounts.ensure_promoter import require_promoter
from api.services.accounts.find_subjects import find_subjects
from api.services.accounts.grant_access import grant_access, withdraw_access
from api.services.accounts.invite_account import Invitation, invite_account
from api.services.accounts.list_accounts import list_accounts, require_account
from api.services.accounts.mailed_links import SentLink
from api.services.accounts.reset_password import request_password_reset
from api.settings import read_settings
from models.session import read_session, write_session
from models.values.access import Role
from models.values.errors import ConflictError
from models.values.language import Language
from scripts.account_tables import describe_account, print_accounts
from scripts.commands.database import ready_database
from scripts.console import print_json
from scripts.invoice_options import AsJson
from scripts.promoter_option import DEFAULT_PROMOTER, Owner
from scripts.role_option import offer_roles
from scripts.texts import say

app = typer.Typer(add_completion=False)

_GIVES = GIVES[Role.PROMOTER_ADMIN]
"""Whoever has the machine may do what any admin may."""

Email = Annotated[str, typer.Argument(help="Address that they sign in with.")]
Communities = Annotated[
    list[str] | None,
    typer.Option("--community", help="Code of a community that they look after, once for each."),
]
Members = Annotated[
    list[str] | None,
    typer.Option("--member", help="Member that they are, as COMMUNITY/MEMBER, once for each."),
]
Show = Annotated[
    bool, typer.Option("--show", help="Print the link too; whoever reads it can use it.")
]


class NoResetError(ConflictError):
    """No link to a new password goes to an account."""

    def __init__(self, email: str) -> None:
        super().__init__(
            f"{email} gets no link: it has no password, is disabled, or got three within the hour"
        )
        self.email = email


@app.command("invite")
def invite(
    email: Annotated[str, typer.Argument(help="Address to which the invitation goes.")],
    role: Annotated[Role, offer_roles(_GIVES)],
    name: Annotated[
        str | None, typer.Option(help="What the user is called; else the address.")
    ] = None,
    promoter: Owner = DEFAULT_PROMOTER,
    language: Annotated[
        Language | None, typer.Option(help="Which they read; that of the settings if left out.")
    ] = None,
    community: Communities = None,
    member: Members = None,
    show: Show = False,
) -> None:
    """Invite somebody: an e-mail brings a link by which they choose a password."""
    settings = read_settings()
    with ready_database(settings) as engine, write_session(engine) as session:
        owner = require_promoter(session, name=promoter)
        subjects = find_subjects(
            session, promoter_id=owner.id, communities=community or (), members=member or ()
        )
        invited = invite_account(
            session,
            promoter_id=owner.id,
            gives=_GIVES,
            invitation=Invitation(email, name or email, role, language, subjects),
            desk=require_link_desk(settings),
            now=now(),
        )
    sys.stdout.write(f"USER {invited.account.email} {role.value}\n")
    _tell(invited.sent, show=show)


@app.command("list")
def list_all(promoter: Owner = DEFAULT_PROMOTER, json: AsJson = False) -> None:
    """List a promoter's accounts, by address, with what each was granted."""
    with ready_database(read_settings()) as engine, read_session(engine) as session:
        owner = require_promoter(session, name=promoter)
        found = list_accounts(session, promoter_id=owner.id)
    (print_json if json else print_accounts)([describe_account(facts) for facts in found])


@app.command("grant")
def grant(
    email: Email,
    promoter: Owner = DEFAULT_PROMOTER,
    community: Communities = None,
    member: Members = None,
) -> None:
    """Grant an account communities to look after, or say which members it is."""
    _change(email, promoter, grant_access, (community or [], member or []), now=now())


@app.command("withdraw")
def withdraw(
    email: Email,
    promoter: Owner = DEFAULT_PROMOTER,
    community: Communities = None,
    member: Members = None,
) -> None:
    """Take communities or members from an account."""
    _change(email, promoter, withdraw_access, (community or [], member or []))


@app.command("disable")
def disable(email: Email, promoter: Owner = DEFAULT_PROMOTER) -> None:
    """Shut an account, and end its sessions; a promoter's last admin stays."""
    _change(email, promoter, disable_account, now=now())


@app.command("enable")
def enable(email: Email, promoter: Owner = DEFAULT_PROMOTER) -> None:
    """Open an account again that was shut."""
    _change(email, promoter, enable_account)


@app.command("reset")
def reset(email: Email, show: Show = False) -> None:
    """Send somebody a link by which they choose a new password."""
    settings = read_settings()
    with ready_database(settings) as engine, write_session(engine) as session:
        sent = request_password_reset(
            session, email=email, desk=require_link_desk(settings), now=now()
        )
    if sent is None:
        raise NoResetError(email)
    _tell(sent, show=show)


def _change(
    email: str,
    promoter: str,
    use_case: Callable[..., Any],
    named: tuple[list[str], list[str]] | None = None,
    **arguments: object,
) -> None:
    """Do something about a promoter's account, and tell how it stands."""
    with ready_database(read_settings()) as engine, write_session(engine) as session:
        owner = require_promoter(session, name=promoter)
        account = require_account(session, promoter_id=owner.id, email=email)
        if named is not None:
            communities, members = named
            arguments["subjects"] = find_subjects(
                session, promoter_id=owner.id, communities=communities, members=members
            )
        use_case(session, promoter_id=owner.id, gives=_GIVES, account_id=account.id, **arguments)
        found = list_accounts(session, promoter_id=owner.id)
    print_accounts([describe_account(each) for each in found if each.account.id == account.id])


def _tell(sent: SentLink, *, show: bool) -> None:
    sys.stdout.write(f"{say('accounts.sent', until=f'{sent.link.expires_at:%Y-%m-%d %H:%M}')}\n")
    if show:
        sys.stdout.write(f"LINK {sent.address}\n")
