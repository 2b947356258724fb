"""A year that no meter, market or agreement can have is refused before anything is planned."""

from dataclasses import replace

import numpy as np
import pytest

from planner.coefficients.rules import Rule
from planner.sharing_year import ImpossibleYearError, SharingYear
from tests.support.sharing_years import make_year


def put(values: np.ndarray, bad: float) -> np.ndarray:
    """Put one bad number somewhere."""
    changed = values.astype(float).copy()
    changed.flat[changed.size // 2] = bad
    return changed


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e13])
@pytest.mark.parametrize("name", ["generation_kwh", "consumption_kwh", "contracted_power_kw"])
def test_numbers_that_cannot_be_are_refused(name: str, bad: float) -> None:
    year = make_year()

    with pytest.raises(ImpossibleYearError, match="holds a number that is not from"):
        replace(year, **{name: put(getattr(year, name), bad)})


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_prices_investments_and_agreements_that_cannot_be_are_refused(bad: float) -> None:
    year = make_year()
    assert year.prices is not None
    prices = (year.prices[0], put(year.prices[1], bad))

    with pytest.raises(ImpossibleYearError, match="prices"):
        replace(year, prices=prices)
    with pytest.raises(ImpossibleYearError, match="investment_eur"):
        replace(year, investment_eur=put(np.ones(4), bad))
    with pytest.raises(ImpossibleYearError, match="current_beta"):
        replace(year, current_beta=put(np.full(4, 0.25), bad))


@pytest.mark.parametrize("name", ["consumption_kwh", "contracted_power_kw"])
def test_what_cannot_be_negative_is_refused_when_it_is(name: str) -> None:
    year = make_year()

    with pytest.raises(ImpossibleYearError, match="from 0 to"):
        replace(year, **{name: put(getattr(year, name), -1e-9)})


def test_negative_generation_and_prices_are_possible() -> None:
    year = make_year()
    prices = (np.full(72, -0.1), np.full(72, -0.2))

    assert (
        replace(year, generation_kwh=put(year.generation_kwh, -1.0), prices=prices).n_members == 4
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"generation_kwh": np.ones(71)},
        {"consumption_kwh": np.ones((4, 71))},
        {"contracted_power_kw": np.ones(3)},
        {"current_beta": np.full(3, 0.3)},
    ],
)
def test_shapes_that_do_not_fit_are_refused(changed: dict[str, np.ndarray]) -> None:
    with pytest.raises(ImpossibleYearError, match="has shape"):
        replace(make_year(), **changed)


def test_an_agreement_cannot_give_more_than_the_plant() -> None:
    with pytest.raises(ImpossibleYearError, match=r"current_beta sums to 1\.000100, more than 1"):
        replace(make_year(), current_beta=np.array([0.25, 0.25, 0.25, 0.2501]))


def test_an_agreement_that_somebody_left_is_rounded_as_it_stands() -> None:
    year: SharingYear = replace(make_year(), current_beta=np.array([0.3, 0.2, 1 / 6, 0.0]))

    assert year.round_by(Rule.CURRENT).tolist() == [300_000, 200_000, 166_667, 0]
    assert year.round_by(Rule.EQUAL).tolist() == [250_000] * 4
