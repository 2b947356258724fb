"""What a promoter may ask of the coefficients; each limit knows how to become restrictions.

Every limit is one class with one label a restriction. The label is the name of the row in the
linear program, of the line in ``docs/formulation.md`` and of the test.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.values.coefficient import MILLIONTHS
from models.values.errors import InvalidArgumentError
from planner.coefficients.problem import Millionths, find_floors
from planner.coefficients.region import (
    GroupSum,
    Interval,
    Restriction,
    TotalChange,
    WholeBlocks,
)
from planner.coefficients.rules import Rule
from planner.curves import ValueCurve
from planner.goal import YearCurves

Values = NDArray[np.float64]
Members = tuple[int, ...] | None
"""Positions of the members that a limit is about; None for all."""


class LimitError(InvalidArgumentError):
    """A limit asks for something that it cannot mean, or for data that is not there.

    Attributes
    ----------
    label : str
        Name of the limit.
    reason : str
        What is wrong with it.
    """

    def __init__(self, label: str, reason: str) -> None:
        super().__init__(f"limit {label}: {reason}")
        self.label = label
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Floor:
    """Every member keeps a share of what a reference would give it.

    Attributes
    ----------
    share : float
        Between 0 and 1.
    reference : Rule
        Rule, or the current agreement, rounded to millionths by largest remainder.
    in_euros : bool
        Whether savings are kept instead of self-consumed energy.
    members : tuple of int or None
        Whose floor it is.
    """

    share: float
    reference: Rule = Rule.CONSUMPTION
    in_euros: bool = False
    members: Members = None

    def restrict(self, curves: YearCurves) -> list[Restriction]:
        """Bound each coefficient from below; in euros, where savings can fall, from both sides."""
        label = "floor_in_euros" if self.in_euros else "floor"
        if not 0 <= self.share <= 1:
            raise LimitError(label, f"share {self.share} is not between 0 and 1")
        reference = _round_reference(curves, self.reference, label)
        if not self.in_euros:
            lower = find_floors(curves.energy, reference, self.share)
            return [_interval(label, curves, self.members, lower=lower)]
        ends = [
            _find_span(curve, _keep(self.share, curve, at), slope=0.0, inside=at)
            for curve, at in zip(curves.savings, reference.tolist(), strict=True)
        ]
        return [_spans(label, curves, self.members, ends)]


@dataclass(frozen=True, slots=True)
class CoefficientRange:
    """Least and greatest coefficient [millionths] of some members, or of all."""

    least: int = 0
    greatest: int = MILLIONTHS
    members: Members = None

    def restrict(self, curves: YearCurves) -> list[Restriction]:
        """Bound each coefficient from both sides, each side under its own label."""
        _check_range("coefficient_range", self.least, self.greatest)
        restrictions: list[Restriction] = []
        if self.least > 0:
            restrictions.append(
                _interval("least_coefficient", curves, self.members, lower=self.least)
            )
        if self.greatest < MILLIONTHS:
            restrictions.append(
                _interval("greatest_coefficient", curves, self.members, upper=self.greatest)
            )
        return restrictions


@dataclass(frozen=True, slots=True)
class FixedCoefficient:
    """One coefficient [millionths] that some members hold, whatever the others do."""

    millionths: int
    members: Members

    def restrict(self, curves: YearCurves) -> list[Restriction]:
        """Bound the coefficient by the same number from both sides."""
        label = "fixed_coefficient"
        _check_range(label, self.millionths, self.millionths)
        return [_interval(label, curves, self.members, self.millionths, self.millionths)]


@dataclass(frozen=True, slots=True)
class Group:
    """Least and greatest sum of a group: a share for social housing, at most so much a holder.

    Attributes
    ----------
    name : str
        What the group is called, unlike any other.
    members : tuple of int
        Who belongs to it.
    least, greatest : int
        Limits of the sum of their coefficients [millionths].
    """

    name: str
    members: tuple[int, ...]
    least: int = 0
    greatest: int = MILLIONTHS

    def restrict(self, curves: YearCurves) -> list[Restriction]:
        """Bound the sum from both sides, each side under its own label."""
        if not self.name.strip() or not self.name.isprintable():
            raise LimitError("group", f"{self.name!r} is no name; use letters, digits and spaces")
        _check_range(f"group_{self.name}", self.least, self.greatest)
        chosen = _mask(f"group_{self.name}", curves, self.members)
        restrictions: list[Restriction] = []
        if self.least > 0:
            label = f"group_least_{self.name}"
            restrictions.append(GroupSum(label, chosen, self.least, MILLIONTHS))
        if self.greatest < MILLIONTHS:
            label = f"group_greatest_{self.name}"
            restrictions.append(GroupSum(label, chosen, 0, self.greatest))
        return restrictions


@dataclass(frozen=True, slots=True)
class ChangeLimit:
    """How far coefficients may move from the current agreement.

    Attributes
    ----------
    each : int or None
        Greatest change of any member, up or down [millionths].
    total : int or None
        Greatest sum of all changes, up and down [millionths]; what one loses and another gains
        counts twice.
    """

    each: int | None = None
    total: int | None = None

    def restrict(self, curves: YearCurves) -> list[Restriction]:
        """Bound each coefficient around the current one, and the sum of differences."""
        restrictions: list[Restriction] = []
        if self.each is not None:
            label = "change_of_member"
            _check_range(label, self.each, self.each)
            current = _round_reference(curves, Rule.CURRENT, label)
            restrictions.append(
                _interval(label, curves, None, current - self.each, current + self.each)
            )
        if self.total is not None:
            label = "change_in_total"
            if self.total < 0:
                raise LimitError(label, f"{self.total} millionths is below 0")
            current = _round_reference(curves, Rule.CURRENT, label)
            restrictions.append(TotalChange(label, current.astype(np.float64), float(self.total)))
        return restrictions


@dataclass(frozen=True, slots=True)
class Blocks:
    """Coefficients in whole blocks, so many for the whole plant: 160 of 0.5 kW for 80 kW."""

    count: int

    def restrict(self, _curves: YearCurves) -> list[Restriction]:
        """Cut the plant into blocks."""
        label = "whole_blocks"
        if not 1 <= self.count <= MILLIONTHS:
            raise LimitError(label, f"{self.count} blocks is not between 1 and {MILLIONTHS}")
        return [WholeBlocks(label, self.count)]


@dataclass(frozen=True, slots=True)
class ContributionLimit:
    """No member pays in more than it saves, when the yearly cost is shared by coefficient.

    Attributes
    ----------
    yearly_cost_eur : float
        What all members together pay in each year [EUR].
    """

    yearly_cost_eur: float

    def restrict(self, curves: YearCurves) -> list[Restriction]:
        """Bound each coefficient where its saving no longer covers its part of the cost."""
        label = "contribution"
        if not (np.isfinite(self.yearly_cost_eur) and self.yearly_cost_eur >= 0):
            raise LimitError(label, f"a cost of {self.yearly_cost_eur} EUR is not 0 or more")
        ends = [
            _find_span(curve, 0.0, slope=self.yearly_cost_eur, inside=0) for curve in curves.savings
        ]
        return [_spans(label, curves, None, ends)]


@dataclass(frozen=True, slots=True)
class PaybackLimit:
    """Every member gets back, within some years, what it paid for its part of the plant.

    Attributes
    ----------
    years : float
        Above 0; savings of the planned year count for each of them.
    members : tuple of int or None
        Whose payback it is.
    """

    years: float
    members: Members = None

    def restrict(self, curves: YearCurves) -> list[Restriction]:
        """Bound each coefficient to where a year's saving is its investment over the years."""
        label = "payback"
        if not (np.isfinite(self.years) and self.years > 0):
            raise LimitError(label, f"{self.years} years is not above 0")
        invested = curves.year.investment_eur
        if invested is None:
            raise LimitError(label, "no member has an investment_eur; add that column")
        ends = [
            _find_span(curve, paid / self.years, slope=0.0, inside=None)
            for curve, paid in zip(curves.savings, invested.tolist(), strict=True)
        ]
        return [_spans(label, curves, self.members, ends)]


Limit = (
    Floor
    | CoefficientRange
    | FixedCoefficient
    | Group
    | ChangeLimit
    | Blocks
    | ContributionLimit
    | PaybackLimit
)


def list_restrictions(curves: YearCurves, limits: Iterable[Limit]) -> list[Restriction]:
    """Turn limits into restrictions on the coefficients.

    Parameters
    ----------
    curves : YearCurves
        The year that is shared.
    limits : iterable of Limit
        What was asked for.

    Returns
    -------
    list of Restriction
        In the order of the limits.

    Raises
    ------
    LimitError
        If a limit cannot mean what it says, or lacks data, or two groups have one name.
    MissingPricesError
        If a limit is in euros and the year has no prices.
    """
    wanted = tuple(limits)
    _check_names([limit.name for limit in wanted if isinstance(limit, Group)])
    return [restriction for limit in wanted for restriction in limit.restrict(curves)]


def _check_names(names: Sequence[str]) -> None:
    """Refuse a second group of one name: its restrictions could not be told apart."""
    for name in names:
        if names.count(name) > 1:
            raise LimitError(f"group_{name}", f"{names.count(name)} groups have this name; use two")


def _check_range(label: str, least: int, greatest: int) -> None:
    """Refuse what no coefficient can be."""
    if not 0 <= least <= MILLIONTHS or not 0 <= greatest <= MILLIONTHS:
        raise LimitError(label, "a coefficient lies between 0 and 1")
    if least > greatest:
        raise LimitError(label, f"the least, {least / MILLIONTHS:.6f}, passes the greatest")


def _round_reference(curves: YearCurves, rule: Rule, label: str) -> Millionths:
    """Give a rule's coefficients on the grid."""
    rules = curves.year.rules()
    if rule not in rules:
        column = "current_beta" if rule is Rule.CURRENT else "investment_eur"
        raise LimitError(label, f"there is no {rule.value} to refer to; add the column {column}")
    return curves.year.round_by(rule)


def _mask(label: str, curves: YearCurves, members: Members) -> NDArray[np.bool_]:
    """Mark the members that a limit is about."""
    n_members = curves.year.n_members
    if members is None:
        return np.full(n_members, True)
    if not members:
        raise LimitError(label, "it is about no members; name some")
    for member in members:
        if not 0 <= member < n_members:
            raise LimitError(label, f"there is no member at position {member} of {n_members}")
    return np.isin(np.arange(n_members), members)


def _interval(
    label: str,
    curves: YearCurves,
    members: Members,
    lower: Millionths | int = 0,
    upper: Millionths | int = MILLIONTHS,
) -> Interval:
    """Bound the members that a limit is about, and leave the others free."""
    chosen = _mask(label, curves, members)
    return Interval(
        label,
        lower=np.where(chosen, np.maximum(lower, 0), 0),
        upper=np.where(chosen, np.minimum(upper, MILLIONTHS), MILLIONTHS),
    )


def _spans(
    label: str, curves: YearCurves, members: Members, ends: Sequence[tuple[int, int]]
) -> Interval:
    """Bound each member by its own span."""
    lower, upper = np.array(ends, dtype=np.int64).T
    return _interval(label, curves, members, lower, upper)


def _keep(share: float, curve: ValueCurve, reference: int) -> float:
    """Give up only part of a saving; where the reference costs money, that part more of it."""
    value = curve.value_at(reference / MILLIONTHS)
    return value - (1 - share) * abs(value)


def _find_span(
    curve: ValueCurve, needed: float, *, slope: float, inside: int | None
) -> tuple[int, int]:
    """Find between which grid points a curve stays at ``needed + slope x coefficient``, or above.

    On a concave curve those are all the points that do; on another, the span around ``inside``.
    A span without any point ends before it begins.
    """
    knots, values = curve.knots, curve.values
    if inside is not None:
        # The point itself may lie between knots, and the nearest of these in another span.
        place = int(knots.searchsorted(inside / MILLIONTHS))
        values = np.insert(values, place, curve.value_at(inside / MILLIONTHS))
        knots = np.insert(knots, place, inside / MILLIONTHS)
    above = values - slope * knots - needed
    above[np.abs(above) <= 1e-12 * max(1.0, float(np.abs(values).max()))] = 0.0
    reaching = above >= 0
    if not reaching.any():
        return MILLIONTHS, 0
    start = int(np.argmax(above)) if inside is None else _nearest_knot(knots, reaching, inside)
    first = start - int(np.argmin(np.append(reaching[: start + 1][::-1], False))) + 1
    last = start + int(np.argmin(np.append(reaching[start:], False))) - 1
    left = _cross(knots, above, first - 1) if first > 0 else 0.0
    right = _cross(knots, above, last) if last + 1 < knots.size else 1.0
    lower = int(np.ceil(left * MILLIONTHS - 1e-6))
    upper = int(np.floor(right * MILLIONTHS + 1e-6))
    return lower, upper


def _nearest_knot(knots: Values, reaching: NDArray[np.bool_], inside: int) -> int:
    """Find the reaching knot that is nearest to a grid point."""
    found = np.flatnonzero(reaching)
    return int(found[np.argmin(np.abs(knots[found] - inside / MILLIONTHS))])


def _cross(knots: Values, above: Values, piece: int) -> float:
    """Find where a piece crosses zero."""
    start, end = above[piece], above[piece + 1]
    return float(knots[piece] + (knots[piece + 1] - knots[piece]) * start / (start - end))
