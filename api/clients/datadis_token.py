"""The token that Datadis gives for a name and a password, and how long it holds."""

import re
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import orjson
from pydantic import SecretStr

from api.clients.remote_errors import RemoteNonsenseError

_SHAPE = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+){2}")
_UNSTATED_LIFE = timedelta(hours=1)
_LONGEST_LIFE = timedelta(hours=24)
_MARGIN = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class DatadisToken:
    """A token.

    Attributes
    ----------
    text : SecretStr
        What to show.
    expires_at : datetime
        When to ask for another.
    """

    text: SecretStr
    expires_at: datetime


def read_token(service: str, body: bytes, now: datetime) -> DatadisToken:
    """Read the answer to a login.

    Parameters
    ----------
    service : str
        Name of the service, for the error.
    body : bytes
        A JSON web token, bare or between quotation marks.
    now : datetime
        When it came.

    Returns
    -------
    DatadisToken
        It ends two minutes before it says, after a day at most, after an hour if it says nothing.

    Raises
    ------
    RemoteNonsenseError
        If the answer is something else, such as a page that tells of maintenance.
    """
    text = body.decode("ascii", "replace").strip().strip('"')
    if not _SHAPE.fullmatch(text):
        raise RemoteNonsenseError(service, "its answer to the login is no token")
    return DatadisToken(SecretStr(text), now + _read_life(text, now))


def _read_life(text: str, now: datetime) -> timedelta:
    """Tell how long a token holds by its own account; an instant beyond all calendars is none."""
    claims = text.split(".")[1]
    try:
        stated = orjson.loads(urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
        expires_at = datetime.fromtimestamp(stated["exp"], UTC)
    except (ValueError, KeyError, TypeError, OverflowError, OSError):
        return _UNSTATED_LIFE
    return min(max(expires_at - now, timedelta(0)), _LONGEST_LIFE) - _MARGIN
