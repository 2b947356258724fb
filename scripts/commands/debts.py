"""``reparto debts``: what members are late with, letters about it, and who leaves or hands on."""

from datetime import date
from typing import Annotated
from uuid import UUID

import typer

from api.clock import now
from api.services.collection.balances import sum_unknown_receipts
from api.services.collection.change_holder import HolderWish, change_holder
from api.services.collection.describe_debts import describe_debts, describe_letters
from api.services.collection.follow_debts import follow_debts
from api.services.collection.protect_supply import end_protection, protect_supply
from api.services.collection.send_debt_letters import send_debt_letters
from api.services.collection.settle_member import settle_member
from api.services.collection.take_debt_step import take_debt_step
from api.services.communities.find_community import require_community_of_code
from api.services.invoices.list_invoices import find_issuer_id, find_member
from models.session import read_session, write_session
from models.values.calendar import LAW_CLOCK, local_day
from models.values.debts import DebtStage, SupplyProtection
from models.values.money import from_cents
from scripts.console import print_json, tell_warnings
from scripts.debt_tables import print_debts, print_letters, tell
from scripts.invoice_options import AsJson, Because, Community, open_invoices
from scripts.option_values import parse_day
from scripts.promoter_option import DEFAULT_PROMOTER, Owner
from scripts.texts import number, say

app = typer.Typer(
    add_completion=False, help="Follow debts, and settle with who leaves.", no_args_is_help=True
)

Issuer = Annotated[str, typer.Option("--issuer", metavar="NIF", help="To whom it is owed.")]
Member = Annotated[str, typer.Argument(metavar="MEMBER", help="Code of the member.")]
Cups = Annotated[str, typer.Argument(metavar="CUPS", help="Supply point.")]
Protection = Annotated[SupplyProtection, typer.Argument(help="What protects it.")]
Despite = Annotated[
    list[UUID] | None,
    typer.Option(
        metavar="PAYMENT",
        help="Receipt of nobody that is none of these members', once for each: it holds nothing "
        "back.",
    ),
]
Day = Annotated[date, typer.Argument(parser=parse_day, metavar="DAY", help="Local day.")]


@app.callback()
def debts() -> None:
    """Follow debts, and settle with who leaves."""


@app.command("list")
def list_debts(
    community: Community,
    on: Annotated[
        date | None, typer.Option(parser=parse_day, metavar="DAY", help="As of this day; today.")
    ] = None,
    promoter: Owner = DEFAULT_PROMOTER,
    json: AsJson = False,
) -> None:
    """List what members are late with, what was done, and what may be done next."""
    with open_invoices(read_session, promoter) as (session, owner):
        place = require_community_of_code(session, promoter_id=owner, code=community)
        day = on or local_day(now(), LAW_CLOCK)
        found = follow_debts(session, promoter_id=owner, on=day, community_id=place.id)
        described = describe_debts(session, promoter_id=owner, debts=found)
    (print_json if json else print_debts)(described)


@app.command("write")
def write_letters(
    community: Community,
    issuer: Issuer,
    notices: Annotated[
        bool, typer.Option("--notices", help="Announce suspensions too, where the time is up.")
    ] = False,
    despite: Despite = None,
    promoter: Owner = DEFAULT_PROMOTER,
    json: AsJson = False,
) -> None:
    """Write to all who are late, as far as the timeline allows today; once to each.

    Nobody is written to whom a receipt that is not assigned may belong: it is shown instead.
    """
    with open_invoices(write_session, promoter) as (session, owner):
        place = require_community_of_code(session, promoter_id=owner, code=community)
        issuer_id = find_issuer_id(session, owner, issuer)
        unknown_eur = sum_unknown_receipts(session, promoter_id=owner, issuer_id=issuer_id)
        letters = send_debt_letters(
            session,
            promoter_id=owner,
            issuer_id=issuer_id,
            community_id=place.id,
            last_stage=DebtStage.NOTICE if notices else DebtStage.DEMAND,
            now=now(),
            despite=despite or (),
        )
        described = describe_letters(session, promoter_id=owner, letters=letters)
    if unknown_eur:
        tell_warnings([say("debts.unassigned", amount=number(unknown_eur, ",.2f"))])
    print_json(described) if json else print_letters(described, community)


@app.command()
def decide(
    community: Community,
    member: Member,
    stage: Annotated[DebtStage, typer.Argument(help="What was decided.")],
    issuer: Issuer,
    because: Because,
    despite: Despite = None,
    promoter: Owner = DEFAULT_PROMOTER,
) -> None:
    """Note that a person decided to suspend a member's part, or to end its contract."""
    with open_invoices(write_session, promoter) as (session, owner):
        place = require_community_of_code(session, promoter_id=owner, code=community)
        step = take_debt_step(
            session,
            promoter_id=owner,
            issuer_id=find_issuer_id(session, owner, issuer),
            member_id=find_member(session, promoter_id=owner, community_id=place.id, code=member),
            stage=stage,
            because=because,
            now=now(),
            despite=despite or (),
        ).step
        taken_on = step.taken_on
    tell("debts.decided", member=member, stage=say(f"debts.stage_{stage}"), day=taken_on)


@app.command()
def protect(
    cups: Cups,
    protection: Protection,
    day: Day,
    because: Because,
    promoter: Owner = DEFAULT_PROMOTER,
) -> None:
    """Protect a supply point from a day on: its member is asked to pay, and no more."""
    with open_invoices(write_session, promoter) as (session, owner):
        protect_supply(
            session,
            promoter_id=owner,
            cups=cups,
            protection=protection,
            valid_from=day,
            because=because,
            now=now(),
        )
    tell("debts.protected", cups=cups, protection=say(f"debts.{protection}"), day=day)


@app.command()
def unprotect(
    cups: Cups, protection: Protection, day: Day, promoter: Owner = DEFAULT_PROMOTER
) -> None:
    """End the protection of a supply point on a day."""
    with open_invoices(write_session, promoter) as (session, owner):
        end_protection(
            session, promoter_id=owner, cups=cups, protection=protection, valid_until=day
        )
    tell("debts.unprotected", cups=cups, protection=say(f"debts.{protection}"), day=day)


@app.command()
def settle(cups: Cups, day: Day, promoter: Owner = DEFAULT_PROMOTER) -> None:
    """Settle with the member of a supply point that took part no more from a day on."""
    with open_invoices(write_session, promoter) as (session, owner):
        rows = settle_member(session, promoter_id=owner, cups=cups, left_on=day, now=now())
        amounts = [(from_cents(row.owed_cents), from_cents(row.prepaid_cents)) for row in rows]
    for owed_eur, prepaid_eur in amounts:
        key = "debts.owes" if owed_eur else "debts.gets" if prepaid_eur else "debts.even"
        tell(key, cups=cups, amount=number(owed_eur or prepaid_eur, ",.2f"))


@app.command("hand-on")
def hand_on(
    cups: Cups,
    member: Member,
    day: Day,
    subrogated: Annotated[
        bool,
        typer.Option(
            "--subrogated/--anew", help="Whether the new holder takes over what was agreed on."
        ),
    ],
    kind: Annotated[str | None, typer.Option(help="Kind of a member that begins.")] = None,
    promoter: Owner = DEFAULT_PROMOTER,
) -> None:
    """Hand a supply point on to another member, from the first day of a month on."""
    wish = HolderWish(cups, member, day, subrogated, kind)
    with open_invoices(write_session, promoter) as (session, owner):
        change_holder(session, promoter_id=owner, wish=wish, now=now())
    tell("debts.handed_on", cups=cups, member=member, day=day)
