"""What a distributor's invoice of access states, as it states it.

Marks: [V] read in a source, [R] recalled and not confirmed. Codes: gisce/gestionatr [V].
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

ESTIMATED_SOURCES = frozenset({"40", "99"})
"""How a reading says that it was estimated, or that there is none [V gestionatr, table 44]."""
RECTIFYING_KINDS = frozenset("ACGR")
"""Kinds of invoice that speak of another one; N is a usual one [R]."""


@dataclass(frozen=True, slots=True)
class InvoicedRow:
    """A tariff period of a term.

    Attributes
    ----------
    start, end : date or None
        Day of the first reading, which does not count, and last day.
    tariff_period : int
        Which, counted from 1.
    quantity : Decimal
        Power that is billed [W], or energy [kWh, kvarh].
    price : Decimal
        Its price [EUR a unit].
    contracted_w, demanded_w : Decimal or None
        Of power: contracted, and the greatest demand [W].
    beta : Decimal or None
        Of net generation: the coefficient [1].
    """

    start: date | None
    end: date | None
    tariff_period: int
    quantity: Decimal
    price: Decimal
    contracted_w: Decimal | None = None
    demanded_w: Decimal | None = None
    beta: Decimal | None = None


@dataclass(frozen=True, slots=True)
class InvoicedTerm:
    """A term of the invoice.

    Attributes
    ----------
    rows : tuple of InvoicedRow
        Its tariff periods.
    total : Decimal
        What it amounts to [EUR], or its energy [kWh].
    """

    rows: tuple[InvoicedRow, ...]
    total: Decimal


@dataclass(frozen=True, slots=True)
class InvoicedTax:
    """A tax.

    Attributes
    ----------
    base, percent, amount : Decimal
        Base [EUR], rate [%] and tax [EUR].
    """

    base: Decimal
    percent: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class InvoicedReading:
    """A register of the meter between two readings.

    Attributes
    ----------
    magnitude, period_code : str
        What it counts, and its code of the tariff period.
    consumed : Decimal
        Between them, in the register's unit.
    from_source, to_source : str
        Codes of how the two readings were obtained.
    """

    magnitude: str
    period_code: str
    consumed: Decimal
    from_source: str
    to_source: str


@dataclass(frozen=True, slots=True)
class DistributorInvoice:
    """An invoice of access.

    Attributes
    ----------
    cups, number, kind, reason : str
        Supply point; number, kind and reason by the market's codes.
    rectifies : str or None
        Number of the invoice that it replaces or cancels.
    issued_on, start, end : date
        Day of issue; day of the first reading, which does not count, and last day.
    n_days : int
        Days that it says it is for.
    tariff_code, self_consumption_code : str
        By the market's codes.
    cau : str or None
        Installation of self-consumption.
    power, energy, reactive, charges : InvoicedTerm or None
        Terms; charges where they are apart from tolls.
    excess_total, rental_total : Decimal
        Excess of power and rent of the meter [EUR].
    rental_rows : tuple of tuple of Decimal
        Price a day [EUR] and days.
    electricity_tax : InvoicedTax or None
        Tax on electricity.
    vat : tuple of InvoicedTax
        Tax on sales, by its rates.
    others_total : Decimal
        Further items [EUR].
    stated_total : Decimal
        What the invoice says that it amounts to [EUR].
    generated, self_consumed, surplus : InvoicedTerm or None
        Energy of self-consumption [kWh], without prices.
    readings : tuple of InvoicedReading
        Of the meter.
    """

    cups: str
    number: str
    kind: str
    reason: str
    rectifies: str | None
    issued_on: date
    start: date
    end: date
    n_days: int
    tariff_code: str
    self_consumption_code: str
    cau: str | None
    power: InvoicedTerm | None
    energy: InvoicedTerm | None
    reactive: InvoicedTerm | None
    charges: InvoicedTerm | None
    excess_total: Decimal
    rental_total: Decimal
    rental_rows: tuple[tuple[Decimal, Decimal], ...]
    electricity_tax: InvoicedTax | None
    vat: tuple[InvoicedTax, ...]
    others_total: Decimal
    stated_total: Decimal
    generated: InvoicedTerm | None
    self_consumed: InvoicedTerm | None
    surplus: InvoicedTerm | None
    readings: tuple[InvoicedReading, ...]
