"""Sums of a year against hours added up by the clock on the wall."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from api.services.energy.energy_sums import sum_energy
from models.values.calendar import Step
from models.values.resolution import FinerThanMeteredError, Resolution
from tests.support.community_folders import build_community_year

MADRID = ZoneInfo("Europe/Madrid")
FORMATS = {
    Resolution.QUARTER_HOUR: "%Y-%m-%d %H:%M %z",
    Resolution.HOUR: "%Y-%m-%d %H %z",
    Resolution.DAY: "%Y-%m-%d",
    Resolution.MONTH: "%m",
    Resolution.YEAR: "%Y",
}


@pytest.mark.parametrize(
    ("step", "resolution"),
    [each for each in product(Step, Resolution) if each != (Step.HOUR, Resolution.QUARTER_HOUR)],
)
def test_sums_by_the_clock(step: Step, resolution: Resolution) -> None:
    year = build_community_year(n_members=2, step=step)
    keys: dict[str, list[int]] = {}
    for place, start in enumerate(year.starts.astype(np.int64).tolist()):
        local = datetime.fromtimestamp(start, UTC).astimezone(MADRID)
        keys.setdefault(local.strftime(FORMATS[resolution]), []).append(place)
    sums = sum_energy(year, resolution)
    for summed, meters in (
        (sums.consumption_kwh, year.consumption_kwh),
        (sums.generation_kwh, year.generation_kwh),
    ):
        expected = [meters[:, places].sum(axis=1) for places in keys.values()]
        np.testing.assert_allclose(summed, np.stack(expected, axis=1))
    firsts = [places[0] for places in keys.values()]
    np.testing.assert_array_equal(sums.starts, year.starts[firsts])


def test_hours_are_not_cut() -> None:
    with pytest.raises(FinerThanMeteredError, match="not by the quarter of an hour: ask for hours"):
        sum_energy(build_community_year(n_members=2), Resolution.QUARTER_HOUR)


def test_a_gap_makes_its_sum_unknown_and_no_other() -> None:
    year = build_community_year(n_members=2)
    consumption_kwh = year.consumption_kwh.copy()
    consumption_kwh[1, 800] = np.nan
    sums = sum_energy(replace(year, consumption_kwh=consumption_kwh), Resolution.MONTH)
    assert np.argwhere(np.isnan(sums.consumption_kwh)).tolist() == [[1, 1]]
