"""The options of ``reparto invoices``: what each takes, and what its help says."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from sqlalchemy import Engine
from sqlmodel import Session

from api.services.accounts.ensure_promoter import require_promoter
from api.settings import read_settings
from loaders.invoice_record import CorrectionReason
from loaders.number_text import excerpt_of
from models.values.errors import InvalidArgumentError
from models.values.invoicing import InvoiceKind
from models.values.language import Language
from models.values.period import Period, add_months
from scripts.commands.database import ready_database
from scripts.option_values import parse_day, parse_month

_REASONS = {each.name.lower().replace("_", "-"): each for each in CorrectionReason}


def parse_reason(typed: str | CorrectionReason) -> CorrectionReason:
    """Read which part of an invoice was wrong, such as tax-rate; a default is one already."""
    if isinstance(typed, CorrectionReason):
        return typed
    if typed not in _REASONS:
        raise typer.BadParameter(f"{excerpt_of(typed)} is none of {', '.join(_REASONS)}")
    return _REASONS[typed]


Community = Annotated[str, typer.Argument(metavar="COMMUNITY", help="Code of the community.")]
Invoice = Annotated[
    str, typer.Argument(metavar="INVOICE", help="Series and number, such as 2026-000001, or id.")
]
Month = Annotated[
    date | None,
    typer.Option(parser=parse_month, metavar="MONTH", help="Month to bill, such as 2026-10."),
]
Since = Annotated[
    date | None,
    typer.Option("--from", parser=parse_day, metavar="DAY", help="First day, instead of a month."),
]
Until = Annotated[
    date | None, typer.Option(parser=parse_day, metavar="DAY", help="The day after the last.")
]
SomeCups = Annotated[
    list[str] | None, typer.Option("--cups", help="Only this supply point; once for each of some.")
]
LookedAt = Annotated[
    list[str] | None,
    typer.Option("--looked-at", metavar="CUPS", help="Bill far above the usual that is right."),
]
Series = Annotated[str, typer.Option(help="Series of the numbers, such as 2026.")]
SomeSeries = Annotated[str | None, typer.Option("--series", help="Only of this series.")]
Key = Annotated[
    str | None,
    typer.Option(help="Name of the run: the same again gives the same run; made if left out."),
]
DueDays = Annotated[int, typer.Option(help="Days that the payers have.")]
OfMember = Annotated[str | None, typer.Option("--member", help="Only of this member, by code.")]
OfIssuer = Annotated[str | None, typer.Option("--issuer", metavar="NIF", help="Only of this one.")]
OfKind = Annotated[InvoiceKind | None, typer.Option("--kind", help="Only of this kind.")]
Cancelled = Annotated[
    bool | None, typer.Option("--cancelled/--standing", help="Only those, or only the others.")
]
Because = Annotated[str, typer.Option(help="Why; it is kept.")]
Reason = Annotated[
    CorrectionReason,
    typer.Option(
        parser=parse_reason,
        metavar="REASON",
        show_default="lines",
        help=f"Which part was wrong: {', '.join(_REASONS)}.",
    ),
]
Output = Annotated[Path, typer.Option(help="Folder to write to; made if need be.")]
InLanguage = Annotated[
    Language | None, typer.Option("--language", help="Of the page; the payer's if left out.")
]
WithLines = Annotated[bool, typer.Option("--lines", help="Print the lines of every invoice.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


class PeriodNamedTwiceError(InvalidArgumentError):
    """Neither or both of a month and days were named."""

    def __init__(self) -> None:
        super().__init__("give --month, or both --from and --until")


def read_period(month: date | None, since: date | None, until: date | None) -> Period:
    """Give the period of a month, or of the days that were named."""
    if month is not None and since is None and until is None:
        return Period(month, add_months(month, 1))
    if month is None and since is not None and until is not None:
        return Period(since, until)
    raise PeriodNamedTwiceError


@contextmanager
def open_invoices(
    begin: Callable[[Engine], AbstractContextManager[Session]], promoter: str
) -> Iterator[tuple[Session, UUID]]:
    """Open the database for one transaction of a promoter."""
    with ready_database(read_settings()) as engine, begin(engine) as session:
        yield session, require_promoter(session, name=promoter).id
