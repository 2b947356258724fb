"""The parts of an invoice: its number, its parties, its lines and its taxes."""

import re
from dataclasses import dataclass
from decimal import Decimal

from loaders.invoice_checks import (
    MOST_NAME,
    MOST_TEXT,
    UnbalancedInvoiceError,
    UnfitInvoiceError,
    check_number,
    check_rate,
    check_text,
)
from models.values.invoicing import Exemption, TaxKind
from models.values.money import round_to_cents
from models.values.nif import Nif

_CENT = Decimal("0.01")
_MOST_UNIT = 20
_MOST_DECIMALS = 8
_SERIES = re.compile(r"[A-Za-z0-9]([A-Za-z0-9./_-]{0,18}[A-Za-z0-9])?", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,20}", re.ASCII)
_POST_CODE = re.compile(r"[0-9]{5}", re.ASCII)


@dataclass(frozen=True, slots=True)
class InvoiceNumber:
    """Series and number of an invoice.

    Attributes
    ----------
    series : str
        1 to 20 letters, digits and ``. / _ -`` between them.
    number : str
        1 to 20 digits.

    Raises
    ------
    UnfitInvoiceError
        If either has another form.

    Examples
    --------
    >>> str(InvoiceNumber("2026", "000123"))
    '2026-000123'
    """

    series: str
    number: str

    def __post_init__(self) -> None:
        if not _SERIES.fullmatch(self.series):
            raise UnfitInvoiceError("series", f"{self.series[:40]!r} is not 1 to 20 plain letters")
        if not _NUMBER.fullmatch(self.number):
            raise UnfitInvoiceError("number", f"{self.number[:40]!r} is not 1 to 20 digits")

    def __str__(self) -> str:
        return f"{self.series}-{self.number}"


@dataclass(frozen=True, slots=True)
class Address:
    """An address in Spain.

    Attributes
    ----------
    street, town, province : str
        Lines of it.
    post_code : str
        Five digits.

    Raises
    ------
    UnfitInvoiceError
        If a line is blank, too long or unprintable, or the post code has another form.
    """

    street: str
    post_code: str
    town: str
    province: str

    def __post_init__(self) -> None:
        for line in (self.street, self.town, self.province):
            check_text("address", line, MOST_NAME)
        if not _POST_CODE.fullmatch(self.post_code):
            raise UnfitInvoiceError("post code", f"{self.post_code[:40]!r} is not 5 digits")


@dataclass(frozen=True, slots=True)
class Party:
    """Who issues or receives an invoice.

    Attributes
    ----------
    name : str
        Full name or company name, 1 to 200 printable characters.
    nif : Nif or None
        Tax number; None for the recipient of a simplified invoice who did not give one.
    address : Address or None
        None where the law does not ask for it.

    Raises
    ------
    UnfitInvoiceError
        If the name is blank, too long or unprintable.
    """

    name: str
    nif: Nif | None = None
    address: Address | None = None

    def __post_init__(self) -> None:
        check_text("name", self.name, MOST_NAME)


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One line.

    Attributes
    ----------
    description : str
        What is charged, 1 to 500 printable characters.
    quantity : Decimal
        How much of it; negative to take something back.
    unit : str
        Of the quantity, 1 to 20 printable characters.
    unit_price_eur : Decimal
        Exact price of one unit, without tax, at most 8 decimals [EUR].
    base_eur : Decimal
        Their product, rounded to cents [EUR].
    tax : TaxKind
        Tax on it.
    rate_percent : Decimal
        Its rate, at most 2 decimals [%].

    Raises
    ------
    UnfitInvoiceError
        If the description or a number has not its form.
    UnbalancedInvoiceError
        If the base is not quantity times price.
    """

    description: str
    quantity: Decimal
    unit: str
    unit_price_eur: Decimal
    base_eur: Decimal
    tax: TaxKind
    rate_percent: Decimal

    def __post_init__(self) -> None:
        check_text("description", self.description, MOST_TEXT)
        check_text("unit", self.unit, _MOST_UNIT)
        check_number("quantity", self.quantity, _MOST_DECIMALS)
        check_number("unit price", self.unit_price_eur, _MOST_DECIMALS)
        check_number("base", self.base_eur, 2)
        check_rate(self.rate_percent)
        product = round_to_cents(self.quantity * self.unit_price_eur)
        if self.base_eur != product:
            raise UnbalancedInvoiceError(f"line {self.description!r}", self.base_eur, product)


@dataclass(frozen=True, slots=True)
class TaxAmount:
    """What one tax at one rate comes to.

    Attributes
    ----------
    tax : TaxKind
        The tax.
    rate_percent : Decimal
        Its rate, at most 2 decimals [%].
    base_eur, quota_eur : Decimal
        What is taxed, and the tax on it, rounded to cents; a cent more or less where it is the
        difference of two that were rounded [EUR].
    exemption : Exemption or None
        Why there is no tax on it, if there is none.
    exempt_because : str
        The same in words, 1 to 500 printable characters; empty when it is taxed.

    Raises
    ------
    UnfitInvoiceError
        If a number has not its form, or an exemption has a rate or no reason.
    UnbalancedInvoiceError
        If the quota is not base times rate, within a cent.
    """

    tax: TaxKind
    rate_percent: Decimal
    base_eur: Decimal
    quota_eur: Decimal
    exemption: Exemption | None = None
    exempt_because: str = ""

    def __post_init__(self) -> None:
        if (self.exemption is None) != (not self.exempt_because):
            raise UnfitInvoiceError(
                "exemption", "needs both a key and a reason in words, or neither"
            )
        if self.exemption is not None:
            check_text("reason of the exemption", self.exempt_because, MOST_TEXT)
            if self.rate_percent:
                raise UnfitInvoiceError("exemption", f"bears a rate of {self.rate_percent} %")
        check_rate(self.rate_percent)
        check_number("base", self.base_eur, 2)
        check_number("quota", self.quota_eur, 2)
        self.check_quota(_CENT)

    def check_quota(self, tolerance_eur: Decimal = Decimal(0)) -> None:
        """Refuse a quota that is not base times rate.

        Parameters
        ----------
        tolerance_eur : Decimal
            By how much it may differ [EUR].

        Raises
        ------
        UnbalancedInvoiceError
            If it differs by more.
        """
        product = round_to_cents(self.base_eur * self.rate_percent / 100)
        if abs(self.quota_eur - product) > tolerance_eur:
            subject = f"{self.tax} quota at {self.rate_percent} %"
            raise UnbalancedInvoiceError(subject, self.quota_eur, product)
