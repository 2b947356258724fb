"""One installation's record of what the distributor applied, changed as a whole.

Changes are gathered, checked against each other and stored together, each as an act that is kept.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Session

from models.repositories.applied_coefficients import (
    add_applied_changes,
    find_last_change,
    group_applied,
    replace_applied,
)
from models.repositories.supply_points import map_supply_points
from models.tables import ApplicationAct, AppliedCoefficient
from models.values.errors import ConflictError
from models.values.period import Period

_TICK = timedelta(microseconds=1)


class AppliedOverlapError(ConflictError):
    """Two agreements would be applied to one supply point on the same day.

    Attributes
    ----------
    cups : str
        The supply point.
    earlier, later : Period
        The two periods.
    """

    def __init__(self, cups: str, earlier: Period, later: Period) -> None:
        super().__init__(
            f"{cups} would have two coefficients from {later.start} on: one {_name(earlier)}, one "
            f"{_name(later)}; correct or remove one of the two first"
        )
        self.cups = cups
        self.earlier = earlier
        self.later = later


@dataclass(frozen=True, slots=True)
class _Change:
    """A stored period, what it shall be (None: gone), and why."""

    row: AppliedCoefficient
    period: Period | None
    act: ApplicationAct
    reason: str | None


class AppliedRecord:
    """The periods of one installation, and what shall become of them.

    Acts have rising instants, even where the clock does not: their order is the history.
    """

    def __init__(
        self, session: Session, *, promoter_id: UUID, installation_id: UUID, now: datetime
    ) -> None:
        tenant = {"promoter_id": promoter_id, "installation_id": installation_id}
        last = find_last_change(session, **tenant)
        self.recorded_at = now if last is None else max(now, last.recorded_at + _TICK)
        self._session = session
        self._tenant = tenant
        self._changes: dict[UUID, _Change] = {}
        self._added: list[tuple[AppliedCoefficient, str | None]] = []
        self._added_periods: defaultdict[UUID, list[Period]] = defaultdict(list)
        self._rows: defaultdict[UUID, list[AppliedCoefficient]] = defaultdict(list)
        rows = group_applied(session, promoter_id=promoter_id, installation_ids=[installation_id])
        for row in rows[installation_id]:
            self._rows[row.supply_point_id].append(row)

    def list_rows(self, supply_point_id: UUID | None = None) -> list[AppliedCoefficient]:
        """List the stored periods of one supply point or of all, by day."""
        if supply_point_id is not None:
            return list(self._rows.get(supply_point_id, []))
        return [row for rows in self._rows.values() for row in rows]

    def add(
        self, supply_point_id: UUID, agreement_id: UUID, period: Period, reason: str | None
    ) -> None:
        """Apply an agreement to a supply point; what ran without an end gives way to it."""
        for row in self.list_rows(supply_point_id):
            if row.agreement_id == agreement_id and period_of(row) == period:
                return
            if row.agreement_id != agreement_id:
                self._end_open(row, period.start, reason)
        row = AppliedCoefficient(
            supply_point_id=supply_point_id,
            agreement_id=agreement_id,
            valid_from=period.start,
            valid_until=period.end,
            **self._tenant,
        )
        self._added.append((row, reason))
        self._added_periods[supply_point_id].append(period)

    def end_others(self, kept: Collection[UUID], day: date, reason: str | None) -> None:
        """End what runs without an end and began before a day, but for some supply points."""
        staying = set(kept)
        for row in self.list_rows():
            if row.supply_point_id not in staying:
                self._end_open(row, day, reason)

    def _end_open(self, row: AppliedCoefficient, day: date, reason: str | None) -> None:
        if row.valid_until is None and row.valid_from < day and row.id not in self._changes:
            self.change(row, Period(row.valid_from, day), ApplicationAct.ENDED, reason)

    def change(
        self, row: AppliedCoefficient, period: Period, act: ApplicationAct, reason: str | None
    ) -> None:
        """Give a stored period other days; one that ended where it began follows its start."""
        self._changes[row.id] = _Change(row, period, act, reason)
        before = self._find_before(row)
        if before is not None and before.valid_from < period.start != row.valid_from:
            follows = Period(before.valid_from, period.start)
            self._changes[before.id] = _Change(before, follows, act, reason)

    def remove(self, row: AppliedCoefficient, reason: str) -> None:
        """Take a stored period out; one that ended where it began goes on to its end."""
        self.take_out(row, reason)
        before = self._find_before(row)
        if before is not None:
            goes_on = Period(before.valid_from, row.valid_until)
            act = ApplicationAct.CORRECTED
            self._changes[before.id] = _Change(before, goes_on, act, reason)

    def take_out(self, row: AppliedCoefficient, reason: str) -> None:
        """Take a stored period out and leave its days empty."""
        self._changes[row.id] = _Change(row, None, ApplicationAct.REMOVED, reason)

    def store(self) -> list[AppliedCoefficient]:
        """Store all changes and their acts; what was added is returned.

        Raises
        ------
        AppliedOverlapError
            If two periods of a supply point would share a day; nothing is stored.
        """
        self._check()
        changes = list(self._changes.values())
        acts = [act for change in changes for act in self._describe(change)]
        acts += [
            self._note(row, ApplicationAct.RECORDED, reason, period_of(row))
            for row, reason in self._added
        ]
        self._write(changes)
        add_applied_changes(self._session, acts)
        return [row for row, _ in self._added]

    def _write(self, changes: Sequence[_Change]) -> None:
        """Store all at two strokes: days are free before any is taken, whatever moves where."""
        kept = [(change.row, change.period) for change in changes if change.period is not None]
        for row, period in kept:
            set_committed_value(row, "valid_from", period.start)
            set_committed_value(row, "valid_until", period.end)
        for change in changes:
            if change.period is None:
                self._session.expunge(change.row)
        replace_applied(
            self._session,
            gone=[change.row.id for change in changes],
            rows=[row for row, _ in [*kept, *self._added]],
        )

    def _find_before(self, row: AppliedCoefficient) -> AppliedCoefficient | None:
        """Find the period of the same supply point that ended where this one begins."""
        rows = self.list_rows(row.supply_point_id)
        before = next((other for other in rows if other.valid_until == row.valid_from), None)
        change = None if before is None else self._changes.get(before.id)
        is_gone = change is not None and change.period is None
        return self._find_before(change.row) if change is not None and is_gone else before

    def _check(self) -> None:
        """Let no two periods of a supply point share a day."""
        touched = {change.row.supply_point_id for change in self._changes.values()}
        touched |= self._added_periods.keys()
        for point_id in touched:
            periods = sorted(self._outcome(point_id), key=lambda period: period.start)
            for earlier, later in pairwise(periods):
                if earlier.overlaps(later):
                    raise AppliedOverlapError(self._name_point(point_id), earlier, later)

    def _outcome(self, point_id: UUID) -> Iterator[Period]:
        """List the periods of a supply point as they shall be."""
        for row in self.list_rows(point_id):
            change = self._changes.get(row.id)
            period = period_of(row) if change is None else change.period
            if period is not None:
                yield period
        yield from self._added_periods.get(point_id, ())

    def _describe(self, change: _Change) -> list[dict[str, Any]]:
        """Note a change; of a period that begins on another day, the old one is gone."""
        old, new = period_of(change.row), change.period
        acts = []
        if new is None or new.start != old.start:
            acts.append(self._note(change.row, ApplicationAct.REMOVED, change.reason, old))
        if new is not None:
            acts.append(self._note(change.row, change.act, change.reason, new))
        return acts

    def _note(
        self, row: AppliedCoefficient, act: ApplicationAct, reason: str | None, period: Period
    ) -> dict[str, Any]:
        return {
            "id": uuid4(),
            "supply_point_id": row.supply_point_id,
            "agreement_id": row.agreement_id,
            "act": act,
            "valid_from": period.start,
            "valid_until": period.end,
            "reason": reason,
            "recorded_at": self.recorded_at,
            **self._tenant,
        }

    def _name_point(self, point_id: UUID) -> str:
        owner = self._tenant["promoter_id"]
        points = map_supply_points(self._session, promoter_id=owner, supply_point_ids=[point_id])
        return points[point_id].cups


def period_of(row: AppliedCoefficient) -> Period:
    """Give the days of a stored period.

    Parameters
    ----------
    row : AppliedCoefficient
        As it is stored.

    Returns
    -------
    Period
        Half-open.
    """
    return Period(row.valid_from, row.valid_until)


def _name(period: Period) -> str:
    if period.end is None:
        return f"from {period.start} without an end"
    return f"from {period.start} up to {period.end}"
