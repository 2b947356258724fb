"""Reckon what a retailer owes that activates self-consumption too late."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session

from api.services.bills.bill_group import bill_group
from api.services.bills.bill_question import BillQuestion
from api.services.bills.billed_days import BilledDays
from api.services.bills.billed_energy import lay_out_coefficients
from api.services.bills.billed_point import BilledPoint
from api.services.bills.find_billed_point import find_billed_point
from api.services.bills.simulated_bills import LineKind, SimulatedBills
from api.services.bills.used_figures import FigureBook, UsedFigure
from api.services.energy.find_shares import find_shares
from loaders.series_steps import LocalYear
from models.regulation.late_activation import LateActivation, late_activation_on
from models.repositories.installations import group_installations
from models.repositories.members import map_members
from models.tables import PriceKind
from models.values.calendar import Step, local_midnight
from models.values.errors import CommunityError, InvalidArgumentError
from models.values.period import Period, add_months
from models.values.power import to_kw
from planner.billing.retail.late_activation import discount_late_activation

Values = NDArray[np.float64]
ReadProfile = Callable[[LocalYear], Values]
"""Gives each interval's part of a local year's generation."""

_GRID_ENERGY = {LineKind.ENERGY, LineKind.INDEXED_ENERGY, LineKind.ENERGY_TOLLS}


class NothingLateError(InvalidArgumentError):
    """On the billed days the retailer is not late, or no plant is one that counts.

    Attributes
    ----------
    reason : str
        Which of them.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(f"no discount is due: {reason}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class LateActivationWish:
    """How late self-consumption was activated.

    Attributes
    ----------
    documents_on : date
        Day on which the distributor had the documents.
    activated_on : date or None
        Day of the activation; None while it is not.
    """

    documents_on: date
    activated_on: date | None = None


@dataclass(frozen=True, slots=True)
class LateBill:
    """What is owed on one bill.

    Attributes
    ----------
    days : Period
        Of the bill.
    discount_eur : Decimal
        Discount before taxes [EUR].
    grid_energy_eur : Decimal
        Value of its energy from the grid, which the discount does not pass [EUR].
    """

    days: Period
    discount_eur: Decimal
    grid_energy_eur: Decimal


@dataclass(frozen=True, slots=True)
class LateActivationReport:
    """What a retailer owes for late activation.

    Attributes
    ----------
    cups : str
        The supply point.
    late : Period
        Days on which it is late; open while it was not activated.
    bills : tuple of LateBill
        In the order of their days.
    figures : tuple of UsedFigure
        Figures of law behind it.
    """

    cups: str
    late: Period
    bills: tuple[LateBill, ...]
    figures: tuple[UsedFigure, ...]

    @property
    def discount_eur(self) -> Decimal:
        """All bills together [EUR]."""
        return sum((bill.discount_eur for bill in self.bills), Decimal("0.00"))


def reckon_late_activation(
    session: Session,
    *,
    promoter_id: UUID,
    point_id: UUID,
    question: BillQuestion,
    wish: LateActivationWish,
    read_profile: ReadProfile,
) -> LateActivationReport:
    """Reckon what a retailer owes that activates self-consumption too late.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    point_id : UUID
        The supply point.
    question : BillQuestion
        Days, contract and law; coefficients are those of its document, else what was applied.
    wish : LateActivationWish
        Since when, and until when.
    read_profile : ReadProfile
        The profile of the law, RD 413/2014, annex IV, which is not shipped.

    Returns
    -------
    LateActivationReport
        Bill by bill.

    Raises
    ------
    UnknownSupplyPointError
        If the promoter has no such supply point.
    NothingLateError
        If no plant of at most 100 kW is shared, or no billed day is late.
    MissingPricesError
        If the price of surplus is not stored.
    CommunityError
        If the bills cannot be made.

    Notes
    -----
    RD 244/2019, article 16 bis.
    """
    preparer, point = find_billed_point(
        session, promoter_id=promoter_id, point_id=point_id, question=question
    )
    days, step, book = preparer.days, point.energy.step, FigureBook()
    late = _find_late_days(book, wish)
    expected = _Expected(
        weights_kw=_weigh_shares(session, point, days, question, book),
        profile=_lay_out_profile(days, step, read_profile),
        surplus_eur_per_kwh=preparer.prices.curve(PriceKind.SURPLUS, step),
        is_late=_mark(days, step, late),
    )
    if not expected.is_late.any():
        raise NothingLateError(f"it is late from {late.start} on, which is none of the days")
    bills = bill_group([point], preparer)[point_id]
    if isinstance(bills, CommunityError):
        raise bills
    hours = _take(book, late.start, LateActivation.EQUIVALENT_HOURS)
    owed = [
        _reckon_bill(bills, place, expected, hours, _mark(days, step, bill_days))
        for place, bill_days in enumerate(bills.bill_days)
    ]
    return LateActivationReport(point.point.cups, late, tuple(owed), tuple(book.figures))


@dataclass(frozen=True, slots=True, eq=False)
class _Expected:
    """What an active plant would have done, shape (n_steps,) each.

    Attributes
    ----------
    weights_kw : ndarray
        The supply point's part of the power [kW].
    profile : ndarray
        Each interval's part of a year's generation [1].
    surplus_eur_per_kwh : ndarray
        Price of surplus [EUR/kWh].
    is_late : ndarray of bool
        Whether the retailer is late.
    """

    weights_kw: Values
    profile: Values
    surplus_eur_per_kwh: Values
    is_late: NDArray[np.bool_]


def _find_late_days(book: FigureBook, wish: LateActivationWish) -> Period:
    """Count the months that the retailer has."""
    months = _take(book, wish.documents_on, LateActivation.MONTHS_TO_ACTIVATE)
    late_from = add_months(wish.documents_on, int(months))
    if wish.activated_on is not None and wish.activated_on <= late_from:
        raise NothingLateError(f"the retailer has until {late_from}")
    return Period(late_from, wish.activated_on)


def _weigh_shares(
    session: Session,
    point: BilledPoint,
    days: BilledDays,
    question: BillQuestion,
    book: FigureBook,
) -> Values:
    """Give the supply point's part of the power of the plants that count [kW]."""
    owner, step = point.point.promoter_id, point.energy.step
    most_kw = _take(book, days.start, LateActivation.MOST_POWER)
    member = map_members(session, promoter_id=owner, member_ids=[point.point.member_id])
    community_id = member[point.point.member_id].community_id
    rows = group_installations(session, promoter_id=owner, community_ids=[community_id])
    plants = {row.id: to_kw(row.inverter_power_w) for row in rows[community_id]}
    shares = find_shares(
        session,
        promoter_id=owner,
        installation_ids=[key for key, power_kw in plants.items() if power_kw <= most_kw],
        within=days.period,
        document=question.document,
    )
    held = {key: each.shares.get(point.point.id) for key, each in shares.items()}
    weights_kw = np.zeros(point.energy.consumption_kwh.size)
    for key, own in held.items():
        weights_kw += plants[key] * lay_out_coefficients(own or (), days, step)
    if not weights_kw.any():
        raise NothingLateError(f"it shares in no plant of at most {most_kw} kW on these days")
    return weights_kw


def _lay_out_profile(days: BilledDays, step: Step, read_profile: ReadProfile) -> Values:
    laid = [
        read_profile(LocalYear(year, days.timezone, step))[span]
        for year, span in days.year_spans(step)
    ]
    return np.concatenate(laid)


def _reckon_bill(
    bills: SimulatedBills,
    place: int,
    expected: _Expected,
    hours: Decimal,
    is_billed: NDArray[np.bool_],
) -> LateBill:
    """Reckon the discount of one bill; without self-consumption, which is not active."""
    grid_energy_eur = sum(
        (
            line.amount_eur
            for line in bills.list_lines(place, sharing=False)
            if line.kind in _GRID_ENERGY
        ),
        Decimal("0.00"),
    )
    discount_eur = discount_late_activation(
        Decimal(1),
        hours,
        expected.profile * expected.weights_kw,
        expected.surplus_eur_per_kwh,
        is_billed & expected.is_late,
        grid_energy_eur,
    )
    return LateBill(bills.bill_days[place], discount_eur, grid_energy_eur)


def _mark(days: BilledDays, step: Step, within: Period) -> NDArray[np.bool_]:
    """Mark the billed intervals of some days."""
    starts = days.starts(step)
    is_within: NDArray[np.bool_] = starts >= local_midnight(within.start, days.timezone)
    if within.end is not None:
        is_within &= starts < local_midnight(within.end, days.timezone)
    return is_within


def _take(book: FigureBook, day: date, figure: LateActivation) -> Decimal:
    name = f"late activation: {figure.replace('_', ' ')}"
    return book.take(name, late_activation_on(day, figure)).value
