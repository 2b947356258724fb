"""Advise a supply point on its contracted power, by a year of its readings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session

from api.services.bills.bill_group import cut_grid
from api.services.bills.bill_question import BillQuestion
from api.services.bills.billed_point import BilledPoint
from api.services.bills.find_billed_point import find_billed_point
from api.services.bills.metered_demand import find_maxima
from api.services.bills.segment_terms import SegmentTerms
from api.services.bills.used_figures import FigureBook, UsedFigure
from models.regulation.excess_power import ExcessRule, excess_rule_on
from models.regulation.power_changes import (
    PowerChangeRule,
    PowerRight,
    power_change_rule_on,
    power_right_on,
)
from models.values.calendar import Step
from models.values.errors import InvalidArgumentError
from models.values.tariff import SMALL_SUPPLY_KW, Tariff
from planner.billing.retail.contract import Contract, Per, PowerControl, spread_over
from planner.billing.retail.power_advice import (
    ChangeCost,
    PowerAdvice,
    PowerYear,
    advise_power,
)

_SMALL_STEP = Decimal("0.1")
_LARGE_STEP = Decimal(1)
_W_DECIMALS = 3
_PRICE = Decimal("1e-9")
_OF_POWER = frozenset(
    {
        "tolls of power",
        "charges of power",
        "days of the year",
        "price of excess power",
        "margin of the regulated price",
    }
)
"""Names of the figures of a bill that the price of power comes from."""


class NoPowerAdviceError(InvalidArgumentError):
    """The excess of a supply point is billed by quarter-hours, for which there is no advice.

    Attributes
    ----------
    contracted_kw : Decimal
        Its power [kW].
    """

    def __init__(self, contracted_kw: Decimal) -> None:
        super().__init__(
            f"beyond {contracted_kw} kW every quarter of an hour is billed: there is advice "
            "up to 50 kW only"
        )
        self.contracted_kw = contracted_kw


@dataclass(frozen=True, slots=True, eq=False)
class SupplyPowerAdvice:
    """Advice on the power of one supply point.

    Attributes
    ----------
    cups : str
        The supply point.
    contracted_kw : Decimal
        Its power [kW].
    advice : PowerAdvice
        The cheapest powers, and whether to change.
    maxima_kw : tuple of Decimal
        Greatest demand of the days by power period [kW].
    has_quarter_hours : bool
        Whether the demand is known by the quarter of an hour; of hours, peaks are hidden.
    figures : tuple of UsedFigure
        Figures of law behind it.
    """

    cups: str
    contracted_kw: Decimal
    advice: PowerAdvice
    maxima_kw: tuple[Decimal, ...]
    has_quarter_hours: bool
    figures: tuple[UsedFigure, ...]


def advise_supply_power(
    session: Session,
    *,
    promoter_id: UUID,
    point_id: UUID,
    question: BillQuestion,
    powers_kw: Sequence[Decimal] | None = None,
    last_changed_on: date | None = None,
) -> SupplyPowerAdvice:
    """Find the cheapest power for the demand of some days, and what the change costs.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    point_id : UUID
        The supply point.
    question : BillQuestion
        Days, contract and law; prices are those of its last day.
    powers_kw : sequence of Decimal, optional
        Powers to choose from, ascending [kW]; by default tenths of a kW up to 15 kW for 2.0TD,
        else whole ones.
    last_changed_on : date, optional
        When the power was changed last.

    Returns
    -------
    SupplyPowerAdvice
        Before taxes.

    Raises
    ------
    UnknownSupplyPointError
        If the promoter has no such supply point.
    NoPowerAdviceError
        If its excess is billed by quarter-hours.
    NoPowerFitsError
        If none of the powers fits.
    CommunityError
        If the supply point's bills cannot be made.

    Notes
    -----
    Circular 3/2020, articles 7 and 9. Demand is that of the boundary meter: sharing does not
    lower it.
    """
    preparer, point = find_billed_point(
        session, promoter_id=promoter_id, point_id=point_id, question=question
    )
    terms = point.terms.segments[-1]
    law_day = question.choice.day_of_law(question.end - timedelta(days=1))
    if excess_rule_on(law_day, point.facts.contracted_kw) is ExcessRule.QUARTER_HOURS:
        raise NoPowerAdviceError(point.facts.contracted_kw)
    grid = cut_grid([point], preparer)
    step = point.energy.step
    maxima_w = find_maxima(grid, point.energy.consumption_kwh[np.newaxis] * step.per_hour)[0]
    year = _state_year(point, terms, maxima_w, np.add.reduceat(grid.days, grid.bill_starts))
    taken = [figure for figure in point.terms.figures if figure.name in _OF_POWER]
    book = FigureBook(dict.fromkeys(taken))
    rule = power_change_rule_on(law_day, PowerChangeRule.MONTHS_BETWEEN, question.choice.assumed)
    tariff = point.facts.tariff
    advice = advise_power(
        year,
        powers_kw or _list_powers(tariff, maxima_w, point.facts.contracted_kw),
        _cost_change(book, law_day, tariff, question),
        last_changed_on=last_changed_on,
        months_between_changes=int(book.take("months between changes of power", rule).value),
        greatest_above_kw=SMALL_SUPPLY_KW if tariff is Tariff.LOW_VOLTAGE_ABOVE_15_KW else None,
    )
    return SupplyPowerAdvice(
        cups=point.point.cups,
        contracted_kw=point.facts.contracted_kw,
        advice=advice,
        maxima_kw=tuple(_to_kw(watts) for watts in maxima_w.max(axis=0).tolist()),
        has_quarter_hours=step is Step.QUARTER_HOUR,
        figures=tuple(book.figures),
    )


def _state_year(
    point: BilledPoint, terms: SegmentTerms, maxima_w: NDArray[np.int64], days: NDArray[np.int64]
) -> PowerYear:
    """State demand and prices of power as the advice takes them."""
    n_power, law = maxima_w.shape[1], terms.regulated
    has_maximeter = law.power_control is PowerControl.MAXIMETER
    excess = tuple(spread_over(law.excess_eur_per_kw, n_power, "excess prices"))
    return PowerYear(
        contracted_kw=(point.facts.contracted_kw,) * n_power,
        maxima_w=maxima_w,
        days=days,
        eur_per_kw_year=_price_power(terms, n_power),
        excess_eur_per_kw_day=excess if has_maximeter else None,
        year_days=law.year_days,
    )


def _price_power(terms: SegmentTerms, n_power: int) -> tuple[Decimal, ...]:
    """Price a kW for a year by power period, tolls included, discount taken off."""
    contract, law = terms.contract, terms.regulated
    own = spread_over(contract.power_eur_per_kw, n_power, "power price")
    tolls = spread_over(law.power_tolls_eur_per_kw_year, n_power, "power tolls")
    times = _times_a_year(contract, law.year_days)
    beside = 0 if contract.power_has_tolls else 1
    kept = 1 - contract.power_discount_share
    return tuple(
        ((price * times + toll * beside) * kept).quantize(_PRICE)
        for price, toll in zip(own, tolls, strict=True)
    )


def _times_a_year(contract: Contract, year_days: int) -> int:
    return {Per.DAY: year_days, Per.MONTH: 12, Per.YEAR: 1}[contract.power_per]


def _cost_change(book: FigureBook, day: date, tariff: Tariff, question: BillQuestion) -> ChangeCost:
    """Price a change of power; rights beyond the power in force are not known."""
    rights = {
        right: book.take(
            f"change of power: {right}",
            power_right_on(day, right, tariff, question.choice.assumed),
        ).value
        for right in (
            PowerRight.REDUCTION,
            PowerRight.HOOK_UP,
            PowerRight.ACCESS,
            PowerRight.EXTENSION,
        )
    }
    return ChangeCost(
        reduction_eur=rights[PowerRight.REDUCTION],
        rise_eur=rights[PowerRight.HOOK_UP],
        access_eur_per_kw=rights[PowerRight.ACCESS],
        extension_eur_per_kw=rights[PowerRight.EXTENSION],
    )


def _list_powers(
    tariff: Tariff, maxima_w: NDArray[np.int64], contracted_kw: Decimal
) -> list[Decimal]:
    """List powers to choose from: up to 15 kW for 2.0TD, else up to what was asked for."""
    if tariff is Tariff.LOW_VOLTAGE_UP_TO_15_KW:
        step, most = _SMALL_STEP, SMALL_SUPPLY_KW
    else:
        step = _LARGE_STEP
        most = max(contracted_kw, _to_kw(int(maxima_w.max())), SMALL_SUPPLY_KW + 1)
    count = int((most / step).to_integral_value(ROUND_CEILING))
    return [step * place for place in range(1, count + 1)]


def _to_kw(watts: int) -> Decimal:
    return Decimal(watts).scaleb(-_W_DECIMALS)
