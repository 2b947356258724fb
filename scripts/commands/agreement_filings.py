"""``reparto agreement``: what the distributor was sent, and what it applies."""

import sys
from collections.abc import Callable
from datetime import date
from typing import Annotated, Any
from uuid import UUID

import typer

from api.clock import now
from api.services.agreements.answer_filing import confirm_filing, refuse_filing
from api.services.agreements.describe_agreement import (
    describe_check,
    describe_filing,
)
from api.services.agreements.file_agreement import file_agreement
from api.services.agreements.record_application import (
    correct_applications,
    end_applications,
    record_application,
    remove_applications,
)
from api.services.communities.find_points import find_latest_applied, find_points
from models.session import write_session
from models.values.calendar import LAW_CLOCK, local_day
from models.values.errors import InvalidArgumentError
from scripts.agreement_access import open_agreements, show_agreement
from scripts.agreement_options import (
    Agreement,
    FirstDay,
    Json,
    LastDay,
    Members,
    Reason,
    Today,
)
from scripts.agreement_tables import (
    print_check,
)
from scripts.console import print_json
from scripts.option_values import parse_day
from scripts.promoter_option import DEFAULT_PROMOTER, Owner

app = typer.Typer(add_completion=False)


class AnswerGivenTwiceError(InvalidArgumentError):
    """Neither or both of the two answers were given."""

    def __init__(self) -> None:
        super().__init__("give --applied, or --refused with what the distributor said")


@app.command("file")
def file_it(
    agreement: Agreement,
    on: Today = None,
    promoter: Owner = DEFAULT_PROMOTER,
    json: Json = False,
) -> None:
    """Note that an agreement is complete and correct at the distributor's."""
    day = on or local_day(now(), LAW_CLOCK)
    with open_agreements(write_session, promoter) as (session, owner):
        filing, found = file_agreement(
            session, promoter_id=owner, agreement_id=agreement, filed_on=day, now=now()
        )
        described = {"filing": describe_filing(filing)} | describe_check(found)
    if json:
        print_json(described)
        return
    sys.stdout.write(f"FILING {filing.id}\n")
    print_check(described)


@app.command()
def answer(
    filing: Annotated[UUID, typer.Argument(help="Id of the filing, as `file` and `show` say it.")],
    on: Annotated[date, typer.Option(parser=parse_day, metavar="DAY", help="Day of the answer.")],
    applied: Annotated[bool, typer.Option("--applied", help="The distributor applies it.")] = False,
    valid_from: Annotated[
        date | None,
        typer.Option(
            "--from", parser=parse_day, metavar="DAY", help="First day; the legal one if left out."
        ),
    ] = None,
    refused: Annotated[str | None, typer.Option(help="Why the distributor sent it back.")] = None,
    promoter: Owner = DEFAULT_PROMOTER,
    json: Json = False,
) -> None:
    """Note what the distributor answered to a filing."""
    if applied == (refused is not None):
        raise AnswerGivenTwiceError
    with open_agreements(write_session, promoter) as (session, owner):
        shared: dict[str, Any] = {
            "promoter_id": owner,
            "filing_id": filing,
            "answered_on": on,
            "now": now(),
        }
        if refused is None:
            noted = confirm_filing(session, valid_from=valid_from, **shared)
        else:
            noted = refuse_filing(session, reason=refused, **shared)
        show_agreement(session, owner, noted.agreement_id, json)


@app.command()
def apply(
    agreement: Agreement,
    valid_from: FirstDay,
    valid_until: LastDay = None,
    cups: Members = None,
    reason: Annotated[str | None, typer.Option(help="What to keep beside it.")] = None,
    promoter: Owner = DEFAULT_PROMOTER,
    json: Json = False,
) -> None:
    """Record that the distributor applied an agreement, to all of its members or to some."""
    with open_agreements(write_session, promoter) as (session, owner):
        points = None if not cups else find_points(session, promoter_id=owner, cups=cups)
        record_application(
            session,
            promoter_id=owner,
            agreement_id=agreement,
            valid_from=valid_from,
            valid_until=valid_until,
            supply_point_ids=points,
            reason=reason,
            now=now(),
        )
        show_agreement(session, owner, agreement, json)


@app.command()
def correct(
    agreement: Agreement,
    valid_from: FirstDay,
    reason: Reason,
    valid_until: LastDay = None,
    cups: Members = None,
    promoter: Owner = DEFAULT_PROMOTER,
    json: Json = False,
) -> None:
    """Give other days to what was recorded as applied, the last period of each member."""
    days = {"valid_from": valid_from, "valid_until": valid_until}
    _change(correct_applications, agreement, cups, reason, promoter, json=json, **days)


@app.command()
def end(
    agreement: Agreement,
    valid_until: Annotated[
        date,
        typer.Option("--until", parser=parse_day, metavar="DAY", help="First day without it."),
    ],
    reason: Reason,
    cups: Members = None,
    promoter: Owner = DEFAULT_PROMOTER,
    json: Json = False,
) -> None:
    """End what was recorded as applied, as when a member leaves."""
    _change(end_applications, agreement, cups, reason, promoter, json=json, valid_until=valid_until)


@app.command()
def remove(
    agreement: Agreement,
    reason: Reason,
    cups: Members = None,
    promoter: Owner = DEFAULT_PROMOTER,
    json: Json = False,
) -> None:
    """Take back what was recorded as applied by mistake; the history keeps it."""
    _change(remove_applications, agreement, cups, reason, promoter, json=json)


def _change(
    use_case: Callable[..., None],
    agreement: UUID,
    cups: list[str] | None,
    reason: str,
    promoter: str,
    *,
    json: bool,
    **days: date | None,
) -> None:
    """Change the last period of each member, and show the agreement."""
    with open_agreements(write_session, promoter) as (session, owner):
        rows = find_latest_applied(
            session, promoter_id=owner, agreement_id=agreement, cups=cups or None
        )
        keys = [row.id for row in rows]
        use_case(session, promoter_id=owner, applied_ids=keys, reason=reason, now=now(), **days)
        show_agreement(session, owner, agreement, json)
