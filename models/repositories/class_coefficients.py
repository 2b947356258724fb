"""Coefficients by class of hours, packed: one row a proposal and supply point."""

from collections.abc import Collection
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session, col, select

from models.tables.proposals import ClassCoefficients, ProposedCoefficient

_MILLIONTHS = np.dtype("<i4")


def pack_classes(millionths: NDArray[np.int64]) -> bytes:
    """Pack one supply point's coefficients, shape (n_classes,)."""
    return millionths.astype(_MILLIONTHS).tobytes()


def unpack_classes(row: ClassCoefficients) -> NDArray[np.int64]:
    """Unpack one supply point's coefficients, shape (n_classes,)."""
    return np.frombuffer(row.millionths, _MILLIONTHS).astype(np.int64)


def group_class_coefficients(
    session: Session, *, promoter_id: UUID, proposal_ids: Collection[UUID]
) -> dict[UUID, list[ClassCoefficients]]:
    """Read the rows of many proposals, in the order of the distributor's file."""
    rows = (
        select(ClassCoefficients)
        .join(
            ProposedCoefficient,
            (col(ProposedCoefficient.proposal_id) == ClassCoefficients.proposal_id)
            & (col(ProposedCoefficient.supply_point_id) == ClassCoefficients.supply_point_id),
        )
        .where(
            ClassCoefficients.promoter_id == promoter_id,
            col(ClassCoefficients.proposal_id).in_(proposal_ids),
        )
        .order_by(col(ProposedCoefficient.position), col(ClassCoefficients.supply_point_id))
    )
    groups: dict[UUID, list[ClassCoefficients]] = {key: [] for key in proposal_ids}
    for row in session.exec(rows):
        groups[row.proposal_id].append(row)
    return groups
