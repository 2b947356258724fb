"""``reparto accounts``: what accountants are handed."""

from datetime import date
from enum import StrEnum
from typing import Annotated

import typer

from api.clock import now
from api.services.accounting.accounts_wish import AccountsWish
from api.services.accounting.gather_accounts import gather_accounts
from api.services.accounting.write_accounts import write_account_folder
from api.services.communities.find_community import require_community_of_code
from api.services.invoices.list_invoices import find_issuer_id
from api.settings import read_settings
from loaders.table_csv import CsvDialect
from models.values.calendar import LAW_CLOCK, local_day
from models.values.period import Period
from scripts.audited_commands import disclosing_session
from scripts.commands.database import ready_database
from scripts.console import tell_written
from scripts.invoice_options import OfIssuer, Output
from scripts.option_values import parse_day
from scripts.promoter_option import DEFAULT_PROMOTER, Owner
from scripts.texts import spoken

app = typer.Typer(
    add_completion=False, help="Hand accounts to an accountant.", no_args_is_help=True
)


class CsvKind(StrEnum):
    """Who reads the tables beside the workbook."""

    PLAIN = "plain"
    EXCEL = "excel"


_DIALECTS = {CsvKind.PLAIN: CsvDialect.PLAIN, CsvKind.EXCEL: CsvDialect.EXCEL_ES}


@app.callback()
def accounts() -> None:
    """Hand accounts to an accountant."""


@app.command()
def export(
    since: Annotated[
        date, typer.Option("--from", parser=parse_day, metavar="DAY", help="First day.")
    ],
    until: Annotated[
        date, typer.Option("--until", parser=parse_day, metavar="DAY", help="Day after the last.")
    ],
    output: Output,
    community: Annotated[
        str | None, typer.Argument(metavar="[COMMUNITY]", help="Code of a community.")
    ] = None,
    issuer: OfIssuer = None,
    csv: Annotated[
        CsvKind | None,
        typer.Option("--csv", help="Tables beside the workbook: for programs, or Spanish Excel."),
    ] = None,
    promoter: Owner = DEFAULT_PROMOTER,
) -> None:
    """Write invoices, lines, payments, ageing, VAT book and ledger as a workbook, and as CSV."""
    moment = now()
    with (
        ready_database(read_settings()) as engine,
        disclosing_session(engine, promoter) as (session, owner),
    ):
        place = community and require_community_of_code(session, promoter_id=owner, code=community)
        wish = AccountsWish(
            Period(since, until),
            community_id=place.id if place else None,
            issuer_id=find_issuer_id(session, owner, issuer) if issuer else None,
        )
        found = gather_accounts(
            session, promoter_id=owner, wish=wish, today=local_day(moment, LAW_CLOCK)
        )
        written = write_account_folder(
            found,
            output,
            language=spoken(),
            dialect=_DIALECTS[csv] if csv else None,
            now=moment,
        )
    tell_written(written)
