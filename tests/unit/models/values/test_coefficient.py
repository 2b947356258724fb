"""Coefficients: exactly six decimals, from zero to one, both ways."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.values.coefficient import MILLIONTHS, format_coefficient, parse_coefficient
from models.values.errors import InvalidDataError


@pytest.mark.parametrize(
    ("text", "millionths"),
    [("0,135464", 135_464), ("0.135464", 135_464), ("1,000000", MILLIONTHS), ("0.000000", 0)],
)
def test_a_coefficient_is_read_with_either_mark(text: str, millionths: int) -> None:
    assert parse_coefficient(text) == millionths


@pytest.mark.parametrize(
    "text",
    ["", "0", "1", "0,50", "0,5000000", ",135464", "1,000001", "2,000000", "-0,135464", "0;135464",
     "0,13546e", " 0,135464", "0,135464\n", "0,١٢٣٤٥٦", "nan"],
)  # fmt: skip
def test_anything_else_is_refused(text: str) -> None:
    message = f"coefficient {text!r} is not a number from 0 to 1 with six decimals"
    with pytest.raises(InvalidDataError, match=f"^{re.escape(message)}$"):
        parse_coefficient(text)


@given(millionths=st.integers(0, MILLIONTHS), mark=st.sampled_from([".", ","]))
def test_what_is_written_is_read_back(millionths: int, mark: str) -> None:
    text = format_coefficient(millionths, mark)
    assert len(text) == 8
    assert parse_coefficient(text) == millionths
    assert float(text.replace(",", ".")) == millionths / MILLIONTHS


@pytest.mark.parametrize("millionths", [-1, MILLIONTHS + 1])
def test_shares_outside_zero_to_one_are_not_written(millionths: int) -> None:
    message = f"coefficient of {millionths} millionths is not between 0 and 1"
    with pytest.raises(InvalidDataError, match=f"^{message}$"):
        format_coefficient(millionths)


@given(text=st.text(max_size=10) | st.from_regex(r"[01][.,]\d{5,7}"))
def test_any_text_is_a_share_or_refused(text: str) -> None:
    try:
        millionths = parse_coefficient(text)
    except InvalidDataError:
        return
    assert format_coefficient(millionths, text[1]) == text
