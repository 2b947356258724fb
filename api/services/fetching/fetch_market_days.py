"""Fetch the day-ahead market's files of some days."""

from collections.abc import Iterable
from datetime import date

from api.clients.omie import fetch_marginalpdbc
from api.clients.remote_errors import NotPublishedError
from api.clients.transport import Transport
from api.services.jobs.progress import Progress, tell_nobody
from loaders.archived_files import NamedFile

_SERVICE = "OMIE"


def fetch_market_days(
    url: str, days: Iterable[date], progress: Progress | None = None
) -> tuple[list[NamedFile], list[date]]:
    """Fetch the marginal prices of some days from OMIE.

    Parameters
    ----------
    url : str
        Address of OMIE.
    days : iterable of date
        Market days.
    progress : callable, optional
        Told how much is done and what comes next.

    Returns
    -------
    list of NamedFile
        The newest file of each day.
    list of date
        Days of which nothing is published, or not yet.

    Raises
    ------
    RemoteUnreachableError, RemoteStatusError, RemoteNonsenseError
        If OMIE is down, refuses, or answers nonsense.
    """
    tell, wanted = progress or tell_nobody, list(days)
    files, unpublished = [], []
    with Transport(_SERVICE, url) as omie:
        for number, day in enumerate(wanted):
            tell(number / len(wanted), f"fetching {day}")
            try:
                found = fetch_marginalpdbc(omie, day)
            except NotPublishedError:
                unpublished.append(day)
            else:
                files.append(NamedFile(found.name, found.body))
    return files, unpublished
