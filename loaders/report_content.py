"""What the report says, in plain numbers: one record a line of its tables."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RuleLine:
    """What one way to share brings: energy [kWh] and savings [EUR], None without prices.

    A bound is no way to share: nothing reaches it.
    """

    name: str
    self_consumed_kwh: float
    savings_eur: float | None
    is_bound: bool = False


@dataclass(frozen=True, slots=True)
class MemberLine:
    """One member's year under the proposal, and its change against two rules."""

    member_id: str
    kind: str | None
    cups: str
    tariff: str
    contracted_kw: float
    beta: float
    consumption_kwh: float
    allocated_kwh: float
    self_consumed_kwh: float
    surplus_kwh: float
    grid_import_kwh: float
    savings_eur: float | None
    against_equal_kwh: float
    against_equal_eur: float | None
    against_consumption_kwh: float
    against_consumption_eur: float | None


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
class ReportContent:
    """Everything the workbook says, in numbers; ``rules`` begins with the proposal."""

    community: str
    cau: str
    year: int
    generation_kwh: float
    consumption_kwh: float
    objective: str
    upper_bound: float
    gap: float
    rules: Sequence[RuleLine]
    members: Sequence[MemberLine]
    months: Sequence[MonthLine]
    notes: Sequence[tuple[str, str]]
