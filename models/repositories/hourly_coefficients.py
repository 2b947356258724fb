"""Coefficients by the hour, packed: one row an agreement and supply point."""

from collections.abc import Collection, Mapping
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session, col, select

from models.tables.agreements import DistributionAgreement, HourlyCoefficients
from models.values.calendar import CLOCK_HOURS

Hours = NDArray[np.int64]
"""One value for each hour of a year by the clock, shape (8760,) [millionths]."""

_MILLIONTHS = np.dtype("<i4")
_ROWS_AT_ONCE = 100


def group_hourly_coefficients(
    session: Session, *, promoter_id: UUID, agreement_ids: Collection[UUID]
) -> dict[UUID, dict[UUID, Hours]]:
    """Read the hours of many agreements by supply point, each of shape (8760,) [millionths]."""
    rows = select(HourlyCoefficients).where(
        HourlyCoefficients.promoter_id == promoter_id,
        col(HourlyCoefficients.agreement_id).in_(agreement_ids),
    )
    groups: dict[UUID, dict[UUID, NDArray[np.int64]]] = {key: {} for key in agreement_ids}
    for row in session.exec(rows):
        hours = np.frombuffer(row.millionths, _MILLIONTHS).astype(np.int64)
        groups[row.agreement_id][row.supply_point_id] = hours
    return groups


def sum_hourly_coefficients(
    session: Session, *, promoter_id: UUID, agreement_ids: Collection[UUID]
) -> dict[UUID, Hours]:
    """Sum the hours of many agreements over their supply points, whose own are not kept."""
    rows = select(HourlyCoefficients.agreement_id, HourlyCoefficients.millionths).where(
        HourlyCoefficients.promoter_id == promoter_id,
        col(HourlyCoefficients.agreement_id).in_(agreement_ids),
    )
    sums = {key: np.zeros(CLOCK_HOURS, np.int64) for key in agreement_ids}
    for key, millionths in session.exec(rows).yield_per(_ROWS_AT_ONCE):
        sums[key] += np.frombuffer(millionths, _MILLIONTHS)
    return sums


def add_hourly_coefficients(
    session: Session,
    agreement: DistributionAgreement,
    hours: Mapping[UUID, Hours],
) -> None:
    """Store the hours of each supply point of a draft, each of shape (8760,) [millionths]."""
    session.add_all(
        HourlyCoefficients(
            agreement_id=agreement.id,
            supply_point_id=supply_point_id,
            promoter_id=agreement.promoter_id,
            millionths=millionths.astype(_MILLIONTHS).tobytes(),
        )
        for supply_point_id, millionths in hours.items()
    )
    session.flush()
