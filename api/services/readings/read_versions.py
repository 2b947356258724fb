"""What is stored of a meter's months: every version, and how its values came to be."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np
from sqlmodel import Session

from api.services.energy.find_energy_subjects import SubjectKind
from api.services.readings.meter_homes import find_meter_homes
from models.repositories.packed_months import DamagedMonthError, StoredMonth, unpack_energy
from models.repositories.readings import list_month_versions
from models.tables import Channel
from models.values.calendar import Step
from models.values.errors import CommunityError
from models.values.local_month import LocalMonth, list_year
from models.values.metering import Quality


@dataclass(frozen=True, slots=True)
class MonthVersion:
    """One version of one local month of one channel of one meter.

    Attributes
    ----------
    channel : Channel
        What is counted.
    month : str
        Name of the month, such as ``2023-01``.
    version : int
        From 1; the largest is what counts.
    is_newest : bool
        Whether it is what counts.
    recorded_at : datetime
        When it was stored.
    step : Step
        Length of its intervals.
    total_wh : int
        Sum of what is known [Wh].
    qualities : dict of Quality to int
        Its values by how they came to be; what is missing, too.
    """

    channel: Channel
    month: str
    version: int
    is_newest: bool
    recorded_at: datetime
    step: Step
    total_wh: int
    qualities: dict[Quality, int]


def read_versions(
    session: Session,
    *,
    promoter_id: UUID,
    kind: SubjectKind,
    ids: Collection[UUID],
    year: int,
) -> dict[UUID, list[MonthVersion] | CommunityError]:
    """List the versions of the months of a local year, of many meters at once.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    kind : SubjectKind
        Supply point or installation.
    ids : collection of UUID
        Which ones.
    year : int
        Local calendar year.

    Returns
    -------
    dict of UUID to list of MonthVersion or CommunityError
        By channel, month and version, for each that the promoter has; of one with a version that
        differs from its check value, the ``DamagedMonthError``.
    """
    homes = find_meter_homes(session, promoter_id=promoter_id, kind=kind, ids=ids)
    found: dict[UUID, list[MonthVersion]] = {meter_id: [] for meter_id in homes}
    faults: dict[UUID, CommunityError] = {}
    is_plant = kind is SubjectKind.INSTALLATION
    channels = [each for each in Channel if (each is Channel.GENERATION) is is_plant]
    for timezone in {home.community.timezone for home in homes.values()}:
        here = {
            key: each.name for key, each in homes.items() if each.community.timezone == timezone
        }
        months = {month.starts_at: month for month in list_year(year, timezone)}
        for channel in channels:
            stored = list_month_versions(
                session, promoter_id=promoter_id, channel=channel, meter_ids=here, starts=months
            )
            newest = {(month.meter_id, month.starts_at): month.version for month, _ in stored}
            for month, recorded_at in stored:
                is_newest = month.version == newest[month.meter_id, month.starts_at]
                local, name = months[month.starts_at], here[month.meter_id]
                try:
                    described = _describe(channel, local, month, name, is_newest, recorded_at)
                except DamagedMonthError as error:
                    faults.setdefault(month.meter_id, error)
                else:
                    found[month.meter_id].append(described)
    return found | faults


def _describe(
    channel: Channel,
    local: LocalMonth,
    month: StoredMonth,
    name: str,
    is_newest: bool,
    recorded_at: datetime,
) -> MonthVersion:
    energy_wh, quality = unpack_energy(month, name, local.count(month.step))
    counts = np.bincount(quality, minlength=Quality.MISSING + 1)
    is_known = quality != Quality.MISSING
    return MonthVersion(
        channel=channel,
        month=local.name,
        version=month.version,
        is_newest=is_newest,
        recorded_at=recorded_at,
        step=month.step,
        total_wh=int(energy_wh[is_known].sum(dtype=np.int64)),
        qualities={each: int(counts[each]) for each in Quality if counts[each]},
    )
