"""Headings and labels of the report, in the languages that promoters send it in."""

import tomllib
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from models.values.language import Language


@dataclass(frozen=True, slots=True)
class SheetNames:
    """Names of the sheets."""

    summary: str
    members: str
    winners: str
    months: str
    bills: str
    fairness: str
    classes: str
    unseen: str
    notes: str


@dataclass(frozen=True, slots=True)
class SummaryTexts:
    """Fixed texts of the summary."""

    objective: str
    counts: str
    weight: str
    carbon: str
    carbon_source: str
    proposal_gains_kwh: str
    proposal_gains_eur: str
    by_class: str
    bills: str
    paying: str
    chart: str
    chart_eur: str


@dataclass(frozen=True, slots=True)
class MemberTexts:
    """Headings of the members' sheet."""

    member: str
    kind: str
    tariff: str
    contracted_power: str
    coefficient: str
    one_percent: str
    known_share: str
    filled_from: str


@dataclass(frozen=True, slots=True)
class WinnersTexts:
    """Fixed texts of winners and losers."""

    intro: str
    against: str
    points: str
    better: str
    worse: str


@dataclass(frozen=True, slots=True)
class MonthTexts:
    """Fixed texts of the months' sheet."""

    month: str
    cost_without: str
    cost_with: str
    before_taxes: str
    with_taxes: str
    compensation: str
    chart: str


@dataclass(frozen=True, slots=True)
class BillTexts:
    """Fixed texts of the yearly bills."""

    intro: str
    contract: str
    assumed: str
    without: str
    before: str
    after: str
    saving: str
    gain: str
    law_year: str
    unsure: str
    chart: str


@dataclass(frozen=True, slots=True)
class FairnessTexts:
    """Fixed texts of the price of fairness."""

    intro: str
    reference: str
    floor: str
    gain_kept: str
    worst_off: str
    infeasible: str
    chart: str


@dataclass(frozen=True, slots=True)
class ClassTexts:
    """Fixed texts of coefficients by class of hours, and the names of the classes."""

    title: str
    method: str
    gain: str
    gain_kwh: str
    gain_eur: str
    constant: str
    class_: str
    by_hour: str
    no_sun: str
    months: list[str]
    seasons: list[str]
    days: list[str]


@dataclass(frozen=True, slots=True)
class UnseenTexts:
    """Fixed texts of the check on unseen data and of plans for drawn years."""

    intro: str
    check: str
    checks: dict[str, str]
    trials: str
    infeasible: str
    promised: str
    kept: str
    low: str
    high: str
    share: str
    share_low: str
    share_high: str
    reading: str
    reading_span: str
    reading_nothing: str
    drawn: str
    drawn_kinds: dict[str, str]
    drawn_years: str
    drawn_least: str
    drawn_mean: str
    drawn_greatest: str


@dataclass(frozen=True, slots=True)
class ReportTexts:
    """Every fixed text of the workbook in one language."""

    title: str
    total: str
    topic: str
    thousands: str
    decimals: str
    rule: str
    rules: dict[str, str]
    class_kinds: dict[str, str]
    objectives: dict[str, str]
    units: dict[str, str]
    generation: str
    consumption: str
    allocated: str
    self_consumed: str
    surplus: str
    grid_import: str
    savings: str
    value: str
    upper_bound: str
    gap: str
    one_percent: str
    self_consumption_share: str
    self_sufficiency_share: str
    gini: str
    jain: str
    winners: str
    losers: str
    sheets: SheetNames
    on_summary: SummaryTexts
    on_members: MemberTexts
    on_winners: WinnersTexts
    on_months: MonthTexts
    on_bills: BillTexts
    on_fairness: FairnessTexts
    on_classes: ClassTexts
    on_unseen: UnseenTexts

    def number(self, value: float | Decimal, shape: str) -> str:
        """Write a number with the separators of the language; a format in, a text out."""
        marks = str.maketrans({",": self.thousands, ".": self.decimals})
        return format(value, shape).translate(marks)


_SECTIONS: dict[str, type] = {
    "sheets": SheetNames,
    "on_summary": SummaryTexts,
    "on_members": MemberTexts,
    "on_winners": WinnersTexts,
    "on_months": MonthTexts,
    "on_bills": BillTexts,
    "on_fairness": FairnessTexts,
    "on_classes": ClassTexts,
    "on_unseen": UnseenTexts,
}


@cache
def texts_in(language: Language) -> ReportTexts:
    """Give the report's texts in a language.

    Parameters
    ----------
    language : Language
        Which one; a TOML file each beside this one.

    Returns
    -------
    ReportTexts
        All of them.

    Examples
    --------
    >>> texts_in(Language.SPANISH).surplus
    'Excedente (kWh)'
    >>> texts_in(Language.SPANISH).number(1234.5, ",.2f")
    '1.234,50'
    """
    text = files(__package__).joinpath(f"{language}.toml").read_text("utf-8")
    document: dict[str, Any] = tomllib.loads(text)
    sections = {name: kind(**document.pop(name)) for name, kind in _SECTIONS.items()}
    return ReportTexts(**document, **sections)
