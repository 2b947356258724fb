"""An issued invoice, as its writers take it: checked to the cent when it is made."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import groupby

from loaders.invoice_checks import (
    MOST_TEXT,
    UnbalancedInvoiceError,
    UnfitInvoiceError,
    check_number,
    check_text,
)
from loaders.invoice_parts import InvoiceLine, InvoiceNumber, Party, TaxAmount
from models.values.errors import InvalidArgumentError
from models.values.iban import Iban
from models.values.invoicing import InvoiceKind, Rectification, TaxKind
from models.values.money import round_to_cents
from models.values.nif import Nif
from models.values.period import Period
from models.values.sepa_reference import SepaReference

MOST_RATES = 12
"""Most rates of tax on an invoice, as the tax agency's schema has it."""

_SIMPLIFIED = frozenset({InvoiceKind.SIMPLIFIED, InvoiceKind.RECTIFIED_SIMPLIFIED})


class CorrectionReason(StrEnum):
    """Which part of an invoice was wrong, by its code in Facturae 3.2.2."""

    NUMBER = "01"
    SERIES = "02"
    ISSUE_DATE = "03"
    ISSUER_NAME = "04"
    RECIPIENT_NAME = "05"
    ISSUER_NIF = "06"
    RECIPIENT_NIF = "07"
    ISSUER_ADDRESS = "08"
    RECIPIENT_ADDRESS = "09"
    LINES = "10"
    TAX_RATE = "11"
    TAX_QUOTA = "12"
    PERIOD = "13"
    INVOICE_CLASS = "14"
    LEGAL_TEXTS = "15"
    TAXABLE_BASE = "16"
    TAX_CALCULATION = "80"
    DISCOUNT = "83"
    FIRM_DECISION = "84"
    INSOLVENCY = "85"


class PaymentMeans(StrEnum):
    """How an invoice is paid."""

    DIRECT_DEBIT = "direct-debit"
    TRANSFER = "transfer"
    CARD = "card"
    CASH = "cash"


@dataclass(frozen=True, slots=True)
class RectifiedInvoice:
    """An invoice that another one corrects.

    Attributes
    ----------
    number : InvoiceNumber
        Which.
    issued_on : date
        When it was issued.
    base_eur, quota_eur : Decimal
        Its taxable bases and quotas, summed [EUR].

    Raises
    ------
    UnfitInvoiceError
        If an amount is not one in cents.
    """

    number: InvoiceNumber
    issued_on: date
    base_eur: Decimal
    quota_eur: Decimal

    def __post_init__(self) -> None:
        check_number("corrected base", self.base_eur, 2)
        check_number("corrected quota", self.quota_eur, 2)


@dataclass(frozen=True, slots=True)
class Correction:
    """What a rectifying invoice corrects, how and why (RD 1619/2012, article 15).

    Attributes
    ----------
    method : Rectification
        By difference or by substitution.
    reason : CorrectionReason
        Which part was wrong.
    cause : str
        The same in words, 1 to 500 printable characters.
    invoices : tuple of RectifiedInvoice
        At least one.

    Raises
    ------
    UnfitInvoiceError
        If it corrects nothing, or the cause cannot be shown.
    """

    method: Rectification
    reason: CorrectionReason
    cause: str
    invoices: tuple[RectifiedInvoice, ...]

    def __post_init__(self) -> None:
        check_text("cause", self.cause, MOST_TEXT)
        if not self.invoices:
            raise UnfitInvoiceError("correction", "names no invoice that it corrects")


@dataclass(frozen=True, slots=True)
class Payment:
    """How and until when an invoice is paid.

    Attributes
    ----------
    means : PaymentMeans
        By what.
    due_on : date
        Last day, or that of the charge.
    account : Iban or None
        Of the issuer for a transfer, of the recipient for a direct debit.
    mandate : SepaReference or None
        Reference of the mandate of a direct debit.

    Raises
    ------
    UnfitInvoiceError
        If a transfer has no account to go to.
    """

    means: PaymentMeans
    due_on: date
    account: Iban | None = None
    mandate: SepaReference | None = None

    def __post_init__(self) -> None:
        if self.means is PaymentMeans.TRANSFER and self.account is None:
            raise UnfitInvoiceError("payment", "by transfer names no account to go to")


@dataclass(frozen=True, slots=True)
class InvoiceRecord:
    """An issued invoice.

    Attributes
    ----------
    kind : InvoiceKind
        Full, simplified or rectifying.
    number : InvoiceNumber
        Series and number.
    issued_on : date
        Date of issue.
    period : Period
        Days in which the operation took place; its end is known.
    issuer : Party
        Who supplies; with a tax number.
    recipient : Party
        Who is supplied; with a tax number unless the invoice is simplified.
    description : str
        The operation as a whole, 1 to 500 printable characters.
    lines : tuple of InvoiceLine
        At least one.
    taxes : tuple of TaxAmount
        One for each tax and rate of the lines.
    total_eur : Decimal
        Bases and quotas [EUR].
    correction : Correction or None
        What a rectifying invoice corrects.
    payment : Payment or None
        None when nothing is to be paid.
    third_party : Party or None
        Who issues in the issuer's name (RD 1619/2012, article 5); with a tax number.
    notes : tuple of str
        Further texts, 1 to 500 printable characters each.

    Raises
    ------
    UnfitInvoiceError
        If a part is missing or contradicts another.
    UnbalancedInvoiceError
        If lines do not sum to bases, or bases and quotas to the total; if a quota is not base times
        rate, but by a cent where a difference makes up for rounding.

    Notes
    -----
    RD 1619/2012, articles 6, 7 and 15 (BOE-A-2012-14696).
    """

    kind: InvoiceKind
    number: InvoiceNumber
    issued_on: date
    period: Period
    issuer: Party
    recipient: Party
    description: str
    lines: tuple[InvoiceLine, ...]
    taxes: tuple[TaxAmount, ...]
    total_eur: Decimal
    correction: Correction | None = None
    payment: Payment | None = None
    third_party: Party | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_text("description", self.description, MOST_TEXT)
        for note in self.notes:
            check_text("note", note, MOST_TEXT)
        if reason := _find_missing_part(self):
            raise UnfitInvoiceError(f"invoice {self.number}", reason)
        _check_balance(self)

    @property
    def issuer_nif(self) -> Nif:
        """Return the issuer's tax number, which an invoice cannot do without."""
        return Nif(self.issuer.nif or "")

    @property
    def base_eur(self) -> Decimal:
        """Sum the taxable bases [EUR]."""
        return sum((each.base_eur for each in self.taxes), Decimal("0.00"))

    @property
    def quota_eur(self) -> Decimal:
        """Sum the quotas [EUR]."""
        return sum((each.quota_eur for each in self.taxes), Decimal("0.00"))

    @property
    def is_simplified(self) -> bool:
        """Tell whether it may do without a recipient's tax number."""
        return self.kind in _SIMPLIFIED

    @property
    def last_day(self) -> date:
        """Return the last day of the period."""
        return last_day_of(self.period)


def last_day_of(period: Period) -> date:
    """Return the last day inside a closed period.

    Parameters
    ----------
    period : Period
        With an end.

    Returns
    -------
    date
        The day before its end.

    Raises
    ------
    InvalidArgumentError
        If it is open.

    Examples
    --------
    >>> last_day_of(Period(date(2026, 10, 1), date(2026, 11, 1)))
    datetime.date(2026, 10, 31)
    """
    if period.end is None:
        raise InvalidArgumentError(f"the period from {period.start} has no end")
    return date.fromordinal(period.end.toordinal() - 1)


def sum_taxes(lines: tuple[InvoiceLine, ...]) -> tuple[TaxAmount, ...]:
    """Sum lines to one amount for each tax and rate.

    Parameters
    ----------
    lines : tuple of InvoiceLine
        In any order.

    Returns
    -------
    tuple of TaxAmount
        By tax and rate; each quota is rounded once.

    Notes
    -----
    RD 1619/2012, article 6.1.g and h: base, rate and quota of each kind of operation apart.
    """

    def key(line: InvoiceLine) -> tuple[TaxKind, Decimal]:
        return line.tax, line.rate_percent

    amounts = []
    for (tax, rate), group in groupby(sorted(lines, key=key), key):
        base = sum((line.base_eur for line in group), Decimal("0.00"))
        amounts.append(TaxAmount(tax, rate, base, round_to_cents(base * rate / 100)))
    return tuple(amounts)


def _find_missing_part(record: InvoiceRecord) -> str | None:
    """Find what the law wants and the record lacks."""
    rules = {
        "has no lines": not record.lines,
        "has a period without an end": record.period.end is None,
        "has an issuer without a NIF": record.issuer.nif is None,
        "has a recipient without a NIF": (
            record.recipient.nif is None and not record.is_simplified
        ),
        "is issued by a third party without a NIF": (
            record.third_party is not None and record.third_party.nif is None
        ),
        "rectifies, but says not what": record.kind.is_rectifying and not record.correction,
        "is of a kind that rectifies nothing": (
            record.correction is not None and not record.kind.is_rectifying
        ),
    }
    return next((reason for reason, is_true in rules.items() if is_true), None)


def _check_balance(record: InvoiceRecord) -> None:
    computed = {(each.tax, each.rate_percent): each.base_eur for each in sum_taxes(record.lines)}
    stated = {(each.tax, each.rate_percent): each.base_eur for each in record.taxes}
    is_one_each = stated.keys() == computed.keys() and len(record.taxes) == len(stated)
    if not is_one_each or len(stated) > MOST_RATES:
        reason = f"needs one amount for each of the {len(computed)} taxes and rates of its lines"
        raise UnfitInvoiceError(f"invoice {record.number}", f"{reason}, at most {MOST_RATES}")
    for key, base_eur in stated.items():
        if base_eur != computed[key]:
            subject = f"{key[0]} base at {key[1]} % of invoice {record.number}"
            raise UnbalancedInvoiceError(subject, base_eur, computed[key])
    if not (record.correction and record.correction.method is Rectification.DIFFERENCE):
        for amount in record.taxes:
            amount.check_quota()
    check_number("total", record.total_eur, 2)
    total_eur = record.base_eur + record.quota_eur
    if record.total_eur != total_eur:
        subject = f"total of invoice {record.number}"
        raise UnbalancedInvoiceError(subject, record.total_eur, total_eur)
