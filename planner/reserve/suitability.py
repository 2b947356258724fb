"""The suitability of one candidate: what it brings the community, and what sharing brings it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.values.coefficient import MILLIONTHS
from planner.billing.simulator import simulate_year
from planner.coefficients.choose import Choice, choose_within
from planner.coefficients.problem import Shares
from planner.coefficients.region import Region
from planner.goal import Goal, Objective, YearCurves
from planner.reserve.payment import Economics, PaymentModel, settle_payments
from planner.reserve.reasons import Reason, ReasonCode
from planner.sharing_year import SharingYear

Values = NDArray[np.float64]

_HOURS, _MONTHS = 24, 12
_NOISE_KWH, _CENT = 1e-3, 0.01


@dataclass(frozen=True, slots=True, eq=False)
class FilledHours:
    """How much of the surplus that the members leave alone the candidate turns into use.

    Attributes
    ----------
    former_surplus_kwh : ndarray, shape (12, 24)
        Surplus by local month and hour of day without the candidate [kWh].
    used_kwh : ndarray, shape (12, 24)
        How much less surplus there is with it [kWh]; below zero where there is more.
    """

    former_surplus_kwh: Values
    used_kwh: Values

    @property
    def share_by_hour(self) -> Values:
        """Share of the former surplus that is used, by hour of day, shape (24,)."""
        return _divide(self.used_kwh.sum(axis=0), self.former_surplus_kwh.sum(axis=0))

    @property
    def share_by_month(self) -> Values:
        """Share of the former surplus that is used, by month, shape (12,)."""
        return _divide(self.used_kwh.sum(axis=1), self.former_surplus_kwh.sum(axis=1))


@dataclass(frozen=True, slots=True, eq=False)
class Suitability:
    """What admitting one candidate would mean, when all coefficients are chosen anew.

    Attributes
    ----------
    millionths : int
        The coefficient that it would get.
    marginal_kwh : float
        Optimum of the community's self-consumption with it, less that without it [kWh].
    marginal_eur : float or None
        The same of the community's savings [EUR]; None without prices.
    self_consumed_kwh : float
        What it would use of its share in a year [kWh].
    economics : Economics or None
        What sharing would leave it under the payment model; None without prices.
    filled : FilledHours
        Which hours it fills.
    recommended : bool
        Whether the community and, as far as it is known, the candidate gain.
    reasons : tuple of Reason
        Why.
    """

    millionths: int
    marginal_kwh: float
    marginal_eur: float | None
    self_consumed_kwh: float
    economics: Economics | None
    filled: FilledHours
    recommended: bool
    reasons: tuple[Reason, ...]


def assess_candidate(
    year: SharingYear,
    *,
    goal: Goal,
    payment: PaymentModel,
    plant_kw: float,
    months: NDArray[np.intp],
    hours: NDArray[np.intp],
) -> Suitability:
    """Assess what the last of a year's members would bring, and get, if it joined the others.

    Parameters
    ----------
    year : SharingYear
        At least one member, then the candidate as the last row.
    goal : Goal
        What the coefficients are chosen for, with and without it.
    payment : PaymentModel
        What it would pay.
    plant_kw : float
        Inverter power of the plant [kW].
    months, hours : ndarray of int, shape (n_steps,)
        Local month, 0 to 11, and hour of day, 0 to 23, of every interval.

    Returns
    -------
    Suitability
        Marginal figures are exact optima before and after; the candidate's own are those of its
        coefficient on the grid.

    Raises
    ------
    MissingPricesError
        If the goal counts savings and there are no prices.
    """
    without = year.pick(np.arange(year.n_members - 1))
    curves_without, curves_with = YearCurves(without), YearCurves(year)
    before, after = _choose(curves_without, goal), _choose(curves_with, goal)
    used_kwh, economics = _settle_last(year, after, payment, plant_kw)
    filled = _fill_hours(
        _spill(without, before.millionths / MILLIONTHS),
        _spill(year, after.millionths / MILLIONTHS),
        months,
        hours,
    )
    marginal_kwh = _measure_marginal(curves_without, curves_with, Goal())
    marginal_eur = None
    if year.prices is not None:
        marginal_eur = _measure_marginal(curves_without, curves_with, Goal(Objective.SAVINGS))
    return Suitability(
        millionths=int(after.millionths[-1]),
        marginal_kwh=marginal_kwh,
        marginal_eur=marginal_eur,
        self_consumed_kwh=used_kwh,
        economics=economics,
        filled=filled,
        recommended=_recommends(marginal_kwh, marginal_eur, economics, goal),
        reasons=(
            *_explain_community(marginal_kwh, marginal_eur, filled),
            *_explain_economics(economics, payment),
        ),
    )


def _settle_last(
    year: SharingYear, choice: Choice, payment: PaymentModel, plant_kw: float
) -> tuple[float, Economics | None]:
    """Settle the candidate's year: energy used [kWh], and its economics if there are prices."""
    settled = simulate_year(
        choice.millionths / MILLIONTHS,
        year.generation_kwh,
        year.consumption_kwh,
        year.month_starts,
        year.prices,
    )
    used_kwh = float(settled.self_consumed_kwh[-1].sum())
    if settled.savings_eur is None:
        return used_kwh, None
    return used_kwh, settle_payments(
        payment,
        saving_eur=float(settled.savings_eur[-1].sum()),
        self_consumed_kwh=used_kwh,
        share_kw=plant_kw * int(choice.millionths[-1]) / MILLIONTHS,
    )


def _choose(curves: YearCurves, goal: Goal) -> Choice:
    """Choose the coefficients of everybody in a year, without limits."""
    n_members = curves.year.n_members
    free = Region(
        MILLIONTHS,
        np.zeros(n_members, dtype=np.int64),
        np.full(n_members, MILLIONTHS, dtype=np.int64),
    )
    return choose_within(curves, goal, free)


def _measure_marginal(without: YearCurves, joined: YearCurves, goal: Goal) -> float:
    """Take the optimum without the candidate from the optimum with it."""
    return _choose(joined, goal).upper_bound - _choose(without, goal).upper_bound


def _spill(year: SharingYear, beta: Shares) -> Values:
    """Sum everybody's surplus by interval [kWh]."""
    generation = np.maximum(year.generation_kwh, 0.0)
    used = np.zeros_like(generation)
    for share, row in zip(beta.tolist(), year.consumption_kwh, strict=True):
        used += np.minimum(share * generation, row)
    return generation - used


def _fill_hours(
    before: Values, after: Values, months: NDArray[np.intp], hours: NDArray[np.intp]
) -> FilledHours:
    """Sum the surplus, and what became of it, by month and hour of day."""
    cells = months * _HOURS + hours

    def tabulate(energy: Values) -> Values:
        sums: Values = np.bincount(cells, energy, _MONTHS * _HOURS).astype(np.float64)
        return sums.reshape(_MONTHS, _HOURS)

    return FilledHours(former_surplus_kwh=tabulate(before), used_kwh=tabulate(before - after))


def _divide(part: Values, whole: Values) -> Values:
    """Express a part as a share; of nothing, nothing."""
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def _recommends(
    marginal_kwh: float, marginal_eur: float | None, economics: Economics | None, goal: Goal
) -> bool:
    """Recommend whom the community gains by, unless it would pay more than it saves."""
    by_money = goal.objective is Objective.SAVINGS and marginal_eur is not None
    gains = (marginal_eur or 0.0) >= _CENT if by_money else marginal_kwh >= _NOISE_KWH
    return gains and (economics is None or economics.horizon_net_eur >= 0)


def _explain_community(
    marginal_kwh: float, marginal_eur: float | None, filled: FilledHours
) -> list[Reason]:
    """Say what the community gains, and in which hours and month above all."""
    if marginal_kwh < _NOISE_KWH:
        return [Reason(ReasonCode.ADDS_NO_ENERGY)]
    reasons = [Reason(ReasonCode.ADDS_ENERGY, {"kwh": marginal_kwh})]
    if marginal_eur is not None:
        gains = marginal_eur >= 0
        code = ReasonCode.ADDS_SAVINGS if gains else ReasonCode.LOSES_SAVINGS
        reasons.append(Reason(code, {"eur": abs(marginal_eur)}))
    by_hour, by_month = filled.used_kwh.sum(axis=0), filled.used_kwh.sum(axis=1)
    hour, month = int(by_hour.argmax()), int(by_month.argmax())
    if by_hour[hour] >= _NOISE_KWH:
        figures: dict[str, float | str] = {
            "from_hour": f"{hour:02d}:00",
            "to_hour": f"{hour + 1:02d}:00",
            "kwh": float(by_hour[hour]),
            "share": float(filled.share_by_hour[hour]),
        }
        reasons.append(Reason(ReasonCode.FILLS_HOURS, figures))
        share = float(filled.share_by_month[month])
        reasons.append(Reason(ReasonCode.FILLS_MONTH, {"month": str(month + 1), "share": share}))
    return reasons


def _explain_economics(economics: Economics | None, payment: PaymentModel) -> list[Reason]:
    """Say what sharing leaves the candidate, and when it has paid for itself."""
    if economics is None:
        return [Reason(ReasonCode.SAVINGS_UNKNOWN)]
    gains = economics.yearly_net_eur >= 0
    code = ReasonCode.SAVES_A_YEAR if gains else ReasonCode.LOSES_A_YEAR
    figures: dict[str, float | str] = {
        "saving_eur": economics.saving_eur,
        "net_eur": abs(economics.yearly_net_eur),
    }
    return [
        Reason(code, figures),
        _explain_payback(economics),
        Reason(
            ReasonCode.NET_OF_HORIZON,
            {"years": str(payment.horizon_years), "eur": economics.horizon_net_eur},
        ),
    ]


def _explain_payback(economics: Economics) -> Reason:
    """Say when what was paid once has come back."""
    upfront = {"upfront_eur": economics.upfront_eur}
    if economics.upfront_eur == 0:
        return Reason(ReasonCode.NOTHING_TO_PAY_BACK)
    if economics.payback_years is None:
        return Reason(ReasonCode.NEVER_PAYS_BACK, upfront)
    return Reason(ReasonCode.PAYS_BACK, {**upfront, "years": economics.payback_years})
