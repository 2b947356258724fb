"""The energy split in whole numbers: millionths of a watt-hour, nothing lost to rounding."""

import numpy as np
from numpy.typing import NDArray

from models.values.coefficient import MILLIONTHS

MicroWh = NDArray[np.int64]
"""Energy [1e-6 Wh]. A month of the largest readings is 6.4e18, within 64 bits."""


def allocate_exactly(millionths: NDArray[np.int64], generation_wh: NDArray[np.integer]) -> MicroWh:
    """Multiply coefficients with generation.

    Parameters
    ----------
    millionths : ndarray of int64, shape (n_points, n_steps)
        Coefficients.
    generation_wh : ndarray of int, shape (n_steps,)
        Net generation, at least zero [Wh].

    Returns
    -------
    ndarray of int64, shape (n_points, n_steps)
        Allocated energy [1e-6 Wh]; where the coefficients sum to one, it sums to the generation.

    Notes
    -----
    RD 244/2019, Annex I, as amended by TED/1247/2021.

    Examples
    --------
    >>> allocate_exactly(np.array([[333_333], [666_667]]), np.array([10])).tolist()
    [[3333330], [6666670]]
    """
    return millionths * generation_wh.astype(np.int64)


def use_exactly(allocated_micro_wh: MicroWh, consumption_wh: NDArray[np.integer]) -> MicroWh:
    """Tell what supply points use of their shares in one plant or in several.

    Parameters
    ----------
    allocated_micro_wh : ndarray of int64, shape (n_plants, n_points, n_steps)
        Shares in each plant, at least zero [1e-6 Wh].
    consumption_wh : ndarray of int, shape (n_points, n_steps)
        Boundary meter readings [Wh].

    Returns
    -------
    ndarray of int64, shape (n_plants, n_points, n_steps)
        Self-consumed energy of each plant [1e-6 Wh], at most the share in it; over the plants it
        sums to the lesser of all shares and consumption.

    Notes
    -----
    RD 244/2019, Annex I, states the lesser of share and consumption. It does not say which of
    several plants' shares is used first: here all are used in proportion, and of a millionth of a
    watt-hour that does not divide, the later plant has the greater part.

    Examples
    --------
    >>> shares = np.array([[[3_000_000]], [[1_000_000]]])
    >>> use_exactly(shares, np.array([[2]])).tolist()
    [[[1500000]], [[500000]]]
    """
    consumption_micro_wh = consumption_wh.astype(np.int64) * MILLIONTHS
    used = np.minimum(allocated_micro_wh, consumption_micro_wh)
    total = allocated_micro_wh.sum(axis=0)
    is_split = (total > consumption_micro_wh) & ((allocated_micro_wh > 0).sum(axis=0) > 1)
    # The products pass 64 bits, so these few are Python's integers.
    upto = np.cumsum(allocated_micro_wh[:, is_split], axis=0).astype(object)
    wanted, whole = consumption_micro_wh[is_split], total[is_split]
    upto = upto * wanted.astype(object) // whole.astype(object)
    used[:, is_split] = np.diff(upto.astype(np.int64), axis=0, prepend=0)
    return used
