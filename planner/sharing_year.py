"""The year that is shared: energy, prices and what the rules need to know of each member."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.values.coefficient import MILLIONTHS
from models.values.errors import InvalidDataError
from planner.coefficients.problem import Millionths, Shares
from planner.coefficients.rules import (
    Rule,
    round_by_largest_remainder,
    share_equally,
    share_in_proportion,
)
from planner.member_prices import MemberPrices, Prices

Values = NDArray[np.float64]

_MOST = 1e12
"""No kWh of an interval, kW, euro or price is as much; sums of more would lose small ones."""


class ImpossibleYearError(InvalidDataError):
    """A year holds what no meter, market or agreement can.

    Attributes
    ----------
    name : str
        The quantity.
    reason : str
        What is wrong with it.
    """

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name} {reason}")
        self.name = name
        self.reason = reason


@dataclass(frozen=True, slots=True, eq=False)
class SharingYear:
    """What the planner knows of those who share.

    Attributes
    ----------
    generation_kwh : ndarray, shape (n_steps,)
        Net generation [kWh].
    consumption_kwh : ndarray, shape (n_members, n_steps)
        Boundary meter readings [kWh].
    contracted_power_kw : ndarray, shape (n_members,)
        Contracted power [kW].
    precedence : ndarray of int, shape (n_members,)
        Order of the members' CUPS, which settles the last ties.
    month_starts : ndarray of int, shape (n_months,)
        First interval of each local month.
    current_beta : ndarray, shape (n_members,), or None
        Coefficients in force [1].
    investment_eur : ndarray, shape (n_members,), or None
        What each member paid for its part of the plant [EUR].
    prices : tuple of two ndarrays of shape (n_steps,), MemberPrices, or None
        Price of energy and of surplus [EUR/kWh]: of everybody, or what counts for each member.

    Raises
    ------
    ImpossibleYearError
        If a shape does not fit, a number is missing or beyond a million millions, consumption,
        power, investment or a coefficient is negative, or the current coefficients sum to more
        than one.
    """

    generation_kwh: Values
    consumption_kwh: Values
    contracted_power_kw: Values
    precedence: NDArray[np.intp]
    month_starts: NDArray[np.intp]
    current_beta: Shares | None = None
    investment_eur: Values | None = None
    prices: Prices | None = None

    def __post_init__(self) -> None:
        steps, members = self.generation_kwh.shape, (len(self.consumption_kwh),)
        self._check("generation", self.generation_kwh, steps, least=-_MOST)
        self._check("consumption", self.consumption_kwh, members + steps)
        self._check("contracted power", self.contracted_power_kw, members)
        if isinstance(self.prices, MemberPrices):
            for rates in (self.prices.energy, self.prices.surplus, self.prices.ceiling):
                self._check("prices", rates, (len(rates), *steps), least=-_MOST)
            self._check("rates", self.prices.rate_of.astype(np.float64), members)
        else:
            for price in self.prices or ():
                self._check("prices", price, steps, least=-_MOST)
        if self.investment_eur is not None:
            self._check("investment_eur", self.investment_eur, members)
        if self.current_beta is not None:
            self._check("current_beta", self.current_beta, members)
            total = float(self.current_beta.sum())
            if total > 1 + self.n_members / MILLIONTHS:
                raise ImpossibleYearError("current_beta", f"sums to {total:.6f}, more than 1")

    @staticmethod
    def _check(name: str, values: Values, shape: tuple[int, ...], least: float = 0.0) -> None:
        """Make sure of a shape, and that every number lies between a least one and the most."""
        if values.shape != shape:
            raise ImpossibleYearError(name, f"has shape {values.shape}, not {shape}")
        if values.size and not (values.min() >= least and values.max() <= _MOST):
            raise ImpossibleYearError(
                name, f"holds a number that is not from {least:g} to {_MOST:g}"
            )

    @property
    def n_members(self) -> int:
        """Number of those who share."""
        return len(self.consumption_kwh)

    def pick(self, rows: NDArray[np.intp]) -> "SharingYear":
        """Give the year of some of the members, in the order of the rows."""
        current, investment, prices = self.current_beta, self.investment_eur, self.prices
        return replace(
            self,
            consumption_kwh=self.consumption_kwh[rows],
            contracted_power_kw=self.contracted_power_kw[rows],
            precedence=self.precedence[rows],
            current_beta=None if current is None else current[rows],
            investment_eur=None if investment is None else investment[rows],
            prices=prices.pick(rows) if isinstance(prices, MemberPrices) else prices,
        )

    def share_by(self, rule: Rule) -> Shares:
        """Give the unrounded coefficients of a rule, shape (n_members,)."""
        return self.rules()[rule]

    def round_by(self, rule: Rule) -> Millionths:
        """Give the coefficients of a rule in millionths, shape (n_members,).

        They sum to one, but for an agreement that somebody has left: nobody's part of that is
        rounded up.
        """
        shares = self.share_by(rule)
        if abs(shares.sum() - 1) > self.n_members / MILLIONTHS:
            return np.rint(shares * MILLIONTHS).astype(np.int64)
        return round_by_largest_remainder(shares, self.precedence)

    def rules(self) -> dict[Rule, Shares]:
        """Give the unrounded coefficients of every rule that the data allows."""
        rules = {
            Rule.EQUAL: share_equally(self.n_members),
            Rule.CONTRACTED_POWER: share_in_proportion(self.contracted_power_kw),
            Rule.CONSUMPTION: share_in_proportion(self.consumption_kwh.sum(axis=1)),
        }
        if self.investment_eur is not None:
            rules[Rule.INVESTMENT] = share_in_proportion(self.investment_eur)
        if self.current_beta is not None:
            rules[Rule.CURRENT] = self.current_beta
        return rules
