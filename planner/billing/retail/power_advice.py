"""Advice on contracted power: the cheapest that the year's demand allows, and what changing pays.

The powers of the tariff periods are tied by one rule only, that of six periods none is below the
one before it: so the best are found period by period, exactly.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from models.values.errors import InfeasibleError, InvalidArgumentError
from models.values.money import round_to_cents
from models.values.period import add_months
from planner.billing.retail.exact_cents import (
    PRICE_DECIMALS,
    Whole,
    scale_figures,
)

_W_DECIMALS = 3
_SIX = 6
_PICO_DECIMALS = 12
_UNFIT = 10**60
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class ChangeCost:
    """What a change of power costs once, before tax.

    Attributes
    ----------
    reduction_eur, rise_eur : Decimal
        A change that leaves the greatest power or lowers it, and one that raises it [EUR].
    access_eur_per_kw : Decimal
        A kW by which the greatest power rises [EUR/kW].
    extension_eur_per_kw : Decimal
        A kW above those that the supply has rights to [EUR/kW].
    rights_kw : Decimal or None
        Those [kW]; None for the greatest power in force.
    """

    reduction_eur: Decimal
    rise_eur: Decimal = _NOTHING
    access_eur_per_kw: Decimal = _NOTHING
    extension_eur_per_kw: Decimal = _NOTHING
    rights_kw: Decimal | None = None

    def of(self, old_kw: Sequence[Decimal], new_kw: Sequence[Decimal]) -> Decimal:
        """Give the cost of going from one set of powers to another [EUR]; none for no change."""
        old, new = max(old_kw), max(new_kw)
        if new > old:
            beyond = max(new - (old if self.rights_kw is None else self.rights_kw), _NOTHING)
            by_kw = (new - old) * self.access_eur_per_kw + beyond * self.extension_eur_per_kw
            return round_to_cents(self.rise_eur + by_kw)
        is_change = list(old_kw) != list(new_kw)
        return round_to_cents(self.reduction_eur if is_change else _NOTHING)


@dataclass(frozen=True, slots=True, eq=False)
class PowerYear:
    """A year's demand and prices of power.

    Attributes
    ----------
    contracted_kw : tuple of Decimal, length 2 or 6
        Powers in force [kW].
    maxima_w : ndarray of int64, shape (n_bills, 2) or (n_bills, 6)
        Greatest demand of every bill by power period [W].
    days : ndarray of int64, shape (n_bills,)
        Days of each bill.
    eur_per_kw_year : tuple of Decimal, length 2 or 6
        Price of power, tolls included, before tax [EUR/kW and year].
    excess_eur_per_kw_day : tuple of Decimal or None
        Price of demand above the power, by maximeter; None where a switch cuts it off, so that
        the power must reach every maximum.
    year_days : int
        Days over which the yearly price is spread.

    Raises
    ------
    InvalidArgumentError
        If the number of periods differs, or is neither 2 nor 6.
    """

    contracted_kw: tuple[Decimal, ...]
    maxima_w: Whole
    days: Whole
    eur_per_kw_year: tuple[Decimal, ...]
    excess_eur_per_kw_day: tuple[Decimal, ...] | None = None
    year_days: int = 365

    def __post_init__(self) -> None:
        n_periods = len(self.contracted_kw)
        excess = self.excess_eur_per_kw_day or self.contracted_kw
        told = {n_periods, len(self.eur_per_kw_year), len(excess), self.maxima_w.shape[1]}
        if told not in ({2}, {_SIX}) or self.maxima_w.shape[0] != self.days.size:
            raise InvalidArgumentError("power needs 2 or 6 periods, and maxima of every bill")


@dataclass(frozen=True, slots=True)
class PowerAdvice:
    """The cheapest powers, and whether to change.

    Attributes
    ----------
    powers_kw : tuple of Decimal
        Of each period [kW].
    yearly_eur, current_yearly_eur : Decimal
        Power term and excess with these powers and with those in force, before tax [EUR].
    change_cost_eur : Decimal
        Once [EUR].
    payback_years : Decimal or None
        After how long the change has paid itself; None where it never does.
    allowed_from : date or None
        First day on which a change may be asked for; None for any.
    """

    powers_kw: tuple[Decimal, ...]
    yearly_eur: Decimal
    current_yearly_eur: Decimal
    change_cost_eur: Decimal
    payback_years: Decimal | None
    allowed_from: date | None

    def is_allowed_on(self, day: date) -> bool:
        """Tell whether the change may be asked for."""
        return self.allowed_from is None or self.allowed_from <= day


class NoPowerFitsError(InfeasibleError):
    """No listed power reaches what the year demanded, or the tariff asks for."""


def advise_power(
    year: PowerYear,
    powers_kw: Sequence[Decimal],
    change_cost: ChangeCost,
    *,
    last_changed_on: date | None = None,
    months_between_changes: int = 12,
    greatest_above_kw: Decimal | None = None,
) -> PowerAdvice:
    """Find the cheapest powers of a list for the year's demand.

    Parameters
    ----------
    year : PowerYear
        Demand and prices.
    powers_kw : sequence of Decimal
        Powers that may be contracted, ascending [kW].
    change_cost : ChangeCost
        What the change costs.
    last_changed_on : date, optional
        When the power was changed last.
    months_between_changes : int
        How long a supply must wait after a change.
    greatest_above_kw : Decimal, optional
        What the power of the last period must pass for the tariff to stay [kW]: 15 for 3.0TD.

    Returns
    -------
    PowerAdvice
        Of equal costs, the smallest powers from the last period on.

    Raises
    ------
    InvalidArgumentError
        If the powers do not ascend from above zero.
    NoPowerFitsError
        If none fits.

    Notes
    -----
    Circular 3/2020, article 7: with six periods no power is below that of the period before.
    Exact: whole watts and prices, the least over the first periods carried to the next.

    Examples
    --------
    >>> year = PowerYear((Decimal("4.6"),) * 2, np.array([[3000, 3300]]), np.array([365]),
    ...     (Decimal("27.704413"), Decimal("0.725423")))
    >>> powers = [Decimal(each) for each in ("2.3", "3.45", "4.6")]
    >>> advice = advise_power(year, powers, ChangeCost(Decimal("9.04")))
    >>> [str(power) for power in advice.powers_kw], advice.yearly_eur
    (['3.45', '3.45'], Decimal('98.08'))
    """
    offered = scale_figures(powers_kw, _W_DECIMALS)
    if not offered or offered[0] <= 0 or any(a >= z for a, z in pairwise(offered)):
        raise InvalidArgumentError("list the powers to choose from in ascending order, above zero")
    costs = _cost_powers(year, offered)
    if greatest_above_kw is not None:
        costs[-1, np.array(powers_kw) <= greatest_above_kw] = _UNFIT
    chosen = _choose(costs)
    yearly = _tell_yearly(year, costs, chosen)
    in_force = replace(
        year, excess_eur_per_kw_day=year.excess_eur_per_kw_day or (_NOTHING,) * len(costs)
    )
    held = scale_figures(year.contracted_kw, _W_DECIMALS)
    current = _tell_yearly(year, _cost_powers(in_force, held), range(len(costs)))
    new_kw = tuple(powers_kw[place] for place in chosen)
    cost = change_cost.of(year.contracted_kw, new_kw)
    return PowerAdvice(
        powers_kw=new_kw,
        yearly_eur=yearly,
        current_yearly_eur=current,
        change_cost_eur=cost,
        payback_years=_pay_back(current - yearly, cost),
        allowed_from=last_changed_on and add_months(last_changed_on, months_between_changes),
    )


def _cost_powers(year: PowerYear, offered_w: Sequence[int]) -> NDArray[np.object_]:
    """Cost each power in each period over the year's days, shape (n_periods, n_offered).

    In parts of 1e-12 EUR, as many as the year has days: Python's integers, which hold any power.
    """
    offered = np.array(offered_w, dtype=object)
    days = year.days.astype(object)
    excess = year.excess_eur_per_kw_day
    costs = np.empty((len(year.contracted_kw), offered.size), dtype=object)
    for period, price in enumerate(scale_figures(year.eur_per_kw_year, PRICE_DECIMALS)):
        costs[period] = offered * price * int(year.days.sum())
        above = np.maximum(year.maxima_w[:, period].astype(object)[:, np.newaxis] - offered, 0)
        if excess is None:
            costs[period, above.max(axis=0) > 0] = _UNFIT
        else:
            daily = scale_figures([excess[period]], PRICE_DECIMALS)[0] * year.year_days
            costs[period] += (above * days[:, np.newaxis]).sum(axis=0) * daily
    return costs


def _choose(costs: NDArray[np.object_]) -> list[int]:
    """Pick the cheapest place in each period; of six, none before that of the period before."""
    if len(costs) < _SIX:
        chosen = [int(np.argmin(row)) for row in costs]
        is_fit = all(row[place] < _UNFIT for row, place in zip(costs, chosen, strict=True))
    else:
        reached, best_before = costs[0], []
        for row in costs[1:]:
            least = np.minimum.accumulate(reached)
            is_lower = np.append(True, reached[1:] < least[:-1])
            places = np.where(is_lower, np.arange(reached.size), 0)
            best_before.append(np.maximum.accumulate(places))
            reached = row + least
        chosen = [int(np.argmin(reached))]
        is_fit = reached[chosen[0]] < _UNFIT
        for places in reversed(best_before):
            chosen.insert(0, int(places[chosen[0]]))
    if not is_fit:
        raise NoPowerFitsError("no listed power reaches the year's maxima or the tariff's least")
    return chosen


def _tell_yearly(year: PowerYear, costs: NDArray[np.object_], chosen: Iterable[int]) -> Decimal:
    """Sum the costs of a choice over a whole year [EUR]."""
    total = sum(row[place] for row, place in zip(costs, chosen, strict=True))
    # The days of the bills and of the year stand in the costs: one price is for all of them.
    return round_to_cents(Decimal(total).scaleb(-_PICO_DECIMALS) / int(year.days.sum()))


def _pay_back(saved_eur: Decimal, cost_eur: Decimal) -> Decimal | None:
    """Tell after how many years a cost has paid itself, to two decimals."""
    return round_to_cents(cost_eur / saved_eur) if saved_eur > 0 else None
