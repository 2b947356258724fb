"""Check a plan again by other means, before anybody relies on it."""

from planner.claim import Claim, MeterData, StatedChange, StatedGroup, StatedRates
from planner.coefficients.choose import Choice
from planner.goal import Goal
from planner.member_prices import Market, MemberPrices, Prices
from planner.recheck import Recheck, recheck_proposal
from planner.sharing_year import SharingYear


def recheck_plan(*, year: SharingYear, goal: Goal, choice: Choice) -> Recheck | None:
    """Check sum, limits, value and bound by a few lines that share nothing with the planner.

    Parameters
    ----------
    year : SharingYear
        The planned year.
    goal : Goal
        What was made as large as possible.
    choice : Choice
        The coefficients and what is claimed of them.

    Returns
    -------
    Recheck or None
        Every check by name; None where the worst-off member is raised first: that bound is one of
        a level, not of a sum.

    Raises
    ------
    RefutedClaimError
        If a check fails.
    """
    priced, region = choice.multipliers, choice.region
    if priced is None:
        return None
    change = region.change
    claim = Claim(
        millionths=choice.millionths,
        lower=region.lower,
        upper=region.upper,
        value=choice.value,
        upper_bound=choice.upper_bound,
        price=priced.total,
        groups=tuple(
            StatedGroup(
                group.label, group.members, group.lower, group.upper, priced.groups[group.label]
            )
            for group in region.groups
        ),
        change=None if change is None else StatedChange(change.around, change.most, priced.change),
        blocks=region.blocks,
        kwh_weight=goal.kwh_weight,
        eur_weight=goal.weights.eur,
    )
    meters = MeterData(
        generation_kwh=year.generation_kwh,
        consumption_kwh=year.consumption_kwh,
        month_starts=year.month_starts,
        prices=_state_prices(year.prices),
    )
    checked = recheck_proposal(meters, claim)
    checked.require()
    return checked


def _state_prices(prices: Prices | None) -> Market | StatedRates | None:
    """Lay out prices in the plain form of a claim."""
    if not isinstance(prices, MemberPrices):
        return prices
    rates = zip(prices.energy, prices.surplus, prices.ceiling, strict=True)
    return StatedRates(tuple(rates), prices.rate_of)
