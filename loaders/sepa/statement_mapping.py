"""Which column of a bank's own table means what: a mapping, given as data.

As TOML, that of a Spanish bank's movements::

    decimal = ","
    header_row = 4

    [day]
    booked = "Fecha"
    valued = "Fecha valor"
    format = "%d/%m/%Y"

    [amount]
    column = "Importe"

    [columns]
    text = ["Concepto", "Observaciones"]
    balance = "Saldo"
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from loaders.meter_files.mapping_sections import MappingSection
from loaders.meter_files.table_mapping import SEPARATORS, FaultyMappingError

_MOST_HEADER_ROW = 1_000
_CURRENCY_LENGTH = 3


@dataclass(frozen=True, slots=True)
class StatementMapping:
    """What the columns of a bank's table mean.

    Attributes
    ----------
    booked : str
        Column of the day of booking.
    day_format : str
        As ``datetime.strptime`` reads it.
    valued : str or None
        Column of the value day.
    amount : str or None
        Column of amounts with their sign; None where two columns share them.
    paid_in, paid_out : str or None
        Columns of what came in and of what left, both without sign or the latter with minus.
    texts : tuple of str
        Columns that say in words what it was; they are joined by spaces.
    reference : str or None
        Column of the bank's reference.
    balance : str or None
        Column of the balance after each entry, against which the amounts are held.
    decimal : str
        ``,`` or ``.``; numbers of a workbook do not need it.
    separator : str or None
        Between the cells of a CSV; None to find it from the header.
    header_row : int
        Row that names the columns, from 1.
    sheet : str or None
        Name of a workbook's sheet; None for the first visible one.
    currency : str
        ISO 4217 code of all amounts.
    """

    booked: str
    day_format: str
    valued: str | None = None
    amount: str | None = None
    paid_in: str | None = None
    paid_out: str | None = None
    texts: tuple[str, ...] = ()
    reference: str | None = None
    balance: str | None = None
    decimal: str = "."
    separator: str | None = None
    header_row: int = 1
    sheet: str | None = None
    currency: str = "EUR"

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of all columns that the table must have."""
        single = (self.booked, self.valued, self.amount, self.paid_in, self.paid_out)
        named = (name for name in (*single, self.reference, self.balance) if name is not None)
        return tuple(dict.fromkeys((*named, *self.texts)))


def parse_statement_mapping(content: Mapping[str, object]) -> StatementMapping:
    """Check a mapping that was read from TOML or JSON.

    Parameters
    ----------
    content : mapping of str to object
        As this module's own docstring shows it; further keys are ``separator``, ``sheet``,
        ``currency``, ``columns.reference``, and ``amount.paid_in`` with ``amount.paid_out``
        instead of ``amount.column``.

    Returns
    -------
    StatementMapping

    Raises
    ------
    FaultyMappingError
        If anything is missing, unknown or contradicts itself; it carries all faults.

    Examples
    --------
    >>> mapping = parse_statement_mapping({
    ...     "day": {"booked": "Data", "format": "%d/%m/%Y"},
    ...     "amount": {"paid_in": "Haver", "paid_out": "Deure"},
    ... })
    >>> mapping.columns
    ('Data', 'Haver', 'Deure')
    """
    faults: list[str] = []
    table = MappingSection(content, "", faults)
    day, amount = table.section("day"), table.section("amount")
    columns = table.section("columns", optional=True)
    mapping = StatementMapping(
        booked=day.text("booked") or "",
        day_format=day.text("format") or "",
        valued=day.text("valued", optional=True),
        amount=amount.text("column", optional=True),
        paid_in=amount.text("paid_in", optional=True),
        paid_out=amount.text("paid_out", optional=True),
        texts=columns.texts("text", optional=True),
        reference=columns.text("reference", optional=True),
        balance=columns.text("balance", optional=True),
        decimal=table.choice("decimal", (".", ","), "."),
        separator=table.text("separator", optional=True),
        header_row=table.number("header_row", 1, _MOST_HEADER_ROW, 1),
        sheet=table.text("sheet", optional=True),
        currency=table.text("currency", optional=True) or "EUR",
    )
    for section in (table, day, amount, columns):
        section.refuse_unknown()
    faults.extend(_find_contradictions(mapping))
    if faults:
        raise FaultyMappingError(tuple(faults))
    return mapping


def _find_contradictions(mapping: StatementMapping) -> list[str]:
    """Tell what no single field can."""
    faults = []
    both = (mapping.paid_in is not None, mapping.paid_out is not None)
    if any(both) != all(both) or any(both) == (mapping.amount is not None):
        faults.append("amount: give either its column, or paid_in and paid_out")
    if mapping.day_format and not _is_readable(mapping.day_format):
        faults.append("day.format: does not tell day, month and year as strptime reads them")
    if mapping.separator is not None and mapping.separator not in SEPARATORS:
        faults.append("separator: is no single character of " + " ".join(map(repr, SEPARATORS)))
    currency = mapping.currency
    if len(currency) != _CURRENCY_LENGTH or not (currency.isascii() and currency.isupper()):
        faults.append("currency: is not 3 capital letters")
    return faults


def _is_readable(day_format: str) -> bool:
    """Tell whether a day that is written in the format can be read back."""
    sample = datetime(2026, 12, 31, tzinfo=UTC)
    try:
        read = datetime.strptime(sample.strftime(day_format), day_format)  # noqa: DTZ007
    except (ValueError, re.error):
        return False
    return read.date() == sample.date()
