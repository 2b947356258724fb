"""How much of a supply point's consumption on some days is not a reading of its meter."""

from datetime import date

import numpy as np
from sqlmodel import Session

from api.services.bills.billed_days import BilledDays
from models.repositories.communities import map_communities
from models.repositories.members import map_members
from models.repositories.packed_months import unpack_energy
from models.repositories.readings import list_latest_readings
from models.tables import SupplyPoint
from models.values.metering import Channel, Quality

_NOT_READ = (Quality.ESTIMATED, Quality.FILLED)


def count_estimated(session: Session, *, point: SupplyPoint, start: date, end: date) -> int:
    """Count the intervals of consumption that the distributor estimated or that were filled.

    Parameters
    ----------
    session : Session
        Open transaction.
    point : SupplyPoint
        Whose; its months are stored whole.
    start, end : date
        First local day, and the day after the last.

    Returns
    -------
    int
        Intervals.

    Raises
    ------
    DamagedMonthError
        If a stored month differs from its check value.
    """
    owner = point.promoter_id
    member = map_members(session, promoter_id=owner, member_ids=[point.member_id])[point.member_id]
    community = map_communities(session, promoter_id=owner, community_ids=[member.community_id])[
        member.community_id
    ]
    days = BilledDays(start, end, community.timezone)
    stored = {
        month.starts_at: month
        for month in list_latest_readings(
            session,
            promoter_id=owner,
            channel=Channel.CONSUMPTION,
            meter_ids=[point.id],
            since=days.months[0].starts_at,
            until=days.months[-1].ends_at,
        )
    }
    held = [(month, stored[month.starts_at]) for month in days.months]
    step = held[0][1].step
    quality = np.concatenate(
        [unpack_energy(each, point.cups, month.count(step))[1] for month, each in held]
    )
    return int(np.isin(quality[days.span(step)], _NOT_READ).sum())
