import numpy as np
import pytest

from planner.coefficients.blocks import take_at_blocks
from planner.curves import build_energy_curves, is_concave
from planner.saving_curves import build_saving_curves
from tests.support.sharing_years import make_year


@pytest.mark.parametrize("count", [1, 2, 3, 7, 160, 3000])
def test_values_stay_at_whole_blocks_and_lie_below_between_them(count: int) -> None:
    year = make_year()
    for curve in build_energy_curves(year.consumption_kwh, year.generation_kwh):
        cut = take_at_blocks(curve, count)

        assert set(cut.knots) <= {block / count for block in range(count + 1)}
        assert cut.knots.size <= min(count + 1, 2 * curve.knots.size)
        for block in range(count + 1):
            at = block / count
            assert cut.value_at(at) == pytest.approx(curve.value_at(at), abs=1e-12)
        for at in np.linspace(0, 1, 41).tolist():
            assert cut.value_at(at) <= curve.value_at(at) + 1e-12
        assert is_concave(cut)


def test_what_bends_up_between_blocks_may_bend_up_at_them() -> None:
    year = make_year()
    assert year.prices is not None
    energy, _ = year.prices
    curves = build_saving_curves(
        year.consumption_kwh, year.generation_kwh, energy, 3 * energy, year.month_starts
    )

    assert not is_concave(take_at_blocks(curves[0], 1000))
