"""``reparto audit``: who did what, and whether that was changed since."""

from datetime import UTC, date, datetime, time
from typing import Annotated
from uuid import UUID

import typer

from api.services.accounts.ensure_promoter import require_promoter
from api.services.audit.read_trail import AuditFilter, page_entries
from api.services.audit.verify_trail import list_chains, require_sound, verify_trail
from api.settings import read_settings
from models.session import read_session
from models.values.audit import AuditOutcome
from scripts.audit_tables import describe_chain, describe_entry, print_chains, print_entries
from scripts.commands.database import ready_database
from scripts.console import print_json, show_progress
from scripts.invoice_options import AsJson
from scripts.option_values import parse_day
from scripts.promoter_option import DEFAULT_PROMOTER, Owner
from scripts.texts import say

app = typer.Typer(add_completion=False, help="Read and verify the audit trail.")

_AT_ONCE = 500

OfOne = Annotated[
    str | None,
    typer.Option(metavar="PROMOTER", help="Only the chain of this promoter; all if left out."),
]


@app.callback()
def audit() -> None:
    """Read and verify the audit trail."""


@app.command("list")
def list_entries(
    since: Annotated[
        date | None,
        typer.Option(parser=parse_day, metavar="DAY", help="First day, in UTC."),
    ] = None,
    until: Annotated[
        date | None,
        typer.Option(parser=parse_day, metavar="DAY", help="Day after the last, in UTC."),
    ] = None,
    actor: Annotated[
        UUID | None, typer.Option(metavar="ID", help="Only of this account, by id.")
    ] = None,
    action: Annotated[
        str | None, typer.Option(help="Only this action, such as publishAgreement.")
    ] = None,
    outcome: Annotated[AuditOutcome | None, typer.Option(help="Only what ended so.")] = None,
    most: Annotated[int, typer.Option(min=1, max=100_000, help="How many at most.")] = _AT_ONCE,
    installation: Annotated[
        bool, typer.Option("--installation", help="Of no promoter: the installation's own.")
    ] = False,
    promoter: Owner = DEFAULT_PROMOTER,
    json: AsJson = False,
) -> None:
    """List the entries of a chain, newest first."""
    wanted = AuditFilter(
        since=None if since is None else _begin(since),
        until=None if until is None else _begin(until),
        action=action,
        account_id=actor,
        outcome=outcome,
    )
    with ready_database(read_settings()) as engine, read_session(engine) as session:
        owner = None if installation else require_promoter(session, name=promoter).id
        page = page_entries(session, promoter_id=owner, wanted=wanted, first=most)
    (print_json if json else print_entries)([describe_entry(entry) for entry in page.items])


@app.command("verify")
def verify(
    only: OfOne = None,
    expected: Annotated[
        str | None,
        typer.Option("--expects-head", metavar="HASH", help="Hash that an entry must have."),
    ] = None,
    json: AsJson = False,
) -> None:
    """Walk each chain from its first entry to its last, and tell where it breaks first.

    A head that was noted elsewhere shows whether entries are missing at the end.
    """
    with ready_database(read_settings()) as engine, read_session(engine) as session:
        owner = None if only is None else require_promoter(session, name=only).id
        with show_progress(say("audit.verifying")) as tell:
            reports = verify_trail(session, promoter_id=owner, expected=expected, tell=tell)
    (print_json if json else print_chains)([describe_chain(report) for report in reports])
    require_sound(reports, expected=expected)


@app.command("head")
def head(only: OfOne = None, json: AsJson = False) -> None:
    """Print how far each chain goes, and the hash of its newest entry: note it down elsewhere."""
    with ready_database(read_settings()) as engine, read_session(engine) as session:
        owner = None if only is None else require_promoter(session, name=only).id
        reports = list_chains(session, promoter_id=owner)
    (print_json if json else print_chains)([describe_chain(report) for report in reports])


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
