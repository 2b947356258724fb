"""Settle invented communities in the store, and put the files of their month where uploads go."""

import hashlib
import time
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from uuid import UUID, uuid4
from zipfile import ZIP_DEFLATED, ZipFile

from sqlalchemy import Engine

from api.clock import now
from api.services.community_folders.import_community import import_community
from api.services.file_imports.store_upload import store_upload, upload_path
from api.services.jobs.progress import Progress
from models.session import write_session
from scripts.country.month_files import write_consumption, write_generation
from scripts.country.population import MONTH, InventedCommunity

_FASTEST = 1


@dataclass(frozen=True, slots=True)
class SettledCommunity:
    """A community as the store knows it, and the archive that holds its month."""

    community_id: UUID
    code: str
    cau: str
    upload_id: UUID


@dataclass(frozen=True, slots=True)
class Settling:
    """What was settled, and what that took.

    Attributes
    ----------
    communities : tuple of SettledCommunity
        All of them.
    seconds, cpu_seconds : float
        Time in the store alone, without what inventing takes, and processor time of it [s].
    n_year_values, n_month_values : int
        Readings of the year that is stored, and of the month that waits.
    """

    communities: tuple[SettledCommunity, ...]
    seconds: float
    cpu_seconds: float
    n_year_values: int
    n_month_values: int


def settle_country(
    engine: Engine,
    *,
    promoter_id: UUID,
    communities: Iterable[InventedCommunity],
    n_communities: int,
    data_dir: Path,
    tell: Progress,
) -> Settling:
    """Import every community's records, agreement, prices and year; then write its month."""
    settled, seconds, cpu_seconds, n_year, n_month = [], 0.0, 0.0, 0, 0
    upload_path(data_dir, uuid4()).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    for number, invented in enumerate(communities):
        tell(number / n_communities, f"settling community {number + 1} of {n_communities}")
        archive = _pack_month(invented)
        started, cpu_started = time.perf_counter(), time.process_time()
        settled.append(_settle(engine, promoter_id, invented, archive, data_dir))
        seconds += time.perf_counter() - started
        cpu_seconds += time.process_time() - cpu_started
        n_year += invented.year.consumption_kwh.size + invented.year.generation_kwh.size
        n_month += invented.month_kwh.size + invented.generation_kwh.size
    return Settling(tuple(settled), seconds, cpu_seconds, n_year, n_month)


def _settle(
    engine: Engine,
    promoter_id: UUID,
    invented: InventedCommunity,
    archive: bytes,
    data_dir: Path,
) -> SettledCommunity:
    """Store one community, and its archive as a caller would have sent it."""
    year, upload_id, instant = invented.year, uuid4(), now()
    upload_path(data_dir, upload_id).write_bytes(archive)
    with write_session(engine) as session:
        report = import_community(
            session, promoter_id=promoter_id, community=year, imported_at=instant
        )
        store_upload(
            session,
            promoter_id=promoter_id,
            upload_id=upload_id,
            file_name=f"{year.community_id}.zip",
            sha256=hashlib.sha256(archive).hexdigest(),
            size_bytes=len(archive),
            now=instant,
        )
    return SettledCommunity(
        report.community_id, year.community_id, str(year.installations[0].cau), upload_id
    )


def _pack_month(invented: InventedCommunity) -> bytes:
    """Pack what Datadis and the plant's representative would send of the month."""
    year, content = invented.year, BytesIO()
    codes = [member.cups for member in year.members]
    with ZipFile(content, "w", ZIP_DEFLATED, compresslevel=_FASTEST) as archive:
        archive.writestr(
            f"consumos_{MONTH:%Y%m}.csv",
            write_consumption(codes, invented.month_kwh, MONTH.year, year.timezone),
        )
        archive.writestr(
            f"MEDIDAS_{MONTH:%Y%m}.txt",
            write_generation(
                year.installations[0].cau, invented.generation_kwh, MONTH.year, year.timezone
            ),
        )
    return content.getvalue()
