"""Merge series of a file into the months that are stored of their meters."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session

from api.services.file_imports.file_report import MonthChange, SeriesChange, reject_values
from api.services.file_imports.find_touched import ChangedMonth
from api.services.file_imports.local_months import split_by_month
from api.services.file_imports.match_meters import MatchedSeries
from api.services.file_imports.merge_months import MeteredValues, empty_month, merge_energy
from loaders.meter_files.records import Rejections, RowCode
from models.repositories.packed_months import PackedEnergy, StoredMonth, unpack_energy
from models.repositories.readings import add_month, list_latest_readings
from models.tables import Community
from models.values.calendar import Step
from models.values.local_month import LocalMonth
from models.values.metering import Quality

_Stored = dict[tuple[UUID, datetime], StoredMonth]
_MonthValues = tuple[LocalMonth, MeteredValues]


@dataclass(slots=True)
class SeriesMerger:
    """Lays series over stored months, and collects what that changed.

    Attributes
    ----------
    session : Session
        Open transaction.
    community : Community
        Whose meters they are.
    replaces_better : bool
        Whether values are right even against values that are known better.
    stores : bool
        Whether changed months are appended.
    recorded_at : datetime
        Instant of the import.
    rejections : Rejections
        Takes the values of months that are stored by another step.
    series : list of SeriesChange
        What became of each series.
    changed : list of ChangedMonth
        Months that got a new version, or would.
    """

    session: Session
    community: Community
    replaces_better: bool
    stores: bool
    recorded_at: datetime
    rejections: Rejections
    series: list[SeriesChange] = field(default_factory=list)
    changed: list[ChangedMonth] = field(default_factory=list)

    def merge(self, batch: Sequence[MatchedSeries]) -> None:
        """Merge series of one channel, none of them empty."""
        split = [(matched, self._split(matched)) for matched in batch]
        stored = self._load(split)
        for matched, months in split:
            changes = [
                change
                for month, values in months
                if (change := self._merge_month(matched, month, values, stored)) is not None
            ]
            channel = matched.series.channel.value
            self.series.append(SeriesChange(matched.name, channel, tuple(changes)))
        if self.stores:
            self.session.flush()

    def _split(self, matched: MatchedSeries) -> list[_MonthValues]:
        series = matched.series
        months = split_by_month(series.starts, self.community.timezone, series.step, matched.name)
        return [
            (month, MeteredValues(positions, series.energy_wh[place], series.quality[place]))
            for month, place, positions in months
        ]

    def _load(self, split: Sequence[tuple[MatchedSeries, list[_MonthValues]]]) -> _Stored:
        """Load the newest versions of the months that a batch reaches into."""
        months = [month for _, values in split for month, _ in values]
        readings = list_latest_readings(
            self.session,
            promoter_id=self.community.promoter_id,
            channel=split[0][0].series.channel,
            meter_ids=[matched.meter_id for matched, _ in split],
            since=min(month.starts_at for month in months),
            until=max(month.ends_at for month in months),
        )
        return {(reading.meter_id, reading.starts_at): reading for reading in readings}

    def _merge_month(
        self, matched: MatchedSeries, month: LocalMonth, values: MeteredValues, stored: _Stored
    ) -> MonthChange | None:
        """Merge one month; None when it is stored by another step."""
        step = matched.series.step
        previous = stored.get((matched.meter_id, month.starts_at))
        if previous is not None and previous.step is not step:
            self._reject_step(matched, month, values)
            return None
        count = month.count(step)
        before = (
            empty_month(count) if previous is None else unpack_energy(previous, matched.name, count)
        )
        packed, counts = merge_energy(*before, values, replaces_better=self.replaces_better)
        version = 0 if previous is None else previous.version
        if not counts.is_unchanged:
            version += 1
            self.changed.append(ChangedMonth(matched.meter_id, matched.series.channel, month))
            self._append(matched, month, packed, version)
        return MonthChange(month.name, counts, version, _count_qualities(values.quality))

    def _append(
        self, matched: MatchedSeries, month: LocalMonth, packed: PackedEnergy, version: int
    ) -> None:
        if self.stores:
            add_month(
                self.session,
                promoter_id=self.community.promoter_id,
                channel=matched.series.channel,
                meter_id=matched.meter_id,
                starts_at=month.starts_at,
                step=matched.series.step,
                packed=packed,
                version=version,
                recorded_at=self.recorded_at,
            )

    def _reject_step(
        self, matched: MatchedSeries, month: LocalMonth, values: MeteredValues
    ) -> None:
        offered = matched.series.step
        advice = (
            "sum the quarter-hours into hours" if offered is Step.QUARTER_HOUR else "leave them out"
        )
        reason = f"{month.name} is stored by another step than {offered.value}; {advice}"
        count = values.positions.size
        reject_values(self.rejections, RowCode.CONTRADICTION, matched.name, reason, count)


def _count_qualities(quality: NDArray[np.uint8]) -> dict[str, int]:
    counts = np.bincount(quality, minlength=Quality.MISSING + 1)
    return {each.name.lower(): int(counts[each]) for each in Quality if counts[each]}
