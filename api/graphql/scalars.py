"""Scalars of the energy field, each with its form, unit and range checked on the way in and out."""

import base64
import math
import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import NewType

import numpy as np
import strawberry
from numpy.typing import NDArray
from strawberry.types.scalar import ScalarDefinition

from models.values.cau import Cau
from models.values.coefficient import MILLIONTHS, format_coefficient
from models.values.cups import Cups
from models.values.energy import WH_PER_KWH
from models.values.errors import InvalidArgumentError, InvalidDataError
from models.values.money import CENT, round_to_cents
from models.values.period import Period

Coefficient = NewType("Coefficient", int)
Share = NewType("Share", float)
Kwh = NewType("Kwh", float)
ExactKwh = NewType("ExactKwh", int)
Kw = NewType("Kw", float)
Euro = NewType("Euro", Decimal)
EuroPerKwh = NewType("EuroPerKwh", Decimal)
KwhValues = NewType("KwhValues", "NDArray[np.float64]")
PackedWh = NewType("PackedWh", "NDArray[np.float64]")
SeriesAmounts = NewType("SeriesAmounts", "NDArray[np.float64]")
PackedAmounts = NewType("PackedAmounts", "NDArray[np.float64]")
EuroValues = NewType("EuroValues", "list[Decimal]")
EuroPerKwhValues = NewType("EuroPerKwhValues", "list[Decimal | None]")

_LARGEST = 1_000_000_000_000.0
_LARGEST_PRICE = 1_000
_PRICE_STEP = Decimal("0.000001")
_YEARS = range(1900, 9000)
"""Days far enough from the ends of the calendar to count months from them."""
_MICRO_WH_PER_KWH = 1_000_000_000
_LARGEST_PACKED = 2**31 - 1
_NOISE_DECIMALS = 6
_OPEN = ".."
_NUMBER = re.compile(r"[+-]?[0-9]{1,20}(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,2})?")


class InvalidScalarError(InvalidArgumentError):
    """A value has not the form of its scalar.

    Attributes
    ----------
    scalar : str
        Name of the scalar.
    value : object
        What was offered.
    """

    def __init__(self, scalar: str, value: object, expected: str) -> None:
        shown = repr(value) if isinstance(value, str | int | float) else type(value).__name__
        self.scalar = scalar
        self.value = value
        self.shown = shown[:60]
        self.expected = expected
        super().__init__(f"{scalar} {self.shown} is not {expected}")


class PackedRangeError(InvalidArgumentError):
    """An amount passes what 32 bits hold."""

    def __init__(self) -> None:
        super().__init__(
            f"an amount passes {_LARGEST_PACKED:,}, so it cannot be packed: ask for `values`, or "
            "for shorter intervals"
        )


def parse_coefficient_input(value: object) -> Coefficient:
    """Read a coefficient, as text or as a number, exactly."""
    expected = "a number from 0 to 1 with at most six decimals"
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise InvalidScalarError("Coefficient", value, expected)
    number = _read_decimal(value if isinstance(value, str) else repr(value))
    # The range comes first: a large number has as many digits as its exponent says.
    if number is None or not 0 <= number <= 1 or number * MILLIONTHS % 1:
        raise InvalidScalarError("Coefficient", value, expected)
    return Coefficient(int(number * MILLIONTHS))


def _read_decimal(text: str) -> Decimal | None:
    """Read a number of a sane length as people and programs write it; None for all else."""
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def parse_share(value: object) -> Share:
    """Read a share of a whole."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise InvalidScalarError("Share", value, "a number from 0 to 1")
    return Share(float(value))


def _parse_quantity(scalar: str) -> Callable[[object], float]:
    """Make the reader of an amount of energy or power."""

    def parse(value: object) -> float:
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not -_LARGEST <= value <= _LARGEST
        ):
            raise InvalidScalarError(scalar, value, "a finite number within 1e12")
        return float(value)

    return parse


def serialize_quantity(value: float) -> float:
    """Refuse what JSON cannot carry."""
    if not math.isfinite(value):
        raise ValueError(f"{value} is not a quantity")
    return round(float(value), 6)


def serialize_exact_kwh(micro_wh: int) -> str:
    """Write millionths of a watt-hour as kilowatt-hours, every digit of them."""
    whole, rest = divmod(micro_wh, _MICRO_WH_PER_KWH)
    return f"{whole}.{rest:09d}"


def parse_euro(value: object) -> Euro:
    """Read an amount written with at most two decimals."""
    expected = "an amount as text with at most two decimals"
    amount = _read_decimal(value) if isinstance(value, str) else None
    if amount is None or abs(amount) > Decimal(_LARGEST) or amount != amount.quantize(CENT):
        raise InvalidScalarError("Euro", value, expected)
    return Euro(amount.quantize(CENT))


def serialize_euro(value: Decimal) -> str:
    """Write an amount with two decimals, never with an exponent."""
    return f"{round_to_cents(value):f}"


def parse_euro_per_kwh(value: object) -> EuroPerKwh:
    """Read a price of energy written with at most six decimals."""
    expected = f"a price as text with at most six decimals, within {_LARGEST_PRICE}"
    price = _read_decimal(value) if isinstance(value, str) else None
    if price is None or abs(price) > _LARGEST_PRICE or price != price.quantize(_PRICE_STEP):
        raise InvalidScalarError("EuroPerKwh", value, expected)
    return EuroPerKwh(price.quantize(_PRICE_STEP))


def parse_date(value: object) -> date:
    """Read a local day in the one form that it is written in."""
    try:
        day = date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        day = None
    if day is None or day.isoformat() != value or day.year not in _YEARS:
        raise InvalidScalarError("Date", value, "a day such as 2026-01-31")
    return day


def parse_datetime(value: object) -> datetime:
    """Read an instant; a time without offset is refused."""
    expected = "an instant with offset such as 2026-01-31T12:00:00Z"
    try:
        instant = datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError as error:
        raise InvalidScalarError("DateTime", value, expected) from error
    # Near the ends of the calendar there is no telling what an instant is in another zone.
    if instant.tzinfo is None or instant.year not in _YEARS:
        raise InvalidScalarError("DateTime", value, expected)
    return instant


def serialize_datetime(value: datetime) -> str:
    """Write an instant with its offset."""
    if value.tzinfo is None:
        raise ValueError(f"{value} names no time zone")
    return value.isoformat()


def parse_period(value: object) -> Period:
    """Read local days as an interval, half-open, with or without an end."""
    expected = "days such as 2026-01-01/2026-02-01, the last of them outside, or 2026-01-01/.."
    start, _, end = value.partition("/") if isinstance(value, str) else ("", "", "")
    try:
        return Period(parse_date(start), None if end == _OPEN else parse_date(end))
    except (InvalidScalarError, InvalidDataError) as error:
        raise InvalidScalarError("Period", value, expected) from error


def serialize_period(value: Period) -> str:
    """Write days as an interval."""
    return f"{value.start}/{_OPEN if value.end is None else value.end}"


def parse_cups(value: object) -> Cups:
    """Read a CUPS and check it."""
    return Cups(value if isinstance(value, str) else "")


def parse_cau(value: object) -> Cau:
    """Read a CAU and check it."""
    return Cau(value if isinstance(value, str) else "")


def serialize_packed(energy_kwh: NDArray[np.float64]) -> str:
    """Pack energy in whole watt-hours."""
    return serialize_packed_amounts(energy_kwh * WH_PER_KWH)


def serialize_packed_amounts(amounts: NDArray[np.float64]) -> str:
    """Pack whole amounts, rounded as money is; not a number as the least integer."""
    is_known = ~np.isnan(amounts)
    # What is a half but for the noise of floats is one.
    halves = np.copysign(0.5, amounts)
    whole = np.where(is_known, np.trunc(np.round(amounts, _NOISE_DECIMALS) + halves), 0)
    if (np.abs(whole) > _LARGEST_PACKED).any():
        raise PackedRangeError
    packed = np.where(is_known, whole, -_LARGEST_PACKED - 1)
    return base64.b64encode(packed.astype("<i4").tobytes()).decode()


def _refuse_series(value: object) -> None:
    """Series only leave the server."""
    raise InvalidScalarError("series", value, "accepted as input")


SCALARS: dict[object, ScalarDefinition] = {
    Cups: strawberry.scalar(
        name="Cups",
        description="Code of a supply point: ES, 16 digits, 2 check letters, and optionally a "
        "digit and a letter (20 or 22 characters).",
        serialize=str,
        parse_value=parse_cups,
    ),
    Cau: strawberry.scalar(
        name="Cau",
        description="Code of a collective self-consumption installation: the 22-character CUPS "
        "of its generation, A and 3 digits (26 characters).",
        serialize=str,
        parse_value=parse_cau,
    ),
    Coefficient: strawberry.scalar(
        name="Coefficient",
        description='Distribution coefficient from 0 to 1, text with six decimals: "0.135464". '
        "On input a number, or fewer decimals, will do.",
        serialize=format_coefficient,
        parse_value=parse_coefficient_input,
    ),
    Share: strawberry.scalar(
        name="Share",
        description="Share of a whole, a number from 0 to 1.",
        serialize=serialize_quantity,
        parse_value=parse_share,
    ),
    Kwh: strawberry.scalar(
        name="Kwh",
        description="Energy in kilowatt-hours [kWh], a finite number.",
        serialize=serialize_quantity,
        parse_value=_parse_quantity("Kwh"),
    ),
    ExactKwh: strawberry.scalar(
        name="ExactKwh",
        description="Energy in kilowatt-hours [kWh], text with nine decimals, none of them "
        'rounded: "12.345678901".',
        serialize=serialize_exact_kwh,
        parse_value=_refuse_series,
    ),
    Kw: strawberry.scalar(
        name="Kw",
        description="Power in kilowatts [kW], a finite number.",
        serialize=serialize_quantity,
        parse_value=_parse_quantity("Kw"),
    ),
    Euro: strawberry.scalar(
        name="Euro",
        description="Amount of money in euros [EUR], text with two decimals, halves of a cent away "
        'from zero: "-12.30".',
        serialize=serialize_euro,
        parse_value=parse_euro,
    ),
    EuroPerKwh: strawberry.scalar(
        name="EuroPerKwh",
        description='Price of energy [EUR/kWh], text with six decimals: "0.050000". On input '
        "fewer decimals will do.",
        serialize=lambda price: f"{price.quantize(_PRICE_STEP):f}",
        parse_value=parse_euro_per_kwh,
    ),
    date: strawberry.scalar(
        name="Date",
        description="Local calendar day, ISO 8601: 2026-01-31.",
        serialize=date.isoformat,
        parse_value=parse_date,
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        description="Instant with its offset, ISO 8601: 2026-01-31T12:00:00+00:00.",
        serialize=serialize_datetime,
        parse_value=parse_datetime,
    ),
    Period: strawberry.scalar(
        name="Period",
        description="Local calendar days, ISO 8601, the end outside: 2026-01-01/2026-02-01 is "
        "January; 2026-01-01/.. has no end.",
        serialize=serialize_period,
        parse_value=parse_period,
    ),
    KwhValues: strawberry.scalar(
        name="KwhValues",
        description="Energy of each interval in order [kWh], an array of numbers.",
        parse_value=_refuse_series,
    ),
    PackedWh: strawberry.scalar(
        name="PackedWh",
        description="Energy of each interval in order [Wh], the nearest whole number, halves "
        "away from zero: base64 of little-endian int32; a tenth of the numbers' size, and read by "
        "one `new Int32Array(buffer)`.",
        serialize=serialize_packed,
        parse_value=_refuse_series,
    ),
    SeriesAmounts: strawberry.scalar(
        name="SeriesAmounts",
        description="Amount of each interval in order, an array of numbers; null where none is "
        "known.",
        parse_value=_refuse_series,
    ),
    PackedAmounts: strawberry.scalar(
        name="PackedAmounts",
        description="Amount of each interval in order, the nearest whole number, halves away "
        "from zero: base64 of little-endian int32, -2147483648 where none is known.",
        serialize=serialize_packed_amounts,
        parse_value=_refuse_series,
    ),
    EuroPerKwhValues: strawberry.scalar(
        name="EuroPerKwhValues",
        description="Price of each interval in order [EUR/kWh], an array of exact texts; null "
        "where none is known.",
        serialize=lambda prices: [None if each is None else f"{each:f}" for each in prices],
        parse_value=_refuse_series,
    ),
    EuroValues: strawberry.scalar(
        name="EuroValues",
        description="Amount of each interval in order [EUR], an array of texts with two decimals.",
        serialize=lambda amounts: [serialize_euro(amount) for amount in amounts],
        parse_value=_refuse_series,
    ),
}
