"""Hold a distributor's hourly curves against what the coefficients give: hour by hour, and why."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

import numpy as np
from sqlmodel import Session

from api.services.bills.billed_days import BilledDays
from api.services.checks.curve_check import CurveCheck, CurvesCheck, CurveTotals, WorstHour
from api.services.checks.own_curves import CurveReader, OwnCurves
from api.services.communities.find_points import UnknownCupsError
from api.services.energy.find_energy_subjects import SubjectKind
from api.services.file_imports.read_any_file import AmbiguousFormatError, ForeignFormatError
from api.services.readings.meter_homes import find_meter_homes
from loaders.archived_files import NamedFile
from loaders.detection import detect_file
from loaders.file_formats import Confidence, FileFormat
from loaders.meter_files.records import MeterFile, MeterSeries
from loaders.meter_files.simel import LAYOUTS, read_simel
from models.repositories.supply_points import map_supply_points_by_cups
from models.tables import Community, SupplyPoint
from models.values.calendar import Step, Zone, local_day
from models.values.errors import CommunityError, InvalidDataError
from models.values.metering import Channel
from planner.metering.curve_causes import (
    CurveCause,
    CurveFinding,
    OwnCurve,
    SharedCurve,
    explain_curve,
    imply_allocation,
    own_hours,
    share_generation,
)

_MOST_WORST = 5
_SHORT, _FIRST_METER = 20, "0F"
_CURVES = (Channel.CONSUMPTION, Channel.SURPLUS)


class UnlikeCurveError(InvalidDataError):
    """A file lacks one of the two curves of a supply point, or has quarter-hours.

    Attributes
    ----------
    cups : str
        Whose.
    """

    def __init__(self, cups: str) -> None:
        super().__init__(f"{cups} needs hourly curves of both the grid and the surplus")
        self.cups = cups


def check_curves(
    session: Session,
    *,
    promoter_id: UUID,
    file: NamedFile,
    form: FileFormat | None = None,
    tolerance_wh: int = 1,
) -> CurvesCheck:
    """Hold curves that a distributor made after sharing (A5D, B5D) against ours.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    file : NamedFile
        A file of SIMEL, expanded.
    form : FileFormat, optional
        Its layout; by name and content when None.
    tolerance_wh : int
        How far an hour may be off [Wh].

    Returns
    -------
    CurvesCheck
        Of each supply point totals, hours that differ, the worst ones and the likeliest cause.

    Raises
    ------
    ForeignFormatError, AmbiguousFormatError
        If it is no such file, or may be of several layouts.
    UnreadableFileError
        If it is not of its layout.
    UnknownCupsError
        If the promoter has none of its supply points.

    Notes
    -----
    That these curves are net of self-consumption is recalled, not confirmed: a file whose
    consumption is that of the boundary meter is named as such. The other agreements that are
    tried are those of one plant at a time.
    """
    kind = form or _tell_layout(file)
    read = read_simel(file.content, kind, timezone=Zone.PENINSULA.timezone)
    by_cups = _group_series(read)
    points = _find_points(session, promoter_id, list(by_cups))
    if not points:
        raise UnknownCupsError(set(by_cups) or {"no code at all"})
    homes = find_meter_homes(
        session,
        promoter_id=promoter_id,
        kind=SubjectKind.SUPPLY_POINT,
        ids=[point.id for point in points.values()],
    )
    communities = {home.community.id: home.community for home in homes.values()}
    checks: dict[str, CurveCheck | CommunityError] = {
        cups: UnknownCupsError({cups}) for cups in by_cups if cups not in points
    }
    for community in communities.values():
        own = {
            cups: point
            for cups, point in points.items()
            if homes[point.id].community.id == community.id
        }
        series = by_cups
        if community.timezone != Zone.PENINSULA.timezone:
            series = _group_series(read_simel(file.content, kind, timezone=community.timezone))
        checks |= _Checker(session, community, tolerance_wh).check(own, series)
    ordered = [checks[cups] for cups in by_cups]
    return CurvesCheck(
        format=read.format.value,
        checks=tuple(each for each in ordered if isinstance(each, CurveCheck)),
        failed={cups: each for cups, each in checks.items() if isinstance(each, CommunityError)},
        notes=read.notes,
        n_rejected=read.rejections.counts.total(),
    )


def _find_points(
    session: Session, promoter_id: UUID, codes: Sequence[str]
) -> dict[str, SupplyPoint]:
    """Find supply points by their codes, also where one side leaves out the measuring point."""
    forms = {code: (code, code[:_SHORT], code + _FIRST_METER) for code in codes}
    found = map_supply_points_by_cups(
        session, promoter_id=promoter_id, cups={each for held in forms.values() for each in held}
    )
    return {
        code: next(found[each] for each in held if each in found)
        for code, held in forms.items()
        if any(each in found for each in held)
    }


def _tell_layout(file: NamedFile) -> FileFormat:
    detection = detect_file(file.name, file.content)
    choices = (detection.format, *detection.alternatives)
    if detection.confidence is Confidence.AMBIGUOUS and any(each in LAYOUTS for each in choices):
        raise AmbiguousFormatError(choices, detection.reason)
    if detection.format not in LAYOUTS:
        raise ForeignFormatError(detection.format, detection.reason)
    return detection.format


_Series = Mapping[str, Mapping[Channel, MeterSeries]]


def _group_series(read: MeterFile) -> _Series:
    grouped: defaultdict[str, dict[Channel, MeterSeries]] = defaultdict(dict)
    for series in read.series:
        grouped[series.code][series.channel] = series
    return grouped


class _Checker:
    """Compares the curves of one community's supply points."""

    def __init__(self, session: Session, community: Community, tolerance_wh: int) -> None:
        self._session = session
        self._community = community
        self._tolerance_wh = tolerance_wh

    def check(
        self, points: Mapping[str, SupplyPoint], by_cups: _Series
    ) -> dict[str, CurveCheck | CommunityError]:
        """Compare everybody, those of the same days together."""
        checks: dict[str, CurveCheck | CommunityError] = {}
        groups: defaultdict[tuple[date, date], dict[str, SupplyPoint]] = defaultdict(dict)
        for cups, point in points.items():
            try:
                groups[self._tell_days(cups, by_cups[cups])][cups] = point
            except UnlikeCurveError as error:
                checks[cups] = error
        for (start, end), held in groups.items():
            checks |= self._check_days(start, end, held, by_cups)
        return checks

    def _tell_days(self, cups: str, series: Mapping[Channel, MeterSeries]) -> tuple[date, date]:
        held = [series.get(channel) for channel in _CURVES]
        if any(each is None or each.step is not Step.HOUR for each in held):
            raise UnlikeCurveError(cups)
        instants = [at for each in held if each for at in (each.starts[0], each.starts[-1])]
        first, last = min(instants).item(), max(instants).item()
        timezone = self._community.timezone
        return local_day(first, timezone), local_day(last, timezone) + timedelta(days=1)

    def _check_days(
        self, start: date, end: date, points: Mapping[str, SupplyPoint], by_cups: _Series
    ) -> dict[str, CurveCheck | CommunityError]:
        days = BilledDays(start, end, self._community.timezone)
        reader = CurveReader(self._session, self._community, list(points.values()), days)
        ours = reader.read()
        theirs = {point.id: _lay_out(by_cups[cups], ours) for cups, point in points.items()}
        findings = self._explain(reader, ours, theirs)
        checks: dict[str, CurveCheck | CommunityError] = {}
        for cups, point in points.items():
            own = ours.curves[point.id]
            checks[cups] = (
                own
                if isinstance(own, CommunityError)
                else self._compare(point, days, ours, own, theirs[point.id], findings[point.id])
            )
        return checks

    def _explain(
        self, reader: CurveReader, ours: OwnCurves, theirs: Mapping[UUID, SharedCurve]
    ) -> dict[UUID, CurveFinding]:
        """Find everybody's cause; what explains all together goes before what is not known."""
        curves = {key: each for key, each in ours.curves.items() if isinstance(each, OwnCurve)}
        tolerance = float(self._tolerance_wh)
        findings = {
            key: explain_curve(each, theirs[key], {}, tolerance_wh=tolerance)
            for key, each in curves.items()
        }
        unclear = (CurveCause.OTHER_COEFFICIENT, CurveCause.UNKNOWN)
        if not any(each.cause in unclear for each in findings.values()):
            return findings
        agreements = reader.read_agreements()
        for key in [key for key, each in findings.items() if each.cause in unclear]:
            findings[key] = explain_curve(
                curves[key], theirs[key], agreements[key], tolerance_wh=tolerance
            )
        return self._find_generation(curves, theirs, findings)

    def _find_generation(
        self,
        curves: Mapping[UUID, OwnCurve],
        theirs: Mapping[UUID, SharedCurve],
        findings: dict[UUID, CurveFinding],
    ) -> dict[UUID, CurveFinding]:
        """See whether another generation, shared by our coefficients, explains several curves."""
        betas = {key: _tell_beta(curves[key]) for key in findings}
        unclear = (CurveCause.OTHER_COEFFICIENT, CurveCause.UNKNOWN)
        held = [key for key, each in findings.items() if each.cause in unclear and betas[key]]
        implied = [imply_allocation(curves[key], theirs[key]) for key in held]
        known = np.array([betas[key] or 0.0 for key in held])
        tolerance = float(self._tolerance_wh)
        if not held or not share_generation(known, np.stack(implied), tolerance_wh=tolerance):
            return findings
        found = CurveFinding(CurveCause.GENERATION)
        return {key: found if key in held else each for key, each in findings.items()}

    def _compare(
        self,
        point: SupplyPoint,
        days: BilledDays,
        ours: OwnCurves,
        own: OwnCurve,
        theirs: SharedCurve,
        finding: CurveFinding,
    ) -> CurveCheck:
        both = own_hours(theirs)
        differs = theirs.differs_from(own.shared, float(self._tolerance_wh))
        apart = np.abs(theirs.grid_wh - own.shared.grid_wh) + np.abs(
            theirs.surplus_wh - own.shared.surplus_wh
        )
        worst = np.argsort(np.where(differs, -apart, 0.0), kind="stable")
        places = worst[: min(_MOST_WORST, int(differs.sum()))].tolist()
        return CurveCheck(
            point=point,
            start=days.start,
            end=days.end,
            n_hours=both.size,
            n_missing=int((~both).sum()),
            n_differing=int(differs.sum()),
            ours=_sum(own.shared, both),
            theirs=_sum(theirs, both),
            worst=tuple(
                WorstHour(ours.starts[at], _at(own.shared, at), _at(theirs, at)) for at in places
            ),
            finding=finding,
        )


def _lay_out(series: Mapping[Channel, MeterSeries], ours: OwnCurves) -> SharedCurve:
    """Put a file's values on our hours; NaN where it has none."""
    laid = []
    for channel in _CURVES:
        values = np.full(ours.starts.size, np.nan)
        held = series[channel]
        values[np.searchsorted(ours.starts, held.starts)] = held.energy_wh
        laid.append(values)
    return SharedCurve(*laid)


def _tell_beta(own: OwnCurve) -> float | None:
    """Tell a coefficient that is the same in all hours; None where it is not, or nothing."""
    sunny = own.generation_wh > 0
    betas = own.allocated_wh[sunny] / own.generation_wh[sunny]
    if not betas.size or betas.min() <= 0 or betas.max() - betas.min() > 1e-9:
        return None
    return float(betas[0])


def _sum(curve: SharedCurve, hours: np.typing.NDArray[np.bool_]) -> CurveTotals:
    return CurveTotals(
        round(float(curve.grid_wh[hours].sum())), round(float(curve.surplus_wh[hours].sum()))
    )


def _at(curve: SharedCurve, place: int) -> CurveTotals:
    return CurveTotals(round(float(curve.grid_wh[place])), round(float(curve.surplus_wh[place])))
