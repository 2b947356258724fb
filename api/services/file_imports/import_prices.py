"""Take the prices of a file into a community."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session

from api.services.communities.community_meters import load_meters
from api.services.file_imports.file_report import (
    FileReport,
    MonthChange,
    SeriesChange,
    SourceFile,
    reject_values,
)
from api.services.file_imports.find_touched import find_priced
from api.services.file_imports.keep_file_import import Intake, conclude_import, find_earlier
from api.services.file_imports.local_months import split_by_month
from api.services.file_imports.merge_months import merge_prices
from api.services.jobs.progress import Progress, tell_nobody
from loaders.meter_files.records import Rejections, RowCode
from loaders.price_files.hourly_mean import average_quarters
from loaders.price_files.records import PriceFile, PriceSeries, PriceSubject
from models.repositories.packed_months import unpack_prices
from models.repositories.prices import add_price_month, has_hourly_prices, list_latest_prices
from models.tables import MISSING_PRICE, ImportSubject, Price, PriceKind
from models.values.calendar import Step, Zone
from models.values.errors import InvalidDataError
from models.values.local_month import LocalMonth


class NoPricesHereError(InvalidDataError):
    """A file has prices, but none of the community's zone.

    Attributes
    ----------
    zone : Zone
        The community's.
    zones : tuple of Zone
        The file's.
    """

    def __init__(self, zone: Zone, zones: Sequence[Zone]) -> None:
        named = ", ".join(zones) or "none"
        super().__init__(f"the file has no prices of {zone}; zones in it: {named}")
        self.zone = zone
        self.zones = tuple(zones)


class AmbiguousPricesError(InvalidDataError):
    """A file has several series of prices that are to be stored as one.

    Attributes
    ----------
    kind : PriceKind
        As what they are to be stored.
    subjects : tuple of PriceSubject
        What they are.
    """

    def __init__(self, kind: PriceKind, subjects: Sequence[PriceSubject]) -> None:
        named = ", ".join(subjects)
        super().__init__(
            f"the file has several series of {kind} prices ({named}); keep one of them"
        )
        self.kind = kind
        self.subjects = tuple(subjects)


@dataclass(frozen=True, slots=True)
class PriceOptions:
    """How a file of prices is to be taken.

    Attributes
    ----------
    other_is : PriceKind
        What a price of a table of one's own is paid for.
    accepts_partial : bool
        Whether the rest is taken when some months are stored by another step.
    averages_quarters : bool
        Whether the day-ahead market's quarter-hours are stored as means of their hours where the
        community's energy prices are hourly.
    """

    other_is: PriceKind = PriceKind.ENERGY
    accepts_partial: bool = False
    averages_quarters: bool = False

    def kind_of(self, subject: PriceSubject) -> PriceKind:
        """Tell as what prices of a subject are stored."""
        kinds = {
            PriceSubject.PVPC: PriceKind.ENERGY,
            PriceSubject.SURPLUS: PriceKind.SURPLUS,
            PriceSubject.DAY_AHEAD: PriceKind.DAY_AHEAD,
            PriceSubject.OTHER: self.other_is,
        }
        return kinds[subject]


def import_prices(
    session: Session,
    *,
    promoter_id: UUID,
    community_id: UUID,
    file: PriceFile,
    source: SourceFile,
    options: PriceOptions,
    imported_at: datetime,
    is_dry_run: bool = False,
    progress: Progress | None = None,
) -> FileReport:
    """Store the prices of a file that hold in a community; what is stored already stays.

    Month by month the file's prices are laid over the newest version, and what differs becomes the
    next one. The same file with the same options is stored once. The caller commits.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    community_id : UUID
        Whose prices they are.
    file : PriceFile
        What a reader delivered.
    source : SourceFile
        The file that it read.
    options : PriceOptions
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
    NoPricesHereError
        If the file has no prices of the community's zone.
    AmbiguousPricesError
        If two series of the file are to be stored as one.
    IncompleteHourError
        If quarter-hours are to be averaged, and an hour lacks one.
    RejectedRowsError
        If a month is stored by another step, and the others are not to be taken without it.
    UnalignedIntervalsError
        If an interval begins between two of a month's.
    DamagedMonthError
        If a stored month differs from its check value.
    """
    tell = progress or tell_nobody
    tell(0.0, "prices")
    meters = load_meters(session, promoter_id=promoter_id, community_id=community_id, locks=True)
    chosen, left = _choose_series(file, meters.community.zone, options)
    intake = Intake(
        community=meters.community,
        subject=ImportSubject.PRICES,
        format=file.format,
        source=source,
        options=asdict(options),
        is_dry_run=is_dry_run,
        accepts_partial=options.accepts_partial,
        imported_at=imported_at,
    )
    if earlier := find_earlier(session, intake):
        return earlier
    day_ahead = chosen.get(PriceKind.DAY_AHEAD)
    if day_ahead and options.averages_quarters and _is_hourly(session, intake):
        chosen[PriceKind.DAY_AHEAD] = [_average_all(day_ahead)]
    rejections = Rejections()
    merged = [_merge(session, intake, kind, parts, rejections) for kind, parts in chosen.items()]
    tell(0.9, "results that rest on them")
    changed = {month for _, months in merged for month in months}
    report = conclude_import(
        session,
        intake,
        row_count=sum(each.starts.size for each in file.series),
        rejections=rejections,
        series=[change for change, _ in merged],
        touched=find_priced(session, promoter_id=promoter_id, plants=meters.plants, months=changed),
        notes=(*file.notes, *left),
    )
    tell(1.0, "done")
    return report


def _choose_series(
    file: PriceFile, zone: Zone, options: PriceOptions
) -> tuple[dict[PriceKind, list[PriceSeries]], list[str]]:
    """Pick what holds in the zone, the parts of each step apart, and note what does not."""
    here = [each for each in file.series if each.zone in (None, zone)]
    if not here:
        raise NoPricesHereError(zone, [each.zone for each in file.series if each.zone])
    chosen: defaultdict[PriceKind, list[PriceSeries]] = defaultdict(list)
    for each in here:
        kind = options.kind_of(each.subject)
        for part in chosen[kind]:
            if (part.subject, part.zone) != (each.subject, each.zone) or part.step is each.step:
                raise AmbiguousPricesError(kind, [part.subject, each.subject])
        chosen[kind].append(each)
    left = [
        f"{each.starts.size} {each.subject} prices of {each.zone} were left out"
        for each in file.series
        if each.zone not in (None, zone)
    ]
    return chosen, left


def _is_hourly(session: Session, intake: Intake) -> bool:
    community = intake.community
    return has_hourly_prices(session, promoter_id=community.promoter_id, community_id=community.id)


def _average_all(parts: Sequence[PriceSeries]) -> PriceSeries:
    """Join the parts of a series as hours."""
    hourly = [average_quarters(part) for part in parts]
    starts = np.concatenate([part.starts for part in hourly])
    order = np.argsort(starts)
    prices = np.concatenate([part.nano_eur_per_kwh for part in hourly])
    return replace(hourly[0], starts=starts[order], nano_eur_per_kwh=prices[order])


def _merge(
    session: Session,
    intake: Intake,
    kind: PriceKind,
    parts: Sequence[PriceSeries],
    rejections: Rejections,
) -> tuple[SeriesChange, list[LocalMonth]]:
    """Lay prices of one kind over what is stored; say what changed, and which months did."""
    name = intake.community.code
    months = sorted(
        (
            (*found, part)
            for part in parts
            for found in split_by_month(part.starts, intake.community.timezone, part.step, name)
        ),
        key=lambda found: found[0].first,
    )
    stored = _load_stored(session, intake, kind, [month for month, *_ in months])
    steps = {starts_at: price.step_seconds for starts_at, price in stored.items()}
    changes, changed = [], []
    for month, place, positions, part in months:
        if steps.setdefault(month.starts_at, part.step.seconds) != part.step.seconds:
            reason = f"the {kind} prices of {month.name} are stored by another step"
            reject_values(rejections, RowCode.CONTRADICTION, name, reason, positions.size)
            continue
        previous = stored.get(month.starts_at)
        before = _unpack(previous, month.count(part.step))
        nano_eur, counts = merge_prices(before, positions, part.nano_eur_per_kwh[place])
        version = 0 if previous is None else previous.version
        if not counts.is_unchanged:
            version += 1
            changed.append(month)
            _append(session, intake, kind, part.step, month, nano_eur, version)
        changes.append(MonthChange(month.name, counts, version, {}))
    return SeriesChange(name, kind.value, tuple(changes)), changed


def _load_stored(
    session: Session, intake: Intake, kind: PriceKind, months: Sequence[LocalMonth]
) -> dict[datetime, Price]:
    if not months:
        return {}
    prices: Iterable[Price] = list_latest_prices(
        session,
        promoter_id=intake.community.promoter_id,
        community_id=intake.community.id,
        since=months[0].starts_at,
        until=months[-1].ends_at,
    )
    return {price.starts_at: price for price in prices if price.kind is kind}


def _unpack(previous: Price | None, count: int) -> NDArray[np.int64]:
    if previous is None:
        return np.full(count, MISSING_PRICE, np.int64)
    return unpack_prices(previous, count)


def _append(
    session: Session,
    intake: Intake,
    kind: PriceKind,
    step: Step,
    month: LocalMonth,
    nano_eur: NDArray[np.int64],
    version: int,
) -> None:
    if not intake.is_dry_run:
        add_price_month(
            session,
            promoter_id=intake.community.promoter_id,
            community_id=intake.community.id,
            kind=kind,
            starts_at=month.starts_at,
            step=step,
            nano_eur=nano_eur,
            version=version,
            recorded_at=intake.imported_at,
        )
