"""Series of meters as a reader would deliver them, and communities to store them in."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import Engine
from sqlmodel import Session

from api.services.file_imports.file_report import FileReport, SourceFile
from api.services.file_imports.import_readings import import_readings
from api.services.file_imports.prepare_series import ReadingOptions
from loaders.meter_files.records import MeterFile, MeterSeries, Rejections
from models.repositories.packed_months import StoredMonth, pack_energy, unpack_energy
from models.repositories.readings import list_latest_readings
from models.session import read_session, write_session
from models.tables import Channel, Promoter, Reading
from models.values.calendar import Step
from models.values.metering import Quality
from tests.support.stored_records import StoredCommunity

Take = Callable[..., FileReport]
IMPORTED_AT = datetime(2024, 3, 1, 9, 30, tzinfo=UTC)
EVER = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))


def make_series(
    code: str,
    first: str,
    energy_wh: Sequence[int],
    *,
    channel: Channel = Channel.CONSUMPTION,
    step: Step = Step.HOUR,
    quality: Quality | Sequence[int] = Quality.REAL,
    skip: Sequence[int] = (),
) -> MeterSeries:
    """Make a series that begins at a UTC instant; positions in ``skip`` are not in it."""
    kept = np.setdiff1d(np.arange(len(energy_wh)), np.asarray(skip, int))
    starts = np.datetime64(first, "s") + kept * np.timedelta64(step.seconds, "s")
    marks = np.broadcast_to(np.asarray(quality, np.uint8), len(energy_wh))
    return MeterSeries(
        code, channel, step, starts, np.asarray(energy_wh, np.int32)[kept], marks[kept]
    )


def make_file(*series: MeterSeries, rejections: Rejections | None = None) -> MeterFile:
    """Put series into a file as a reader delivers it."""
    rows = sum(each.starts.size for each in series)
    return MeterFile("test", series, rows, rejections or Rejections(), ("a note",))


def import_file(
    engine: Engine,
    promoter: Promoter,
    community_id: UUID,
    file: MeterFile,
    *,
    sha256: str = "0" * 64,
    **changed: Any,
) -> FileReport:
    """Import a file in a transaction of its own; options of reading go by their names."""
    names = set(ReadingOptions.__dataclass_fields__)
    options = {key: value for key, value in changed.items() if key in names}
    rest = {key: value for key, value in changed.items() if key not in names}
    with write_session(engine) as session:
        return import_readings(
            session,
            promoter_id=promoter.id,
            community_id=community_id,
            file=file,
            source=SourceFile("readings.csv", sha256),
            options=replace(ReadingOptions(), **options),
            **({"imported_at": IMPORTED_AT} | rest),
        )


def make_taker(engine: Engine, promoter: Promoter, community_id: UUID) -> Take:
    """Make a function that imports series into one community."""

    def take(
        *series: MeterSeries, rejections: Rejections | None = None, **changed: Any
    ) -> FileReport:
        file = make_file(*series, rejections=rejections)
        return import_file(engine, promoter, community_id, file, **changed)

    return take


def newest_months(
    engine: Engine, promoter: Promoter, meter_id: UUID, channel: Channel = Channel.CONSUMPTION
) -> list[StoredMonth]:
    """Read the newest version of every month of a meter, in order."""
    with read_session(engine) as session:
        months = list_latest_readings(
            session,
            promoter_id=promoter.id,
            channel=channel,
            meter_ids=[meter_id],
            since=EVER[0],
            until=EVER[1],
        )
    return sorted(months, key=lambda month: month.starts_at)


def values_of(month: StoredMonth) -> list[int | None]:
    """Give the energy of a month [Wh], None where nothing is known."""
    energy_wh, quality = unpack_energy(month, "meter", month.interval_count)
    pairs = zip(energy_wh.tolist(), quality.tolist(), strict=True)
    return [None if mark == Quality.MISSING else value for value, mark in pairs]


def qualities_of(month: StoredMonth) -> list[int]:
    """Give the quality of a month's values."""
    return unpack_energy(month, "meter", month.interval_count)[1].tolist()


def add_damaged_month(session: Session, stored: StoredCommunity, place: int) -> Reading:
    """Store a January of a member's that differs from its check value."""
    packed = pack_energy(np.ones(744, np.int32))
    month = Reading(
        promoter_id=stored.community.promoter_id,
        supply_point_id=stored.points[place].id,
        channel=Channel.CONSUMPTION,
        starts_at=datetime(2022, 12, 31, 23, tzinfo=UTC),
        step_seconds=Step.HOUR.seconds,
        interval_count=packed.interval_count,
        version=1,
        energy_wh=packed.energy_wh,
        quality=packed.quality,
        crc32=packed.crc32 ^ 1,
        recorded_at=IMPORTED_AT,
    )
    session.add(month)
    return month
