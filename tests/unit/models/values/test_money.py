"""Money: cents, rounded once, halves away from zero."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.values.errors import InvalidDataError
from models.values.money import from_cents, round_to_cents, to_cents

amounts = st.decimals(-(10**9), 10**9, places=6)


@pytest.mark.parametrize(
    ("amount", "rounded"),
    [
        (2.675, "2.68"),
        (-2.675, "-2.68"),
        (0.005, "0.01"),
        (0.0049999, "0.00"),
        (1e-9, "0.00"),
        (Decimal("1.005"), "1.01"),
        (Decimal("-1.0049"), "-1.00"),
        (Decimal("1E+3"), "1000.00"),
        (12, "12.00"),
    ],
)
def test_halves_go_away_from_zero(amount: float | Decimal, rounded: str) -> None:
    exact = Decimal(amount) if isinstance(amount, int) else amount
    assert str(round_to_cents(exact)) == rounded


@pytest.mark.parametrize("amount", [-0.001, -0.0, Decimal("-0.004"), Decimal("-0")])
def test_nothing_is_never_negative(amount: float | Decimal) -> None:
    assert str(round_to_cents(amount)) == "0.00"


@given(amount=amounts)
def test_rounding_agrees_with_fractions(amount: Decimal) -> None:
    cents = abs(Fraction(amount)) * 100
    whole = int(cents + Fraction(1, 2))
    assert to_cents(amount) == (whole if amount >= 0 else -whole)
    assert round_to_cents(amount) * 100 == to_cents(amount)


@given(cents=st.integers(-(10**12), 10**12))
def test_stored_cents_are_read_back(cents: int) -> None:
    amount = from_cents(cents)
    assert amount.as_tuple().exponent == -2
    assert to_cents(amount) == cents


@pytest.mark.parametrize("amount", [float("nan"), float("inf"), Decimal("NaN"), Decimal("-Inf")])
def test_what_is_no_number_is_refused(amount: float | Decimal) -> None:
    with pytest.raises(InvalidDataError, match=f"^amount {amount} is not a number$"):
        round_to_cents(amount)
    with pytest.raises(InvalidDataError, match=f"^amount {amount} is not a number$"):
        to_cents(amount)
