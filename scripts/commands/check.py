"""``reparto check``: a distributor's curves and invoice, or a retailer's bill, against ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from sqlmodel import Session

from api.services.accounts.ensure_promoter import require_promoter
from api.services.bills.bill_question import BillQuestion
from api.services.checks.bill_document import read_bill_file
from api.services.checks.check_curves import check_curves
from api.services.checks.check_distributor_invoice import check_distributor_invoices
from api.services.checks.check_retail_bill import check_retail_bill
from api.services.checks.describe_checks import (
    describe_curves_check,
    describe_invoice_checks,
    describe_retail_check,
)
from api.settings import read_settings
from loaders.archived_files import expand_upload
from loaders.decoding import read_bytes
from loaders.file_formats import FileFormat
from loaders.xml_documents import MOST_XML_BYTES
from models.session import read_session
from models.values.money import to_cents
from scripts import bill_options as options
from scripts.check_tables import print_curves_check, print_invoice_checks, print_retail_check
from scripts.commands.database import ready_database
from scripts.console import print_json
from scripts.option_values import parse_share
from scripts.promoter_option import DEFAULT_PROMOTER, Owner

app = typer.Typer(
    add_completion=False, help="Hold others' documents against ours.", no_args_is_help=True
)

DIFFERENT = 3

Document = Annotated[Path, typer.Argument(metavar="FILE", help="The document.")]
ToleranceEur = Annotated[
    Decimal,
    typer.Option(
        "--tolerance", metavar="EUR", parser=parse_share, help="Differences up to it are no fault."
    ),
]


@app.callback()
def check() -> None:
    """Hold others' documents against ours; exit code 3 where they differ."""


@app.command("bill")
def check_bill(
    document: Document,
    contract: options.ContractFile = None,
    law_year: options.LawYear = None,
    assume: options.Assume = None,
    proposal: options.OfProposal = None,
    agreement: options.OfAgreement = None,
    tolerance: ToleranceEur = Decimal(0),
    promoter: Owner = DEFAULT_PROMOTER,
    json: options.AsJson = False,
) -> None:
    """Hold a retailer's bill, typed as TOML or JSON, against what we make of its days."""
    bill = read_bill_file(document)
    question: BillQuestion = options.ask_for_bills(
        None, bill.start, bill.end, contract, law_year, assume, proposal, agreement
    )
    with _open(promoter) as (session, owner):
        found = check_retail_bill(session, promoter_id=owner, document=bill, question=question)
        described = describe_retail_check(found)
    (print_json if json else print_retail_check)(described)
    _leave(agrees=found.agrees(to_cents(tolerance)))


@app.command("curves")
def check_curve_file(
    document: Document,
    layout: Annotated[
        FileFormat | None,
        typer.Option("--format", help="Its layout, where its name does not tell."),
    ] = None,
    tolerance: Annotated[
        int, typer.Option(min=0, metavar="WH", help="How far an hour may be off.")
    ] = 1,
    promoter: Owner = DEFAULT_PROMOTER,
    json: options.AsJson = False,
) -> None:
    """Hold a distributor's hourly curves (A5D, B5D) against what our coefficients give."""
    files = list(expand_upload(document.name, read_bytes(document)))
    described = []
    agrees = True
    with _open(promoter) as (session, owner):
        for file in files:
            found = check_curves(
                session, promoter_id=owner, file=file, form=layout, tolerance_wh=tolerance
            )
            described.append(describe_curves_check(found))
            agrees &= found.agrees
    if json:
        print_json(described)
    else:
        for each in described:
            print_curves_check(each)
    _leave(agrees=agrees)


@app.command("invoice")
def check_invoice(
    document: Document,
    tolerance: ToleranceEur = Decimal(0),
    promoter: Owner = DEFAULT_PROMOTER,
    json: options.AsJson = False,
) -> None:
    """Hold a distributor's invoice of access (message F1) against law, sums and our readings."""
    content = read_bytes(document, MOST_XML_BYTES)
    with _open(promoter) as (session, owner):
        found = check_distributor_invoices(session, promoter_id=owner, content=content)
        described = describe_invoice_checks(found)
    (print_json if json else print_invoice_checks)(described)
    _leave(agrees=all(each.agrees(tolerance) for each in found))


@contextmanager
def _open(promoter: str) -> Iterator[tuple[Session, UUID]]:
    with ready_database(read_settings()) as engine, read_session(engine) as session:
        yield session, require_promoter(session, name=promoter).id


def _leave(*, agrees: bool) -> None:
    if not agrees:
        raise typer.Exit(DIFFERENT)
