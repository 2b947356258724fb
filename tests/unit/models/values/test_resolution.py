"""Where the sums of a year begin, against the clock on the wall."""

from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from models.values.calendar import Step, year_steps
from models.values.resolution import FinerThanMeteredError, Resolution, sum_starts

MADRID = "Europe/Madrid"


def test_resolutions_have_their_published_names() -> None:
    assert [each.iso_name for each in Resolution] == ["PT15M", "PT1H", "P1D", "P1M", "P1Y"]


@pytest.mark.parametrize(
    ("step", "resolution", "size"),
    [
        (Step.QUARTER_HOUR, Resolution.QUARTER_HOUR, 35_040),
        (Step.QUARTER_HOUR, Resolution.HOUR, 8_760),
        (Step.HOUR, Resolution.HOUR, 8_760),
        (Step.HOUR, Resolution.DAY, 365),
        (Step.QUARTER_HOUR, Resolution.MONTH, 12),
        (Step.HOUR, Resolution.YEAR, 1),
    ],
)
def test_sums_begin_where_the_clock_on_the_wall_says(step, resolution, size) -> None:
    starts = sum_starts(2023, MADRID, step, resolution)
    assert starts.size == size
    assert starts[0] == 0
    assert all(before < after for before, after in pairwise(starts))
    seconds = year_steps(2023, MADRID, step)[starts].astype(np.int64).tolist()
    local = [datetime.fromtimestamp(each, UTC).astimezone(ZoneInfo(MADRID)) for each in seconds]
    if resolution in (Resolution.DAY, Resolution.MONTH, Resolution.YEAR):
        assert {(each.hour, each.minute) for each in local} == {(0, 0)}
    if resolution is Resolution.MONTH:
        assert [(each.month, each.day) for each in local] == [(month, 1) for month in range(1, 13)]


def test_an_hour_is_not_cut() -> None:
    with pytest.raises(FinerThanMeteredError) as caught:
        sum_starts(2023, MADRID, Step.HOUR, Resolution.QUARTER_HOUR)
    assert caught.value.resolution is Resolution.QUARTER_HOUR
