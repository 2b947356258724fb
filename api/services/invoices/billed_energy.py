"""Turn a month that was shared out into the whole watt-hours that invoices charge.

What is left of a watt-hour goes to those with the most of one, so that all parts of a plant's
month, those of nobody included, sum to its generation.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import pairwise
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session

from api.services.energy.allocate_month import AllocatedMonth
from api.services.energy.month_inputs import gather_month
from api.services.invoices.billing_scope import BillingScope, cut, days_of, end_of
from models.tables import MonthAllocation, SelfConsumptionInstallation
from models.values.coefficient import MILLIONTHS
from models.values.errors import InvalidDataError
from models.values.period import Period, add_months
from planner.exact_allocation import allocate_exactly, use_exactly

Pieces = Mapping[UUID, Sequence[Period]]
"""The days of a month by supply point, cut where a subscription begins or ends."""


class UnbalancedEnergyError(InvalidDataError):
    """The parts of a plant's month do not sum to its generation.

    Attributes
    ----------
    cau : str
        The plant.
    month : date
        First day of the month.
    parts_micro_wh, generation_wh : int
        What the parts sum to [1e-6 Wh], and what was generated [Wh].
    """

    def __init__(self, cau: str, month: date, parts_micro_wh: int, generation_wh: int) -> None:
        super().__init__(
            f"the parts of {cau} in {month:%Y-%m} sum to {parts_micro_wh} millionths of a "
            f"watt-hour, not to the {generation_wh} Wh generated: share the month out again"
        )
        self.cau = cau
        self.month = month
        self.parts_micro_wh = parts_micro_wh
        self.generation_wh = generation_wh


@dataclass(frozen=True, slots=True)
class PieceEnergy:
    """Whole watt-hours of one supply point in one plant, on some days of a month.

    Attributes
    ----------
    allocation : MonthAllocation
        From where they come.
    days : Period
        When.
    self_consumed_wh, surplus_wh : int
        Used of its share, and left of it [Wh].
    """

    allocation: MonthAllocation
    days: Period
    self_consumed_wh: int
    surplus_wh: int


def share_whole_watt_hours(parts_micro_wh: Sequence[int]) -> list[int]:
    """Round parts to whole watt-hours that keep their sum, by the largest remainder.

    Parameters
    ----------
    parts_micro_wh : sequence of int
        Parts, which sum to whole watt-hours [1e-6 Wh].

    Returns
    -------
    list of int
        The same parts [Wh]; of equal remainders the earlier one is rounded up.

    Raises
    ------
    InvalidDataError
        If they do not sum to whole watt-hours.

    Examples
    --------
    >>> share_whole_watt_hours([1_400_000, 2_300_000, 300_000])
    [2, 2, 0]
    """
    whole = [part // MILLIONTHS for part in parts_micro_wh]
    left, rest = divmod(sum(parts_micro_wh) - sum(whole) * MILLIONTHS, MILLIONTHS)
    if rest:
        raise InvalidDataError(f"parts leave {rest} millionths of a watt-hour over")
    order = sorted(range(len(whole)), key=lambda place: -(parts_micro_wh[place] % MILLIONTHS))
    for place in order[:left]:
        whole[place] += 1
    return whole


def cut_month(scope: BillingScope, month: date) -> dict[UUID, list[Period]]:
    """Cut a month of every supply point where a subscription begins or ends.

    Parameters
    ----------
    scope : BillingScope
        Who pays.
    month : date
        First day of the month.

    Returns
    -------
    dict of UUID to list of Period
        By supply point; days without a subscription are pieces, too.
    """
    whole = Period(month, add_months(month, 1))
    pieces = {}
    for point_id in scope.points:
        borders = {whole.start, end_of(whole)}
        for row in scope.subscriptions[point_id]:
            if inside := cut(days_of(row), whole):
                borders |= {inside.start, end_of(inside)}
        ordered = sorted(borders)
        pieces[point_id] = [Period(*pair) for pair in pairwise(ordered)]
    return pieces


def measure_month(
    session: Session,
    *,
    plant: SelfConsumptionInstallation,
    month: date,
    allocated: AllocatedMonth,
    pieces: Pieces,
) -> dict[UUID, list[PieceEnergy]]:
    """Give every supply point the whole watt-hours of its pieces of a plant's month.

    Parameters
    ----------
    session : Session
        Open transaction.
    plant : SelfConsumptionInstallation
        The plant.
    month : date
        First day of the local month.
    allocated : AllocatedMonth
        How it was shared out.
    pieces : Pieces
        The days of its supply points.

    Returns
    -------
    dict of UUID to list of PieceEnergy
        By supply point, then by piece.

    Raises
    ------
    UnbalancedEnergyError
        If the parts do not sum to the generation.

    Notes
    -----
    RD 244/2019, Annex I: a month that is cut is shared out again by the same steps, day by day.
    """
    cut_points = {
        part.supply_point_id: pieces[part.supply_point_id]
        for part in allocated.parts
        if len(pieces[part.supply_point_id]) > 1
    }
    amounts = {
        part.supply_point_id: [
            (part.self_consumed_micro_wh, part.allocated_micro_wh - part.self_consumed_micro_wh)
        ]
        for part in allocated.parts
    }
    if cut_points:
        amounts |= _share_by_days(session, plant, month, cut_points)
    whole = _round_parts(plant, month, allocated.allocation, amounts)
    return {
        key: [
            PieceEnergy(allocated.allocation, piece, *energy)
            for piece, energy in zip(pieces[key], rounded, strict=True)
        ]
        for key, rounded in whole.items()
    }


def _share_by_days(
    session: Session, plant: SelfConsumptionInstallation, month: date, pieces: Pieces
) -> dict[UUID, list[tuple[int, int]]]:
    """Share a month out again, and sum what was used and left on the days of each piece."""
    inputs = gather_month(session, plant=plant, first=month)
    own = list(inputs.plants).index(plant.id)
    allocated = np.stack(
        [
            allocate_exactly(millionths, generation_wh)
            for millionths, generation_wh in zip(
                inputs.millionths, inputs.generation_wh, strict=True
            )
        ]
    )
    used = use_exactly(allocated, inputs.consumption_wh)[own]
    left = allocated[own] - used
    days = inputs.list_days()
    rows = {key: row for row, key in enumerate(inputs.points)}
    return {
        key: [
            (int(used[rows[key], inside].sum()), int(left[rows[key], inside].sum()))
            for inside in map(partial(_select_days, days), held)
        ]
        for key, held in pieces.items()
    }


def _select_days(days: NDArray[np.datetime64], piece: Period) -> NDArray[np.bool_]:
    """Tell which intervals lie on the days of a piece."""
    first, end = np.datetime64(piece.start), np.datetime64(end_of(piece))
    return (days >= first) & (days < end)


def _round_parts(
    plant: SelfConsumptionInstallation,
    month: date,
    allocation: MonthAllocation,
    amounts: Mapping[UUID, Sequence[tuple[int, int]]],
) -> dict[UUID, list[tuple[int, int]]]:
    """Round what was used and left, and what was nobody's, to whole watt-hours together."""
    parts = [amount for held in amounts.values() for pair in held for amount in pair]
    parts.append(allocation.unallocated_micro_wh)
    if sum(parts) != allocation.generation_wh * MILLIONTHS:
        raise UnbalancedEnergyError(plant.cau, month, sum(parts), allocation.generation_wh)
    whole = iter(share_whole_watt_hours(parts))
    return {key: [(next(whole), next(whole)) for _ in held] for key, held in amounts.items()}
