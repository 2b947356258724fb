"""List the months of plants that were shared out, by the calendar of their community."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

import numpy as np
from sqlmodel import Session

from models.repositories.allocations import list_latest_allocations
from models.repositories.communities import map_communities
from models.repositories.installations import map_installations
from models.tables import MonthAllocation
from models.values.calendar import local_day, local_midnight
from models.values.errors import InvalidArgumentError

_YEARS = range(2000, 2100)


class AllocatedYearError(InvalidArgumentError):
    """A year that no meter can have recorded."""

    def __init__(self, year: int) -> None:
        super().__init__(f"year {year} is not between {_YEARS.start} and {_YEARS.stop - 1}")
        self.year = year


@dataclass(frozen=True, slots=True)
class MonthHead:
    """A month that was shared out, without its parts.

    Attributes
    ----------
    month : date
        First local day.
    allocation : MonthAllocation
        The newest version.
    """

    month: date
    allocation: MonthAllocation


def list_allocations(
    session: Session, *, promoter_id: UUID, installation_ids: Collection[UUID], year: int
) -> dict[UUID, list[MonthHead]]:
    """List the months of a local year that were shared out.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    installation_ids : collection of UUID
        The plants.
    year : int
        Local calendar year, 2000 to 2099.

    Returns
    -------
    dict of UUID to list of MonthHead
        By month, the newest version of each; possibly none.

    Raises
    ------
    AllocatedYearError
        If no meter can have recorded the year.
    """
    if year not in _YEARS:
        raise AllocatedYearError(year)
    plants = map_installations(session, promoter_id=promoter_id, installation_ids=installation_ids)
    communities = map_communities(
        session,
        promoter_id=promoter_id,
        community_ids={plant.community_id for plant in plants.values()},
    )
    clocks = {key: communities[plant.community_id].timezone for key, plant in plants.items()}
    groups: defaultdict[UUID, list[MonthHead]] = defaultdict(list)
    for timezone in sorted(set(clocks.values())):
        since, until = (_begin(each, timezone) for each in (year, year + 1))
        for row in list_latest_allocations(
            session,
            promoter_id=promoter_id,
            installation_ids=[key for key, clock in clocks.items() if clock == timezone],
            since=since,
            until=until,
        ):
            month = local_day(row.starts_at, timezone)
            groups[row.installation_id].append(MonthHead(month, row))
    return {key: groups[key] for key in installation_ids}


def _begin(year: int, timezone: str) -> datetime:
    """Find the instant at which a local year begins."""
    midnight = local_midnight(date(year, 1, 1), timezone)
    return datetime.fromtimestamp(int(midnight.astype(np.int64)), UTC)
