"""Gather what the report says beside the coefficients: bills, floors, classes, unseen data."""

from collections.abc import Sequence

from api.services.bills.used_figures import name_figures
from api.services.proposals.plan_by_class import ClassPlan
from api.services.proposals.plan_coefficients import PlannedYear
from api.services.proposals.plan_unseen import RobustPlan
from api.services.proposals.report_notes import word_method
from loaders.report_content import (
    Amounts,
    BillFacts,
    BillLine,
    CheckLine,
    ClassFacts,
    DrawnYears,
    FairnessFacts,
    FloorLine,
    UnseenFacts,
)
from loaders.report_texts import texts_in
from models.values.coefficient import MILLIONTHS
from models.values.language import Language
from planner.classes.step_classes import Classes
from planner.fairness.price_of_fairness import FairnessCurve
from planner.unseen.survival import Check, Interval, Survival

_CENTS = 100


def gather_bills(plan: PlannedYear) -> BillFacts | None:
    """Gather everybody's yearly bills.

    Parameters
    ----------
    plan : PlannedYear
        With bills, or without.

    Returns
    -------
    BillFacts or None
        None if there are none.
    """
    bills = plan.billed.bills
    if bills is None:
        return None
    in_euros = {name: cents.sum(axis=1) / _CENTS for name, cents in bills.scenarios().items()}
    before = in_euros.get("before")
    return BillFacts(
        lines=[
            BillLine(
                member_id=member.member_id,
                contract=bills.contracts[row],
                is_assumed=bills.are_assumed[row],
                without_eur=float(in_euros["without"][row]),
                before_eur=None if before is None else float(before[row]),
                after_eur=float(in_euros["after"][row]),
            )
            for row, member in enumerate(plan.members)
        ],
        law_year=bills.law_year,
        unsure_figures=name_figures(bills.unsure_figures),
    )


def gather_fairness(curve: FairnessCurve) -> FairnessFacts:
    """Gather what every floor costs.

    Parameters
    ----------
    curve : FairnessCurve
        Points from no floor upwards.

    Returns
    -------
    FairnessFacts
        One line a floor.
    """
    return FairnessFacts(
        reference=curve.reference.value,
        reference_value=curve.reference_value,
        lines=[
            FloorLine(
                floor=point.floor,
                value=point.value,
                upper_bound=point.upper_bound,
                gap=point.gap,
                gain_kept=point.gain_kept,
                worst_off=point.least_ratio,
                gini=point.gini,
                jain=point.jain,
            )
            for point in curve.points
        ],
        infeasible_floors=curve.infeasible_floors,
    )


def gather_class_facts(
    plan: PlannedYear, by_class: ClassPlan, gains: Sequence[Amounts], language: Language
) -> ClassFacts:
    """Gather coefficients by class of hours.

    Parameters
    ----------
    plan : PlannedYear
        The constant coefficients.
    by_class : ClassPlan
        Those by class.
    gains : sequence of Amounts
        What each member gains over its constant coefficient.
    language : Language
        Language of the classes' names.

    Returns
    -------
    ClassFacts
        Without the coefficients of single hours, which only the distributor's file holds.
    """
    choice, kind = by_class.choice, by_class.kind
    is_shown = kind is not Classes.HOURLY
    numbers = range(kind.n_classes) if is_shown else ()
    return ClassFacts(
        kind=kind.value,
        method=word_method(choice.method, language),
        count=kind.n_classes,
        value=choice.value,
        upper_bound=choice.upper_bound,
        gap=choice.gap,
        gain=choice.value - plan.choice.value,
        names=[_word_class(kind, number, language) for number in numbers],
        betas=(choice.millionths.T / MILLIONTHS).tolist() if is_shown else [],
        gains=gains,
    )


def _word_class(kind: Classes, number: int, language: Language) -> str:
    """Name a class in a language; the numbers are those of ``classify_hours``."""
    texts = texts_in(language).on_classes
    match kind:
        case Classes.MONTH:
            return texts.months[number]
        case Classes.SEASON_DAY:
            return f"{texts.seasons[number // 2]}, {texts.days[number % 2]}"
        case Classes.HOUR:
            return f"{number:02d}:00"
        case _:
            month, hour = divmod(number // 2, 24)
            return f"{texts.months[month]}, {hour:02d}:00, {texts.days[number % 2]}"


def gather_unseen_facts(plan: PlannedYear) -> UnseenFacts | None:
    """Gather the checks on unseen data, and the drawn years that were planned for.

    Parameters
    ----------
    plan : PlannedYear
        With either, both or none.

    Returns
    -------
    UnseenFacts or None
        None if the plan has neither.
    """
    if not plan.survivals and plan.robust is None:
        return None
    return UnseenFacts(
        reference=plan.request.reference.value,
        checks=[_check_line(survival) for survival in plan.survivals],
        drawn=None if plan.robust is None else _describe_drawn_years(plan.robust),
    )


def _check_line(survival: Survival) -> CheckLine:
    """Hand a check on; months left out differ by season, so their spread says nothing."""
    is_spread = survival.check is not Check.MONTHS
    return CheckLine(
        check=survival.check.name.lower(),
        n_trials=survival.n_trials,
        n_infeasible=survival.n_infeasible,
        promised=survival.promised_gain,
        kept=survival.kept_gain,
        kept_interval=_ends(survival.kept_interval) if is_spread else None,
        share=survival.share,
        share_interval=_ends(survival.share_interval) if is_spread else None,
    )


def _ends(interval: Interval | None) -> tuple[float, float] | None:
    """Give the ends of an interval."""
    return None if interval is None else (interval.low, interval.high)


def _describe_drawn_years(robust: RobustPlan) -> DrawnYears:
    """Hand on what the coefficients bring in the years that chose them."""
    drawn = robust.drawn
    return DrawnYears(
        kind=robust.kind.value,
        values=drawn.scenario_values.tolist(),
        value=drawn.value,
        upper_bound=drawn.upper_bound,
        gap=drawn.gap,
    )
