"""Invoices by e-mail: to whom, in which words, with which page, and what is left out."""

import re

import pytest
from sqlmodel import col

from api.services.invoices.cancel_invoice import cancel_invoice
from api.services.invoices.find_invoices import UnknownRunError
from api.services.invoices.invoice_history import UnknownInvoiceError
from api.services.invoices.rectify_invoice import RectificationWish, rectify_invoice
from api.services.outbox import mail_invoices as mailing
from api.services.outbox.mail_invoices import (
    TooManyInvoicesError,
    UnmailedReason,
    mail_billing_run,
    mail_invoices,
)
from api.services.outbox.message_texts import write_invoice_mail
from loaders.invoice_pdf.number_forms import show_eur
from loaders.invoice_record import CorrectionReason
from models.session import write_session
from models.tables import AttemptOutcome, Invoice, InvoiceFile
from models.values.invoicing import BillingBasis, Rectification
from models.values.language import Language
from models.values.money import from_cents
from tests.support.billing import NOW
from tests.support.databases import on_sqlite
from tests.support.invoices import SYSTEM, build_line
from tests.support.mail_servers import reach
from tests.support.outbox import Outbox

pytestmark = on_sqlite

LANGUAGES = (Language.SPANISH, Language.CATALAN, Language.ENGLISH)
FORMS = {
    Language.SPANISH: ("Factura {}", ",.", "con vencimiento el 25/12/2023."),
    Language.CATALAN: ("Factura {}", ",.", "amb venciment el 25/12/2023."),
    Language.ENGLISH: ("Invoice {}", ".,", "due on 25 Dec 2023."),
}


@pytest.fixture
def run(billed):
    """Issue three invoices, each in another language."""
    for place, language in enumerate(LANGUAGES):
        billed.pay(place, email=f"payer{place}@vila.example", language=language)
    return billed.issue()


def mail(billed, use_case=mail_billing_run, **what):
    with write_session(billed.engine) as session:
        return use_case(session, promoter_id=billed.owner, now=NOW, **what)


def test_a_run_goes_out_in_each_payers_language(billed, run, mailbox):
    mailed = mail(billed, run_id=run.id)
    assert [len(mailed.messages), len(mailed.unmailed)] == [3, 0]
    assert mail(billed, run_id=run.id) == mailed
    outbox = Outbox(billed.engine, billed.owner, NOW)
    assert outbox.send(reach(mailbox)) == {AttemptOutcome.ACCEPTED: 3}
    kept = {file.invoice_id: file for file in billed.rows(InvoiceFile)}
    got = {mail["To"]: mail for mail in mailbox.read()}
    for invoice in billed.rows(Invoice, col(Invoice.number)):
        place = [member.id for member in billed.stored.members].index(invoice.member_id)
        letter = got[f"payer{place}@vila.example"]
        title, signs, due = FORMS[LANGUAGES[place]]
        total = show_eur(from_cents(invoice.total_cents), {"number_signs": signs})
        words = letter.get_body().get_content()
        assert letter["Subject"].startswith(title.format(invoice.full_number))
        assert f"Total: {total.replace(chr(160), ' ')}, {due}" in words
        assert f"Payer {place}" in words
        (page,) = letter.iter_attachments()
        assert page.get_content() == kept[invoice.id].content
        assert page.get_filename() == f"{invoice.full_number}.pdf"
        assert page.get_content_type() == "application/pdf"
        assert kept[invoice.id].language is LANGUAGES[place]


def test_nothing_of_a_person_is_logged(billed, run, mailbox, capfd):
    mail(billed, run_id=run.id)
    mailbox.replies["RCPT"] = ["550 <payer0@vila.example> unknown: Payer 0"]
    Outbox(billed.engine, billed.owner, NOW).send(reach(mailbox))
    logged = "".join(capfd.readouterr())
    assert "e-mail tried" in logged
    assert not re.search(r"@|[Pp]ayer|2023-0000", logged)


def test_those_who_get_none_are_named(billed, run, mailbox):
    billed.pay(1, email=None)
    invoices = billed.rows(Invoice, col(Invoice.number))
    by_member = {invoice.member_id: invoice for invoice in invoices}
    without, cancelled = (by_member[billed.stored.members[place].id] for place in (1, 2))
    with write_session(billed.engine) as session:
        cancel_invoice(
            session,
            promoter_id=billed.owner,
            invoice_id=cancelled.id,
            because="x",
            system=SYSTEM,
            now=NOW,
        )
    mailed = mail(billed, run_id=run.id)
    assert {(each.invoice.id, each.reason) for each in mailed.unmailed} == {
        (without.id, UnmailedReason.NO_ADDRESS),
        (cancelled.id, UnmailedReason.CANCELLED),
    }
    assert len(mailed.messages) == 1


def test_a_replaced_invoice_is_not_asked_for_again(billed, run):
    first, second, _ = billed.rows(Invoice, col(Invoice.number))
    line = ((BillingBasis.FIXED, build_line("Fee", "1", "month", "3")),)

    def rectify(invoice, method):
        reason = CorrectionReason.LINES
        wish = RectificationWish(invoice.id, method, "R", reason, "agreed", lines=line)
        with write_session(billed.engine) as session:
            owner = billed.owner
            return rectify_invoice(session, promoter_id=owner, wish=wish, system=SYSTEM, now=NOW)

    rectify(first, Rectification.DIFFERENCE)
    line = ((BillingBasis.FIXED, build_line("Fee", "1", "month", "4")),)
    whole = rectify(first, Rectification.SUBSTITUTION)
    rectify(second, Rectification.DIFFERENCE)
    mailed = mail(billed, run_id=run.id)
    (left,) = mailed.unmailed
    assert (left.invoice.id, left.reason) == (first.id, UnmailedReason.REPLACED)
    assert left.replaced_by.id == whole.id
    (message,) = mail(billed, mail_invoices, invoice_ids=[whole.id]).messages
    assert whole.full_number in message.subject


def test_a_run_of_many_pages_is_mailed_whole(billed, run, monkeypatch):
    monkeypatch.setattr(mailing, "MOST_INVOICES", 2)
    mailed = mail(billed, run_id=run.id)
    numbers = [message.subject.split()[1] for message in mailed.messages]
    assert numbers == ["2023-000001", "2023-000002", "2023-000003"]


def test_what_the_caller_has_not_is_not_mailed(billed, run, other_promoter):
    ids = [invoice.id for invoice in billed.rows(Invoice)]
    other = {"promoter_id": other_promoter.id}
    with write_session(billed.engine) as session, pytest.raises(UnknownRunError):
        mail_billing_run(session, **other, run_id=run.id, now=NOW)
    with write_session(billed.engine) as session, pytest.raises(UnknownInvoiceError):
        mail_invoices(session, **other, invoice_ids=ids, now=NOW)
    with pytest.raises(TooManyInvoicesError):
        mail(billed, mail_invoices, invoice_ids=[])
    assert Outbox(billed.engine, billed.owner).messages == []
    with pytest.raises(UnknownInvoiceError):
        Outbox(billed.engine, other_promoter.id).queue(invoice_ids=tuple(ids))


@pytest.mark.parametrize(
    ("cents", "language", "said"),
    [
        (-121, Language.SPANISH, "Total a su favor: 1,21 €."),
        (-121, Language.CATALAN, "Total a favor vostre: 1,21 €."),
        (-121, Language.ENGLISH, "Total in your favour: 1.21 €."),
        (0, Language.SPANISH, "No hay nada que pagar."),
        (0, Language.CATALAN, "No hi ha res a pagar."),
        (0, Language.ENGLISH, "There is nothing to pay."),
    ],
)
def test_nobody_is_asked_for_what_is_theirs(billed, run, cents, language, said):
    (invoice, *_) = billed.rows(Invoice)
    recipient = invoice.parties["recipient"] | {"language": language}
    parties = invoice.parties | {"recipient": recipient}
    changed = invoice.model_copy(update={"total_cents": cents, "parties": parties})
    subject, text = write_invoice_mail(changed)
    assert f"\n{said}\n" in text
    assert len(subject) <= 200
