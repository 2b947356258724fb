"""The coefficients of an agreement as its files and its readers want them: in the file's order."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session

from models.repositories.agreements import group_coefficients
from models.repositories.hourly_coefficients import group_hourly_coefficients
from models.values.calendar import HourIndex, Step, file_hours, hours_of_file
from planner.coefficients.problem import Millionths


@dataclass(frozen=True, slots=True)
class HourlyShare:
    """What a supply point's hourly coefficients come to.

    Attributes
    ----------
    supply_point_id : UUID
        Whose they are.
    least, mean, greatest : int
        Of the 8,760 hours of the file [millionths].
    """

    supply_point_id: UUID
    least: int
    mean: int
    greatest: int


def summarise_hours(
    session: Session, *, promoter_id: UUID, agreement_ids: Collection[UUID]
) -> dict[UUID, list[HourlyShare]]:
    """Sum up the hourly coefficients of agreements.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    agreement_ids : collection of UUID
        Which agreements.

    Returns
    -------
    dict of UUID to list of HourlyShare
        In the order of the distributor's file; empty for constant coefficients. The means are the
        stored ones, which sum to one.
    """
    rows_of = group_coefficients(session, promoter_id=promoter_id, agreement_ids=agreement_ids)
    hours = group_hourly_coefficients(session, promoter_id=promoter_id, agreement_ids=agreement_ids)
    return {
        key: [
            HourlyShare(
                row.supply_point_id,
                least=int(hours[key][row.supply_point_id].min()),
                mean=row.millionths,
                greatest=int(hours[key][row.supply_point_id].max()),
            )
            for row in rows
            if row.supply_point_id in hours[key]
        ]
        for key, rows in rows_of.items()
    }


def renumber_hours(
    by_clock: Millionths, *, year: int, timezone: str, index: HourIndex
) -> Millionths:
    """Renumber coefficients that are stored by the clock on the wall as a file wants them.

    Parameters
    ----------
    by_clock : ndarray of int64, shape (n_members, 8760)
        Coefficients of the hours by the clock, 29 February left out [millionths].
    year : int
        Year of the file.
    timezone : str
        IANA name of the clock.
    index : HourIndex
        How the file numbers its hours.

    Returns
    -------
    ndarray of int64, shape (n_members, 8760)
        The same coefficients for every hour that passes.

    Examples
    --------
    >>> import numpy as np
    >>> table = np.arange(8760)[np.newaxis]
    >>> madrid = {"year": 2026, "timezone": "Europe/Madrid"}
    >>> renumber_hours(table, **madrid, index=HourIndex.REAL_TIME)[0, 2088:2091]  # 29 March
    array([2088, 2089, 2091])
    """
    if index is HourIndex.CLOCK:
        return by_clock
    passing = by_clock[:, file_hours(year, timezone, Step.HOUR, HourIndex.CLOCK)]
    return passing[:, hours_of_file(year, timezone, index)]
