"""Own scalars: the form, range and scale that each takes, and how it is written."""

import base64
import struct
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.graphql.scalars import (
    SCALARS,
    InvalidScalarError,
    PackedRangeError,
    serialize_packed_amounts,
)
from models.values.errors import InvalidIdentifierError
from models.values.period import Period

BY_NAME = {definition.name: definition for definition in SCALARS.values()}
NO_TEXT = [None, True, 1.5, [], {}]


def parse(name, value):
    """Read a value as a scalar does."""
    return BY_NAME[name].parse_value(value)


def serialize(name, value):
    """Write a value as a scalar does."""
    return BY_NAME[name].serialize(value)


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("Coefficient", "0.135464", 135_464),
        ("Coefficient", "0.1", 100_000),
        ("Coefficient", 0.03, 30_000),
        ("Coefficient", 1, 1_000_000),
        ("Coefficient", "0", 0),
        ("Coefficient", "1e-6", 1),
        ("Share", 0, 0.0),
        ("Share", 0.95, 0.95),
        ("Share", 1, 1.0),
        ("Kwh", 12, 12.0),
        ("Kwh", -0.5, -0.5),
        ("Kw", 4.6, 4.6),
        ("Euro", "12.3", Decimal("12.30")),
        ("Euro", "-0.01", Decimal("-0.01")),
        ("Date", "2024-02-29", date(2024, 2, 29)),
        ("DateTime", "2024-01-31T12:00:00Z", datetime(2024, 1, 31, 12, tzinfo=UTC)),
        (
            "DateTime",
            "2024-01-31T12:00:00+01:00",
            datetime(2024, 1, 31, 12, tzinfo=timezone(timedelta(hours=1))),
        ),
        ("Period", "2026-01-01/2026-02-01", Period(date(2026, 1, 1), date(2026, 2, 1))),
        ("Period", "2026-01-01/..", Period(date(2026, 1, 1))),
        ("Cups", "ES0021000000000001RK0F", "ES0021000000000001RK0F"),
        ("Cau", "ES0021000000000001RK0FA000", "ES0021000000000001RK0FA000"),
    ],
)
def test_values_of_the_right_form_are_read(name, given, expected):
    assert parse(name, given) == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(
            ("Coefficient", value)
            for value in [
                "",
                "x",
                "NaN",
                "Infinity",
                "-0.1",
                "1.000001",
                "1e150000",
                "1e999999999",
                "1e-999999999",
                "0." + "0" * 30,
                "٠.٥",
                " 0.5\n",
                "0_1",
                10**300,
                float("inf"),
                "0.1234567",
                "0,5",
                1e-7,
                float("nan"),
                float("inf"),
                2,
                True,
                None,
                [],
            ]
        ),
        *(("Share", value) for value in [-1e-9, 1.0000001, "0.5", True, None, float("nan"), []]),
        *(("Kwh", value) for value in ["1", True, None, 1e13, float("nan"), float("inf"), []]),
        *(("Kw", value) for value in ["1", -1e13, float("-inf")]),
        *(("Euro", value) for value in ["", "x", "NaN", "Infinity", "0.001", "1e13", 1, 1.5, None]),
        *(
            ("Date", value)
            for value in [
                "",
                "2024-1-1",
                "2023-02-29",
                "2024-W01-1",
                "9999-12-31",
                "0001-01-01",
                1,
                None,
            ]
        ),
        *(
            ("DateTime", value)
            for value in [
                "",
                "2024-01-31",
                "2024-01-31T12:00:00",
                "0001-01-01T00:00:00+14:00",
                "9999-12-31T23:59:59-14:00",
                0,
                None,
            ]
        ),
        *(
            ("Period", value)
            for value in [
                "",
                "/",
                "..",
                "2026-01-01",
                "2026-01-01/",
                "../2026-01-01",
                "2026-02-01/2026-01-01",
                "2026-01-01/2026-01-01",
                "2026-01-01/P1M",
                "2026-01-01/2026-02-01/..",
                "0001-01-01/..",
                1,
                None,
                [],
            ]
        ),
        ("KwhValues", [1.0]),
        ("EuroValues", ["1.00"]),
        ("SeriesAmounts", [1.0]),
        ("PackedAmounts", "AAAA"),
    ],
)
def test_values_of_another_form_are_refused(name, value):
    with pytest.raises(InvalidScalarError) as caught:
        parse(name, value)
    assert caught.value.value is value


@pytest.mark.parametrize("name", ["Cups", "Cau"])
@pytest.mark.parametrize("value", ["", "ES00", *NO_TEXT])
def test_codes_are_checked(name, value):
    with pytest.raises(InvalidIdentifierError):
        parse(name, value)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("Coefficient", 135_464, "0.135464"),
        ("Coefficient", 1_000_000, "1.000000"),
        ("Kwh", 0.1 + 0.2, 0.3),
        ("Kwh", 1, 1.0),
        ("Share", 0.5, 0.5),
        ("Euro", Decimal("1E+3"), "1000.00"),
        ("Euro", Decimal("-0.004"), "0.00"),
        ("Euro", Decimal("1E-7"), "0.00"),
        ("EuroValues", [Decimal("1.5"), Decimal(-2)], ["1.50", "-2.00"]),
        ("Date", date(2024, 1, 31), "2024-01-31"),
        ("Period", Period(date(2026, 1, 1), date(2026, 2, 1)), "2026-01-01/2026-02-01"),
        ("Period", Period(date(2026, 1, 1)), "2026-01-01/.."),
        ("DateTime", datetime(2024, 1, 31, 12, tzinfo=UTC), "2024-01-31T12:00:00+00:00"),
    ],
)
def test_values_are_written_in_one_form(name, value, expected):
    assert serialize(name, value) == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Kwh", float("nan")),
        ("Kw", float("inf")),
        ("DateTime", datetime(2024, 1, 31, 12)),  # noqa: DTZ001
    ],
)
def test_what_cannot_be_written_is_a_fault(name, value):
    with pytest.raises(ValueError, match=r"is not a quantity|names no time zone"):
        serialize(name, value)


@given(st.integers(0, 1_000_000))
def test_coefficients_come_back_as_they_were_written(millionths):
    assert parse("Coefficient", serialize("Coefficient", millionths)) == millionths
    assert parse("Coefficient", millionths / 1_000_000) == millionths


@given(st.decimals(-(10**9), 10**9, places=2))
def test_amounts_come_back_as_they_were_written(amount):
    assert parse("Euro", serialize("Euro", amount)) == amount


@pytest.mark.parametrize("name", ["Euro", "EuroPerKwh"])
@pytest.mark.parametrize(
    "text", ["1e999999999", "1e-999999999", "٥", "1_0", " 1", "NaN", "-Infinity"]
)
def test_amounts_are_plain_numbers_of_a_sane_length(name, text):
    with pytest.raises(InvalidScalarError):
        parse(name, text)


def test_offered_values_are_shown_shortened():
    with pytest.raises(InvalidScalarError) as caught:
        parse("Coefficient", "9" * 500)
    assert len(str(caught.value)) < 150


@given(st.integers(-(2**31) * 10 + 15, 2**31 * 10 - 15))
def test_halves_are_packed_as_money_is_rounded(tenths):
    exact = int((Decimal(tenths) / 10).quantize(Decimal(1), ROUND_HALF_UP))
    for packed in (
        serialize_packed_amounts(np.array([tenths / 10])),
        serialize("PackedWh", np.array([tenths / 10_000])),
    ):
        assert struct.unpack("<i", base64.b64decode(packed)) == (exact,)


def test_packed_amounts_have_a_mark_for_the_unknown_and_a_bound():
    packed = serialize_packed_amounts(np.array([1.4, -2.6, np.nan, 2.0**31 - 1]))
    assert struct.unpack("<4i", base64.b64decode(packed)) == (1, -3, -(2**31), 2**31 - 1)
    for beyond in (2.0**31, -(2.0**31), np.inf):
        with pytest.raises(PackedRangeError):
            serialize_packed_amounts(np.array([beyond]))
