"""What a kWh is worth to each member and in each interval, where contracts differ."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.values.errors import InvalidDataError

Values = NDArray[np.float64]
Market = tuple[Values, Values]
"""Price of energy and of surplus, the same for everybody, shape (n_steps,) each [EUR/kWh]."""


class ImpossiblePricesError(InvalidDataError):
    """Prices of members contradict each other in shape, or a member has none."""


class Rate(NamedTuple):
    """Prices that some members share, shape (n_steps,) each [EUR/kWh], and who these are.

    ``ceiling`` is what a kWh from the grid adds to the limit of the month's compensation.
    """

    members: NDArray[np.intp]
    energy: Values
    surplus: Values
    ceiling: Values


@dataclass(frozen=True, slots=True, eq=False)
class MemberPrices:
    """What a kWh is worth to each member; members who pay alike share a row.

    Attributes
    ----------
    energy, surplus : ndarray, shape (n_rates, n_steps)
        What a kWh less from the grid saves, and a kWh of surplus earns [EUR/kWh].
    ceiling : ndarray, shape (n_rates, n_steps)
        What a kWh from the grid adds to the limit of the month's compensation [EUR/kWh].
    rate_of : ndarray of int, shape (n_members,)
        Row of each member.

    Raises
    ------
    ImpossiblePricesError
        If the shapes differ, a price is not finite or a member's row does not exist.

    Notes
    -----
    In each month ``sum of energy x used + min(sum of surplus x spilled, sum of ceiling x drawn)``,
    the compensation of RD 244/2019, article 14, with a ceiling that need not be the energy's
    whole price.
    """

    energy: Values
    surplus: Values
    ceiling: Values
    rate_of: NDArray[np.intp]

    def __post_init__(self) -> None:
        prices = (self.energy, self.surplus, self.ceiling)
        if len({each.shape for each in prices}) > 1 or self.energy.ndim != 2:
            raise ImpossiblePricesError("prices of energy, surplus and ceiling differ in shape")
        if not all(np.isfinite(each).all() for each in prices):
            raise ImpossiblePricesError("a price is not a finite number")
        rates = self.rate_of
        if rates.size and not (rates.min() >= 0 and rates.max() < len(self.energy)):
            raise ImpossiblePricesError(f"members have one of {len(self.energy)} rates each")

    def pick(self, rows: NDArray[np.intp]) -> "MemberPrices":
        """Give the prices of some of the members."""
        return MemberPrices(self.energy, self.surplus, self.ceiling, self.rate_of[rows])

    def take(self, steps: NDArray[np.intp]) -> "MemberPrices":
        """Give the prices of some of the intervals."""
        return MemberPrices(
            self.energy[:, steps], self.surplus[:, steps], self.ceiling[:, steps], self.rate_of
        )


Prices = Market | MemberPrices


class StepPrices(NamedTuple):
    """Prices written out, shape (1, n_steps) where all pay alike, or (n_members, n_steps).

    ``energy`` is what a kWh used saves, ``surplus`` what a kWh spilled earns, ``ceiling`` what a
    kWh from the grid adds to the limit of the month's compensation [EUR/kWh].
    """

    energy: Values
    surplus: Values
    ceiling: Values

    @property
    def beyond_limit(self) -> Values:
        """What a kWh used saves whether or not the month's limit is reached [EUR/kWh]."""
        return self.energy - self.ceiling


def write_out(prices: Prices) -> StepPrices:
    """Write prices out by member and interval.

    Parameters
    ----------
    prices : tuple of two ndarrays, or MemberPrices
        Of everybody, or of each member [EUR/kWh].

    Returns
    -------
    StepPrices
        One row where everybody pays alike, whose limit is what the grid's energy costs.

    Examples
    --------
    >>> write_out((np.array([0.2]), np.array([0.1]))).ceiling.tolist()
    [[0.2]]
    """
    if isinstance(prices, MemberPrices):
        rates = prices.energy, prices.surplus, prices.ceiling
        return StepPrices(*(each[prices.rate_of] for each in rates))
    energy, surplus = (each[np.newaxis] for each in prices)
    return StepPrices(energy, surplus, energy)


def list_rates(prices: Prices, n_members: int) -> Iterator[Rate]:
    """List who pays alike, and what.

    Parameters
    ----------
    prices : tuple of two ndarrays, or MemberPrices
        Of everybody, or of each member [EUR/kWh].
    n_members : int
        Number of members.

    Yields
    ------
    Rate
        Every member stands in one.

    Examples
    --------
    >>> one = np.array([0.2])
    >>> [rate.members.tolist() for rate in list_rates((one, one), 3)]
    [[0, 1, 2]]
    """
    if not isinstance(prices, MemberPrices):
        energy, surplus = prices
        yield Rate(np.arange(n_members), energy, surplus, energy)
        return
    for row in np.unique(prices.rate_of).tolist():
        members = np.flatnonzero(prices.rate_of == row)
        yield Rate(members, prices.energy[row], prices.surplus[row], prices.ceiling[row])


def take_intervals(prices: Prices, steps: NDArray[np.intp]) -> Prices:
    """Give the prices of some intervals.

    Parameters
    ----------
    prices : tuple of two ndarrays, or MemberPrices
        Of all intervals [EUR/kWh].
    steps : ndarray of int
        Which intervals, in which order.

    Returns
    -------
    tuple of two ndarrays, or MemberPrices
        Of the same kind.

    Examples
    --------
    >>> take_intervals((np.array([1.0, 2.0]), np.array([3.0, 4.0])), np.array([1]))
    (array([2.]), array([4.]))
    """
    if isinstance(prices, MemberPrices):
        return prices.take(steps)
    return prices[0][steps], prices[1][steps]


def join_intervals(parts: Sequence[Prices]) -> Prices:
    """Lay prices of the same members end to end.

    Parameters
    ----------
    parts : sequence of prices
        At least one; all of everybody, or all of the same rates.

    Returns
    -------
    tuple of two ndarrays, or MemberPrices
        Of all intervals.

    Raises
    ------
    ImpossiblePricesError
        If some are of everybody and others of each member, or the rates differ.

    Examples
    --------
    >>> one = np.array([1.0])
    >>> join_intervals([(one, one), (one, one)])
    (array([1., 1.]), array([1., 1.]))
    """
    by_member = [each for each in parts if isinstance(each, MemberPrices)]
    of_all = [each for each in parts if not isinstance(each, MemberPrices)]
    if not by_member:
        energy, surplus = zip(*of_all, strict=True)
        return np.concatenate(energy), np.concatenate(surplus)
    first = by_member[0]
    if of_all or any(not np.array_equal(each.rate_of, first.rate_of) for each in by_member):
        raise ImpossiblePricesError("only prices of the same rates can be laid end to end")
    return MemberPrices(
        np.concatenate([each.energy for each in by_member], axis=1),
        np.concatenate([each.surplus for each in by_member], axis=1),
        np.concatenate([each.ceiling for each in by_member], axis=1),
        first.rate_of,
    )
