"""``reparto token``: what opens the API."""

import sys
from datetime import timedelta
from typing import Annotated

import typer

from api.clock import now
from api.services.accounts.create_token import create_token, revoke_token
from api.services.accounts.ensure_promoter import require_promoter
from api.services.accounts.manage_tokens import list_tokens
from api.settings import read_settings
from models.session import read_session, write_session
from models.values.access import Capability
from scripts.commands.database import ready_database
from scripts.console import print_json
from scripts.invoice_options import AsJson
from scripts.promoter_option import DEFAULT_PROMOTER, Owner, Promoter
from scripts.texts import say
from scripts.token_tables import describe_token, print_tokens

app = typer.Typer(
    add_completion=False, help="Make, list and revoke API tokens.", no_args_is_help=True
)


@app.command("create")
def create(
    promoter: Promoter = DEFAULT_PROMOTER,
    name: Annotated[str, typer.Option(help="What the token is for.")] = "command line",
    days: Annotated[
        int | None, typer.Option(min=1, max=3650, help="Days until it expires; never if left out.")
    ] = None,
    scope: Annotated[
        list[Capability] | None,
        typer.Option(help="What it may do, once for each; all that a token may if left out."),
    ] = None,
) -> None:
    """Make a token and print it once: only its hash is kept."""
    made_at = now()
    with ready_database(read_settings()) as engine, write_session(engine) as session:
        token = create_token(
            session,
            promoter=promoter,
            name=name,
            now=made_at,
            expires_at=None if days is None else made_at + timedelta(days=days),
            scopes=scope,
        )
    sys.stdout.write(f"TOKEN {token.text}\n")


@app.command("list")
def list_all(promoter: Owner = DEFAULT_PROMOTER, json: AsJson = False) -> None:
    """List a promoter's tokens, newest first, with when each was used last."""
    with ready_database(read_settings()) as engine, read_session(engine) as session:
        owner = require_promoter(session, name=promoter)
        tokens = list_tokens(session, promoter_id=owner.id)
    (print_json if json else print_tokens)([describe_token(token) for token in tokens])


@app.command("revoke")
def revoke(
    token: Annotated[str, typer.Argument(help="The token, or its first 11 characters.")],
) -> None:
    """Take a token back for good."""
    with ready_database(read_settings()) as engine, write_session(engine) as session:
        prefix = revoke_token(session, token=token, now=now())
    sys.stdout.write(f"{say('accounts.revoked', prefix=prefix)}\n")
