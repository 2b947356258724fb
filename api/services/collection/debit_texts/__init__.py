"""What payers read of a direct debit, in each language: ahead by e-mail, then on the statement."""

from collections.abc import Sequence

from loaders.invoice_pdf.number_forms import show_day, show_eur
from loaders.sepa.character_set import to_sepa_text
from loaders.sepa.direct_debits import LONGEST_REMITTANCE
from loaders.typst_pages import read_texts
from models.tables import Debit, Invoice, Mandate, MandateAccount
from models.values.language import Language
from models.values.money import from_cents

_PAGE = "loaders.invoice_pdf"
_LONGEST_SUBJECT = 200


def write_debit_notice(
    debits: Sequence[tuple[Debit, Invoice]],
    mandate: Mandate,
    account: MandateAccount,
    creditor_id: str,
) -> tuple[str, str]:
    """Write subject and text of the e-mail that tells a payer of the debits of one day ahead.

    Parameters
    ----------
    debits : sequence of (Debit, Invoice)
        The debits, at least one, and what each collects.
    mandate : Mandate
        Under which.
    account : MandateAccount
        From where; shown masked.
    creditor_id : str
        Identifier of who collects.

    Returns
    -------
    tuple of str
        Subject and text, with the sum and each amount, in the language of the last invoice.
    """
    debit, invoice = debits[-1]
    language = language_of(invoice)
    texts, forms = read_texts(__package__, language), read_texts(_PAGE, language)
    lines = [
        texts["line"].format(
            number=each.full_number,
            due_on=show_day(one.due_on, forms),
            amount=show_eur(from_cents(one.amount_cents), forms),
        )
        for one, each in debits
    ]
    facts = {
        "amount": show_eur(from_cents(sum(one.amount_cents for one, _ in debits)), forms),
        "day": show_day(debit.collect_on, forms),
        "lines": "\n".join(lines),
        "recipient": invoice.parties["recipient"]["name"],
        "issuer": invoice.parties["issuer"]["name"],
        "account": account.masked_iban,
        "mandate": mandate.reference,
        "creditor_id": creditor_id,
    }
    subject = _plain(texts["subject"].format(**facts))[:_LONGEST_SUBJECT]
    return subject, _plain(texts["text"].format(**facts))


def write_remittance(invoice: Invoice) -> str:
    """Write what a payer reads of a debit on the statement.

    Parameters
    ----------
    invoice : Invoice
        What is collected.

    Returns
    -------
    str
        In the language of the invoice and the SEPA characters.
    """
    texts = read_texts(__package__, language_of(invoice))
    told = texts["remittance"].format(number=invoice.full_number)
    return to_sepa_text(told, LONGEST_REMITTANCE)


def language_of(invoice: Invoice) -> Language:
    """Give the language of an invoice.

    Parameters
    ----------
    invoice : Invoice
        The invoice.

    Returns
    -------
    Language
        That of its recipient when it was issued.
    """
    return Language(invoice.parties["recipient"]["language"])


def _plain(text: str) -> str:
    # A program that shows plain text breaks its lines where it likes.
    return text.replace("\u00a0", " ")
