from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.goal import Goal, Objective, measure_value
from planner.sharing_year import SharingYear
from planner.unseen.scenarios import (
    ForeignGenerationError,
    Resampling,
    ResamplingError,
    ShortYearError,
    UnequalScenariosError,
    draw_weeks,
    keep_steps,
    lay_end_to_end,
    leave_months_out,
    replace_generation,
    resample_year,
)
from tests.support.sharing_years import make_year, random_shares

GOALS = [Goal(), Goal(Objective.SAVINGS)]


def prices_of(year: SharingYear) -> tuple[np.ndarray, np.ndarray]:
    assert year.prices is not None
    return year.prices


@given(
    week=st.integers(1, 9),
    reach=st.integers(1, 4),
    seed=st.integers(0, 99),
    extra=st.integers(0, 30),
)
def test_every_week_is_whole_and_comes_from_near_its_place(
    week: int, reach: int, seed: int, extra: int
) -> None:
    n_steps = (2 * reach + 1) * week + extra
    drawing = Resampling(n_years=3, steps_per_week=week, reach_weeks=reach, seed=seed)
    n_weeks = n_steps // week

    drawn = list(draw_weeks(n_steps, drawing))
    assert [source.size for source in drawn] == [n_steps] * 3
    for source in drawn:
        blocks = [source[start : start + week] for start in range(0, n_steps, week)]
        taken = [int(block[0]) // week for block in blocks]
        for place, (number, block) in enumerate(zip(taken, blocks, strict=True)):
            assert block.tolist() == list(range(number * week, number * week + block.size))
            away = abs(place - number) % n_weeks
            assert min(away, n_weeks - away) <= reach
        assert len(set(taken[:n_weeks])) < n_weeks


def test_the_seed_decides_what_is_drawn() -> None:
    def draw(seed: int) -> list[list[int]]:
        drawing = Resampling(n_years=2, steps_per_week=24, seed=seed)
        return [source.tolist() for source in draw_weeks(240, drawing)]

    assert draw(1) == draw(1)
    assert draw(1) != draw(2)
    assert draw(1)[0] != draw(1)[1]


def test_weeks_of_a_year_of_hours_keep_their_weekday_and_season() -> None:
    (source,) = draw_weeks(8760, Resampling(n_years=1))
    weekday, place = np.arange(8760) // 24 % 7, np.arange(8760)

    assert (weekday[source] == weekday).all()
    away = np.abs(source - place)
    assert np.minimum(away, 8760 - away).max() <= 3 * 168 + 24


@pytest.mark.parametrize("n_steps", [0, 6 * 168 + 167])
def test_a_year_without_neighbours_to_draw_is_refused(n_steps: int) -> None:
    with pytest.raises(ShortYearError, match="fewer than 7; give it whole") as caught:
        next(draw_weeks(n_steps, Resampling()))
    assert (caught.value.found, caught.value.needed) == (n_steps // 168, 7)


@pytest.mark.parametrize(
    ("figures", "message"),
    [
        ({"n_years": 0}, "n_years is 0, should be at least 1"),
        ({"steps_per_week": 0}, "steps_per_week is 0"),
        ({"reach_weeks": 0}, "reach_weeks is 0"),
        ({"seed": -1}, "seed is -1, should be at least 0"),
    ],
)
def test_figures_that_draw_nothing_are_refused(figures: dict[str, int], message: str) -> None:
    with pytest.raises(ResamplingError, match=message) as caught:
        Resampling(**figures)
    assert {caught.value.name: caught.value.value} == figures


def test_energy_and_prices_of_an_interval_move_together() -> None:
    year = make_year(n_steps=240)
    source = np.arange(240)[::-1]
    moved = resample_year(year, source)

    assert moved.generation_kwh.tolist() == year.generation_kwh[::-1].tolist()
    assert moved.consumption_kwh.tolist() == year.consumption_kwh[:, ::-1].tolist()
    for ours, theirs in zip(prices_of(moved), prices_of(year), strict=True):
        assert ours.tolist() == theirs[::-1].tolist()
    assert moved.month_starts.tolist() == year.month_starts.tolist()
    assert resample_year(make_year(with_prices=False), source[-72:]).prices is None


def test_what_is_left_of_a_month_is_a_month() -> None:
    year = make_year(n_steps=72)  # months begin at 0, 24, 48
    kept = keep_steps(year, np.array([3, 4, 50, 60]))

    assert kept.month_starts.tolist() == [0, 2]
    assert kept.generation_kwh.tolist() == year.generation_kwh[[3, 4, 50, 60]].tolist()
    assert kept.consumption_kwh.shape == (4, 4)


@pytest.mark.parametrize("goal", GOALS)
def test_months_left_out_make_the_year_together(goal: Goal) -> None:
    year, beta = make_year(n_steps=240), random_shares(4, 1)
    parts = list(leave_months_out(year))
    whole = measure_value(year, goal, beta)

    assert len(parts) == 3
    months = [measure_value(month, goal, beta) for _, month in parts]
    assert sum(months) == pytest.approx(whole, rel=1e-12)
    for month, (rest, _) in zip(months, parts, strict=True):
        assert measure_value(rest, goal, beta) == pytest.approx(whole - month, rel=1e-12)
        assert rest.month_starts.size == 2


def test_a_single_month_cannot_be_left_out() -> None:
    with pytest.raises(ShortYearError, match="1 whole months"):
        next(leave_months_out(replace(make_year(), month_starts=np.array([0]))))


def test_another_sun_shines_on_the_same_consumption() -> None:
    year = make_year()
    other = replace_generation(year, 2 * year.generation_kwh)

    assert other.generation_kwh.tolist() == (2 * year.generation_kwh).tolist()
    assert other.consumption_kwh is year.consumption_kwh


@pytest.mark.parametrize("bad", [-1.0, np.nan, np.inf])
def test_a_sun_that_no_meter_shows_is_refused(bad: float) -> None:
    year = make_year()
    generation = year.generation_kwh.copy()
    generation[7] = bad

    with pytest.raises(ForeignGenerationError, match="in interval 8"):
        replace_generation(year, generation)
    with pytest.raises(ForeignGenerationError, match="71 intervals, the planned year 72"):
        replace_generation(year, generation[1:])


@pytest.mark.parametrize("goal", GOALS)
def test_years_end_to_end_are_worth_their_sum(goal: Goal) -> None:
    years = [make_year(n_steps=n_steps, seed=n_steps) for n_steps in (72, 240, 24)]
    beta = random_shares(4, 2)
    long = lay_end_to_end(years)

    assert long.month_starts.tolist() == [0, 24, 48, 72, 152, 232, 312, 320, 328]
    assert measure_value(long, goal, beta) == pytest.approx(
        sum(measure_value(year, goal, beta) for year in years), rel=1e-12
    )
    for start, end in pairwise([*long.month_starts.tolist(), 336]):
        assert end > start


def test_years_end_to_end_need_no_prices() -> None:
    assert lay_end_to_end([make_year(with_prices=False)] * 2).prices is None


def test_years_of_other_members_or_prices_are_no_scenarios() -> None:
    with pytest.raises(UnequalScenariosError, match="no scenarios"):
        lay_end_to_end([])
    with pytest.raises(UnequalScenariosError, match="from 3 to 4 members"):
        lay_end_to_end([make_year(), make_year(n_members=3)])
    with pytest.raises(UnequalScenariosError, match="others have none"):
        lay_end_to_end([make_year(), make_year(with_prices=False)])
