"""Values that a meter can hardly have counted; negative ones are never stored."""

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]

CONSUMPTION_SPIKE = 1.5
"""Consumption above so many times the contracted power: a limiter would have cut it off."""

GENERATION_SPIKE = 1.05
"""Generation above so many times the inverters' power: they give no more, meters err by 2 %."""

FLAT_HOURS_OF_CONSUMPTION = 24
"""Hours without any change: a fridge alone makes some within a day."""

FLAT_HOURS_OF_GENERATION = 12
"""Hours without any change: inverters at their limit give the same for fewer."""

NIGHT_SHARE = 0.01
"""Share of the inverters' power that may be counted at night: what a meter reads around zero."""


def find_spikes(energy_wh: NDArray[np.int32], is_known: Mask, largest_wh: float) -> Mask:
    """Find values above what a connection can carry.

    Parameters
    ----------
    energy_wh : ndarray of int32, shape (n_intervals,)
        Energy [Wh].
    is_known : ndarray of bool, shape (n_intervals,)
        Where it is known.
    largest_wh : float
        What is still possible in an interval [Wh].

    Returns
    -------
    ndarray of bool, shape (n_intervals,)
        True where a value is larger.

    Examples
    --------
    >>> find_spikes(np.array([1, 9], np.int32), np.array([True, True]), 5.0)
    array([False,  True])
    """
    return is_known & (energy_wh > largest_wh)


def find_flat_lines(energy_wh: NDArray[np.int32], is_known: Mask, shortest: int) -> Mask:
    """Find runs of one and the same value that is not zero.

    Parameters
    ----------
    energy_wh : ndarray of int32, shape (n_intervals,)
        Energy [Wh].
    is_known : ndarray of bool, shape (n_intervals,)
        Where it is known.
    shortest : int
        Intervals of the shortest run that counts.

    Returns
    -------
    ndarray of bool, shape (n_intervals,)
        True in every value of such runs.

    Examples
    --------
    >>> find_flat_lines(np.array([7, 7, 7, 0, 0, 0]), np.ones(6, dtype=bool), 3)
    array([ True,  True,  True, False, False, False])
    """
    marked = np.where(is_known, energy_wh.astype(np.int64), -1)
    starts = np.flatnonzero(np.r_[True, marked[1:] != marked[:-1]])
    lengths = np.diff(starts, append=marked.size)
    is_flat = (lengths >= shortest) & (marked[starts] > 0)
    flat: Mask = np.repeat(is_flat, lengths)
    return flat


def find_night_generation(
    energy_wh: NDArray[np.int32], is_known: Mask, is_night: Mask, inverter_wh: float
) -> Mask:
    """Find generation while the sun is down.

    Parameters
    ----------
    energy_wh : ndarray of int32, shape (n_intervals,)
        Generation [Wh].
    is_known : ndarray of bool, shape (n_intervals,)
        Where it is known.
    is_night : ndarray of bool, shape (n_intervals,)
        Where the sun is down.
    inverter_wh : float
        What the inverters give at full power in an interval [Wh].

    Returns
    -------
    ndarray of bool, shape (n_intervals,)
        True where more was counted than a meter reads around zero.

    Examples
    --------
    >>> night = np.array([True, True, False])
    >>> find_night_generation(np.array([9, 11, 99]), ~np.zeros(3, dtype=bool), night, 1000.0)
    array([False,  True, False])
    """
    return is_known & is_night & (energy_wh > NIGHT_SHARE * inverter_wh)


def find_idle_days(
    energy_wh: NDArray[np.int32], is_known: Mask, days: NDArray[np.datetime64]
) -> Mask:
    """Find whole days without any generation.

    Parameters
    ----------
    energy_wh : ndarray of int32, shape (n_intervals,)
        Generation [Wh].
    is_known : ndarray of bool, shape (n_intervals,)
        Where it is known.
    days : ndarray of datetime64[D], shape (n_intervals,)
        Local day of each interval, rising.

    Returns
    -------
    ndarray of bool, shape (n_intervals,)
        True in all of a day that is known from its first to its last interval and generates
        nothing: even under clouds a plant gives something.

    Examples
    --------
    >>> days = np.array(["2023-01-01", "2023-01-01", "2023-01-02"], dtype="datetime64[D]")
    >>> find_idle_days(np.array([0, 0, 5]), np.ones(3, dtype=bool), days)
    array([ True,  True, False])
    """
    if not days.size:
        return np.zeros(0, dtype=np.bool_)
    starts = np.flatnonzero(np.r_[True, days[1:] != days[:-1]])
    is_idle = np.logical_and.reduceat(is_known & (energy_wh == 0), starts)
    idle: Mask = np.repeat(is_idle, np.diff(starts, append=days.size))
    return idle
