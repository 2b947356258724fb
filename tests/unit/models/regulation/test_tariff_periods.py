"""Tariff periods against the hours of each period that REGULATION 4.2 counts."""

from datetime import datetime

import numpy as np
import pytest

from models.regulation.tariff_periods import count_periods, find_periods, year_periods
from models.values.calendar import Step, Zone, local_times
from models.values.tariff import Tariff

THREE = Tariff.LOW_VOLTAGE_UP_TO_15_KW
SIX = (Tariff.LOW_VOLTAGE_ABOVE_15_KW, Tariff.HIGH_VOLTAGE_1_TO_30_KV)
COUNTS = {
    Zone.PENINSULA: (
        [765, 964, 854, 1035, 462, 4680],
        [756, 975, 886, 1022, 441, 4680],
        [738, 970, 902, 1029, 441, 4680],
    ),
    Zone.BALEARES: (
        [774, 998, 866, 1001, 441, 4680],
        [792, 985, 836, 1012, 455, 4680],
        [792, 985, 827, 1014, 462, 4680],
    ),
    Zone.CANARIAS: (
        [792, 927, 903, 1010, 448, 4680],
        [783, 936, 903, 1010, 448, 4680],
        [774, 936, 896, 1019, 455, 4680],
    ),
    Zone.CEUTA: (
        [747, 972, 898, 1015, 448, 4680],
        [747, 972, 884, 1029, 448, 4680],
        [747, 963, 879, 1036, 455, 4680],
    ),
    Zone.MELILLA: (
        [774, 971, 863, 1024, 448, 4680],
        [774, 971, 863, 1024, 448, 4680],
        [765, 964, 854, 1035, 462, 4680],
    ),
}
YEARS = (2025, 2026, 2027)


@pytest.mark.parametrize("zone", Zone)
@pytest.mark.parametrize("year", YEARS)
def test_hours_of_each_period(zone: Zone, year: int) -> None:
    three = year_periods(year, zone, THREE, Step.HOUR)
    assert np.bincount(three, minlength=4).tolist() == [0, 2040, 2040, 4680]
    for tariff in SIX:
        six = year_periods(year, zone, tariff, Step.HOUR)
        assert np.bincount(six, minlength=7).tolist() == [0, *COUNTS[zone][year - 2025]]


@pytest.mark.parametrize("zone", Zone)
def test_quarters_have_the_period_of_their_hour(zone: Zone) -> None:
    hours = year_periods(2026, zone, SIX[0], Step.HOUR)
    quarters = year_periods(2026, zone, SIX[0], Step.QUARTER_HOUR)
    np.testing.assert_array_equal(quarters, np.repeat(hours, 4))
    assert quarters.dtype == np.uint8
    assert not quarters.flags.writeable


@pytest.mark.parametrize(
    ("zone", "at", "three", "six"),
    [
        (Zone.PENINSULA, "2026-04-03T11", 1, 4),  # Good Friday is a normal day
        (Zone.PENINSULA, "2026-07-01T09", 2, 1),
        (Zone.PENINSULA, "2026-07-01T22", 2, 2),
        (Zone.PENINSULA, "2026-07-01T07", 3, 6),
        (Zone.PENINSULA, "2026-08-15T12", 3, 6),  # a Saturday and a holiday
        (Zone.PENINSULA, "2026-06-01T13", 1, 3),
        (Zone.PENINSULA, "2026-06-01T14", 2, 4),
        (Zone.BALEARES, "2026-12-07T10", 1, 3),
        (Zone.BALEARES, "2026-12-07T09", 2, 4),
        (Zone.CANARIAS, "2026-01-02T14", 2, 2),
        (Zone.CANARIAS, "2026-01-02T15", 2, 4),
        (Zone.CEUTA, "2026-04-01T22", 1, 3),
        (Zone.CEUTA, "2026-04-01T23", 2, 5),
        (Zone.MELILLA, "2026-03-02T11", 1, 4),
        (Zone.MELILLA, "2026-03-02T10", 2, 4),
        (Zone.MELILLA, "2026-03-02T15", 2, 5),
    ],
)
def test_single_hours_read_off_the_table(zone: Zone, at: str, three: int, six: int) -> None:
    local = np.array([datetime.fromisoformat(f"{at}:30")], dtype="datetime64[s]")
    assert find_periods(local, zone, THREE).tolist() == [three]
    assert find_periods(local, zone, SIX[1]).tolist() == [six]


def test_the_canaries_count_by_their_own_clock() -> None:
    own = year_periods(2026, Zone.CANARIAS, THREE, Step.HOUR)
    madrid = year_periods(2026, Zone.CANARIAS, THREE, Step.HOUR, "Europe/Madrid")
    np.testing.assert_array_equal(
        madrid, find_periods(local_times(2026, "Europe/Madrid", Step.HOUR), Zone.CANARIAS, THREE)
    )
    np.testing.assert_array_equal(own, madrid)  # each clock calls its own ten o'clock P1


def test_periods_are_counted() -> None:
    assert [count_periods(tariff) for tariff in (THREE, *SIX)] == [3, 6, 6]
