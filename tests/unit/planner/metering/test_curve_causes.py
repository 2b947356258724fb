"""Causes of curves that differ: what each mistake leaves behind."""

from collections.abc import Callable

import numpy as np
import pytest

from planner.metering.curve_causes import (
    CurveCause,
    CurveFinding,
    OwnCurve,
    SharedCurve,
    explain_curve,
    share_generation,
)

HOURS = 96
SUN = np.where(np.arange(HOURS) % 24 == 12, 4_000.0, 0.0) * (1 + np.arange(HOURS) // 24)
LOAD = 400.0 + 10.0 * (np.arange(HOURS) % 7)
SUMMER = np.arange(HOURS) >= HOURS // 2
OURS = OwnCurve(LOAD, 0.25 * SUN, SUN, SUMMER)


def share(beta: float) -> SharedCurve:
    return SharedCurve.of(LOAD, beta * SUN)


def join(first: SharedCurve, second: SharedCurve) -> SharedCurve:
    """Take the hours of summer from the second."""
    return SharedCurve(
        np.where(SUMMER, second.grid_wh, first.grid_wh),
        np.where(SUMMER, second.surplus_wh, first.surplus_wh),
    )


def lack(curve: SharedCurve, hours: slice) -> SharedCurve:
    grid = curve.grid_wh.copy()
    grid[hours] = np.nan
    return SharedCurve(grid, curve.surplus_wh)


@pytest.mark.parametrize(
    ("make", "finding"),
    [
        (lambda: share(0.25), CurveFinding(CurveCause.EQUAL)),
        (lambda: lack(share(0.25), slice(10, 20)), CurveFinding(CurveCause.EQUAL)),
        (lambda: SharedCurve.of(LOAD + 0.6, 0.25 * SUN), CurveFinding(CurveCause.ROUNDING)),
        (
            lambda: SharedCurve(np.zeros(HOURS), np.floor(share(0.25).surplus_wh / 1e3) * 1e3),
            CurveFinding(CurveCause.ROUNDING),
        ),
        (
            lambda: SharedCurve(LOAD, share(0.25).surplus_wh),
            CurveFinding(CurveCause.BOUNDARY_METER),
        ),
        (
            lambda: SharedCurve(LOAD, np.zeros(HOURS)),
            CurveFinding(CurveCause.NOT_SHARED, coefficient=0.0),
        ),
        (lambda: share(0.5), CurveFinding(CurveCause.OTHER_AGREEMENT, agreement="half")),
        (lambda: share(0.3), CurveFinding(CurveCause.OTHER_COEFFICIENT, coefficient=0.3)),
        (lambda: share(0.25).shift(1), CurveFinding(CurveCause.SHIFTED, shift_hours=1)),
        (lambda: share(0.25).shift(-1), CurveFinding(CurveCause.SHIFTED, shift_hours=-1)),
        (
            lambda: join(share(0.25), share(0.25).shift(1)),
            CurveFinding(CurveCause.CLOCK_CHANGE, shift_hours=1),
        ),
        (
            lambda: join(share(0.25).shift(-1), share(0.25)),
            CurveFinding(CurveCause.CLOCK_CHANGE, shift_hours=-1),
        ),
        (lambda: join(share(0.25), share(0.4)), CurveFinding(CurveCause.UNKNOWN)),
        (lambda: lack(share(0.25), slice(None)), CurveFinding(CurveCause.UNKNOWN)),
    ],
)
def test_each_mistake_has_its_cause(make: Callable[[], SharedCurve], finding: CurveFinding) -> None:
    agreements = {"third": SUN / 3, "half": SUN / 2}

    assert explain_curve(OURS, make(), agreements) == finding


def test_without_sun_no_coefficient_is_read() -> None:
    night = OwnCurve(LOAD, np.zeros(HOURS), np.zeros(HOURS), SUMMER)

    assert explain_curve(night, SharedCurve(LOAD + 50, np.zeros(HOURS)), {}) == CurveFinding(
        CurveCause.UNKNOWN
    )


def test_a_tolerance_lets_small_differences_pass() -> None:
    theirs = SharedCurve(share(0.25).grid_wh + 9.0, share(0.25).surplus_wh)

    assert explain_curve(OURS, theirs, {}).cause is CurveCause.UNKNOWN
    assert explain_curve(OURS, theirs, {}, tolerance_wh=9.0).cause is CurveCause.ROUNDING


def test_one_generation_explains_several() -> None:
    betas = np.array([0.2, 0.3])
    implied = betas[:, np.newaxis] * np.array([1_000.0, 2_000.0, np.nan])

    assert share_generation(betas, implied)
    assert not share_generation(betas[:1], implied[:1])
    assert not share_generation(betas, implied + np.array([[0.0], [300.0]]))
    assert not share_generation(betas, np.full((2, 3), np.nan))
