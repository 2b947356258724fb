"""OMIE: the day-ahead market's files of marginal prices."""

from dataclasses import dataclass
from datetime import date

from api.clients.remote_errors import NotPublishedError, RemoteStatusError
from api.clients.transport import Transport

_FIRST_BYTES = b"MARGINALPDBC;"
_MOST_VERSIONS = 9
_NOT_FOUND = 404


@dataclass(frozen=True, slots=True)
class MarketFile:
    """One file as the market published it.

    Attributes
    ----------
    name : str
        Its name, which ends in its version.
    body : bytes
        Its content.
    """

    name: str
    body: bytes


def fetch_marginalpdbc(omie: Transport, day: date) -> MarketFile:
    """Fetch the newest version of a day's marginal prices.

    Parameters
    ----------
    omie : Transport
        Connection to OMIE.
    day : date
        Market day.

    Returns
    -------
    MarketFile
        The last of ``marginalpdbc_YYYYMMDD.1``, ``.2``, ... that there is.

    Raises
    ------
    NotPublishedError
        If there is none, or none yet.
    RemoteUnreachableError, RemoteStatusError, RemoteNonsenseError
        If OMIE is down, refuses, or answers nonsense.
    """
    newest: MarketFile | None = None
    for version in range(1, _MOST_VERSIONS + 1):
        found = _fetch_version(omie, f"marginalpdbc_{day:%Y%m%d}.{version}")
        if found is None:
            break
        newest = found
    if newest is None:
        raise NotPublishedError(omie.service, day)
    return newest


def _fetch_version(omie: Transport, name: str) -> MarketFile | None:
    """Fetch one file, or nothing where it is missing, which OMIE tells by a status or a page."""
    try:
        body = omie.get("/es/file-download", params={"parents": "marginalpdbc", "filename": name})
    except RemoteStatusError as error:
        if error.status != _NOT_FOUND:
            raise
        return None
    return MarketFile(name, body) if body.startswith(_FIRST_BYTES) else None
