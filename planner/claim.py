"""What a proposal states about a year, in plain numbers that anybody can check again."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from models.values.errors import InvalidDataError

Values = NDArray[np.float64]
Whole = NDArray[np.int64]


class MalformedClaimError(InvalidDataError):
    """A claim or the data contradicts its own form, so that nothing can be checked."""


@dataclass(frozen=True, slots=True, eq=False)
class StatedRates:
    """What a kWh is worth where members pay differently.

    Attributes
    ----------
    rates : tuple of tuple of three ndarrays, shape (n_steps,) each
        Price of energy and of surplus, and what a kWh from the grid adds to the limit of the
        month's compensation [EUR/kWh].
    of_member : ndarray of int, shape (n_members,)
        Which of them each member has.
    """

    rates: tuple[tuple[Values, Values, Values], ...]
    of_member: NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class MeterData:
    """A year as the meters and the market saw it.

    Attributes
    ----------
    generation_kwh : ndarray, shape (n_steps,)
        Net generation [kWh]; a negative value counts as zero.
    consumption_kwh : ndarray, shape (n_members, n_steps)
        Boundary meter readings [kWh].
    month_starts : ndarray of int, shape (n_months,)
        First interval of each local month.
    prices : tuple of two ndarrays of shape (n_steps,), StatedRates, or None
        Price of energy and of surplus [EUR/kWh]: of everybody, or what counts for each member.
    """

    generation_kwh: Values
    consumption_kwh: Values
    month_starts: NDArray[np.intp]
    prices: tuple[Values, Values] | StatedRates | None = None

    def list_prices(self) -> list[Values]:
        """List every price by interval that there is."""
        if isinstance(self.prices, StatedRates):
            return [price for rate in self.prices.rates for price in rate]
        return list(self.prices or ())

    def list_rates(self) -> list[NDArray[np.intp]]:
        """Tell which prices each member has, if they have their own."""
        return [self.prices.of_member] if isinstance(self.prices, StatedRates) else []

    def price_of(self, member: int) -> tuple[Values, Values, Values]:
        """Give a member's price of energy, of surplus, and of what limits its compensation."""
        if self.prices is None:
            raise MalformedClaimError("euros cannot be checked without prices")
        if isinstance(self.prices, StatedRates):
            return self.prices.rates[self.prices.of_member[member]]
        energy, surplus = self.prices
        return energy, surplus, energy

    @property
    def months(self) -> list[slice]:
        """Intervals of each month."""
        borders = [*self.month_starts.tolist(), self.generation_kwh.size]
        return [slice(start, end) for start, end in pairwise(borders)]


@dataclass(frozen=True, slots=True, eq=False)
class StatedGroup:
    """Limits of the sum over a group, and what one more unit of it is said to be worth.

    Attributes
    ----------
    label : str
        Name of the limit.
    members : ndarray of bool, shape (n_members,)
        Who belongs to the group.
    lower, upper : int
        Least and greatest sum [millionths].
    price : float
        Multiplier: above 0 it prices the greatest sum, below 0 the least one.
    """

    label: str
    members: NDArray[np.bool_]
    lower: int
    upper: int
    price: float


@dataclass(frozen=True, slots=True, eq=False)
class StatedChange:
    """Greatest sum of all changes against other coefficients, and its multiplier.

    Attributes
    ----------
    around : ndarray, shape (n_members,)
        Coefficients to stay near [millionths].
    most : float
        Greatest sum of absolute differences [millionths].
    price : float
        Multiplier, at least 0.
    """

    around: Values
    most: float
    price: float


@dataclass(frozen=True, slots=True, eq=False)
class Claim:
    """What a proposal states.

    Attributes
    ----------
    millionths : ndarray of int64, shape (n_members,)
        Coefficients.
    lower, upper : ndarray of int64, shape (n_members,)
        Limits of each member that it says it keeps [millionths].
    value, upper_bound : float
        What the coefficients bring, and what none pass [unit of the weights].
    price : float
        Multiplier of the sum: what one more unit of coefficient is worth.
    groups : tuple of StatedGroup
        Limits of sums.
    change : StatedChange or None
        Limit of the change in total.
    blocks : int or None
        Equal blocks that the plant is handed out in; None if any millionth will do.
    kwh_weight, eur_weight : float
        What a kWh self-consumed and a euro saved count for.
    """

    millionths: Whole
    lower: Whole
    upper: Whole
    value: float
    upper_bound: float
    price: float
    groups: tuple[StatedGroup, ...] = ()
    change: StatedChange | None = None
    blocks: int | None = None
    kwh_weight: float = 1.0
    eur_weight: float = 0.0

    @property
    def member_prices(self) -> Values:
        """What each member's coefficient costs: the price of the sum and of its groups."""
        prices = np.full(self.millionths.size, self.price)
        for group in self.groups:
            prices[group.members] += group.price
        return prices
