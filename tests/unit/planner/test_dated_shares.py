"""Coefficients on their days, against a walk over every interval by the clock on the wall."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.values.calendar import Step, month_starts
from models.values.period import Period
from planner.dated_shares import Share, lay_out_shares

MADRID = "Europe/Madrid"
DAYS_2024 = st.dates(date(2023, 11, 1), date(2025, 2, 1))


def walk(shares: list[Share], year: int, step: Step) -> list[int]:
    """Lay out one supply point's shares, interval by interval."""
    laid = []
    for local in local_times(year, step):
        day = local.date()
        held = [s for s in shares if s.period is None or s.period.contains(day)]
        laid.append(sum(_of_hour(share, local) for share in held))
    return laid


@cache
def local_times(year: int, step: Step) -> list[datetime]:
    """Tell what the clock on the wall shows at the beginning of every interval."""
    zone = ZoneInfo(MADRID)
    instant = datetime(year, 1, 1, tzinfo=zone).astimezone(UTC)
    end = datetime(year + 1, 1, 1, tzinfo=zone).astimezone(UTC)
    shown = []
    while instant < end:
        shown.append(instant.astimezone(zone))
        instant += timedelta(seconds=step.seconds)
    return shown


def _of_hour(share: Share, local: datetime) -> int:
    if share.by_hour is None:
        return share.millionths
    day = 28 if (local.month, local.day) == (2, 29) else local.day
    leapless = date(2023, local.month, day)
    return int(share.by_hour[(leapless.timetuple().tm_yday - 1) * 24 + local.hour])


@settings(max_examples=30)  # each walks over a year
@given(borders=st.sets(DAYS_2024, min_size=1, max_size=4), step=st.sampled_from(Step))
def test_every_interval_has_the_share_of_its_local_day(borders: set[date], step: Step):
    days = sorted(borders)
    hours = np.arange(8760) * 100
    ends = [*days[1:], None]
    shares = [
        Share(1000 + place, hours if place % 2 else None, Period(start, end))
        for place, (start, end) in enumerate(zip(days, ends, strict=True))
    ]
    laid = lay_out_shares([shares, []], year=2024, timezone=MADRID, step=step)
    assert laid[0].tolist() == walk(shares, 2024, step)
    assert not laid[1].any()


def test_a_share_without_days_holds_on_all():
    laid = lay_out_shares([[Share(7)]], year=2023, timezone=MADRID, step=Step.HOUR)
    assert laid.tolist() == [[7] * 8760]


@pytest.mark.parametrize(("month", "hours"), [(3, 743), (10, 745), (2, 672)])
def test_a_span_is_a_part_of_the_year(month: int, hours: int):
    starts = [*month_starts(2023, MADRID, Step.HOUR).tolist(), 8760]
    span = slice(starts[month - 1], starts[month])
    shares = [[Share(3, period=Period(date(2023, month, 26)))]]
    whole = lay_out_shares(shares, year=2023, timezone=MADRID, step=Step.HOUR)
    part = lay_out_shares(shares, year=2023, timezone=MADRID, step=Step.HOUR, span=span)
    assert part.shape == (1, hours)
    assert part.tolist() == whole[:, span].tolist()
