"""Which tariff period every hour of a year belongs to (Circular 3/2020, article 7).

2.0TD has three periods of energy, the other tariffs six. Hours are those of the zone's own clock;
Saturdays, Sundays and national holidays of a fixed date are off-peak all day. In force since
1 June 2021.
"""

from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from models.values.calendar import Instants, Step, Zone, is_rest_day, local_times
from models.values.tariff import Tariff

Periods = NDArray[np.uint8]
"""A tariff period each, 1 (P1, the dearest) to 3 or 6, ``uint8``."""

_HOURS = 24
_NIGHT_ENDS = 8
_FEWER, _MORE = 3, 6


@dataclass(frozen=True, slots=True)
class _Calendar:
    """The hours and seasons of one zone, as the annex of the circular tabulates them."""

    dear_hours_of_three: tuple[int, ...]
    """Hours of 2.0TD in P1; the rest of 8 to 24 is P2."""
    dear_hours_of_six: tuple[int, ...]
    """Hours of the dearer of a season's two daytime periods."""
    seasons: str
    """Season of each month, as ``A``, ``B``, ``b`` (B1) and ``C``."""
    pairs: MappingProxyType[str, tuple[int, int]]
    """Dearer and cheaper daytime period of each season."""


def _pairs(a: str, b: str, b1: str, c: str) -> MappingProxyType[str, tuple[int, int]]:
    texts = {"A": a, "B": b, "b": b1, "C": c}
    return MappingProxyType({name: (int(text[0]), int(text[1])) for name, text in texts.items()})


_MAINLAND = (*range(9, 14), *range(18, 22))
_ISLANDS = (*range(10, 15), *range(18, 22))
_AFRICA = (*range(10, 15), *range(19, 23))
_THREE_IN_EUROPE = (*range(10, 14), *range(18, 22))
_THREE_IN_AFRICA = (*range(11, 15), *range(19, 23))

_CALENDARS = {
    Zone.PENINSULA: _Calendar(
        _THREE_IN_EUROPE, _MAINLAND, "AABCCbAbbCBA", _pairs("12", "23", "34", "45")
    ),
    Zone.BALEARES: _Calendar(
        _THREE_IN_EUROPE, _ISLANDS, "bbCCBAAAABCb", _pairs("12", "23", "34", "45")
    ),
    Zone.CANARIAS: _Calendar(
        _THREE_IN_EUROPE, _ISLANDS, "bbbCCCAAAABB", _pairs("13", "23", "24", "45")
    ),
    Zone.CEUTA: _Calendar(
        _THREE_IN_AFRICA, _AFRICA, "AAbCCCBAABbb", _pairs("14", "23", "24", "35")
    ),
    Zone.MELILLA: _Calendar(
        _THREE_IN_AFRICA, _AFRICA, "ABCCCbAAAbbB", _pairs("12", "23", "34", "45")
    ),
}


def count_periods(tariff: Tariff) -> int:
    """Count the periods of energy that a tariff has.

    Parameters
    ----------
    tariff : Tariff
        Access tariff.

    Returns
    -------
    int
        3 or 6.

    Examples
    --------
    >>> count_periods(Tariff.LOW_VOLTAGE_UP_TO_15_KW)
    3
    """
    return _FEWER if tariff is Tariff.LOW_VOLTAGE_UP_TO_15_KW else _MORE


@lru_cache(maxsize=64)
def year_periods(
    year: int, zone: Zone, tariff: Tariff, step: Step, timezone: str | None = None
) -> Periods:
    """Tell the period of every interval of a local year.

    Parameters
    ----------
    year : int
        Local calendar year.
    zone : Zone
        Tariff zone.
    tariff : Tariff
        Access tariff.
    step : Step
        Length of an interval.
    timezone : str, optional
        IANA name of the clock whose year is meant; the zone's own clock by default.

    Returns
    -------
    ndarray of uint8, shape (n_steps,)
        Periods, read-only.

    Examples
    --------
    >>> three = year_periods(2026, Zone.PENINSULA, Tariff.LOW_VOLTAGE_UP_TO_15_KW, Step.HOUR)
    >>> np.bincount(three).tolist()
    [0, 2040, 2040, 4680]
    """
    local = local_times(year, timezone or zone.timezone, step)
    periods = find_periods(local, zone, tariff)
    periods.setflags(write=False)
    return periods


def find_periods(local: Instants, zone: Zone, tariff: Tariff) -> Periods:
    """Tell the period of intervals by what the zone's clock shows at their starts.

    Parameters
    ----------
    local : ndarray of datetime64[s], shape (n_steps,)
        Local clock times.
    zone : Zone
        Tariff zone.
    tariff : Tariff
        Access tariff.

    Returns
    -------
    ndarray of uint8, shape (n_steps,)
        Periods.

    Examples
    --------
    >>> noons = np.array(["2026-01-05T12", "2026-01-06T12"], dtype="datetime64[s]")
    >>> find_periods(noons, Zone.PENINSULA, Tariff.LOW_VOLTAGE_ABOVE_15_KW)
    array([1, 6], dtype=uint8)
    """
    days = local.astype("datetime64[D]")
    hour = (local - days).astype("timedelta64[h]").astype(np.intp)
    month = days.astype("datetime64[M]").astype(np.intp) % 12
    table = _table(zone, count_periods(tariff))
    periods: Periods = table[month, hour]
    periods[is_rest_day(days)] = table[0, 0]
    return periods


@lru_cache(maxsize=16)
def _table(zone: Zone, n_periods: int) -> Periods:
    """Lay out the periods of working days, shape (12, 24)."""
    calendar = _CALENDARS[zone]
    table = np.full((12, _HOURS), n_periods, np.uint8)
    for month, season in enumerate(calendar.seasons):
        if n_periods == _FEWER:
            dear, cheap, hours = 1, 2, calendar.dear_hours_of_three
        else:
            (dear, cheap), hours = calendar.pairs[season], calendar.dear_hours_of_six
        table[month, _NIGHT_ENDS:] = cheap
        table[month, list(hours)] = dear
    return table
