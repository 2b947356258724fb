import pytest
import typer

from planner.goal import CarbonFactor, Weights
from scripts.option_values import parse_carbon_factor, parse_mix


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
