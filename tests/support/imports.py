"""Import small communities into a test's database, and look at what was stored."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import Engine
from sqlmodel import select

from api.services.communities.load_community_year import load_community_year
from api.services.community_folders.import_community import import_community
from api.services.community_folders.import_report import (
    ImportReport,
)
from loaders.records import CommunityYear
from models.session import read_session, write_session
from models.tables import (
    Promoter,
    SupplyPoint,
)
from tests.support.community_folders import build_community_year

IMPORTED_AT = datetime(2024, 3, 1, 9, 30, tzinfo=UTC)
LATER = datetime(2024, 5, 31, 22, 30, tzinfo=UTC)  # already June in Madrid
YEAR = build_community_year()


def import_year(
    engine: Engine, promoter: Promoter, community: CommunityYear, at: datetime = IMPORTED_AT
) -> ImportReport:
    with write_session(engine) as session:
        return import_community(
            session, promoter_id=promoter.id, community=community, imported_at=at
        )


def load_year(engine: Engine, promoter: Promoter, community_id: UUID) -> CommunityYear:
    with read_session(engine) as session:
        return load_community_year(
            session, promoter_id=promoter.id, community_id=community_id, year=2023
        )


def rows_of(engine: Engine, table, *conditions):
    with read_session(engine) as session:
        return session.exec(select(table).where(*conditions)).all()


def point_of(engine: Engine, cups: str) -> SupplyPoint:
    (point,) = rows_of(engine, SupplyPoint, SupplyPoint.cups == cups)
    return point


def change_member(community: CommunityYear, row: int, **changed) -> CommunityYear:
    members = list(community.members)
    members[row] = replace(members[row], **changed)
    return replace(community, members=tuple(members))


def keep_members(community: CommunityYear, rows: list[int]) -> CommunityYear:
    return replace(
        community,
        members=tuple(community.members[row] for row in rows),
        consumption_kwh=community.consumption_kwh[rows],
    )


def with_betas(community: CommunityYear, *betas: float | None) -> CommunityYear:
    for row, beta in enumerate(betas):
        community = change_member(community, row, current_beta=beta)
    return community
