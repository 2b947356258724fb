"""``reparto agency``: the records of invoices at the tax agency."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from api.clock import now
from api.invoice_settings import choose_qr_target, find_agency_access, require_billing_system
from api.services.accounts.ensure_promoter import require_promoter
from api.services.agency.mend_record import mend_record
from api.services.agency.read_sending import (
    ChainStanding,
    list_chain_standings,
    list_faulty,
    require_submission,
)
from api.services.agency.send_waiting_records import (
    SendingOutcome,
    SendingReport,
    send_waiting_records,
)
from api.services.invoices.describe_invoices import describe_invoice
from api.services.invoices.find_invoices import find_invoice
from api.settings import read_settings
from models.session import read_session, write_session
from models.texts.phrases import translate
from models.values.errors import UnavailableError
from scripts import invoice_options as options
from scripts.commands.database import ready_database
from scripts.console import print_json
from scripts.invoice_tables import print_invoice
from scripts.promoter_option import DEFAULT_PROMOTER, Owner
from scripts.texts import say, spoken

app = typer.Typer(
    add_completion=False, help="Send records of invoices to the tax agency.", no_args_is_help=True
)

_STATES = ("outcome", "state")
_WHO = ("tax_number", "name")


class UnsentRecordsError(UnavailableError):
    """The tax agency took nothing, or nobody knows what it took.

    Attributes
    ----------
    notes : list of str
        Why, message by message.
    """

    def __init__(self, notes: list[str]) -> None:
        super().__init__("; ".join(notes))
        self.notes = notes


@app.callback()
def agency() -> None:
    """Send records of invoices to the tax agency."""


@app.command()
def status(promoter: Owner = DEFAULT_PROMOTER, json: options.AsJson = False) -> None:
    """Tell what the tax agency has, and what still waits."""
    lack = find_agency_access(read_settings()).lack
    with options.open_invoices(read_session, promoter) as (session, owner):
        standings = list_chain_standings(session, promoter_id=owner)
    if json:
        print_json({"lack": lack, "issuers": [_describe(each) for each in standings]})
        return
    for standing in standings:
        sys.stdout.write(f"{_tell(_describe(standing))}\n")
    if lack is not None:
        sys.stdout.write(f"{translate(lack, spoken())}\n")


@app.command()
def send(
    tax_number: Annotated[
        str | None, typer.Option(metavar="NIF", help="Only of this issuer.")
    ] = None,
    promoter: Owner = DEFAULT_PROMOTER,
    json: options.AsJson = False,
) -> None:
    """Send the records that wait and may go now, or store what would be sent."""
    settings = read_settings()
    access = find_agency_access(settings)
    with ready_database(settings) as engine:
        with read_session(engine) as session:
            owner = require_promoter(session, name=promoter).id
            standings = list_chain_standings(session, promoter_id=owner)
        numbers = [each.tax_number for each in standings] if tax_number is None else [tax_number]
        reports = [
            report
            for number in numbers
            for report in send_waiting_records(
                engine, promoter_id=owner, tax_number=number, access=access, clock=now
            )
        ]
    if json:
        print_json([_describe_report(report) for report in reports])
    else:
        sys.stdout.writelines(f"{_tell(_describe_report(report))}\n" for report in reports)
    failed = [report for report in reports if report.outcome is SendingOutcome.FAILED]
    if failed:
        raise UnsentRecordsError([report.note or "" for report in failed])


@app.command()
def faults(promoter: Owner = DEFAULT_PROMOTER, json: options.AsJson = False) -> None:
    """List what the tax agency refused, or took with errors, and nothing has mended yet."""
    with options.open_invoices(read_session, promoter) as (session, owner):
        found = list_faulty(session, promoter_id=owner)
    if json:
        print_json([asdict(each) for each in found])
        return
    for each in found:
        words = (f"invoices.{each.kind.value}", f"agency.{each.state.value}")
        said = ", ".join((each.number, *map(say, words)))
        sys.stdout.write(f"{said}: {each.error_code or ''} {each.error_text or ''}".rstrip() + "\n")


@app.command()
def mend(
    invoice: options.Invoice, promoter: Owner = DEFAULT_PROMOTER, json: options.AsJson = False
) -> None:
    """Follow the newest record of an invoice, refused or taken with errors, by one that mends it.

    It names issuer and payer as they are now. An invoice that is wrong is rectified instead.
    """
    settings = read_settings()
    system = require_billing_system(settings)
    with options.open_invoices(write_session, promoter) as (session, owner):
        found = find_invoice(session, promoter_id=owner, name=invoice)
        mend_record(session, promoter_id=owner, invoice_id=found.id, system=system, now=now())
        described = describe_invoice(
            session, promoter_id=owner, invoice=found, qr=choose_qr_target(settings)
        )
    (print_json if json else print_invoice)(described)


@app.command()
def message(
    submission: Annotated[UUID, typer.Argument(metavar="ID", help="Which message.")],
    output: Annotated[Path, typer.Option(metavar="FILE", help="Where to write it.")],
    answer: Annotated[
        bool, typer.Option("--answer", help="The agency's answer, instead of the message.")
    ] = False,
    promoter: Owner = DEFAULT_PROMOTER,
) -> None:
    """Write a message as it was sent, or would be, or what the agency answered."""
    with options.open_invoices(read_session, promoter) as (session, owner):
        found = require_submission(session, promoter_id=owner, submission_id=submission)
    output.write_bytes((found.answer or b"") if answer else found.content)


def _describe(standing: ChainStanding) -> dict[str, Any]:
    """Give what the agency has of an issuer as JSON values."""
    last = standing.last
    sent = None
    if last is not None:
        sent = {
            "id": str(last.id),
            "state": last.state.value,
            "sent_at": last.sent_at and last.sent_at.isoformat(timespec="seconds"),
            "receipt": last.receipt,
            "reason": last.reason,
        }
    counts = {status.value: count for status, count in standing.counts.items()}
    return (
        {
            "tax_number": standing.tax_number,
            "name": standing.name,
            "waiting": standing.waiting_count,
        }
        | counts
        | {"last": sent}
    )


def _describe_report(report: SendingReport) -> dict[str, Any]:
    """Give what became of a message as JSON values."""
    counts = {status.value: count for status, count in (report.counts or {}).items()}
    return {
        "tax_number": report.tax_number,
        "outcome": report.outcome.value,
        "records": report.record_count,
        "counts": counts or None,
        "id": report.submission_id and str(report.submission_id),
        "due_at": report.due_at and report.due_at.isoformat(timespec="seconds"),
        "note": report.note,
    }


def _tell(described: dict[str, Any]) -> str:
    """Say on a line what is known: the issuer, then each name and value."""
    parts = [" ".join(str(described[name]) for name in _WHO if name in described)]
    for name, value in described.items():
        if isinstance(value, dict):
            shown = " ".join(_pair(key, each) for key, each in value.items() if each is not None)
            parts.append(f"{say(f'agency.{name}')}: {shown}")
        elif name not in _WHO and value is not None:
            parts.append(_pair(name, value))
    return ", ".join(parts)


def _pair(name: str, value: object) -> str:
    """Say one name and value; states, outcomes and sentences in the language."""
    told = say(f"agency.{name}_{value}") if name in _STATES else translate(str(value), spoken())
    return f"{say(f'agency.{name}')}={told}"
