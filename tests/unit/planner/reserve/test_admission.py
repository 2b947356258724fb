"""The pooled curve and the marginal figures, against plain optima."""

import numpy as np
import pytest

from planner.coefficients.exact import solve_exactly
from planner.coefficients.problem import CoefficientProblem
from planner.reserve.admission import measure_marginals, pool_curves
from planner.reserve.gains import measure_gains
from tests.support.admissions import make_pool


def optimum(curves: tuple, lower: int = 0, upper: int = 1_000_000) -> float:  # type: ignore[type-arg]
    n = len(curves)
    limits = np.full(n, lower, dtype=np.int64), np.full(n, upper, dtype=np.int64)
    problem = CoefficientProblem(curves, *limits, np.full(n, 1 / n), np.arange(n))
    return solve_exactly(problem).upper_bound


def test_a_pool_is_worth_what_its_members_bring_together() -> None:
    members = make_pool(5, 0, seed=2, n_steps=480).members
    for lower, upper in ((0, 1_000_000), (50_000, 300_000), (200_000, 200_000)):
        limits = np.full((2, 5), [[lower], [upper]]) / 1e6
        pooled = pool_curves(members, *limits)
        assert pooled.value_at(1.0) == pytest.approx(optimum(members, lower, upper), rel=1e-12)
        assert (np.diff(pooled.slopes) <= 0).all()


def test_the_marginal_is_the_optimum_with_less_the_optimum_without() -> None:
    pool = make_pool(4, 3, seed=3, n_steps=480)
    marginals = measure_marginals(pool.members, pool.candidates)
    without = optimum(pool.members)

    for marginal, candidate in zip(marginals, pool.candidates, strict=True):
        assert marginal == pytest.approx(optimum((*pool.members, candidate)) - without, rel=1e-9)


def test_alone_a_candidate_brings_all_that_it_uses() -> None:
    (candidate,) = make_pool(1, 0, seed=3, n_steps=240).members
    assert measure_marginals((), (candidate,))[0] == pytest.approx(candidate.value_at(1.0))


def test_gains_are_the_greatest_over_a_fine_grid() -> None:
    (curve,) = make_pool(1, 0, seed=4, n_steps=240).members
    prices = np.linspace(float(curve.slopes[-1]) - 5, float(curve.slopes[0]) + 5, 40)
    betas = np.union1d(
        np.linspace(0.1, 0.6, 5001), curve.knots[(curve.knots >= 0.1) & (curve.knots <= 0.6)]
    )
    values = np.interp(betas, curve.knots, curve.values)
    expected = (values - prices[:, np.newaxis] * betas).max(axis=1)

    gains = measure_gains(curve, (100_000, 600_000), prices)
    np.testing.assert_allclose(gains, expected, rtol=1e-9, atol=1e-9)
