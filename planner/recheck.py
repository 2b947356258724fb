"""Check a proposal again from the data alone, by other means than those that made it.

Nothing here comes from the planner's curves, solvers or simulator: energy and money are summed
from their definitions, and the bound is worked out at every coefficient at which it could be
attained. Who does not trust the planner needs to read this file and ``claim.py`` only.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.values.coefficient import MILLIONTHS
from models.values.errors import InvalidDataError
from planner.claim import Claim, MalformedClaimError, MeterData

Values = NDArray[np.float64]
_TOLERANCE = 1e-6
_NOISE = 1e-9


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was checked: what was stated, what was found, and whether they agree."""

    name: str
    is_ok: bool
    stated: float
    found: float


class RefutedClaimError(InvalidDataError):
    """A proposal does not hold what it states.

    Attributes
    ----------
    failed : tuple of Check
        What did not agree.
    """

    def __init__(self, failed: tuple[Check, ...]) -> None:
        told = "; ".join(
            f"{check.name}: stated {check.stated:.9g}, found {check.found:.9g}" for check in failed
        )
        super().__init__(f"the proposal is refuted: {told}")
        self.failed = failed


@dataclass(frozen=True, slots=True)
class Recheck:
    """Every check of one proposal, by name."""

    checks: tuple[Check, ...]

    @property
    def is_proven(self) -> bool:
        """Whether everything agrees."""
        return all(check.is_ok for check in self.checks)

    def require(self) -> None:
        """Raise unless everything agrees.

        Raises
        ------
        RefutedClaimError
            With the checks that failed.
        """
        failed = tuple(check for check in self.checks if not check.is_ok)
        if failed:
            raise RefutedClaimError(failed)


def recheck_proposal(data: MeterData, claim: Claim) -> Recheck:
    """Check what a proposal states against the data alone.

    Parameters
    ----------
    data : MeterData
        The year that is shared.
    claim : Claim
        Coefficients, limits, value, bound and prices as stated.

    Returns
    -------
    Recheck
        ``sum``, ``least`` and ``greatest`` (what is left to the limits), ``blocks``, one a group
        by its label, ``change`` and ``change_price``; ``value`` and ``upper_bound``, within 1e-6
        of what is stated; ``bound_over_value``.

    Raises
    ------
    MalformedClaimError
        If shapes do not match, a number is not finite, limits cross, months do not follow each
        other, a member has no block to choose, or euros count without prices.

    Notes
    -----
    Weak duality: for coefficients that keep the limits, the value is at most ``sum over members
    of max (f(b) - price b - change price |b - around|)`` plus what the limits are worth at their
    prices. Every ``f`` is piecewise linear, so its maximum lies where a member is saturated in one
    more interval, where a month reaches its cap, or at an end: all of these are tried. Where
    savings are not concave the stated bound may be higher than this, never lower.

    Examples
    --------
    >>> data = MeterData(np.array([4.0]), np.array([[1.0], [9.0]]), np.array([0]))
    >>> free = np.zeros(2, int), np.full(2, 1_000_000)
    >>> claim = Claim(np.array([0, 1_000_000]), *free, value=4.0, upper_bound=4.0, price=4.0)
    >>> recheck_proposal(data, claim).is_proven
    True
    """
    _require_form(data, claim)
    value = math.fsum(_settle_member(data, claim, each) for each in range(claim.lower.size))
    bound = math.fsum([*_price_limits(claim), *_price_members(data, claim)])
    is_over = claim.upper_bound >= value - _NOISE * abs(value)
    return Recheck(
        (
            *_check_limits(claim),
            _check_figure("value", claim.value, value),
            _check_bound(data, claim, max(bound, value)),
            Check("bound_over_value", is_over, claim.upper_bound, value),
        )
    )


def _require_form(data: MeterData, claim: Claim) -> None:
    """Refuse what cannot be compared."""
    n_members, n_steps = data.consumption_kwh.shape
    by_step = [data.generation_kwh, *data.list_prices()]
    by_member: list[NDArray[Any]] = [claim.millionths, claim.lower, claim.upper]
    by_member += data.list_rates()
    by_member += [group.members for group in claim.groups]
    stated = [claim.value, claim.upper_bound, claim.price, claim.kwh_weight, claim.eur_weight]
    stated += [group.price for group in claim.groups]
    if claim.change is not None:
        by_member.append(claim.change.around)
        stated += [claim.change.price, claim.change.most]
    if any(each.shape != (n_steps,) for each in by_step):
        raise MalformedClaimError(f"generation and prices must have {n_steps} steps")
    if any(each.shape != (n_members,) for each in by_member):
        raise MalformedClaimError(f"coefficients and limits must be of {n_members} members")
    if not all(
        np.isfinite(each).all() for each in [np.array(stated), data.consumption_kwh, *by_step]
    ):
        raise MalformedClaimError("a number is not finite")
    borders = np.append(data.month_starts, n_steps)
    if borders[0] != 0 or (np.diff(borders) <= 0).any():
        raise MalformedClaimError("months must begin with the first step and follow each other")
    if (claim.lower > claim.upper).any():
        raise MalformedClaimError("the least coefficient of a member passes its greatest")


def _check_limits(claim: Claim) -> Iterator[Check]:
    """Check the sum and every limit on whole millionths."""
    parts = claim.millionths
    total = int(parts.sum())
    over, under = int((parts - claim.lower).min()), int((claim.upper - parts).min())
    yield Check("sum", total == MILLIONTHS, MILLIONTHS, total)
    yield Check("least", over >= 0, 0, over)
    yield Check("greatest", under >= 0, 0, under)
    if claim.blocks is not None:
        blocks = parts * claim.blocks / MILLIONTHS
        off = float(np.abs(blocks - np.rint(blocks)).max()) * MILLIONTHS / claim.blocks
        yield Check("blocks", off < 1, 0, off)
    for group in claim.groups:
        held = int(parts[group.members].sum())
        nearest = min(max(held, group.lower), group.upper)
        yield Check(group.label, held == nearest, nearest, held)
    if claim.change is not None:
        moved, most = float(np.abs(parts - claim.change.around).sum()), claim.change.most
        yield Check("change", moved <= most + _NOISE * MILLIONTHS, most, moved)
        yield Check("change_price", claim.change.price >= 0, 0, claim.change.price)


def _check_figure(name: str, stated: float, found: float) -> Check:
    """Compare a stated figure with what was found."""
    return Check(name, abs(stated - found) <= _TOLERANCE * max(abs(found), _NOISE), stated, found)


def _check_bound(data: MeterData, claim: Claim, found: float) -> Check:
    """Compare the bound; where savings are not concave it may stand above what the prices prove."""
    check = _check_figure("upper_bound", claim.upper_bound, found)
    if not claim.eur_weight or claim.upper_bound < found:
        return check
    light = data.generation_kwh > 0
    prices = (data.price_of(member) for member in range(len(data.consumption_kwh)))
    is_convex = any(
        bool((light & (np.maximum(surplus, limit) > energy)).any())
        for energy, surplus, limit in prices
    )
    return replace(check, is_ok=check.is_ok or is_convex)


def _price_limits(claim: Claim) -> Iterator[float]:
    """Price what the sum, the groups and the change in total allow."""
    grid = claim.blocks or MILLIONTHS
    yield claim.price
    for group in claim.groups:
        # Groups, too, hold whole blocks only.
        most, least = group.upper * grid // MILLIONTHS, -(-group.lower * grid // MILLIONTHS)
        yield group.price * (most if group.price > 0 else least) / grid
    if claim.change is not None:
        yield claim.change.price * claim.change.most / MILLIONTHS


def _price_members(data: MeterData, claim: Claim) -> Iterator[float]:
    """Find the most that each member's value can be above what its coefficient costs."""
    for member, price in enumerate(claim.member_prices.tolist()):
        tried = _list_bends(data, claim, member)
        worth = _evaluate(data, claim, member, tried) - price * tried
        if claim.change is not None:
            around = claim.change.around[member] / MILLIONTHS
            worth -= claim.change.price * np.abs(tried - around)
        yield float(worth.max())


def _list_bends(data: MeterData, claim: Claim, member: int) -> Values:
    """List the coefficients between a member's limits at which its value may bend."""
    low, high = claim.lower[member] / MILLIONTHS, claim.upper[member] / MILLIONTHS
    if claim.blocks is not None:
        bends = [np.arange(claim.blocks + 1) / claim.blocks]
    else:
        light = data.generation_kwh > 0
        saturated = data.consumption_kwh[member, light] / data.generation_kwh[light]
        bends = [np.array([low, high]), saturated]
        if claim.change is not None:
            bends.append(claim.change.around[[member]] / MILLIONTHS)
        if claim.eur_weight:
            bends.append(_list_caps(data, member, np.unique([*saturated, 0.0, 1.0])))
    tried = np.concatenate(bends)
    tried = np.unique(tried[(tried >= low) & (tried <= high)])
    if not tried.size:
        raise MalformedClaimError(f"member number {member + 1} may have no whole number of blocks")
    return tried


def _list_caps(data: MeterData, member: int, between: Values) -> Values:
    """List the coefficients at which a month's saving reaches what its limit lets through."""
    crossings = []
    for month in data.months:
        uncapped, limited = _save(data, member, month, between)
        above = uncapped - limited
        turns = np.flatnonzero((above[:-1] > 0) != (above[1:] > 0))
        steps = above[turns] / (above[turns] - above[turns + 1])
        crossings.append(between[turns] + steps * (between[turns + 1] - between[turns]))
    return np.concatenate(crossings)


def _settle_member(data: MeterData, claim: Claim, member: int) -> float:
    """Sum what a member's coefficient brings, interval by interval and month by month."""
    consumption = data.consumption_kwh[member]
    allocated = claim.millionths[member] / MILLIONTHS * np.maximum(data.generation_kwh, 0.0)
    used = np.minimum(allocated, consumption)
    value = claim.kwh_weight * float(used.sum())
    if claim.eur_weight:
        energy, surplus, ceiling = data.price_of(member)
        earned, limit = surplus * (allocated - used), ceiling * (consumption - used)
        for month in data.months:
            compensated = min(float(earned[month].sum()), float(limit[month].sum()))
            value += claim.eur_weight * (float((energy * used)[month].sum()) + compensated)
    return value


def _evaluate(data: MeterData, claim: Claim, member: int, betas: Values) -> Values:
    """Work out a member's value at many coefficients."""
    whole = slice(None)
    value = claim.kwh_weight * _sum_lesser(data, member, whole, np.ones(1), betas)
    if claim.eur_weight:
        for month in data.months:
            value += claim.eur_weight * np.minimum(*_save(data, member, month, betas))
    return value


def _save(data: MeterData, member: int, month: slice, betas: Values) -> tuple[Values, Values]:
    """Work out a month's saving at many coefficients: all surplus paid, and up to the limit."""
    energy, surplus, ceiling = (price[month] for price in data.price_of(member))
    generation = np.maximum(data.generation_kwh[month], 0.0)
    paid = _sum_lesser(data, member, month, energy - surplus, betas)
    paid += betas * float(surplus @ generation)
    limited = np.full_like(betas, float(ceiling @ data.consumption_kwh[member, month]))
    if (energy != ceiling).any():
        limited += _sum_lesser(data, member, month, energy - ceiling, betas)
    return paid, limited


def _sum_lesser(
    data: MeterData, member: int, period: slice, weights: Values, betas: Values
) -> Values:
    """Sum ``weight x min(beta x generation, consumption)`` at many coefficients.

    In the order of saturation, the intervals below a coefficient count their consumption, those
    above it the member's share of their generation.
    """
    light = data.generation_kwh[period] > 0
    generation = data.generation_kwh[period][light]
    consumption = data.consumption_kwh[member, period][light]
    weights = np.broadcast_to(weights, light.shape)[light]
    saturated = consumption / generation
    order = np.argsort(saturated)
    spent = np.append(0.0, np.cumsum((weights * consumption)[order]))
    lit = np.append(np.cumsum((weights * generation)[order][::-1])[::-1], 0.0)
    passed = np.searchsorted(saturated[order], betas)
    return np.asarray(spent[passed] + betas * lit[passed])
