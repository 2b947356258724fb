"""Stored communities with agreements and readings, for tests of agreements' lives."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine
from sqlmodel import Session, select

from api.services.agreements.draft_agreement import draft_of_table
from api.services.agreements.publish_agreement import publish_agreement
from api.services.agreements.record_application import record_application
from models.repositories.packed_months import pack_energy
from models.repositories.readings import add_month, month_instants
from models.session import read_session, write_session
from models.tables import (
    AppliedChange,
    AppliedCoefficient,
    Membership,
    Promoter,
    SelfConsumptionInstallation,
    SupplyPoint,
)
from models.values.calendar import Step, month_starts, year_steps
from models.values.metering import Channel
from tests.support.community_folders import make_cau
from tests.support.stored_once import stored_once
from tests.support.stored_records import StoredCommunity, add_community

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
MADRID = "Europe/Madrid"

Energy = NDArray[np.int32]


@stored_once
def shared(engine: Engine, promoter: Promoter) -> StoredCommunity:
    """Store a plant in which three supply points share, without an agreement."""
    with write_session(engine) as session:
        return add_community(session, promoter.id, n_members=3)


def by_cups(stored: StoredCommunity, shares: Sequence[int]) -> dict[str, int]:
    """Give coefficients to those who share, in the order of the list."""
    return {point.cups: share for point, share in zip(stored.points, shares, strict=True)}


def draft(session: Session, stored: StoredCommunity, *shares: int, year: int = 2026) -> UUID:
    """Draft an agreement of these millionths."""
    return draft_of_table(
        session,
        promoter_id=stored.community.promoter_id,
        installation=stored.installation.id,
        millionths=by_cups(stored, shares),
        file_year=year,
        now=NOW,
    ).id


def publish(session: Session, stored: StoredCommunity, *shares: int, year: int = 2026) -> UUID:
    """Publish an agreement of these millionths."""
    agreement_id = draft(session, stored, *shares, year=year)
    owner = stored.community.promoter_id
    publish_agreement(session, promoter_id=owner, agreement_id=agreement_id, now=NOW)
    return agreement_id


def apply(
    engine: Engine, stored: StoredCommunity, agreement_id: UUID, since: date, **options: object
) -> list[AppliedCoefficient]:
    """Record that the distributor applied an agreement."""
    with write_session(engine) as session:
        return record_application(
            session,
            promoter_id=stored.community.promoter_id,
            agreement_id=agreement_id,
            valid_from=since,
            **{"now": NOW, **options},
        )


def agree(engine: Engine, stored: StoredCommunity, *shares: int, year: int = 2026) -> UUID:
    """Publish an agreement in a transaction of its own."""
    with write_session(engine) as session:
        return publish(session, stored, *shares, year=year)


def leave(engine: Engine, stored: StoredCommunity, place: int) -> None:
    """Let a member cease to share in the plant."""
    with write_session(engine) as session:
        rows = select(Membership).where(
            Membership.supply_point_id == stored.points[place].id,
            Membership.installation_id == stored.installation.id,
        )
        session.exec(rows).one().valid_until = date(2024, 1, 1)


def periods(engine: Engine, stored: StoredCommunity) -> dict[int, list[tuple[UUID, date, date]]]:
    """List what is recorded as applied, by the place of the supply point in the list."""
    with read_session(engine) as session:
        rows = session.exec(
            select(AppliedCoefficient).order_by(AppliedCoefficient.valid_from)
        ).all()
    return {
        place: [
            (row.agreement_id, row.valid_from, row.valid_until)
            for row in rows
            if row.supply_point_id == point.id
        ]
        for place, point in enumerate(stored.points)
    }


def list_acts(session: Session, stored: StoredCommunity) -> list[AppliedChange]:
    """List every act on the record of the plant, oldest first."""
    rows = select(AppliedChange).where(AppliedChange.installation_id == stored.installation.id)
    oldest = AppliedChange.recorded_at, AppliedChange.supply_point_id, AppliedChange.valid_from
    return list(session.exec(rows.order_by(*oldest)).all())


def store_year(
    session: Session,
    owner: UUID,
    channel: Channel,
    meter_id: UUID,
    energy_wh: Energy,
    *,
    year: int = 2023,
    step: Step = Step.HOUR,
    version: int = 1,
    quality: NDArray[np.uint8] | None = None,
    n_months: int = 12,
) -> None:
    """Store a year of readings, shape (n_steps,), or the first months of it."""
    starts = [*month_starts(year, MADRID, step).tolist(), year_steps(year, MADRID, step).size]
    for number, begin in enumerate(month_instants(year, MADRID)[:n_months]):
        span = slice(starts[number], starts[number + 1])
        add_month(
            session,
            promoter_id=owner,
            channel=channel,
            meter_id=meter_id,
            starts_at=begin,
            step=step,
            packed=pack_energy(energy_wh[span], None if quality is None else quality[span]),
            version=version,
            recorded_at=NOW,
        )


def store_meters(
    engine: Engine,
    stored: StoredCommunity,
    generation_wh: Energy,
    consumption_wh: Energy,
    *,
    year: int = 2023,
    step: Step = Step.HOUR,
    n_months: int = 12,
    points: Sequence[SupplyPoint] | None = None,
) -> None:
    """Store the plant's year, shape (n_steps,), and its members', shape (n_members, n_steps)."""
    meters = [(Channel.GENERATION, stored.installation.id, generation_wh)]
    for point, row in zip(points or stored.points, consumption_wh, strict=True):
        meters.append((Channel.CONSUMPTION, point.id, row))
    with write_session(engine) as session:
        for meter in meters:
            store_year(
                session,
                stored.community.promoter_id,
                *meter,
                year=year,
                step=step,
                n_months=n_months,
            )


def correct_year(
    engine: Engine,
    stored: StoredCommunity,
    channel: Channel,
    meter_id: UUID,
    energy_wh: Energy,
    **options: Any,
) -> None:
    """Store a second version of a meter's year, shape (n_steps,)."""
    with write_session(engine) as session:
        owner = stored.community.promoter_id
        store_year(session, owner, channel, meter_id, energy_wh, version=2, **options)


def random_year(
    n_members: int, *, year: int = 2023, step: Step = Step.HOUR, seed: int = 5
) -> tuple[Energy, Energy]:
    """Draw generation and consumption [Wh] of a year."""
    random = np.random.default_rng(seed)
    n_steps = year_steps(year, MADRID, step).size
    generation = random.integers(0, 9_000, n_steps, dtype=np.int32)
    return generation, random.integers(0, 4_000, (n_members, n_steps), dtype=np.int32)


def add_second_plant(
    engine: Engine, stored: StoredCommunity, generation_wh: Energy
) -> StoredCommunity:
    """Store another plant of the community, in which the same supply points share."""
    owner = stored.community.promoter_id
    plant = SelfConsumptionInstallation(
        promoter_id=owner,
        community_id=stored.community.id,
        cau=make_cau(77),
        position=1,
        inverter_power_w=20_000,
    )
    with write_session(engine) as session:
        session.add(plant)
        session.flush()
        session.add_all(
            Membership(
                promoter_id=owner,
                installation_id=plant.id,
                supply_point_id=point.id,
                position=position,
                valid_from=date(2023, 1, 1),
            )
            for position, point in enumerate(stored.points)
        )
        store_year(session, owner, Channel.GENERATION, plant.id, generation_wh)
    return replace(stored, installation=plant)
