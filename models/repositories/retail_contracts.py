"""Retail contracts of supply points, the newest of a day last."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlmodel import Session, col, select

from models.repositories.by_key import map_by_key
from models.tables import RetailContract


def group_retail_contracts(
    session: Session,
    *,
    promoter_id: UUID,
    supply_point_ids: Collection[UUID],
    until: date = date.max,
) -> dict[UUID, list[RetailContract]]:
    """Read the contracts that begin before a day, by supply point and in the order they hold."""
    rows = (
        select(RetailContract)
        .where(
            RetailContract.promoter_id == promoter_id,
            col(RetailContract.supply_point_id).in_(supply_point_ids),
            RetailContract.valid_from < until,
        )
        .order_by(col(RetailContract.valid_from), col(RetailContract.recorded_at))
    )
    found: dict[UUID, list[RetailContract]] = defaultdict(list)
    for row in session.exec(rows):
        found[row.supply_point_id].append(row)
    return {key: found[key] for key in supply_point_ids}


def map_retail_contracts(
    session: Session, *, promoter_id: UUID, contract_ids: Collection[UUID]
) -> dict[UUID, RetailContract]:
    """Read contracts by id."""
    return map_by_key(session, RetailContract, contract_ids, promoter_id=promoter_id)
