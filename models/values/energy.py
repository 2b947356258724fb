"""Energy: whole watt-hours where it is stored, kilowatt-hours where it is calculated."""

import numpy as np
from numpy.typing import NDArray

from models.values.errors import InvalidDataError

WH_PER_KWH = 1000
_MICRO_PER_KWH = 1_000_000
_LARGEST_WH = np.iinfo(np.int32).max


def round_to_wh(energy_kwh: NDArray[np.float64]) -> NDArray[np.int32]:
    """Round energy to whole watt-hours, halves to even.

    Parameters
    ----------
    energy_kwh : ndarray of float, any shape
        Energy of each interval [kWh].

    Returns
    -------
    ndarray of int32, same shape
        Energy of each interval [Wh].

    Raises
    ------
    InvalidDataError
        If a value is negative, not finite, or above 2,147,483,647 Wh.

    Examples
    --------
    >>> round_to_wh(np.array([0.4594, 1.1126]))
    array([ 459, 1113], dtype=int32)
    """
    energy_wh = np.rint(energy_kwh * WH_PER_KWH)
    if not ((energy_wh >= 0) & (energy_wh <= _LARGEST_WH)).all():
        raise InvalidDataError(f"energy must lie between 0 and {_LARGEST_WH} Wh an interval")
    return energy_wh.astype(np.int32)


def to_kwh(energy_wh: NDArray[np.integer]) -> NDArray[np.float64]:
    """Express whole watt-hours in kilowatt-hours.

    Parameters
    ----------
    energy_wh : ndarray of int, any shape
        Energy [Wh].

    Returns
    -------
    ndarray of float, same shape
        Energy [kWh].

    Examples
    --------
    >>> to_kwh(np.array([459, 1113]))
    array([0.459, 1.113])
    """
    return np.asarray(energy_wh / WH_PER_KWH, dtype=np.float64)


def from_micro_kwh(energy_micro_kwh: NDArray[np.int64]) -> NDArray[np.float64]:
    """Express whole millionths of a kilowatt-hour in kilowatt-hours.

    Parameters
    ----------
    energy_micro_kwh : ndarray of int, any shape
        Energy [1e-6 kWh].

    Returns
    -------
    ndarray of float, same shape
        Energy [kWh], each the float nearest to its six decimals.

    Examples
    --------
    >>> from_micro_kwh(np.array([459_000_001]))
    array([459.000001])
    """
    return np.asarray(energy_micro_kwh / _MICRO_PER_KWH, dtype=np.float64)
