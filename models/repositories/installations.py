"""Installations of self-consumption."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from models.repositories.by_key import group_by_key, map_by_key
from models.tables.communities import Community, SelfConsumptionInstallation
from models.tables.reach import KEPT

_WITH_CLOCK = (
    select(SelfConsumptionInstallation, Community.timezone)
    .join(Community, col(Community.id) == SelfConsumptionInstallation.community_id)
    .where(
        SelfConsumptionInstallation.promoter_id == bindparam("promoter_id"),
        col(SelfConsumptionInstallation.id).in_(bindparam("installation_ids", expanding=True)),
    )
    .execution_options(**{KEPT: True})
)
"""Asked for every series of a plant, so it is put together once."""


def find_installation(
    session: Session, *, promoter_id: UUID, cau: str
) -> SelfConsumptionInstallation | None:
    """Read the installation of a CAU."""
    return map_installations_by_cau(session, promoter_id=promoter_id, caus=[cau]).get(cau)


def get_installation(
    session: Session, *, promoter_id: UUID, installation_id: UUID
) -> SelfConsumptionInstallation | None:
    """Read one installation."""
    found = map_installations(session, promoter_id=promoter_id, installation_ids=[installation_id])
    return found.get(installation_id)


def lock_installation(
    session: Session, *, promoter_id: UUID, installation_id: UUID
) -> SelfConsumptionInstallation | None:
    """Read one installation whose agreements this transaction is going to change, one at a time.

    On SQLite the writing transaction is the only one already.
    """
    row = (
        select(SelfConsumptionInstallation)
        .where(
            SelfConsumptionInstallation.promoter_id == promoter_id,
            SelfConsumptionInstallation.id == installation_id,
        )
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return session.exec(row).one_or_none()


def map_installations(
    session: Session, *, promoter_id: UUID, installation_ids: Collection[UUID]
) -> dict[UUID, SelfConsumptionInstallation]:
    """Read installations by id."""
    table, keys = SelfConsumptionInstallation, installation_ids
    return map_by_key(session, table, keys, promoter_id=promoter_id)


def list_clocks(
    session: Session, *, promoter_id: UUID, installation_ids: Collection[UUID]
) -> list[tuple[SelfConsumptionInstallation, str]]:
    """Read installations by id, each with the name of its community's clock."""
    given = {"promoter_id": promoter_id, "installation_ids": list(installation_ids)}
    return [(plant, timezone) for plant, timezone in session.execute(_WITH_CLOCK, given)]


def map_installations_by_cau(
    session: Session, *, promoter_id: UUID, caus: Collection[str]
) -> dict[str, SelfConsumptionInstallation]:
    """Read installations by CAU."""
    table = SelfConsumptionInstallation
    return map_by_key(session, table, caus, promoter_id=promoter_id, key="cau")


def group_installations(
    session: Session, *, promoter_id: UUID, community_ids: Collection[UUID]
) -> dict[UUID, list[SelfConsumptionInstallation]]:
    """Read the installations of many communities, in the order of their lists."""
    return group_by_key(
        session,
        SelfConsumptionInstallation,
        community_ids,
        promoter_id=promoter_id,
        key="community_id",
        order=("position", "cau"),
    )
