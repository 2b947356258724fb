from datetime import date
from decimal import Decimal

import pytest
import typer

from planner.goal import CarbonFactor, Weights
from scripts.option_values import (
    TIE_BREAK,
    parse_carbon_factor,
    parse_freed,
    parse_mix,
    parse_month,
    parse_seniority,
    parse_share,
)


def test_a_mix_names_what_each_part_counts_for() -> None:
    assert parse_mix("kwh=0.05, eur=1") == Weights(kwh=0.05, eur=1.0, kg=0.0)


def test_a_carbon_factor_carries_its_source() -> None:
    assert parse_carbon_factor(" 0.12 system operator, 2024") == CarbonFactor(
        0.12, "system operator, 2024"
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("kwh=1,kwh=2", "is not one of kwh=, eur= and kg=, each once"),
        ("gas=1", "'gas=1' is not one of"),
        ("kwh=x", "'x' is not a number"),
        ("kwh=-1", "is not a number of at least 0"),
        ("eur=inf", "is not a number of at least 0"),
        ("eur=NaN", "is not a number of at least 0"),
    ],
)
def test_weights_that_cannot_be_read_are_refused(text: str, says: str) -> None:
    with pytest.raises(typer.BadParameter, match=says):
        parse_mix(text)


@pytest.mark.parametrize("text", ["0.12", "0.12 ", "x source", "-1 source"])
def test_factors_without_a_number_or_a_source_are_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter):
        parse_carbon_factor(text)


@pytest.mark.parametrize("text", ["0.05", ".05", "5e-2", "+0.05"])
def test_a_share_is_read_as_it_was_typed(text: str) -> None:
    assert parse_share(text) == Decimal("0.05")
    assert parse_freed(f"{text}, 1") == (Decimal("0.05"), Decimal(1))


NO_NUMBERS = [
    "",
    "1e999990",
    "1e-999999999",
    "9" * 61,
    "0." + "1" * 1_000_000,
    "٠.٥",
    "０.５",
    " 0.5",
    "0.5\n",
    "1_0",
    "0,5",
    "ınf",
]


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_shares_and_years_of_waiting_are_short_plain_numbers(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="is not a number such as") as refused:
        parse_share(text)
    assert len(str(refused.value)) < 100
    with pytest.raises(typer.BadParameter, match="is neither tie-break nor a number"):
        parse_seniority(text)


def test_a_year_of_waiting_counts_something_or_settles_ties() -> None:
    assert (parse_seniority("0.5"), parse_seniority(TIE_BREAK)) == (0.5, None)


def test_a_weight_beyond_every_measure_is_refused() -> None:
    with pytest.raises(typer.BadParameter, match="is not a number of at least 0"):
        parse_mix("kwh=1e999990")


def test_a_month_is_of_this_century() -> None:
    assert parse_month("2026-11") == date(2026, 11, 1)
    for text in ("9999-12", "0001-01", "1999-12", "2100-01"):
        with pytest.raises(typer.BadParameter, match="is not between 2000 and 2099"):
            parse_month(text)
    with pytest.raises(typer.BadParameter, match="is not a month such as"):
        parse_month("2026-13")
