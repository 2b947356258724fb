"""The energy split: coefficients times generation, met with each member's consumption."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Energy = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class EnergySplit:
    """Energy of each member and interval, every array of shape (n_members, n_steps) [kWh].

    Attributes
    ----------
    allocated_kwh : ndarray
        The member's share of the generation.
    consumption_kwh : ndarray
        What its boundary meter took in.
    self_consumed_kwh : ndarray
        What it used of its share.
    """

    allocated_kwh: Energy
    consumption_kwh: Energy
    self_consumed_kwh: Energy

    @property
    def surplus_kwh(self) -> Energy:
        """What the member did not use of its share [kWh]."""
        return self.allocated_kwh - self.self_consumed_kwh

    @property
    def grid_import_kwh(self) -> Energy:
        """What the member still took from the grid [kWh]."""
        return self.consumption_kwh - self.self_consumed_kwh


def split_energy(beta: Energy, generation_kwh: Energy, consumption_kwh: Energy) -> EnergySplit:
    """Split each interval's generation among the members.

    Parameters
    ----------
    beta : ndarray, shape (n_members,) or (n_members, n_steps)
        Distribution coefficients [1].
    generation_kwh : ndarray, shape (n_steps,)
        Net generation [kWh]; a negative value counts as zero.
    consumption_kwh : ndarray, shape (n_members, n_steps)
        Boundary meter readings [kWh].

    Returns
    -------
    EnergySplit
        ``self + surplus = allocated`` and ``self + grid = consumption``, all at least zero.

    Notes
    -----
    RD 244/2019, Annex I, as amended by TED/1247/2021.

    Examples
    --------
    >>> split = split_energy(np.array([0.5, 0.5]), np.array([4.0]), np.array([[1.0], [3.0]]))
    >>> split.surplus_kwh.tolist(), split.grid_import_kwh.tolist()
    ([[1.0], [0.0]], [[0.0], [1.0]])
    """
    shares = beta[:, np.newaxis] if beta.ndim == 1 else beta
    return meet_consumption(shares * np.maximum(generation_kwh, 0.0), consumption_kwh)


def meet_consumption(allocated_kwh: Energy, consumption_kwh: Energy) -> EnergySplit:
    """Meet what each member is allocated with what it consumes.

    Parameters
    ----------
    allocated_kwh, consumption_kwh : ndarray, shape (n_members, n_steps)
        Shares of the generation and boundary meter readings, at least zero [kWh].

    Returns
    -------
    EnergySplit
        Of every interval, the lesser of the two is self-consumed.

    Notes
    -----
    RD 244/2019, Annex I, as amended by TED/1247/2021.

    Examples
    --------
    >>> meet_consumption(np.array([[2.0]]), np.array([[3.0]])).grid_import_kwh.tolist()
    [[1.0]]
    """
    return EnergySplit(
        allocated_kwh=allocated_kwh,
        consumption_kwh=consumption_kwh,
        self_consumed_kwh=np.minimum(allocated_kwh, consumption_kwh),
    )


def bound_hourly(generation_kwh: Energy, consumption_kwh: Energy) -> float:
    """Sum the energy that no coefficients at all, even hourly ones, can pass.

    Parameters
    ----------
    generation_kwh : ndarray, shape (n_steps,)
        Net generation [kWh].
    consumption_kwh : ndarray, shape (n_members, n_steps)
        Boundary meter readings [kWh].

    Returns
    -------
    float
        Sum over intervals of the lesser of generation and total consumption [kWh].

    Examples
    --------
    >>> bound_hourly(np.array([4.0, 1.0]), np.array([[1.0, 2.0], [2.0, 2.0]]))
    4.0
    """
    return float(np.minimum(np.maximum(generation_kwh, 0.0), consumption_kwh.sum(axis=0)).sum())
