"""Take the readings of a distributor's file into a community."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from api.services.communities.community_meters import load_meters
from api.services.file_imports.file_report import FileReport, SourceFile, copy_rejections
from api.services.file_imports.find_touched import find_touched
from api.services.file_imports.keep_file_import import Intake, conclude_import, find_earlier
from api.services.file_imports.match_meters import MatchedSeries, match_meters
from api.services.file_imports.merge_series import SeriesMerger
from api.services.file_imports.prepare_series import ReadingOptions, prepare_series
from api.services.jobs.progress import Progress, tell_nobody
from loaders.meter_files.records import MeterFile, Rejections
from models.tables import Channel, ImportSubject

_METERS_AT_ONCE = 64
"""Meters whose stored months are held in memory together."""


def import_readings(
    session: Session,
    *,
    promoter_id: UUID,
    community_id: UUID,
    file: MeterFile,
    source: SourceFile,
    options: ReadingOptions,
    imported_at: datetime,
    is_dry_run: bool = False,
    progress: Progress | None = None,
) -> FileReport:
    """Store the readings of a file; what is stored already stays as it is.

    Month by month the file's values are laid over the newest version, and what differs becomes the
    next one. The same file with the same options is stored once. The caller commits: all of it is
    stored or nothing.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    community_id : UUID
        Whose meters they are.
    file : MeterFile
        What a reader delivered.
    source : SourceFile
        The file that it read.
    options : ReadingOptions
        How the file is to be taken.
    imported_at : datetime
        Instant of the import.
    is_dry_run : bool
        Whether only to tell what would be done.
    progress : callable, optional
        Told how much is done and what comes next.

    Returns
    -------
    FileReport
        What was taken, changed, rejected and touched.

    Raises
    ------
    UnknownCommunityError
        If the promoter has no such community.
    RejectedRowsError
        If rows or values cannot be taken, and the others are not to be taken without them.
    UnalignedIntervalsError
        If an interval begins between two of a month's.
    DamagedMonthError
        If a stored month differs from its check value.
    """
    tell = progress or tell_nobody
    tell(0.0, "meters")
    meters = load_meters(session, promoter_id=promoter_id, community_id=community_id, locks=True)
    rejections = copy_rejections(file.rejections)
    matched = match_meters(file.series, meters.points, meters.plants, rejections)
    intake = Intake(
        community=meters.community,
        subject=ImportSubject.READINGS,
        format=file.format,
        source=source,
        options=asdict(options) | {"left_out": _left_out(file, matched)},
        is_dry_run=is_dry_run,
        accepts_partial=options.accepts_partial,
        imported_at=imported_at,
    )
    if earlier := find_earlier(session, intake):
        return earlier
    prepared = prepare_series(matched, options, rejections)
    merged = _merge_all(session, intake, options.replaces_better, prepared, rejections, tell)
    tell(0.95, "results that rest on them")
    report = conclude_import(
        session,
        intake,
        row_count=file.n_rows,
        rejections=rejections,
        series=merged.series,
        touched=find_touched(
            session, promoter_id=promoter_id, plants=meters.plants, changed=merged.changed
        ),
        notes=file.notes,
    )
    tell(1.0, "done")
    return report


def _left_out(file: MeterFile, matched: Sequence[MatchedSeries]) -> list[str]:
    """Name the series without a meter: once they have one, the file brings something new."""
    taken = {(each.series.code, each.series.channel) for each in matched}
    return sorted(
        f"{each.code} {each.channel}"
        for each in file.series
        if (each.code, each.channel) not in taken
    )


def _merge_all(
    session: Session,
    intake: Intake,
    replaces_better: bool,
    prepared: Sequence[MatchedSeries],
    rejections: Rejections,
    tell: Progress,
) -> SeriesMerger:
    """Merge channel by channel, some meters at a time."""
    merger = SeriesMerger(
        session=session,
        community=intake.community,
        replaces_better=replaces_better,
        stores=intake.may_store(rejections),
        recorded_at=intake.imported_at,
        rejections=rejections,
    )
    done, filled = 0, [each for each in prepared if each.series.starts.size]
    for batch in _cut_batches(filled):
        tell(0.05 + 0.9 * done / len(filled), f"{batch[0].series.channel} readings")
        merger.merge(batch)
        done += len(batch)
    return merger


def _cut_batches(series: Sequence[MatchedSeries]) -> Iterator[list[MatchedSeries]]:
    for channel in Channel:
        alike = [each for each in series if each.series.channel is channel]
        for first in range(0, len(alike), _METERS_AT_ONCE):
            yield alike[first : first + _METERS_AT_ONCE]
