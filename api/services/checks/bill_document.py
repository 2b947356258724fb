"""A retailer's bill as somebody typed it: a TOML or JSON file, an input of the interface."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from loaders.decoding import UnreadableFileError, decode_text, read_bytes
from loaders.json_text import parse_json_object
from loaders.typed_document import (
    UnreadableDocumentError,
    describe_faults,
    name_some,
    read_toml_file,
)
from models.values.cups import Cups
from models.values.errors import InvalidArgumentError, InvalidIdentifierError
from planner.billing.retail.bill_lines import LineKind
from planner.billing.retail.contract import Per

_MOST_LINES = 500
_MOST_BYTES = 1_000_000
_MOST_DAYS = 400
_SIX = 6

Amount = Annotated[
    Decimal, Field(ge=-10_000_000, le=10_000_000, allow_inf_nan=False, decimal_places=2)
]
Quantity = Annotated[Decimal, Field(ge=0, le=10**9, allow_inf_nan=False, decimal_places=6)]
Price = Annotated[Decimal, Field(ge=-100_000, le=100_000, allow_inf_nan=False, decimal_places=12)]
Percent = Annotated[Decimal, Field(ge=-100, le=100, allow_inf_nan=False, decimal_places=10)]


class BillDocumentError(InvalidArgumentError):
    """A typed bill says what cannot be understood.

    Attributes
    ----------
    faults : tuple of str
        Where, and why, each.
    """

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__(f"bill: {name_some(faults, '; ')}")
        self.faults = tuple(faults)


class LineShape(StrEnum):
    """What the figures of a line are."""

    POWER = "power"
    """Quantity in kW, price for time, days."""
    ENERGY = "energy"
    """Quantity and its price."""
    FEE = "fee"
    """Price for time, days."""
    SHARE = "share"
    """Percentage of an amount."""
    AMOUNT = "amount"
    """Nothing but the amount."""


_KEYS: Mapping[LineShape, tuple[str, ...]] = MappingProxyType(
    {
        LineShape.POWER: ("quantity", "price", "per", "days"),
        LineShape.ENERGY: ("quantity", "price"),
        LineShape.FEE: ("price", "per", "days"),
        LineShape.SHARE: ("base_eur", "percent"),
        LineShape.AMOUNT: (),
    }
)
_FIGURES = tuple(sorted(set().union(*_KEYS.values())))

SHAPES: Mapping[LineKind, LineShape] = MappingProxyType(
    {
        **dict.fromkeys(LineKind, LineShape.SHARE),
        **dict.fromkeys(
            (LineKind.POWER, LineKind.POWER_TOLLS, LineKind.EXCESS_BY_MAXIMETER), LineShape.POWER
        ),
        **dict.fromkeys(
            (
                LineKind.ENERGY,
                LineKind.INDEXED_ENERGY,
                LineKind.ENERGY_TOLLS,
                LineKind.REACTIVE_ENERGY,
                LineKind.SURPLUS,
                LineKind.INDEXED_SURPLUS,
                LineKind.LEAST_ELECTRICITY_TAX,
            ),
            LineShape.ENERGY,
        ),
        **dict.fromkeys(
            (
                LineKind.SOCIAL_BONUS_FINANCING,
                LineKind.FIXED_DISCOUNT,
                LineKind.METER_RENTAL,
                LineKind.SERVICES,
            ),
            LineShape.FEE,
        ),
        **dict.fromkeys(
            (LineKind.EXCESS_BY_QUARTER_HOURS, LineKind.COMPENSATION_LIMIT), LineShape.AMOUNT
        ),
    }
)
"""The shape of every kind of line."""


class Readings(StrEnum):
    """How the retailer says that the energy was read."""

    REAL = "real"
    ESTIMATED = "estimated"


class _Part(BaseModel):
    """A part as it is written; unknown keys are refused, so that a slip is not lost."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class TypedLine(_Part):
    """A line of the bill."""

    kind: LineKind
    amount_eur: Amount
    period: Annotated[int, Field(ge=1, le=_SIX)] | None = None
    quantity: Quantity | None = None
    price: Price | None = None
    per: Per = Per.DAY
    days: Annotated[int, Field(ge=0, le=_MOST_DAYS)] | None = None
    base_eur: Amount | None = None
    percent: Percent | None = None
    start: date | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        shape = SHAPES[self.kind]
        foreign = [
            key for key in _FIGURES if key in self.model_fields_set and key not in _KEYS[shape]
        ]
        if foreign:
            own = ", ".join(_KEYS[shape]) or "only the amount"
            raise ValueError(f"{', '.join(foreign)}: a line of {self.kind} has {own}")
        if shape in (LineShape.POWER, LineShape.ENERGY) and self.quantity is None:
            raise ValueError(f"quantity: a line of {self.kind} needs it")
        return self


class RetailBillDocument(_Part):
    """A retailer's bill of one supply point."""

    cups: str
    start: date
    end: date
    total_eur: Amount
    readings: Readings = Readings.REAL
    regularises_from: date | None = None
    line: Annotated[tuple[TypedLine, ...], Field(min_length=1, max_length=_MOST_LINES)]

    @model_validator(mode="after")
    def _check(self) -> Self:
        try:
            Cups(self.cups)
        except InvalidIdentifierError as error:
            raise ValueError(f"cups: {error}") from error
        if not 0 < (self.end - self.start).days <= _MOST_DAYS:
            raise ValueError(
                f"end: {self.end} is not 1 to {_MOST_DAYS} days after {self.start}; it is the day "
                "after the last"
            )
        stray = [line for line in self.line if line.start and not self._covers(line.start)]
        if stray:
            raise ValueError(f"line: {stray[0].start} is not among the days of the bill")
        return self

    def _covers(self, day: date) -> bool:
        return self.start <= day < self.end


def read_bill_file(path: Path) -> RetailBillDocument:
    """Read a typed bill.

    Parameters
    ----------
    path : Path
        A TOML file, or a JSON file whose name ends in .json.

    Returns
    -------
    RetailBillDocument
        Checked in form.

    Raises
    ------
    BillDocumentError
        If there is no such file, it is neither, or the bill cannot be understood: with every
        fault.
    """
    try:
        document = _read_json(path) if path.suffix.lower() == ".json" else read_toml_file(path)
    except UnreadableDocumentError as error:
        raise BillDocumentError([error.reason]) from error
    except UnreadableFileError as error:
        raise BillDocumentError([f"{path.name} {error}"]) from error
    return parse_bill(document)


def _read_json(path: Path) -> dict[str, object]:
    return parse_json_object(decode_text(read_bytes(path, _MOST_BYTES)), keeps_decimals=True)


def parse_bill(document: Mapping[str, Any]) -> RetailBillDocument:
    """Check a typed bill.

    Parameters
    ----------
    document : mapping
        As TOML or JSON gave it.

    Returns
    -------
    RetailBillDocument
        Checked in form.

    Raises
    ------
    BillDocumentError
        With every fault: which line, which key, and why.
    """
    try:
        return RetailBillDocument.model_validate(document)
    except ValidationError as error:
        raise BillDocumentError(describe_faults(error)) from error
