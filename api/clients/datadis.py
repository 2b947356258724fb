"""Datadis: the distributors' common service for metering data, asked once a day for each thing."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from hashlib import sha256
from typing import Any, Protocol

import orjson
from pydantic import SecretStr

from api.clients.datadis_token import DatadisToken, read_token
from api.clients.remote_errors import RemoteNonsenseError, RemoteStatusError
from api.clients.transport import Transport, TransportLimits
from models.values.calendar import Step
from models.values.cups import Cups
from models.values.errors import ConflictError, InvalidArgumentError

DATADIS_LIMITS = TransportLimits(read_seconds=150.0, total_seconds=300.0, attempts=3)
"""Datadis asks the distributor before it answers, which takes minutes at worst."""

REPEAT_AFTER = timedelta(hours=24)
"""For how long Datadis refuses a query that it has answered."""

MOST_NOTES = 100
"""Notes of distributors that are carried from one answer."""

_QUARTER_HOUR_POINT_TYPES = frozenset({1, 2})
_QUARTER_HOUR_POINT_TYPES_OF = {"2": frozenset({1, 2, 3})}  # e-distribución
_LONGEST_NOTE = 500
_UNAUTHORIZED = 401


class ApiVersion(Enum):
    """Which of the two forms of answer is asked for, by the ending of its addresses."""

    V1 = ""
    """A bare list."""
    V2 = "-v2"
    """A list, and beside it what the distributors could not tell."""


class QueryLedger(Protocol):
    """Remembers when a query was last answered, across processes."""

    def last_asked(self, key: str) -> datetime | None:
        """Tell when; None if never."""

    def note(self, key: str, at: datetime) -> None:
        """Remember it."""


class QueryTooSoonError(ConflictError):
    """The same query was answered within 24 hours; it was not sent.

    Attributes
    ----------
    asked_at, available_at : datetime
        When it was answered, and when it may be sent again.
    """

    def __init__(self, asked_at: datetime) -> None:
        self.asked_at = asked_at
        self.available_at = asked_at + REPEAT_AFTER
        super().__init__(
            f"Datadis answered this query at {asked_at.isoformat(timespec='seconds')} and refuses "
            f"it for 24 hours; ask again after {self.available_at.isoformat(timespec='seconds')}"
        )


class QuarterHourUnavailableError(InvalidArgumentError):
    """Quarter-hours are asked of a kind of supply point that is metered by the hour.

    Attributes
    ----------
    distributor_code : str
        Datadis' code of the distributor.
    point_type : int
        Type of the supply point.
    """

    def __init__(self, distributor_code: str, point_type: int) -> None:
        super().__init__(
            f"distributor {distributor_code} gives no quarter-hours of point type {point_type}; "
            "ask for hours"
        )
        self.distributor_code = distributor_code
        self.point_type = point_type


class BackwardMonthsError(InvalidArgumentError):
    """The last month comes before the first.

    Attributes
    ----------
    first_month, last_month : date
        Some day of each.
    """

    def __init__(self, first_month: date, last_month: date) -> None:
        super().__init__(
            f"the last month, {last_month:%Y/%m}, comes before the first, {first_month:%Y/%m}"
        )
        self.first_month = first_month
        self.last_month = last_month


@dataclass(frozen=True, slots=True)
class DatadisAccount:
    """Who asks.

    Attributes
    ----------
    username : SecretStr
        NIF.
    password : SecretStr
        Password.
    """

    username: SecretStr
    password: SecretStr


@dataclass(frozen=True, slots=True)
class DistributorNote:
    """What one distributor could not tell, in its own words.

    Attributes
    ----------
    distributor_code, distributor_name, code, description : str
        As Datadis passes them on; empty where it does not.
    """

    distributor_code: str
    distributor_name: str
    code: str
    description: str


@dataclass(frozen=True, slots=True)
class DatadisAnswer:
    """What Datadis answers.

    Attributes
    ----------
    body : bytes
        JSON, as it came.
    distributor_notes : tuple of DistributorNote
        What is missing from it (``distributorError`` of version 2); past ``MOST_NOTES``, one more
        note that counts the others.
    """

    body: bytes
    distributor_notes: tuple[DistributorNote, ...]


@dataclass(frozen=True, slots=True)
class ConsumptionQuery:
    """What is asked about one supply point.

    Attributes
    ----------
    cups : Cups
        The supply point.
    distributor_code : str
        Datadis' code of the distributor, as its list of supplies has it.
    first_month, last_month : date
        Some day of the first and of the last month; both belong to it.
    point_type : int
        Type of the supply point, as the list of supplies has it.
    step : Step
        Hours or quarter-hours.
    authorized_nif : str or None
        Who allowed the account to see the supply; None for the account's own.

    Raises
    ------
    BackwardMonthsError
        If the last month comes before the first.
    QuarterHourUnavailableError
        If quarter-hours are asked of a point type other than 1 and 2 (and 3 of e-distribución).
    """

    cups: Cups
    distributor_code: str
    first_month: date
    last_month: date
    point_type: int
    step: Step = Step.HOUR
    authorized_nif: str | None = None

    def __post_init__(self) -> None:
        if self.last_month.replace(day=1) < self.first_month.replace(day=1):
            raise BackwardMonthsError(self.first_month, self.last_month)
        offered = _QUARTER_HOUR_POINT_TYPES_OF.get(self.distributor_code, _QUARTER_HOUR_POINT_TYPES)
        if self.step is Step.QUARTER_HOUR and self.point_type not in offered:
            raise QuarterHourUnavailableError(self.distributor_code, self.point_type)

    def to_params(self) -> dict[str, str | int | None]:
        """Write it as Datadis reads it."""
        return {
            "cups": self.cups,
            "distributorCode": self.distributor_code,
            "startDate": f"{self.first_month:%Y/%m}",
            "endDate": f"{self.last_month:%Y/%m}",
            "measurementType": 0 if self.step is Step.HOUR else 1,
            "pointType": self.point_type,
            "authorizedNif": self.authorized_nif,
        }


class DatadisClient:
    """Asks Datadis on behalf of one account.

    Every call raises ``QueryTooSoonError`` for what was answered within 24 hours, before anything
    is sent; ``RemoteUnreachableError``, ``RemoteStatusError`` or ``RemoteNonsenseError`` if
    Datadis is down, refuses, or answers nonsense. Only what was answered counts as asked.
    """

    def __init__(
        self,
        transport: Transport,
        account: DatadisAccount,
        *,
        ledger: QueryLedger,
        clock: Callable[[], datetime],
        version: ApiVersion = ApiVersion.V2,
    ) -> None:
        self._transport = transport
        self._account = account
        self._ledger = ledger
        self._clock = clock
        self._version = version
        self._token: DatadisToken | None = None

    def fetch_supplies(
        self, *, distributor_code: str | None = None, authorized_nif: str | None = None
    ) -> DatadisAnswer:
        """Fetch the supply points of the account, or of who authorised it."""
        return self._ask(
            "get-supplies",
            {"distributorCode": distributor_code, "authorizedNif": authorized_nif},
        )

    def fetch_contract_detail(
        self, cups: Cups, distributor_code: str, *, authorized_nif: str | None = None
    ) -> DatadisAnswer:
        """Fetch the access contract of a supply point, its self-consumption included."""
        return self._ask(
            "get-contract-detail",
            {
                "cups": cups,
                "distributorCode": distributor_code,
                "authorizedNif": authorized_nif,
            },
        )

    def fetch_consumption(self, query: ConsumptionQuery) -> DatadisAnswer:
        """Fetch the energies of a supply point over some months."""
        return self._ask("get-consumption-data", query.to_params())

    def _ask(self, name: str, params: Mapping[str, str | int | None]) -> DatadisAnswer:
        """Send a query that was not answered within 24 hours, and note its answer."""
        given = {key: value for key, value in params.items() if value is not None}
        path = f"/api-private/api/{name}{self._version.value}"
        key = self._key_of(path, given)
        asked_at = self._ledger.last_asked(key)
        if asked_at is not None and self._clock() < asked_at + REPEAT_AFTER:
            raise QueryTooSoonError(asked_at)
        body = self._fetch(path, given)
        self._ledger.note(key, self._clock())
        return self._read_answer(body)

    def _key_of(self, path: str, params: Mapping[str, str | int]) -> str:
        """Name a query without telling whose data it is about."""
        account = self._account.username.get_secret_value()
        query = orjson.dumps([path, account, dict(params)], option=orjson.OPT_SORT_KEYS)
        return f"datadis:{sha256(query).hexdigest()}"

    def _fetch(self, path: str, params: Mapping[str, str | int]) -> bytes:
        """Send a query, once more with a new token if the old one is refused."""
        try:
            return self._transport.get(path, params=params, headers=self._headers(self._bearer()))
        except RemoteStatusError as error:
            if error.status != _UNAUTHORIZED or self._token is None:
                raise
        self._token = None
        return self._transport.get(path, params=params, headers=self._headers(self._bearer()))

    def _headers(self, token: DatadisToken) -> dict[str, str]:
        return {
            "accept": "application/json",
            "authorization": f"Bearer {token.text.get_secret_value()}",
        }

    def _bearer(self) -> DatadisToken:
        """Log in unless a token is at hand that still holds."""
        if self._token is None or self._clock() >= self._token.expires_at:
            self._token = None
            body = self._transport.post_form(
                "/nikola-auth/tokens/login",
                {
                    "username": self._account.username.get_secret_value(),
                    "password": self._account.password.get_secret_value(),
                },
            )
            self._token = read_token(self._transport.service, body, self._clock())
        return self._token

    def _read_answer(self, body: bytes) -> DatadisAnswer:
        """Take out what the distributors could not tell."""
        content = self._transport.parse_json(body)
        if isinstance(content, list):
            return DatadisAnswer(body, ())
        if not isinstance(content, dict):
            raise RemoteNonsenseError(self._transport.service, "its answer is not a list")
        return DatadisAnswer(body, tuple(_read_notes(content.get("distributorError") or [])))


def _read_notes(notes: Any) -> Iterator[DistributorNote]:
    """Read the first entries, and count the others."""
    listed = notes if isinstance(notes, list) else [notes]
    yield from map(_read_note, listed[:MOST_NOTES])
    if len(listed) > MOST_NOTES:
        yield DistributorNote("", "", "", f"and {len(listed) - MOST_NOTES} more notes")


def _read_note(note: Any) -> DistributorNote:
    """Read one entry, or keep what else stands there as its description."""
    if not isinstance(note, dict):
        return DistributorNote("", "", "", str(note)[:_LONGEST_NOTE])
    code, name, error, description = (
        str(note.get(key) or "")[:_LONGEST_NOTE]
        for key in ("distributorCode", "distributorName", "errorCode", "errorDescription")
    )
    return DistributorNote(code, name, error, description)
