"""ESIOS: what the system operator publishes about prices."""

from datetime import UTC, date, datetime, timedelta

from pydantic import SecretStr

from api.clients.header_secrets import reveal_for_header
from api.clients.remote_errors import NotPublishedError
from api.clients.transport import Transport
from models.values.errors import InvalidArgumentError

_JSON = "application/json; application/vnd.esios-api-v1+json"
_LAST_MINUTE = timedelta(minutes=1)


class EmptySpanError(InvalidArgumentError):
    """Prices are asked for over a span that holds no instant.

    Attributes
    ----------
    start, end : datetime or date
        The span.
    """

    def __init__(self, start: date, end: date) -> None:
        super().__init__(f"nothing lies from {start} up to {end}; the start has to come first")
        self.start = start
        self.end = end


def fetch_indicator(
    esios: Transport,
    token: SecretStr,
    *,
    indicator_id: int,
    start: datetime,
    end: datetime,
    geo_id: int,
) -> bytes:
    """Fetch the values of an indicator.

    Parameters
    ----------
    esios : Transport
        Connection to ESIOS.
    token : SecretStr
        Personal token.
    indicator_id : int
        Such as 1001 (PVPC) or 1739 (surplus of self-consumption).
    start, end : datetime
        Aware instants; the end does not belong to it.
    geo_id : int
        Such as 8741 (peninsula) or 3 (Spain).

    Returns
    -------
    bytes
        JSON with ``indicator.values``.

    Raises
    ------
    EmptySpanError
        If the end is not after the start.
    UnusableSecretError
        If no header can carry the token.
    RemoteUnreachableError, RemoteStatusError, RemoteNonsenseError
        If ESIOS is down, refuses, or answers nonsense.
    """
    if end <= start:
        raise EmptySpanError(start, end)
    body = esios.get(
        f"/indicators/{indicator_id}",
        params={
            "locale": "es",
            "start_date": _stamp(start),
            # ESIOS counts the interval that begins at the end as asked for.
            "end_date": _stamp(end - _LAST_MINUTE),
            "geo_ids[]": geo_id,
        },
        headers={"accept": _JSON, "x-api-key": reveal_for_header("the token of ESIOS", token)},
    )
    esios.parse_json(body)
    return body


def fetch_archive_70(esios: Transport, day: date) -> bytes:
    """Fetch the PVPC of a day from the public archive, for which no token is needed.

    Parameters
    ----------
    esios : Transport
        Connection to ESIOS.
    day : date
        Local day.

    Returns
    -------
    bytes
        JSON with ``PVPC``.

    Raises
    ------
    NotPublishedError
        If the archive holds nothing for the day, or not yet.
    RemoteUnreachableError, RemoteStatusError, RemoteNonsenseError
        If ESIOS is down, refuses, or answers nonsense.
    """
    body = esios.get(
        "/archives/70/download_json",
        params={"locale": "es", "date": day.isoformat()},
        headers={"accept": "application/json"},
    )
    content = esios.parse_json(body)
    # What is missing is answered with success and a message in place of the prices.
    if not isinstance(content, dict) or "PVPC" not in content:
        raise NotPublishedError(esios.service, day)
    return body


def _stamp(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
