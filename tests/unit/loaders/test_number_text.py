import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.number_text import excerpt_of, explain_number, parse_number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_float_survives_its_shortest_text(number: float) -> None:
    assert parse_number(repr(number)) == number


@pytest.mark.parametrize(
    ("text", "number"), [("1", 1.0), ("+.5", 0.5), ("1.", 1.0), ("-2e-3", -0.002), ("1E2", 100.0)]
)
def test_plain_numbers_are_read(text: str, number: float) -> None:
    assert parse_number(text) == number


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0,5",
        "0x10",
        "1_0",
        " 1",
        "1 ",
        "1\n",
        "nan",
        "inf",
        "٣",
        "１",
        "1e",
        ".",
        "--1",
        "true",
    ],
)
def test_what_float_would_guess_is_no_number(text: str) -> None:
    assert math.isnan(parse_number(text))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is empty"),
        ("0,5", "is '0,5', with a decimal comma; write a point"),
        ("NaN", "is 'NaN', not a finite number"),
        ("1e400", "is '1e400', not a finite number"),
        ("x", "is 'x', not a number"),
    ],
)
def test_the_reason_fits_the_text(text: str, reason: str) -> None:
    assert explain_number(text) == reason


def test_long_and_unprintable_texts_stay_readable() -> None:
    assert excerpt_of("a" * 41) == f"'{'a' * 40}'..."
    assert excerpt_of("\x1b[31m") == r"'\x1b[31m'"
