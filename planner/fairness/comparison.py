"""Winners and losers: what coefficients change for each member against every rule."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.billing.simulator import Settlement
from planner.fairness.indices import measure_gini, measure_jain

Values = NDArray[np.float64]

_HALF_A_WATT_HOUR = 0.0005
_HALF_A_CENT = 0.005


@dataclass(frozen=True, slots=True)
class Outcome:
    """What somebody gets from the plant in a year, or what a year changes.

    Attributes
    ----------
    self_consumed_kwh : float
        Energy used of the own share [kWh].
    savings_eur : float or None
        Money saved [EUR]; None without prices.
    self_sufficiency_share : float or None
        Self-consumed over consumed energy [1]; None without consumption.
    """

    self_consumed_kwh: float
    savings_eur: float | None
    self_sufficiency_share: float | None

    def __sub__(self, other: "Outcome") -> "Outcome":
        """Measure the change from another outcome of the same member and year."""
        return Outcome(
            self_consumed_kwh=self.self_consumed_kwh - other.self_consumed_kwh,
            savings_eur=_subtract(self.savings_eur, other.savings_eur),
            self_sufficiency_share=_subtract(
                self.self_sufficiency_share, other.self_sufficiency_share
            ),
        )


@dataclass(frozen=True, slots=True)
class Scenario:
    """A year under one set of coefficients.

    Attributes
    ----------
    name : str
        The proposal, or a rule by its name.
    members : tuple of Outcome, length n_members
        What each member gets.
    community : Outcome
        What all get together.
    gini, jain : float or None
        Evenness of the savings over all members, those without consumption included; None
        without prices, or where savings sum to no more than zero.
    """

    name: str
    members: tuple[Outcome, ...]
    community: Outcome
    gini: float | None
    jain: float | None


@dataclass(frozen=True, slots=True)
class Tally:
    """How many members a change makes better or worse off by half a unit that people see."""

    winners: int
    losers: int


@dataclass(frozen=True, slots=True)
class Change:
    """What the proposal changes against one rule.

    Attributes
    ----------
    rule : str
        Name of the rule.
    members : tuple of Outcome, length n_members
        What each member gains or, below zero, loses.
    community : Outcome
        What all gain together.
    by_energy : Tally
        Members whose self-consumed energy changes by at least 0.0005 kWh.
    by_savings : Tally or None
        Members whose saving changes by at least 0.005 EUR; None without prices.
    """

    rule: str
    members: tuple[Outcome, ...]
    community: Outcome
    by_energy: Tally
    by_savings: Tally | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """A proposal beside every rule, and the bound that no coefficients pass.

    Attributes
    ----------
    proposal : Scenario
        The year under the chosen coefficients.
    rules : tuple of Scenario
        The year under each rule.
    changes : tuple of Change
        The proposal against each rule, in the same order.
    hourly_bound_kwh : float
        Self-consumed energy that not even hourly coefficients can pass [kWh].
    share_of_hourly_bound : float or None
        What the proposal reaches of it; None where it is zero.
    """

    proposal: Scenario
    rules: tuple[Scenario, ...]
    changes: tuple[Change, ...]
    hourly_bound_kwh: float
    share_of_hourly_bound: float | None


def compare_with_rules(
    proposal: Settlement, rules: Mapping[str, Settlement], hourly_bound_kwh: float
) -> Comparison:
    """Tell who wins and who loses by a proposal against every rule.

    Parameters
    ----------
    proposal : Settlement
        The year under the chosen coefficients.
    rules : mapping of str to Settlement
        The same year under each rule, in the order to show them.
    hourly_bound_kwh : float
        Of ``bound_hourly`` for the same year [kWh].

    Returns
    -------
    Comparison
        Plain numbers, not rounded: ``dataclasses.asdict`` makes it JSON.

    Examples
    --------
    >>> year = np.ones((2, 1))
    >>> half, all_of_it = np.array([[0.5], [0.5]]), np.array([[1.0], [0.0]])
    >>> settle = lambda used: Settlement(year, used, used, 0 * used, year - used)
    >>> compared = compare_with_rules(settle(all_of_it), {"equal": settle(half)}, 1.0)
    >>> compared.changes[0].by_energy, compared.changes[0].members[1].self_consumed_kwh
    (Tally(winners=1, losers=1), -0.5)
    """
    proposed = _describe("proposal", proposal)
    scenarios = tuple(_describe(name, settled) for name, settled in rules.items())
    used = proposed.community.self_consumed_kwh
    return Comparison(
        proposal=proposed,
        rules=scenarios,
        changes=tuple(_compare(proposed, scenario) for scenario in scenarios),
        hourly_bound_kwh=hourly_bound_kwh,
        share_of_hourly_bound=used / hourly_bound_kwh if hourly_bound_kwh else None,
    )


def _describe(name: str, settled: Settlement) -> Scenario:
    """Sum a settled year by member and for all."""
    used = settled.self_consumed_kwh.sum(axis=1)
    consumed = settled.consumption_kwh.sum(axis=1)
    saved = None if settled.savings_eur is None else settled.savings_eur.sum(axis=1)
    money: list[float] | list[None] = [None] * used.size if saved is None else saved.tolist()
    return Scenario(
        name=name,
        members=tuple(
            _outcome(*sums) for sums in zip(used.tolist(), money, consumed.tolist(), strict=True)
        ),
        community=_outcome(
            float(used.sum()), None if saved is None else float(saved.sum()), float(consumed.sum())
        ),
        gini=None if saved is None else measure_gini(saved),
        jain=None if saved is None else measure_jain(saved),
    )


def _outcome(used: float, saved: float | None, consumed: float) -> Outcome:
    """Add the share of consumption that the plant covers."""
    return Outcome(used, saved, used / consumed if consumed else None)


def _compare(proposal: Scenario, rule: Scenario) -> Change:
    """Subtract a rule from the proposal, member by member."""
    members = tuple(own - other for own, other in zip(proposal.members, rule.members, strict=True))
    saved = [each.savings_eur for each in members if each.savings_eur is not None]
    return Change(
        rule=rule.name,
        members=members,
        community=proposal.community - rule.community,
        by_energy=_tally([each.self_consumed_kwh for each in members], _HALF_A_WATT_HOUR),
        by_savings=_tally(saved, _HALF_A_CENT) if saved else None,
    )


def _tally(changes: list[float], least: float) -> Tally:
    """Count who gains and who loses at least so much."""
    return Tally(
        winners=sum(change >= least for change in changes),
        losers=sum(change <= -least for change in changes),
    )


def _subtract(amount: float | None, other: float | None) -> float | None:
    """Subtract what is known."""
    return None if amount is None or other is None else amount - other
