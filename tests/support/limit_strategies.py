"""Years and limits of every kind, drawn so that they often bind and often cannot hold."""

from dataclasses import replace
from functools import cache

import numpy as np
from hypothesis import strategies as st

from models.values.coefficient import MILLIONTHS
from planner.coefficients.limits import (
    Blocks,
    ChangeLimit,
    CoefficientRange,
    ContributionLimit,
    FixedCoefficient,
    Floor,
    Group,
    Limit,
    PaybackLimit,
)
from planner.coefficients.rules import Rule
from planner.goal import CarbonFactor, Goal, Objective, Weights
from planner.sharing_year import SharingYear
from tests.support.sharing_years import make_year

CARBON = CarbonFactor(0.12, "test")
GOALS = (
    Goal(),
    Goal(Objective.SAVINGS),
    Goal(Objective.CO2, carbon=CARBON),
    Goal(Objective.MIX, Weights(kwh=0.05, eur=1.0, kg=0.3), CARBON),
)
_SHARES = st.integers(0, MILLIONTHS)


@cache
def limited_years(least_members: int = 1) -> st.SearchStrategy[SharingYear]:
    """Years of habits, often with twins, seldom dark, with an agreement and investments."""

    def build(n_members: int, seed: int, twins: bool, dark: bool) -> SharingYear:
        rng = np.random.default_rng(seed)
        year = make_year(n_members, n_steps=36, seed=seed)
        consumption = year.consumption_kwh.copy()
        if twins:
            consumption[-1] = consumption[0]
        return replace(
            year,
            generation_kwh=year.generation_kwh * (not dark),
            consumption_kwh=consumption,
            precedence=rng.permutation(n_members),
            current_beta=rng.multinomial(1000, np.ones(n_members) / n_members) / 1000,
            investment_eur=rng.uniform(0, 100, n_members),
        )

    often_dark = st.sampled_from([False] * 9 + [True])
    return st.builds(
        build, st.integers(least_members, 5), st.integers(0, 10**6), st.booleans(), often_dark
    )


@cache
def limits_of(n_members: int) -> st.SearchStrategy[list[Limit]]:
    """Up to five limits of any kind, names of groups apart."""
    some = st.sets(st.integers(0, n_members - 1), min_size=1).map(lambda each: tuple(sorted(each)))
    anybody = st.none() | some
    kinds: list[st.SearchStrategy[Limit]] = [
        limits_without_energy(n_members),
        st.builds(
            Floor,
            st.floats(0, 1),
            st.sampled_from([Rule.CONSUMPTION, Rule.EQUAL, Rule.CURRENT]),
            st.booleans(),
            anybody,
        ),
        st.builds(ContributionLimit, st.floats(0, 40)),
        st.builds(PaybackLimit, st.floats(10, 100), anybody),
    ]
    return _with_own_names(st.lists(st.one_of(kinds), max_size=5))


@cache
def limits_without_energy(n_members: int) -> st.SearchStrategy[Limit]:
    """One limit that bounds the same coefficients whatever is generated and consumed."""
    some = st.sets(st.integers(0, n_members - 1), min_size=1).map(lambda each: tuple(sorted(each)))
    return st.one_of(
        st.builds(Group, st.just("group"), some, least=st.integers(0, 600_000)),
        st.builds(Group, st.just("group"), some, greatest=_SHARES),
        st.builds(CoefficientRange, st.integers(0, 150_000), members=some),
        st.builds(CoefficientRange, greatest=st.integers(300_000, MILLIONTHS), members=some),
        st.builds(FixedCoefficient, st.integers(0, 200_000), some),
        st.builds(ChangeLimit, total=_SHARES),
        st.builds(ChangeLimit, each=st.integers(50_000, MILLIONTHS)),
        st.builds(Blocks, st.integers(1, 200)),
    )


@cache
def lists_without_energy(n_members: int) -> st.SearchStrategy[list[Limit]]:
    """Up to four limits that have nothing to do with energy or money."""
    return _with_own_names(st.lists(limits_without_energy(n_members), max_size=4))


def _with_own_names(drawn: st.SearchStrategy[list[Limit]]) -> st.SearchStrategy[list[Limit]]:
    """Number the groups."""
    return drawn.map(
        lambda limits: [
            replace(limit, name=f"group {number}") if isinstance(limit, Group) else limit
            for number, limit in enumerate(limits)
        ]
    )
