"""Read the prices of a local day as they are stored."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session

from api.services.communities.find_community import require_community
from api.services.energy.energy_question import YEARS, YearOutOfRangeError
from models.repositories.packed_months import unpack_prices
from models.repositories.prices import list_latest_prices
from models.tables import PriceKind
from models.values.calendar import Step, local_midnight
from models.values.local_month import list_year


@dataclass(frozen=True, slots=True, eq=False)
class DayPrices:
    """Prices of a local day.

    Attributes
    ----------
    start : datetime
        Its first instant, on the community's clock.
    step : Step
        Length of an interval.
    nano_eur : ndarray of int64, shape (n_intervals,)
        Prices [1e-9 EUR/kWh], ``MISSING_PRICE`` where none is known.
    """

    start: datetime
    step: Step
    nano_eur: NDArray[np.int64]


def read_day_prices(
    session: Session, *, promoter_id: UUID, community_id: UUID, kind: PriceKind, day: date
) -> DayPrices | None:
    """Read the prices of a local day.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    community_id : UUID
        The community.
    kind : PriceKind
        What they are paid for.
    day : date
        Local day, of 23, 24 or 25 hours.

    Returns
    -------
    DayPrices or None
        None when nothing is stored of its month.

    Raises
    ------
    YearOutOfRangeError
        If nobody can have recorded the day.
    UnknownCommunityError
        If the promoter has no such community.
    DamagedMonthError
        If the stored month differs from its check value.
    """
    if day.year not in YEARS:
        raise YearOutOfRangeError(day.year)
    community = require_community(session, promoter_id=promoter_id, community_id=community_id)
    month = list_year(day.year, community.timezone)[day.month - 1]
    stored = list_latest_prices(
        session,
        promoter_id=promoter_id,
        community_id=community_id,
        since=month.starts_at,
        until=month.ends_at,
    )
    price = next((each for each in stored if each.kind is kind), None)
    if price is None:
        return None
    step = Step.HOUR if price.step_seconds == Step.HOUR.seconds else Step.QUARTER_HOUR
    borders = [local_midnight(each, community.timezone) for each in (day, day + timedelta(days=1))]
    first, last = np.searchsorted(month.starts(step), borders).tolist()
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(community.timezone))
    return DayPrices(midnight, step, unpack_prices(price, month.count(step))[first:last])
