"""What the report says, in plain numbers: one record a line of its tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GoalFacts:
    """What was made as large as possible, what came out, and the proof of it.

    Attributes
    ----------
    objective : str
        Name of the objective.
    unit : str
        Unit of the values: kWh, EUR, kg, points, or 1 for a share.
    value, upper_bound, gap : float
        What the coefficients bring, what none can pass, and the gap between them.
    one_percent : float or None
        What one more percent of the plant is worth to all; None where no sum is counted.
    weights : mapping of str to float
        For a mix: points a unit.
    carbon_kg_per_kwh : float or None
        What a kWh from the grid emits, if CO2 counts [kg CO2/kWh].
    carbon_source : str
        Where that factor comes from.
    """

    objective: str
    unit: str
    value: float
    upper_bound: float
    gap: float
    one_percent: float | None = None
    weights: Mapping[str, float] | None = None
    carbon_kg_per_kwh: float | None = None
    carbon_source: str = ""


@dataclass(frozen=True, slots=True)
class Amounts:
    """What somebody gets in a year, or what a year changes.

    Energy in kWh; money in EUR, None without prices; self-sufficiency as a share, None without
    consumption.
    """

    kwh: float
    eur: float | None
    self_sufficiency_share: float | None


@dataclass(frozen=True, slots=True)
class Gainers:
    """How many members gain and lose by a change, by energy and, with prices, by money."""

    more_kwh: int
    less_kwh: int
    more_eur: int | None
    less_eur: int | None


@dataclass(frozen=True, slots=True)
class RuleLine:
    """What one way to share brings to all, and what the proposal changes against it.

    Nothing reaches the hourly bound, so it has no change; nor has the proposal against itself.
    """

    name: str
    amounts: Amounts
    gini: float | None = None
    jain: float | None = None
    change: Amounts | None = None
    gainers: Gainers | None = None


@dataclass(frozen=True, slots=True)
class MemberLine:
    """One member's year under the proposal.

    ``filled_from`` says what stands for the part of it that was not measured, None where all was.
    """

    member_id: str
    kind: str | None
    cups: str
    tariff: str
    contracted_kw: float
    beta: float
    consumption_kwh: float
    allocated_kwh: float
    surplus_kwh: float
    grid_import_kwh: float
    amounts: Amounts
    one_percent: float
    known_share: float = 1.0
    filled_from: str | None = None


@dataclass(frozen=True, slots=True)
class RuleChanges:
    """What the proposal changes against one rule, member by member in the members' order."""

    rule: str
    members: Sequence[Amounts]
    total: Amounts
    gainers: Gainers


@dataclass(frozen=True, slots=True)
class MonthLine:
    """The community's month under the proposal: energy [kWh] and money [EUR]."""

    month: int
    generation_kwh: float
    consumption_kwh: float
    self_consumed_kwh: float
    surplus_kwh: float
    grid_import_kwh: float
    cost_without_eur: float | None
    cost_with_eur: float | None
    compensation_eur: float | None
    savings_eur: float | None


@dataclass(frozen=True, slots=True)
class FloorLine:
    """The best plan under one floor; shares between 0 and 1."""

    floor: float
    value: float
    upper_bound: float
    gap: float
    gain_kept: float
    worst_off: float
    gini: float | None
    jain: float | None


@dataclass(frozen=True, slots=True)
class FairnessFacts:
    """What floors cost, against the result of the rule that they refer to."""

    reference: str
    reference_value: float
    lines: Sequence[FloorLine]
    infeasible_floors: Sequence[float]


@dataclass(frozen=True, slots=True)
class ClassFacts:
    """Coefficients by class of hours, and what they gain over constant ones.

    Attributes
    ----------
    kind : str
        What the hours of a class have in common.
    method : str
        What solved it and how, in words.
    count : int
        Number of classes.
    value, upper_bound, gap, gain : float
        Result and proof, and what it gains over the constant result [unit of the objective].
    names : sequence of str
        The classes; none where there are too many to show.
    betas : sequence of sequence of float
        Coefficients by class and member.
    gains : sequence of Amounts
        What each member gains over its constant coefficient.
    """

    kind: str
    method: str
    count: int
    value: float
    upper_bound: float
    gap: float
    gain: float
    names: Sequence[str]
    betas: Sequence[Sequence[float]]
    gains: Sequence[Amounts]


@dataclass(frozen=True, slots=True)
class CheckLine:
    """What one check on unseen data left of the gain [unit of the objective a year].

    Intervals are the 5th and the 95th percentile over the trials; None where trials of different
    seasons would be compared, or nothing was promised.
    """

    check: str
    n_trials: int
    n_infeasible: int
    promised: float
    kept: float
    kept_interval: tuple[float, float] | None
    share: float | None
    share_interval: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class DrawnYears:
    """The drawn years that coefficients were chosen for, and what they bring in those."""

    kind: str
    values: Sequence[float]
    value: float
    upper_bound: float
    gap: float


@dataclass(frozen=True, slots=True)
class UnseenFacts:
    """What is known of years that did not choose the coefficients, or that chose them."""

    reference: str
    checks: Sequence[CheckLine]
    drawn: DrawnYears | None


@dataclass(frozen=True, slots=True)
class BillLine:
    """One member's year on its retailer's bills, all taxes included [EUR].

    ``before_eur`` is under the coefficients in force, None where there are none.
    """

    member_id: str
    contract: str
    is_assumed: bool
    without_eur: float
    before_eur: float | None
    after_eur: float


@dataclass(frozen=True, slots=True)
class BillFacts:
    """Everybody's year on the retailers' bills, and what they rest on.

    Attributes
    ----------
    lines : sequence of BillLine
        In the members' order.
    law_year : int or None
        Year whose law was taken; None for each day's own.
    unsure_figures : sequence of str
        Figures of law that are not sure, each with its mark.
    """

    lines: Sequence[BillLine]
    law_year: int | None
    unsure_figures: Sequence[str]

    def count_gainers(self) -> tuple[int, int] | None:
        """Count who pays less than now and who more; None where nothing is in force."""
        changes = [
            line.after_eur - line.before_eur for line in self.lines if line.before_eur is not None
        ]
        if not changes:
            return None
        return sum(change < 0 for change in changes), sum(change > 0 for change in changes)


@dataclass(frozen=True, slots=True)
class ReportContent:
    """Everything the workbook says, in numbers; ``rules`` begins with the proposal."""

    community: str
    cau: str
    year: int
    generation_kwh: float
    consumption_kwh: float
    goal: GoalFacts
    rules: Sequence[RuleLine]
    members: Sequence[MemberLine]
    changes: Sequence[RuleChanges]
    months: Sequence[MonthLine]
    notes: Sequence[tuple[str, str]]
    fairness: FairnessFacts | None = None
    classes: ClassFacts | None = None
    unseen: UnseenFacts | None = None
    bills: BillFacts | None = None
    has_retail_prices: bool = False
    """Whether euros are those of the members' retail bills, taxes included."""
