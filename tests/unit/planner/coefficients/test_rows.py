"""Rows keep the names of their limits, however these look and however often they come."""

from dataclasses import replace

import numpy as np
import pytest

from planner.coefficients.choose import Method, choose_coefficients
from planner.coefficients.limits import Floor, Group
from planner.coefficients.rules import Rule
from planner.goal import Goal
from planner.sharing_year import SharingYear
from tests.support.limited_lp import solve_whole_year
from tests.support.sharing_years import make_year


def a_year() -> SharingYear:
    """Five members with an agreement."""
    current = np.array([0.5, 0.2, 0.1, 0.1, 0.1])
    return replace(make_year(n_members=5, n_steps=96, seed=3), current_beta=current)


@pytest.mark.parametrize("method", Method)
def test_names_that_look_alike_to_a_solver_are_told_apart(method: Method) -> None:
    limits = [
        Group("calle-1", (0, 1), greatest=400_000),
        Group("calle 1", (1, 2), greatest=300_000),
        Group("Peñíscola [3º]", (2, 3), least=410_000),
    ]
    choice = choose_coefficients(a_year(), limits=limits, method=method)

    assert choice.multipliers is not None
    assert list(choice.multipliers.groups) == [
        "group_greatest_calle-1",
        "group_greatest_calle 1",
        "group_least_Peñíscola [3º]",
    ]
    assert choice.value == pytest.approx(
        solve_whole_year(a_year(), Goal(), choice.region), rel=2e-5
    )


@pytest.mark.parametrize("method", Method)
def test_a_limit_may_be_given_more_than_once(method: Method) -> None:
    limits = [Floor(0.9, Rule.CURRENT), Floor(0.5), Floor(0.2, in_euros=True)]
    limits += [Floor(0.95, Rule.CURRENT, members=(0,))]
    choice = choose_coefficients(a_year(), limits=limits, method=method)
    tightest = choose_coefficients(a_year(), limits=[limits[0], limits[3]])

    assert choice.value == pytest.approx(tightest.value, rel=1e-6)
