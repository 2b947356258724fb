"""Coefficients by the hour, packed: one row an agreement and supply point."""

from collections.abc import Collection, Mapping
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session, col, select

from models.tables.agreements import DistributionAgreement, HourlyCoefficients

_MILLIONTHS = np.dtype("<i4")


def group_hourly_coefficients(
    session: Session, *, promoter_id: UUID, agreement_ids: Collection[UUID]
) -> dict[UUID, dict[UUID, NDArray[np.int64]]]:
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


def add_hourly_coefficients(
    session: Session,
    agreement: DistributionAgreement,
    hours: Mapping[UUID, NDArray[np.int64]],
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
