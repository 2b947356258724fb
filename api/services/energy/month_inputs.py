"""Gather what a month's allocation is made from: readings, and the coefficients applied."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session

from api.services.energy.find_shares import PlantShares, find_applied_shares
from models.repositories.communities import map_communities
from models.repositories.installations import group_installations
from models.repositories.packed_months import StoredMonth, unpack_energy
from models.repositories.readings import MissingMonthsError, list_latest_readings, month_instants
from models.repositories.supply_points import map_supply_points
from models.tables import SelfConsumptionInstallation
from models.values.calendar import Step, local_times, month_starts, year_steps
from models.values.errors import ConflictError, NotFoundError
from models.values.metering import Channel, Quality
from models.values.period import Period, add_months
from planner.dated_shares import Millionths, lay_out_shares

Wh = NDArray[np.int32]

_Meters = Mapping[Channel, Mapping[UUID, StoredMonth]]


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


class UnlikeStepsError(ConflictError):
    """Some meters of a month are read by the hour, others by the quarter of an hour.

    Attributes
    ----------
    cau : str
        The plant.
    month : date
        First day of the month.
    """

    def __init__(self, cau: str, month: date) -> None:
        super().__init__(
            f"the meters of {cau} are read by different steps in {month:%Y-%m}: import all by the "
            "hour or all by the quarter of an hour"
        )
        self.cau = cau
        self.month = month


@dataclass(frozen=True, slots=True)
class LocalMonth:
    """A local month.

    Attributes
    ----------
    first : date
        Its first day.
    timezone : str
        IANA name of its clock.
    """

    first: date
    timezone: str

    @property
    def borders(self) -> tuple[datetime, datetime]:
        """Its first instant, and the first after it."""
        instants = month_instants(self.first.year, self.timezone)
        return instants[self.first.month - 1], instants[self.first.month]

    def span(self, step: Step) -> slice:
        """Give its place among the intervals of its year."""
        starts = month_starts(self.first.year, self.timezone, step).tolist()
        starts.append(year_steps(self.first.year, self.timezone, step).size)
        return slice(starts[self.first.month - 1], starts[self.first.month])


@dataclass(frozen=True, slots=True, eq=False)
class MonthInputs:
    """What an allocation is made from.

    Attributes
    ----------
    month : LocalMonth
        When.
    step : Step
        Interval of all meters.
    plants : mapping of UUID to str
        The plant that is shared out and those in which its supply points share too, by CAU.
    points : mapping of UUID to str
        Supply points with a coefficient in the plant, and their CUPS.
    millionths : ndarray of int64, shape (n_plants, n_points, n_steps)
        Coefficients.
    generation_wh : ndarray of int32, shape (n_plants, n_steps)
        Net generation [Wh].
    consumption_wh : ndarray of int32, shape (n_points, n_steps)
        Boundary meter readings [Wh].
    sha256 : str
        Digest of the readings' versions and the coefficients.
    """

    month: LocalMonth
    step: Step
    plants: Mapping[UUID, str]
    points: Mapping[UUID, str]
    millionths: Millionths
    generation_wh: Wh
    consumption_wh: Wh
    sha256: str

    def list_days(self) -> NDArray[np.datetime64]:
        """List the local day of every interval, shape (n_steps,)."""
        local = local_times(self.month.first.year, self.month.timezone, self.step)
        return local[self.month.span(self.step)].astype("datetime64[D]")


def gather_month(
    session: Session, *, plant: SelfConsumptionInstallation, first: date
) -> MonthInputs:
    """Read everything that the allocation of a plant's month is made from.

    Parameters
    ----------
    session : Session
        Open transaction.
    plant : SelfConsumptionInstallation
        What is shared out.
    first : date
        First day of the local month.

    Returns
    -------
    MonthInputs
        Whole: every meter, every interval in which somebody has a coefficient.

    Raises
    ------
    NothingAppliedError
        If nothing is recorded as applied to anybody.
    MissingMonthsError
        If a meter was not read, or not whenever it has a coefficient.
    UnlikeStepsError
        If meters are read by different steps.
    DamagedMonthError
        If a stored month differs from its check value.
    """
    month, caus = _find_siblings(session, plant, first)
    owner = plant.promoter_id
    within = Period(first, add_months(first, 1))
    shares = find_applied_shares(session, promoter_id=owner, installation_ids=caus, within=within)
    held = shares[plant.id].shares if plant.id in shares else {}
    if not held:
        raise NothingAppliedError(plant.cau, first)
    plants = {
        key: cau for key, cau in caus.items() if key in shares and shares[key].shares.keys() & held
    }
    found = map_supply_points(session, promoter_id=owner, supply_point_ids=held)
    points = {key: found[key].cups for key in sorted(held, key=lambda key: found[key].cups)}
    meters = {
        channel: _read(session, owner, month, channel, names)
        for channel, names in ((Channel.GENERATION, plants), (Channel.CONSUMPTION, points))
    }
    step = _single_step(plant, first, meters)
    millionths = np.stack([_lay_out(shares[key], points, month, step) for key in plants])
    is_shared = millionths.sum(axis=0) > 0
    return MonthInputs(
        month=month,
        step=step,
        plants=plants,
        points=points,
        millionths=millionths,
        generation_wh=_unpack(
            month, Channel.GENERATION, plants, meters, np.ones(millionths[:, 0].shape, np.bool_)
        ),
        consumption_wh=_unpack(month, Channel.CONSUMPTION, points, meters, is_shared),
        sha256=_digest(plants, points, meters, millionths),
    )


def _find_siblings(
    session: Session, plant: SelfConsumptionInstallation, first: date
) -> tuple[LocalMonth, dict[UUID, str]]:
    """Find the clock of a plant's community, and all its plants by CAU."""
    owner, key = plant.promoter_id, plant.community_id
    community = map_communities(session, promoter_id=owner, community_ids=[key])[key]
    rows = group_installations(session, promoter_id=owner, community_ids=[key])[key]
    caus = {row.id: row.cau for row in sorted(rows, key=lambda row: row.cau)}
    return LocalMonth(first, community.timezone), caus


def _lay_out(
    shares: PlantShares, points: Mapping[UUID, str], month: LocalMonth, step: Step
) -> Millionths:
    """Lay the coefficients of one plant out, shape (n_points, n_steps)."""
    return lay_out_shares(
        [shares.shares.get(point_id, ()) for point_id in points],
        year=month.first.year,
        timezone=month.timezone,
        step=step,
        span=month.span(step),
    )


def _read(
    session: Session, owner: UUID, month: LocalMonth, channel: Channel, names: Mapping[UUID, str]
) -> dict[UUID, StoredMonth]:
    """Read one month of some meters, all of them."""
    since, until = month.borders
    found = list_latest_readings(
        session,
        promoter_id=owner,
        channel=channel,
        meter_ids=names,
        since=since,
        until=until,
    )
    stored = {reading.meter_id: reading for reading in found}
    missing = {name: (month.first.month,) for key, name in names.items() if key not in stored}
    if missing:
        raise MissingMonthsError(channel, month.first.year, missing)
    return stored


def _single_step(plant: SelfConsumptionInstallation, first: date, meters: _Meters) -> Step:
    seconds = {reading.step_seconds for stored in meters.values() for reading in stored.values()}
    if len(seconds) > 1:
        raise UnlikeStepsError(plant.cau, first)
    return next(step for step in Step if step.seconds in seconds)


def _unpack(
    month: LocalMonth,
    channel: Channel,
    names: Mapping[UUID, str],
    meters: _Meters,
    is_needed: NDArray[np.bool_],
) -> Wh:
    """Unpack a channel's meters; what is needed has to be known, shape (n_meters, n_steps)."""
    energy_wh = np.zeros(is_needed.shape, np.int32)
    incomplete = {}
    for row, (key, name) in enumerate(names.items()):
        reading = meters[channel][key]
        energy_wh[row], quality = unpack_energy(reading, name, is_needed.shape[1])
        if (is_needed[row] & (quality == Quality.MISSING)).any():
            incomplete[name] = (month.first.month,)
    if incomplete:
        raise MissingMonthsError(channel, month.first.year, incomplete, incomplete)
    return energy_wh


def _digest(
    plants: Mapping[UUID, str],
    points: Mapping[UUID, str],
    meters: _Meters,
    millionths: Millionths,
) -> str:
    """Digest the versions of the readings, and the coefficients of every interval."""
    digest = sha256()
    names = {Channel.GENERATION: plants, Channel.CONSUMPTION: points}
    for channel, stored in meters.items():
        for key, name in names[channel].items():
            reading = stored[key]
            digest.update(f"{name} {reading.version} {reading.crc32}\n".encode())
    digest.update(millionths.astype("<i4").tobytes())
    return digest.hexdigest()
