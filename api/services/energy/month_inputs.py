"""Gather what a month's allocation is made from: readings, and the coefficients applied."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session

from api.services.energy.month_sharing import (
    MonthSharing,
    read_community_sharing,
)
from models.repositories.packed_months import StoredMonth, unpack_energy
from models.repositories.readings import MissingMonthsError, list_latest_readings
from models.tables import SelfConsumptionInstallation
from models.values.calendar import Step
from models.values.errors import ConflictError
from models.values.local_month import LocalMonth
from models.values.metering import Channel, Quality
from models.values.period import Period, add_months
from planner.dated_shares import Millionths

Wh = NDArray[np.int32]

_Meters = Mapping[Channel, Mapping[UUID, StoredMonth]]


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
        return self.month.local(self.step).astype("datetime64[D]")


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
    community = read_community_sharing(
        session,
        promoter_id=plant.promoter_id,
        community_id=plant.community_id,
        within=Period(first, add_months(first, 1)),
    )
    sharing = community.of_month(plant.id, first)
    meters = {
        channel: _read(session, plant.promoter_id, sharing.month, channel, names)
        for channel, names in sharing.meters.items()
    }
    step = _single_step(plant, first, meters)
    millionths = sharing.lay_out(step)
    is_generating = np.ones(millionths[:, 0].shape, np.bool_)
    is_shared = millionths.sum(axis=0) > 0
    return MonthInputs(
        month=sharing.month,
        step=step,
        plants=sharing.plants,
        points=sharing.points,
        millionths=millionths,
        generation_wh=_unpack(sharing, Channel.GENERATION, meters, is_generating),
        consumption_wh=_unpack(sharing, Channel.CONSUMPTION, meters, is_shared),
        sha256=sharing.digest(meters, millionths),
    )


def _read(
    session: Session, owner: UUID, month: LocalMonth, channel: Channel, names: Mapping[UUID, str]
) -> dict[UUID, StoredMonth]:
    """Read one month of some meters, all of them."""
    since, until = month.starts_at, month.ends_at
    found = list_latest_readings(
        session,
        promoter_id=owner,
        channel=channel,
        meter_ids=names,
        since=since,
        until=until,
    )
    stored = {reading.meter_id: reading for reading in found}
    missing = {name: (month.number,) for key, name in names.items() if key not in stored}
    if missing:
        raise MissingMonthsError(channel, month.year, missing)
    return stored


def _single_step(plant: SelfConsumptionInstallation, first: date, meters: _Meters) -> Step:
    seconds = {reading.step_seconds for stored in meters.values() for reading in stored.values()}
    if len(seconds) > 1:
        raise UnlikeStepsError(plant.cau, first)
    return next(step for step in Step if step.seconds in seconds)


def _unpack(
    sharing: MonthSharing, channel: Channel, meters: _Meters, is_needed: NDArray[np.bool_]
) -> Wh:
    """Unpack a channel's meters; what is needed has to be known, shape (n_meters, n_steps)."""
    first = sharing.month.first
    energy_wh = np.zeros(is_needed.shape, np.int32)
    incomplete = {}
    for row, (key, name) in enumerate(sharing.meters[channel].items()):
        reading = meters[channel][key]
        energy_wh[row], quality = unpack_energy(reading, name, is_needed.shape[1])
        if (is_needed[row] & (quality == Quality.MISSING)).any():
            incomplete[name] = (first.month,)
    if incomplete:
        raise MissingMonthsError(channel, first.year, incomplete, incomplete)
    return energy_wh
