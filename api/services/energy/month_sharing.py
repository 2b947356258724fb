"""Find who shares in a plant's month, and by which of the coefficients that were applied."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from uuid import UUID

import numpy as np
from sqlmodel import Session

from api.services.energy.find_shares import Held, find_applied_shares
from models.repositories.communities import map_communities
from models.repositories.installations import group_installations
from models.repositories.packed_months import MonthVersion, StoredMonth
from models.repositories.supply_points import map_supply_points
from models.values.calendar import Step
from models.values.errors import NotFoundError
from models.values.local_month import LocalMonth
from models.values.metering import Channel
from models.values.period import Period
from planner.dated_shares import Millionths, Share, lay_out_shares

Versions = Mapping[Channel, Mapping[UUID, StoredMonth | MonthVersion]]
"""A month's newest version of every meter."""


class NothingAppliedError(NotFoundError):
    """Nothing is recorded as applied to anybody in a month.

    Attributes
    ----------
    cau : str
        The plant.
    month : date
        First day of the month.
    """

    def __init__(self, cau: str, month: date) -> None:
        super().__init__(
            f"nothing is recorded as applied in {cau} in {month:%Y-%m}: record on which days the "
            "distributor applied an agreement"
        )
        self.cau = cau
        self.month = month


@dataclass(frozen=True, slots=True, eq=False)
class MonthSharing:
    """Who shares in a plant's month.

    Attributes
    ----------
    month : LocalMonth
        When.
    plants : mapping of UUID to str
        The plant and those in which its supply points share too, by CAU.
    points : mapping of UUID to str
        Supply points with a coefficient in the plant, and their CUPS.
    held : Held
        The coefficients that hold on some day of the month.
    """

    month: LocalMonth
    plants: Mapping[UUID, str]
    points: Mapping[UUID, str]
    held: Held

    @property
    def meters(self) -> dict[Channel, Mapping[UUID, str]]:
        """The meters that matter, and their codes."""
        return {Channel.GENERATION: self.plants, Channel.CONSUMPTION: self.points}

    def lay_out(self, step: Step) -> Millionths:
        """Lay the coefficients out, shape (n_plants, n_points, n_steps)."""
        return np.stack(
            [
                lay_out_shares(
                    [self.held[key].get(point_id, ()) for point_id in self.points],
                    year=self.month.year,
                    timezone=self.month.timezone,
                    step=step,
                    span=self.month.span(step),
                )
                for key in self.plants
            ]
        )

    def digest(self, versions: Versions, millionths: Millionths) -> str:
        """Digest the versions of all meters, and the coefficients of every interval."""
        digest = sha256()
        for channel, names in self.meters.items():
            for key, name in names.items():
                stored = versions[channel][key]
                digest.update(f"{name} {stored.version} {stored.crc32}\n".encode())
        digest.update(millionths.astype("<i4").tobytes())
        return digest.hexdigest()


@dataclass(frozen=True, slots=True, eq=False)
class CommunitySharing:
    """Who shares in which plants of a community, on some days.

    Attributes
    ----------
    timezone : str
        IANA name of the community's clock.
    plants : mapping of UUID to str
        All its plants, by CAU.
    points : mapping of UUID to str
        Supply points with a coefficient in any of them, by CUPS.
    held : Held
        The coefficients; without plants of which nothing was ever recorded as applied.
    """

    timezone: str
    plants: Mapping[UUID, str]
    points: Mapping[UUID, str]
    held: Held

    def of_month(self, plant_id: UUID, first: date) -> MonthSharing:
        """Cut out what matters to a plant's month; NothingAppliedError where nothing holds."""
        month = LocalMonth(first, self.timezone)
        held = {key: _hold_within(points, month.days) for key, points in self.held.items()}
        own = held.get(plant_id)
        if not own:
            raise NothingAppliedError(self.plants[plant_id], first)
        return MonthSharing(
            month=month,
            plants={
                key: cau
                for key, cau in self.plants.items()
                if key in held and held[key].keys() & own.keys()
            },
            points={key: cups for key, cups in self.points.items() if key in own},
            held=held,
        )


def read_community_sharing(
    session: Session, *, promoter_id: UUID, community_id: UUID, within: Period
) -> CommunitySharing:
    """Read by which coefficients a community shared on some days, in a fixed number of queries.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    community_id : UUID
        The tenant's community.
    within : Period
        Local days that matter.

    Returns
    -------
    CommunitySharing
        By what the distributor applied.
    """
    (community,) = map_communities(
        session, promoter_id=promoter_id, community_ids=[community_id]
    ).values()
    rows = group_installations(session, promoter_id=promoter_id, community_ids=[community_id])
    plants = {row.id: row.cau for row in sorted(rows[community_id], key=lambda row: row.cau)}
    applied = find_applied_shares(
        session, promoter_id=promoter_id, installation_ids=plants, within=within
    )
    held = {key: shares.shares for key, shares in applied.items()}
    found = map_supply_points(
        session,
        promoter_id=promoter_id,
        supply_point_ids={key for points in held.values() for key in points},
    )
    points = {row.id: row.cups for row in sorted(found.values(), key=lambda row: row.cups)}
    return CommunitySharing(community.timezone, plants, points, held)


def _hold_within(
    points: Mapping[UUID, Sequence[Share]], days: Period
) -> dict[UUID, Sequence[Share]]:
    """Keep the coefficients that hold on some of the days."""
    held = {
        key: [share for share in shares if share.period is None or share.period.overlaps(days)]
        for key, shares in points.items()
    }
    return {key: shares for key, shares in held.items() if shares}
