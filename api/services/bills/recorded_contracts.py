"""Record what members agreed on with their retailers, and find what holds on which days."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from uuid import UUID

from sqlmodel import Session

from api.services.bills.billed_days import BilledDays
from api.services.bills.contract_document import ContractsDocument, ContractWish
from api.services.bills.contract_terms import check_contract_periods
from api.services.communities.find_points import find_points
from models.repositories.retail_contracts import group_retail_contracts
from models.repositories.supply_points import map_supply_points
from models.tables import RetailContract
from models.values.errors import InvalidArgumentError
from models.values.tariff import check_contracted_power

Dated = tuple[tuple[date, ContractWish], ...]
"""Contracts and the days from which they hold, in order."""

Agreed = Mapping[UUID, Dated]
"""By supply point."""


class NobodysContractError(InvalidArgumentError):
    """No contract of a document is for any of the supply points."""

    def __init__(self) -> None:
        super().__init__("none of the contracts is for these supply points: check cups and tariffs")


def record_contracts(
    session: Session,
    *,
    promoter_id: UUID,
    cups: Collection[str],
    contracts: ContractsDocument,
    valid_from: date,
    now: datetime,
) -> list[RetailContract]:
    """Record the contracts of supply points from a day on.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    cups : collection of str
        Codes of supply points.
    contracts : ContractsDocument
        What was agreed on.
    valid_from : date
        First local day.
    now : datetime
        The present instant.

    Returns
    -------
    list of RetailContract
        Of those supply points that the document names, by CUPS; bills of days from then on follow
        them until a later one begins.

    Raises
    ------
    UnknownCupsError
        If the promoter has no such supply point.
    NobodysContractError
        If it names none of them.
    UnfitContractError
        If a contract has other periods than the tariff of its supply point; none is recorded.
    ExcessivePowerError
        If a supply point has more power than its tariff is for.
    """
    ids = find_points(session, promoter_id=promoter_id, cups=cups)
    points = map_supply_points(session, promoter_id=promoter_id, supply_point_ids=ids)
    rows = []
    for point in sorted(points.values(), key=lambda point: point.cups):
        wish = contracts.find(point.cups, point.tariff)
        if wish is None:
            continue
        check_contract_periods(wish, point.tariff)
        check_contracted_power(point.tariff, point.contracted_power_w)
        row = RetailContract(
            promoter_id=promoter_id,
            supply_point_id=point.id,
            name=wish.name,
            valid_from=valid_from,
            document=wish.model_dump(mode="json", exclude={"cups", "tariffs"}, exclude_unset=True),
            recorded_at=now,
        )
        rows.append(row)
    if not rows:
        raise NobodysContractError
    session.add_all(rows)
    session.flush()
    return rows


def read_agreed(
    session: Session, *, promoter_id: UUID, ids: Collection[UUID], days: BilledDays
) -> Agreed:
    """Read the contracts that were recorded of supply points.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    ids : collection of UUID
        Its supply points.
    days : BilledDays
        On which days.

    Returns
    -------
    Agreed
        What holds on the first of the days, and what begins later; nothing of a supply point of
        which no contract is known.
    """
    rows = group_retail_contracts(
        session, promoter_id=promoter_id, supply_point_ids=ids, until=days.end
    )
    agreed: dict[UUID, Dated] = {}
    for key, held in rows.items():
        if not held:
            continue
        by_day = {max(row.valid_from, days.start): row for row in held}
        agreed[key] = tuple(
            (day, ContractWish.model_validate(row.document)) for day, row in by_day.items()
        )
    return agreed
