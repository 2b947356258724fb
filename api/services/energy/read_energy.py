"""Read a year of energy of plants, supply points or members, as measured or as shared out."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from operator import attrgetter
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session

from api.services.energy.energy_question import EnergyQuestion, Measure, SharedElsewhereError
from api.services.energy.enough_members import (
    TooFewMembersError,
    require_enough_apart,
    require_enough_at_once,
)
from api.services.energy.find_energy_subjects import EnergySubject, SubjectKind, find_subjects
from api.services.energy.find_shares import CoefficientBasis
from api.services.energy.metered_years import (
    Energy,
    MeteredYear,
    MeteredYears,
    find_longest_step,
    load_metered_years,
    stack_years,
)
from models.repositories.readings import WantedYear
from models.tables import Channel
from models.values.calendar import Step, local_midnight, month_starts, year_steps
from models.values.coefficient import MILLIONTHS
from models.values.errors import CommunityError, InvalidArgumentError, NotFoundError
from models.values.local_month import list_year
from models.values.resolution import sum_starts
from planner.allocation import meet_consumption
from planner.dated_shares import find_holding, lay_out_shares

Months = NDArray[np.bool_]
"""What is told of each month of a year, shape (..., 12)."""

CONSUMERS = frozenset({SubjectKind.SUPPLY_POINT, SubjectKind.MEMBER})
_METERED = frozenset({Measure.GENERATION, Measure.CONSUMPTION})
_NEEDED = {
    Measure.GENERATION: (Channel.GENERATION,),
    Measure.CONSUMPTION: (Channel.CONSUMPTION,),
    Measure.ALLOCATED: (Channel.GENERATION,),
}
"""Which readings measures need that do not need both."""


class NoGenerationError(InvalidArgumentError):
    """Generation was asked of somebody who only consumes."""

    def __init__(self, kind: SubjectKind) -> None:
        super().__init__(f"a {kind} generates nothing: ask its installation, or for its allocation")
        self.kind = kind


class NoCoefficientsError(NotFoundError):
    """Energy cannot be shared out while no coefficients stand."""

    def __init__(self, measure: Measure) -> None:
        super().__init__(f"no agreement is in force, so nothing is {measure}: name a proposal")
        self.measure = measure


class NobodySharesError(NotFoundError):
    """No supply point shares in an installation."""

    def __init__(self, measure: Measure) -> None:
        super().__init__(f"nobody shares here, so there is no {measure}")
        self.measure = measure


@dataclass(frozen=True, slots=True, eq=False)
class EnergySeries:
    """Energy of every interval of a local year.

    Attributes
    ----------
    start : datetime
        Start of the first interval, on the community's clock.
    step : str
        ISO 8601 name of the interval, such as ``PT1H``.
    values_kwh : ndarray of float, shape (n_intervals,)
        Energy [kWh].
    basis : CoefficientBasis or None
        Where the coefficients come from; None of what meters count.
    """

    start: datetime
    step: str
    values_kwh: Energy
    basis: CoefficientBasis | None = None


def read_energy(
    session: Session,
    *,
    promoter_id: UUID,
    kind: SubjectKind,
    ids: Collection[UUID],
    question: EnergyQuestion,
) -> dict[UUID, EnergySeries | CommunityError]:
    """Answer one question about energy for many subjects at once.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        Whose records.
    kind : SubjectKind
        What the ids are ids of.
    ids : collection of UUID
        What is asked about.
    question : EnergyQuestion
        Which energy, when, and under which coefficients.

    Returns
    -------
    dict of UUID to EnergySeries or CommunityError
        For each known id its series, or why it has none: ``NoCoefficientsError``,
        ``MissingMonthsError``, ``DamagedMonthError``, ``TooFewMembersError`` or
        ``FinerThanMeteredError``.

    Raises
    ------
    NoGenerationError
        If generation is asked of those who only consume.
    UnknownProposalError, UnknownAgreementError
        If there is no such proposal or agreement.

    Notes
    -----
    A supply point uses of its shares in all plants together at most what it consumes
    (RD 244/2019, Annex I), of each in proportion to its share, in every interval of the longest by
    which its meter and the plants in which it has a coefficient count that month; sums of those
    that differ are by the hour. While nothing at all is recorded as applied in a plant, its
    published agreement stands in.
    """
    if question.measure is Measure.GENERATION and kind in CONSUMERS:
        raise NoGenerationError(kind)
    subjects = find_subjects(
        session,
        promoter_id=promoter_id,
        kind=kind,
        ids=ids,
        year=question.year,
        document=question.document,
        with_shares=_needs_shares(kind, question),
    )
    if question.measure not in _METERED:
        alone = question.measure is Measure.ALLOCATED
        subjects = {key: each.keep_sharing(only_counted=alone) for key, each in subjects.items()}
    meters = _load_meters(session, promoter_id, subjects.values(), question)
    return {key: _answer(subject, meters, question) for key, subject in subjects.items()}


def _needs_shares(kind: SubjectKind, question: EnergyQuestion) -> bool:
    """Tell whether coefficients matter; a document that is named has to be there in any case."""
    own_meters = kind in CONSUMERS or question.measure is Measure.GENERATION
    return question.document is not None or question.measure not in _METERED or not own_meters


def _load_meters(
    session: Session,
    promoter_id: UUID,
    subjects: Collection[EnergySubject],
    question: EnergyQuestion,
) -> MeteredYears:
    """Load every meter that the measure needs, once, clock by clock."""
    meters: dict[UUID, MeteredYear | CommunityError] = {}
    for timezone in {subject.timezone for subject in subjects}:
        local = [subject for subject in subjects if subject.timezone == timezone]
        codes: dict[Channel, list[Mapping[UUID, str]]] = {
            Channel.GENERATION: [subject.caus for subject in local],
            Channel.CONSUMPTION: [subject.cups for subject in local],
        }
        for channel in _NEEDED.get(question.measure, codes.keys()):
            named = {key: code for held in codes[channel] for key, code in held.items()}
            wanted = WantedYear(channel, named, question.year, timezone)
            meters |= load_metered_years(session, wanted, promoter_id=promoter_id)
    return meters


def _answer(
    subject: EnergySubject, meters: MeteredYears, question: EnergyQuestion
) -> EnergySeries | CommunityError:
    """Answer for one subject, or say why there is no answer."""
    try:
        step, energy_kwh = _measure(subject, meters, question)
        values_kwh = _sum_intervals(energy_kwh, step, subject.timezone, question)
    except CommunityError as error:
        return error
    begin = local_midnight(date(question.year, 1, 1), subject.timezone)
    return EnergySeries(
        start=datetime.fromtimestamp(int(begin.astype(np.int64)), ZoneInfo(subject.timezone)),
        step=question.resolution.iso_name,
        values_kwh=values_kwh,
        basis=None if question.measure in _METERED else subject.basis,
    )


def _measure(
    subject: EnergySubject, meters: MeteredYears, question: EnergyQuestion
) -> tuple[Step, Energy]:
    """Compute the energy of every metering interval [kWh]."""
    measure = question.measure
    if measure is Measure.GENERATION:
        step = _find_step(subject.counted, meters)
        return step, _stack(subject.counted, meters, question, step).sum(axis=0)
    _require_enough(subject, question)
    if measure is Measure.CONSUMPTION:
        step = _find_step(subject.cups, meters)
        find_counting = partial(_find_counting, subject, question)
        consumption = _stack(subject.cups, meters, question, step, find_counting)
        return step, consumption.sum(axis=0, where=find_counting(step))
    if not subject.shares:
        raise NoCoefficientsError(measure)
    if measure is not Measure.ALLOCATED:
        _refuse_split(subject, question)
    if measure is Measure.ALLOCATED or question.fewest > 1:
        step = _find_step(subject.caus, meters)
        counted = _allocate(subject, meters, question, step)[_find_counted(subject)].sum(axis=0)
        if question.fewest > 1:
            require_enough_at_once(counted > 0.0, subject.owners, question.fewest)
        if measure is Measure.ALLOCATED:
            return step, counted.sum(axis=0)
    parts = {
        step: _meet(subject.cut(months), meters, question, step, months)
        for step, months in _group_by_step(subject, meters, question.year).items()
    }
    longest = max(parts, key=attrgetter("seconds"))
    sums = [_sum_by(longest, step, energy_kwh) for step, energy_kwh in parts.items()]
    return longest, np.sum(sums, axis=0)


def _group_by_step(
    subject: EnergySubject, meters: MeteredYears, year: int
) -> dict[Step, dict[UUID, Months]]:
    """Tell who is reckoned by which interval in which months: the longest of its own meters' then.

    These are a supply point's and those of the plants in which it has a coefficient that month.
    """
    months = list_year(year, subject.timezone)
    plants = {key: _find_hourly(meters, key) for key in subject.shares}
    groups: dict[Step, dict[UUID, Months]] = {Step.HOUR: {}, Step.QUARTER_HOUR: {}}
    for point_id in subject.cups:
        is_hourly = _find_hourly(meters, point_id)
        for key, is_plant_hourly in plants.items():
            if (is_plant_hourly & ~is_hourly).any():
                shares = subject.shares[key]
                held = np.array([shares.holds(point_id, month.days) for month in months])
                is_hourly = is_hourly | is_plant_hourly & held
        for step, counted in ((Step.HOUR, is_hourly), (Step.QUARTER_HOUR, ~is_hourly)):
            if counted.any():
                groups[step][point_id] = counted
    return {step: group for step, group in groups.items() if group}


def _find_hourly(meters: MeteredYears, key: UUID) -> Months:
    """Tell in which months a meter counted by the hour, as far as it was read."""
    meter = meters.get(key)
    return meter.is_hourly if isinstance(meter, MeteredYear) else np.zeros(12, np.bool_)


def _spread(months: Months, *, year: int, timezone: str, step: Step) -> NDArray[np.bool_]:
    """Spread what is told of months over their intervals."""
    if months.all():
        return np.ones((), np.bool_)
    ends = (*month_starts(year, timezone, step), year_steps(year, timezone, step).size)
    return np.repeat(months, np.diff(ends), axis=-1)


def _meet(
    subject: EnergySubject,
    meters: MeteredYears,
    question: EnergyQuestion,
    step: Step,
    months: Mapping[UUID, Months],
) -> Energy:
    """Meet consumption with shares, in every interval of these months, shape (n_steps,) [kWh]."""
    inside = np.array([*months.values()])
    spread = _spread(inside, year=question.year, timezone=subject.timezone, step=step)

    def find_counting(step: Step) -> NDArray[np.bool_]:
        return spread & _find_counting(subject, question, step)

    allocated = _allocate(subject, meters, question, step)
    consumption = _stack(subject.cups, meters, question, step, find_counting)
    split = meet_consumption(allocated.sum(axis=0), consumption)
    if question.measure is Measure.GRID_IMPORT:
        grid: Energy = split.grid_import_kwh.sum(axis=0, where=find_counting(step))
        return grid
    counted = allocated[_find_counted(subject)].sum(axis=0)
    used = counted * _divide(split.self_consumed_kwh, split.allocated_kwh)
    part = used if question.measure is Measure.SELF_CONSUMED else counted - used
    told: Energy = part.sum(axis=0, where=spread)
    return told


def _sum_by(longest: Step, step: Step, energy_kwh: Energy) -> Energy:
    sums: Energy = energy_kwh.reshape(-1, step.per_hour // longest.per_hour).sum(axis=1)
    return sums


def _find_counted(subject: EnergySubject) -> NDArray[np.bool_]:
    """Tell of which plants the energy is asked for, shape (n_installations,)."""
    return np.array([plant_id in subject.counted for plant_id in subject.caus], np.bool_)


def _require_enough(subject: EnergySubject, question: EnergyQuestion) -> None:
    """Refuse what tells of few, by who shares: a year of many may hold hours of one."""
    fewest, year, timezone = question.fewest, question.year, subject.timezone
    if fewest == 1:
        return
    if 0 < subject.member_count < fewest:
        raise TooFewMembersError(fewest)
    require_enough_at_once(_find_counting(subject, question, Step.HOUR), subject.owners, fewest)
    if subject.together is not None:
        require_enough_apart(subject.together, year=year, timezone=timezone, fewest=fewest)


def _refuse_split(subject: EnergySubject, question: EnergyQuestion) -> None:
    """Refuse to tell of few what each used of one plant of several.

    A member's use is split between plants by what each gives it. So a sum over a plant weighs
    members by coefficients of their own, and less the other plant's, by what both generate, it is
    of those alone who have other coefficients there.
    """
    elsewhere = subject.caus.keys() - subject.counted
    if question.fewest > 1 and elsewhere:
        raise SharedElsewhereError(min(subject.caus[key] for key in subject.counted))


def _find_counting(
    subject: EnergySubject, question: EnergyQuestion, step: Step
) -> NDArray[np.bool_]:
    """Tell which supply points count, shape (n_supply_points, n_steps)."""
    shares = [subject.counting[point_id] for point_id in subject.cups]
    return find_holding(shares, year=question.year, timezone=subject.timezone, step=step)


def _find_step(keys: Collection[UUID], meters: MeteredYears) -> Step:
    """Find the longest interval of some meters."""
    return find_longest_step(meters[key] for key in keys if key in meters)


def _stack(
    keys: Collection[UUID],
    meters: MeteredYears,
    question: EnergyQuestion,
    step: Step,
    find_counting: Callable[[Step], NDArray[np.bool_]] | None = None,
) -> Energy:
    """Put several meters' years under each other, shape (n_meters, n_steps)."""
    if not keys:
        raise NobodySharesError(question.measure)
    return stack_years([meters[key] for key in keys], step, find_counting)


def _divide(part: Energy, whole: Energy) -> Energy:
    """Tell which share of a whole a part is; of nothing, none."""
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0.0)


def _allocate(
    subject: EnergySubject, meters: MeteredYears, question: EnergyQuestion, step: Step
) -> Energy:
    """Share out what the plants generate, shape (n_installations, n_supply_points, n_steps)."""
    year, timezone = question.year, subject.timezone
    n_steps = year_steps(year, timezone, step).size
    allocated = np.empty((len(subject.caus), len(subject.cups), n_steps))
    for row, plant_id in enumerate(subject.caus):
        (generation,) = stack_years([meters[plant_id]], step)
        held = subject.shares[plant_id].shares
        rows = [held.get(point_id, ()) for point_id in subject.cups]
        millionths = lay_out_shares(rows, year=year, timezone=timezone, step=step)
        np.multiply(millionths, generation / MILLIONTHS, out=allocated[row])
    return allocated


def _sum_intervals(
    energy_kwh: Energy, step: Step, timezone: str, question: EnergyQuestion
) -> Energy:
    """Sum metering intervals to the wanted resolution, without the noise of float sums."""
    starts = sum_starts(question.year, timezone, step, question.resolution)
    return np.add.reduceat(energy_kwh, starts).round(9)
