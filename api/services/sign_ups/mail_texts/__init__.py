"""What e-mails with invoices say, in each language."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from loaders.invoice_pdf.number_forms import show_day, show_eur
from loaders.typst_pages import read_texts
from models.tables import Invoice
from models.values.language import Language
from models.values.money import from_cents

_PAGE = "loaders.invoice_pdf"
_LONGEST_SUBJECT = 200


def write_invoice_mail(invoice: Invoice) -> tuple[str, str]:
    """Write subject and text of the e-mail that carries an invoice.

    Parameters
    ----------
    invoice : Invoice
        The invoice.

    Returns
    -------
    tuple of str
        Subject and text in the language of the invoice; amounts and days as its page shows them.
    """
    language = Language(invoice.parties["recipient"]["language"])
    texts, forms = read_texts(__package__, language), read_texts(_PAGE, language)
    facts = {
        "title": forms["titles"][invoice.kind],
        "number": invoice.full_number,
        "recipient": invoice.parties["recipient"]["name"],
        "issuer": invoice.parties["issuer"]["name"],
        "start": show_day(invoice.period_start, forms),
        "end": show_day(invoice.period_end - timedelta(days=1), forms),
    }
    total_eur = from_cents(invoice.total_cents)
    facts["payment"] = texts[_choose_payment(total_eur)].format(
        total=show_eur(abs(total_eur), forms), day=show_day(invoice.due_on, forms)
    )
    return texts["subject"].format(**facts)[:_LONGEST_SUBJECT], _fill(texts["text"], facts)


def _choose_payment(total_eur: Decimal) -> str:
    if total_eur > 0:
        return "due"
    return "refund" if total_eur < 0 else "nothing"


def _fill(text: str, facts: dict[str, Any]) -> str:
    # A program that shows plain text breaks its lines where it likes.
    return text.format(**facts).replace("\u00a0", " ")
