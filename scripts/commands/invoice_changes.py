"""``reparto invoices``: corrections of what was issued, and its documents."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
from sqlalchemy import Engine
from sqlmodel import Session

from api.clock import now
from api.invoice_settings import (
    choose_qr_target,
    find_facturae_signer,
    require_billing_system,
)
from api.secret_keys import load_keyring
from api.services.accounts.ensure_promoter import require_promoter
from api.services.invoices.cancel_invoice import cancel_invoice
from api.services.invoices.corrected_lines import read_lines_file
from api.services.invoices.describe_invoices import describe_invoice
from api.services.invoices.find_invoices import find_invoice, require_run
from api.services.invoices.generate_invoice_files import generate_facturae, generate_invoice_pdf
from api.services.invoices.list_invoices import list_run_invoices
from api.services.invoices.rectify_invoice import RectificationWish, rectify_invoice
from api.services.invoices.render_run import list_run_pdfs, render_run
from api.services.invoices.sealed_documents import open_document
from api.settings import read_settings
from loaders.atomic_files import make_folder, replace_file
from loaders.invoice_record import CorrectionReason
from models.session import read_session, write_session
from models.tables import Invoice, InvoiceFile
from models.values.errors import InvalidArgumentError
from models.values.invoicing import InvoiceKind, Rectification
from models.values.language import Language
from scripts import invoice_options as options
from scripts.commands.database import ready_database
from scripts.console import print_json, show_progress
from scripts.invoice_options import open_invoices
from scripts.invoice_tables import print_invoice
from scripts.promoter_option import DEFAULT_PROMOTER, Owner
from scripts.texts import say

app = typer.Typer(add_completion=False)


class InvoiceOrRunError(InvalidArgumentError):
    """Neither or both of an invoice and a run were named."""

    def __init__(self) -> None:
        super().__init__("name an invoice, or a billing run with --run")


class FileForm(StrEnum):
    """Form of the documents of invoices."""

    PDF = "pdf"
    FACTURAE = "facturae"


@app.command()
def rectify(
    invoice: options.Invoice,
    series: options.Series,
    because: options.Because,
    reason: options.Reason = CorrectionReason.LINES,
    by: Annotated[
        Rectification, typer.Option(help="State the whole anew, or the difference only.")
    ] = Rectification.DIFFERENCE,
    kind: Annotated[
        InvoiceKind, typer.Option(help="R1 to R4, by the law.")
    ] = InvoiceKind.RECTIFIED_OTHERWISE,
    lines: Annotated[
        Path | None,
        typer.Option(help="TOML file of the right lines; worked out anew if left out."),
    ] = None,
    promoter: Owner = DEFAULT_PROMOTER,
    json: options.AsJson = False,
) -> None:
    """Issue an invoice that rectifies another one, which stays as it is."""
    settings = read_settings()
    system = require_billing_system(settings)
    stated = None if lines is None else read_lines_file(lines)
    with open_invoices(write_session, promoter) as (session, owner):
        found = find_invoice(session, promoter_id=owner, name=invoice)
        wish = RectificationWish(
            invoice_id=found.id,
            method=by,
            series=series,
            reason=reason,
            because=because,
            lines=stated,
            kind=kind,
        )
        made = rectify_invoice(session, promoter_id=owner, wish=wish, system=system, now=now())
        described = _describe(session, owner, made)
    (print_json if json else print_invoice)(described)


@app.command()
def cancel(
    invoice: options.Invoice,
    because: options.Because,
    promoter: Owner = DEFAULT_PROMOTER,
    json: options.AsJson = False,
) -> None:
    """Cancel an invoice that should never have been issued; its days can be billed again."""
    system = require_billing_system(read_settings())
    with open_invoices(write_session, promoter) as (session, owner):
        found = find_invoice(session, promoter_id=owner, name=invoice)
        cancel_invoice(
            session,
            promoter_id=owner,
            invoice_id=found.id,
            because=because,
            system=system,
            now=now(),
        )
        described = _describe(session, owner, found)
    (print_json if json else print_invoice)(described)


@app.command()
def files(
    output: options.Output,
    invoice: Annotated[
        str | None, typer.Argument(metavar="[INVOICE]", help="Series and number, or id.")
    ] = None,
    run: Annotated[
        UUID | None, typer.Option("--run", help="All invoices of this billing run instead.")
    ] = None,
    form: Annotated[
        FileForm, typer.Option("--form", help="PDF, or Facturae for public bodies.")
    ] = FileForm.PDF,
    language: options.InLanguage = None,
    promoter: Owner = DEFAULT_PROMOTER,
) -> None:
    """Write the PDFs or Facturae of an invoice or a billing run to a folder, and keep them."""
    if (invoice is None) == (run is None):
        raise InvoiceOrRunError
    with ready_database(read_settings()) as engine:
        with read_session(engine) as session:
            owner = require_promoter(session, name=promoter).id
        make_folder(output.absolute())
        if invoice is not None:
            _write_one(engine, owner, invoice, form, language, output)
        elif run is not None and form is FileForm.PDF and language is None:
            _write_run(engine, owner, run, output)
        elif run is not None:
            _write_each(engine, owner, run, form, language, output)


def _write_one(
    engine: Engine,
    owner: UUID,
    invoice: str,
    form: FileForm,
    language: Language | None,
    folder: Path,
) -> None:
    with write_session(engine) as session:
        found = find_invoice(session, promoter_id=owner, name=invoice)
        file = _make(session, owner, found.id, form, language)
        _write_file(folder, file.file_name, open_document(load_keyring(read_settings()), file))


def _write_run(engine: Engine, owner: UUID, run_id: UUID, folder: Path) -> None:
    """Render what is missing of a run, then write everything."""
    qr = choose_qr_target(read_settings())
    with show_progress(say("invoices.rendering")) as tell:
        render_run(
            engine,
            promoter_id=owner,
            run_id=run_id,
            qr=qr,
            keyring=load_keyring(read_settings()),
            clock=now,
            tell=tell,
        )
    with read_session(engine) as session:
        for name, content in list_run_pdfs(session, promoter_id=owner, run_id=run_id):
            _write_file(folder, name, content)


def _write_each(
    engine: Engine,
    owner: UUID,
    run_id: UUID,
    form: FileForm,
    language: Language | None,
    folder: Path,
) -> None:
    """Write the documents of a run in another form or language; Facturae of those who take it."""
    for invoice_id in _list_wanted(engine, owner, run_id, form):
        with write_session(engine) as session:
            file = _make(session, owner, invoice_id, form, language)
            _write_file(folder, file.file_name, open_document(load_keyring(read_settings()), file))


def _list_wanted(engine: Engine, owner: UUID, run_id: UUID, form: FileForm) -> list[UUID]:
    with read_session(engine) as session:
        require_run(session, promoter_id=owner, run_id=run_id)
        found = list_run_invoices(session, promoter_id=owner, run_id=run_id)
    if form is FileForm.FACTURAE:
        return [each.id for each in found if each.parties["recipient"]["offices"]]
    return [each.id for each in found]


def _make(
    session: Session, owner: UUID, invoice_id: UUID, form: FileForm, language: Language | None
) -> InvoiceFile:
    """Make and keep one document."""
    if form is FileForm.FACTURAE:
        certificate = find_facturae_signer(read_settings())
        if certificate is None:
            sys.stderr.write(f"{say('invoices.unsigned')}\n")
        return generate_facturae(
            session,
            promoter_id=owner,
            invoice_id=invoice_id,
            keyring=load_keyring(read_settings()),
            now=now(),
            certificate=certificate,
        )
    return generate_invoice_pdf(
        session,
        promoter_id=owner,
        invoice_id=invoice_id,
        qr=choose_qr_target(read_settings()),
        keyring=load_keyring(read_settings()),
        language=language,
        now=now(),
    )


def _write_file(folder: Path, name: str, content: bytes) -> None:
    path = folder / name
    with replace_file(path) as target:
        target.write(content)
    sys.stdout.write(f"{path}\n")


def _describe(session: Session, owner: UUID, invoice: Invoice) -> dict[str, Any]:
    """Describe an invoice; it is shown once the transaction has ended, whoever reads it or not."""
    qr = choose_qr_target(read_settings())
    return describe_invoice(session, promoter_id=owner, invoice=invoice, qr=qr)
