"""Invoices page by page and a run's PDFs in one archive, on either database."""

import io
from zipfile import ZipFile

import pytest
from sqlmodel import col

from api.services.invoices.cancel_invoice import cancel_invoice
from api.services.invoices.find_invoices import (
    InvoiceFilter,
    UnknownRunError,
    count_invoices,
    page_invoices,
)
from api.services.invoices.generate_invoice_files import QrTarget
from api.services.invoices.render_run import UnrenderedRunError, render_run, write_run_archive
from models.session import read_session, write_session
from models.tables import Invoice, InvoiceFile
from tests.support.billing import NOW
from tests.support.invoices import SYSTEM
from tests.support.keyrings import KEYRING


def archive(billed, run_id) -> ZipFile:
    target = io.BytesIO()
    with read_session(billed.engine) as session:
        write_run_archive(session, promoter_id=billed.owner, run_id=run_id, target=target)
    return ZipFile(target)


def test_a_run_is_rendered_once_and_archived_by_number(billed):
    run = billed.issue()
    with pytest.raises(UnrenderedRunError, match="3 invoices"):
        archive(billed, run.id)
    wish = {"promoter_id": billed.owner, "run_id": run.id, "clock": lambda: NOW}
    stages = []
    tell = lambda share, stage: stages.append((share, stage))  # noqa: E731
    assert render_run(billed.engine, **wish, qr=QrTarget(), keyring=KEYRING, tell=tell) == 3
    assert stages == [(0.0, "invoice 1 of 3"), (1.0, "stored")]
    assert render_run(billed.engine, **wish, qr=QrTarget(), keyring=KEYRING) == 0
    assert len(billed.rows(InvoiceFile)) == 3
    names = [f"2023-00000{place}.pdf" for place in (1, 2, 3)]
    assert archive(billed, run.id).namelist() == names
    with pytest.raises(UnknownRunError):
        render_run(
            billed.engine, **(wish | {"run_id": billed.owner}), qr=QrTarget(), keyring=KEYRING
        )


def test_the_page_of_a_cancelled_invoice_is_rendered_again(billed):
    run = billed.issue()
    wish = {"promoter_id": billed.owner, "run_id": run.id, "clock": lambda: NOW}
    render_run(billed.engine, **wish, qr=QrTarget(), keyring=KEYRING)
    before = archive(billed, run.id)
    (first, *_) = billed.rows(Invoice, col(Invoice.number))
    with write_session(billed.engine) as session:
        cancel_invoice(
            session,
            promoter_id=billed.owner,
            invoice_id=first.id,
            because="issued by mistake",
            system=SYSTEM,
            now=NOW,
        )
    with pytest.raises(UnrenderedRunError, match="1 invoices"):
        archive(billed, run.id)
    assert render_run(billed.engine, **wish, qr=QrTarget(), keyring=KEYRING) == 1
    after = archive(billed, run.id)
    same = [before.read(name) == after.read(name) for name in after.namelist()]
    assert same == [False, True, True]
    assert sum(file.tells_cancellation for file in billed.rows(InvoiceFile)) == 1


def test_pages_follow_each_other_by_number(billed):
    run = billed.issue()
    wanted = InvoiceFilter(
        community_id=billed.stored.community.id, run_id=run.id, is_cancelled=False
    )
    found, after = [], None
    with read_session(billed.engine) as session:
        shared = {"promoter_id": billed.owner, "wanted": wanted}
        for _ in range(3):
            page = page_invoices(session, **shared, first=1, after=after)
            found += [invoice.full_number for invoice in page.items]
            after = page.keys[-1]
        assert count_invoices(session, **shared) == 3
    assert (found, page.has_next) == (["2023-000001", "2023-000002", "2023-000003"], False)
