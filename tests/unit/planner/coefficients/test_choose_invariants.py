"""What must hold under limits of every kind, whatever the year."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from models.values.coefficient import MILLIONTHS
from planner.coefficients.choose import Choice, Method, choose_coefficients
from planner.coefficients.feasibility import InfeasibleLimitsError
from planner.coefficients.limits import (
    Blocks,
    ChangeLimit,
    FixedCoefficient,
    Floor,
    Group,
    Limit,
)
from planner.coefficients.rules import Rule
from planner.goal import Goal
from planner.sharing_year import SharingYear
from tests.support.limit_strategies import (
    GOALS,
    limited_years,
    limits_of,
    lists_without_energy,
)
from tests.support.limited_lp import solve_whole_year

CLOSE = 2e-5
"""What the gap of a linear program and the millionths may cost together, of the optimum."""


def choose_if_feasible(
    year: SharingYear, goal: Goal, limits: Sequence[Limit], method: Method = Method.EXACT
) -> Choice:
    """Choose, or turn to the next example where no coefficients keep the limits."""
    try:
        return choose_coefficients(year, goal, limits, method)
    except InfeasibleLimitsError:
        assume(False)
        raise


@settings(max_examples=100)
@given(limited_years(), st.sampled_from(GOALS), st.sampled_from(Method), st.data())
def test_limits_are_kept_and_the_whole_program_lies_between_value_and_bound(
    year: SharingYear, goal: Goal, method: Method, data: st.DataObject
) -> None:
    limits = data.draw(limits_of(year.n_members))
    choice = choose_if_feasible(year, goal, limits, method)
    region, share = choice.region, choice.millionths
    best = solve_whole_year(year, goal, region)
    noise = 1e-8 * abs(best) + 1e-12
    # Blocks are written in millionths, which may bring a little more than whole ones would.
    written = CLOSE * abs(best) if region.blocks else noise

    assert share.sum() == MILLIONTHS
    assert (share >= region.lower).all()
    assert (share <= region.upper).all()
    assert all(g.lower <= share[g.members].sum() <= g.upper for g in region.groups)
    if region.change is not None:
        assert np.abs(share - region.change.around).sum() <= region.change.most
    assert best <= choice.upper_bound + noise
    assert choice.value <= best + written
    assert choice.value >= best * (1 - CLOSE) - noise
    assert choice.is_optimum


def permute(year: SharingYear, order: list[int]) -> SharingYear:
    """Put the members in another order."""
    return year.pick(np.array(order))


def permute_limit(limit: Limit, order: list[int]) -> Limit:
    """Point a limit at the same members in their new places."""
    members = getattr(limit, "members", None)
    if members is None:
        return limit
    return replace(limit, members=tuple(order.index(member) for member in members))  # type: ignore[call-arg]


@settings(max_examples=50)
@given(limited_years(), st.sampled_from(GOALS), st.data())
def test_permuting_members_permutes_results(
    year: SharingYear, goal: Goal, data: st.DataObject
) -> None:
    order = data.draw(st.permutations(range(year.n_members)))
    limits = data.draw(limits_of(year.n_members))
    choice = choose_if_feasible(year, goal, limits)
    permuted = choose_coefficients(
        permute(year, order), goal, [permute_limit(limit, order) for limit in limits]
    )

    if choice.method.startswith("exact"):
        assert permuted.millionths.tolist() == choice.millionths[order].tolist()
    assert permuted.value == pytest.approx(choice.value, rel=CLOSE, abs=1e-9)


def add_idle_member(year: SharingYear) -> SharingYear:
    """Let somebody join who never consumes, and never paid or held anything."""
    assert year.current_beta is not None
    assert year.investment_eur is not None
    return replace(
        year,
        consumption_kwh=np.vstack((year.consumption_kwh, np.zeros(year.generation_kwh.size))),
        contracted_power_kw=np.append(year.contracted_power_kw, 1.0),
        precedence=np.append(year.precedence, year.n_members),
        current_beta=np.append(year.current_beta, 0.0),
        investment_eur=np.append(year.investment_eur, 0.0),
    )


@settings(max_examples=50)
@given(limited_years(), st.data())
def test_a_member_that_never_consumes_changes_nothing_in_kwh(
    year: SharingYear, data: st.DataObject
) -> None:
    limits = data.draw(lists_without_energy(year.n_members))
    floor = data.draw(st.sampled_from([Rule.CONSUMPTION, Rule.CURRENT]))
    limits.append(Floor(data.draw(st.floats(0, 1)), floor))
    without = choose_if_feasible(year, Goal(), limits)
    # Held at nothing it leaves the others' limits as they were.
    idle = FixedCoefficient(0, (year.n_members,))
    held = choose_coefficients(add_idle_member(year), Goal(), [*limits, idle])
    free = choose_coefficients(add_idle_member(year), Goal(), limits)

    assert held.value == pytest.approx(without.value, rel=CLOSE, abs=1e-9)
    assert free.value >= without.value * (1 - CLOSE)
    if not limits[:-1]:
        assert free.value == pytest.approx(without.value, rel=CLOSE, abs=1e-9)


@settings(max_examples=50)
@given(limited_years(), st.integers(0, 3000), st.integers(0, 35), st.data())
def test_more_generation_never_lowers_the_optimum_in_kwh(
    year: SharingYear, more_wh: int, step: int, data: st.DataObject
) -> None:
    limits = data.draw(lists_without_energy(year.n_members))
    sunnier = year.generation_kwh.copy()
    sunnier[step] += more_wh / 1000
    before = choose_if_feasible(year, Goal(), limits)
    after = choose_coefficients(replace(year, generation_kwh=sunnier), Goal(), limits)

    assert after.value >= before.value * (1 - CLOSE)
    if before.method.startswith("exact") and not before.region.blocks:
        assert after.value >= before.value - 1e-9


@settings(max_examples=50)
@given(
    limited_years(),
    st.sampled_from(GOALS),
    st.floats(0, 1),
    st.sampled_from([Rule.CONSUMPTION, Rule.EQUAL, Rule.CURRENT]),
    st.data(),
)
def test_a_floor_never_raises_the_optimum(
    year: SharingYear, goal: Goal, share: float, reference: Rule, data: st.DataObject
) -> None:
    limits = data.draw(lists_without_energy(year.n_members))
    floored = choose_if_feasible(year, goal, [*limits, Floor(share, reference)])
    free = choose_coefficients(year, goal, limits)

    assert floored.value <= free.value + CLOSE * abs(free.value)
    assert floored.value <= free.upper_bound + 1e-8 * abs(free.upper_bound) + 1e-12
    if free.method.startswith("exact") and not free.region.blocks:
        assert floored.value <= free.value + 1e-9


@settings(max_examples=40)
@given(
    limited_years(least_members=3),
    st.sampled_from([None, 7, 64]),
    st.integers(500_000, MILLIONTHS),
    st.integers(300_000, MILLIONTHS),
)
def test_twins_get_the_same_but_for_a_millionth_or_a_block(
    year: SharingYear, blocks: int | None, change: int, greatest: int
) -> None:
    assert year.current_beta is not None
    twins = [0, year.n_members - 1]
    year.consumption_kwh[-1] = year.consumption_kwh[0]
    year.current_beta[twins] = year.current_beta[twins].mean()
    limits: list[Limit] = [ChangeLimit(total=change), Group("both", tuple(twins), 0, greatest)]
    limits += [Blocks(blocks)] if blocks else []
    choice = choose_if_feasible(year, Goal(), limits)
    first, last = sorted(twins, key=year.precedence.__getitem__)
    step = -(-MILLIONTHS // blocks) if blocks else 1

    assert 0 <= choice.millionths[first] - choice.millionths[last] <= step
