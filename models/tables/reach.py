"""How far a session reaches: what lies beyond is left out of every query that it asks.

The second of three walls between tenants: use cases name the promoter in every query, this adds
the caller's reach to the queries themselves, and PostgreSQL holds its rows by a policy.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, inspect, null, or_, select
from sqlalchemy.orm import ORMExecuteState, with_loader_criteria
from sqlalchemy.orm.util import LoaderCriteriaOption

from models.session import REACH
from models.tables.agency import AgencySubmission
from models.tables.columns import OfPromoter
from models.tables.communities import Community, SelfConsumptionInstallation
from models.tables.mandates import DebitRun
from models.tables.members import Member, SupplyPoint
from models.tables.outbox import OutboxAttempt, OutboxMessage
from models.tables.promoters import ApiToken
from models.tables.readings import Reading
from models.tables.schedules import RemoteQuery
from models.values.access import Reach

_KEPT_REACHES = 1_000
_OF_NO_COMMUNITY = (
    AgencySubmission,
    ApiToken,
    DebitRun,
    OutboxAttempt,
    OutboxMessage,
    RemoteQuery,
)
"""What lies beyond whoever does not see all of a promoter's communities."""

_EITHER = (Reading,)
"""Rows that hang on one thing or another, not on both."""


def bound_statement(asked: ORMExecuteState) -> None:
    """Add the reach of its session to a statement, whatever it joins."""
    reach = asked.session.info.get(REACH)
    if reach is not None:
        asked.statement = asked.statement.options(*_list_criteria(reach))


@lru_cache(maxsize=_KEPT_REACHES)
def _list_criteria(reach: Reach) -> tuple[LoaderCriteriaOption, ...]:
    promoter_id = reach.promoter_id
    of_promoter: Any = with_loader_criteria(
        OfPromoter, lambda kind: _owner_of(kind) == promoter_id, include_aliases=True
    )
    return (of_promoter, *_list_narrow_criteria(reach))


def _owner_of(kind: Any) -> Any:
    """Name the owner's column; of the marker itself, with which SQLAlchemy tries the condition."""
    return getattr(kind, "promoter_id", null())


def _list_narrow_criteria(reach: Reach) -> Iterator[Any]:
    """Yield what a caller adds who sees some communities, or some members, of a promoter."""
    if reach.community_ids is None:
        return
    ways = _find_ways(reach.community_ids, reach.member_ids)
    for kind in OfPromoter.__subclasses__():
        condition = _bound_rows(kind, ways)
        if condition is not None:
            yield with_loader_criteria(kind, condition, include_aliases=True)


def _find_ways(
    community_ids: frozenset[UUID], member_ids: frozenset[UUID] | None
) -> dict[str, Any]:
    """Tell, by the name of a column, the keys to which it may lead."""
    plants, members, points = (
        inspect(kind).local_table.c for kind in (SelfConsumptionInstallation, Member, SupplyPoint)
    )
    own_members = select(members.id).where(members.community_id.in_(community_ids))
    if member_ids is not None:
        own_members = own_members.where(members.id.in_(member_ids))
    return {
        "community_id": community_ids,
        "installation_id": select(plants.id).where(plants.community_id.in_(community_ids)),
        "member_id": own_members,
        "supply_point_id": select(points.id).where(points.member_id.in_(own_members)),
    }


def _bound_rows(kind: Any, ways: dict[str, Any]) -> ColumnElement[bool] | None:
    """Bound the rows of a table by every way on which it leads to a community or a member."""
    if kind in _OF_NO_COMMUNITY:
        return false()
    own = {Community: "community_id", Member: "member_id"}.get(kind)
    found = [kind.id.in_(ways[own])] if own else []
    found += [getattr(kind, name).in_(ways[name]) for name in ways if hasattr(kind, name)]
    if not found:
        return None
    return or_(*found) if kind in _EITHER else and_(*found)
