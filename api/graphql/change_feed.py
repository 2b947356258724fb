"""What has changed since last time: one question for everybody who waits, however many they are."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from functools import partial
from uuid import UUID

import structlog
from anyio import CapacityLimiter, to_thread
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from api.services.notifications.read_notifications import Marks, read_marks
from models.session import read_session
from models.values.errors import CommunityError, UnavailableError

SECONDS_BETWEEN = 0.5
"""How often the database is asked while anybody waits; workers note progress as often."""

MOST_CONNECTIONS = 1_000
MOST_OF_A_PROMOTER = 100

_log = structlog.get_logger(__name__)


class TooManyConnectionsError(UnavailableError):
    """As many follow what happens as the server, or their promoter, may have."""

    def __init__(self) -> None:
        super().__init__("too many connections wait for news: end some, or ask again later")


class Watched(Enum):
    """What can be waited for."""

    JOB = "job"
    PROMOTER = "promoter"


class ChangeFeed:
    """Wake those who wait for a job or for a promoter's news; they read for themselves.

    A wake-up says nothing: each reads on from where it stopped, as far as its caller reaches. So
    nothing waits in a queue, and whoever is slow misses wake-ups, not news.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.closing = asyncio.Event()
        self._signals: defaultdict[tuple[Watched, UUID], set[asyncio.Event]] = defaultdict(set)
        self._polling: asyncio.Task[None] | None = None
        self._thread = CapacityLimiter(1)
        self._seats: Counter[UUID] = Counter()

    @contextmanager
    def watching(self, what: Watched, key: UUID) -> Iterator[asyncio.Event]:
        """Give an event that is set whenever the thing has changed, and may be set without."""
        signal, place = asyncio.Event(), (what, key)
        self._signals[place].add(signal)
        if self._polling is None:
            self._polling = asyncio.create_task(self._poll())
        try:
            yield signal
        finally:
            self._signals[place].discard(signal)
            if not self._signals[place]:
                del self._signals[place]
            if not self._signals and self._polling is not None:
                self._polling.cancel()
                self._polling = None

    @contextmanager
    def seated(self, promoter_id: UUID) -> Iterator[None]:
        """Hold one of the connections that a promoter, and the server, may have."""
        is_full = self._seats.total() >= MOST_CONNECTIONS
        if is_full or self._seats[promoter_id] >= MOST_OF_A_PROMOTER:
            raise TooManyConnectionsError
        self._seats[promoter_id] += 1
        try:
            yield
        finally:
            self._seats[promoter_id] -= 1
            if not self._seats[promoter_id]:
                del self._seats[promoter_id]

    def close(self) -> None:
        """Let everybody go who follows something: the server stops."""
        self.closing.set()

    async def _poll(self) -> None:
        """Ask how everything stands that anybody waits for, and wake whom it concerns."""
        known: dict[tuple[Watched, UUID], str | int | None] = {}
        while True:
            places = list(self._signals)
            try:
                marks = await to_thread.run_sync(partial(self._read, places), limiter=self._thread)
            except (CommunityError, SQLAlchemyError) as error:
                _log.warning("changes_not_read", exc_info=error)
            else:
                found = {place: _find(marks, place) for place in places}
                for place, mark in found.items():
                    # The first mark may be later than what the one who waits has read.
                    if place not in known or known[place] != mark:
                        for signal in self._signals.get(place, ()):
                            signal.set()
                known = found
            await asyncio.sleep(SECONDS_BETWEEN)

    def _read(self, places: list[tuple[Watched, UUID]]) -> Marks:
        with read_session(self.engine) as session:
            return read_marks(
                session,
                job_ids=[key for what, key in places if what is Watched.JOB],
                promoter_ids=[key for what, key in places if what is Watched.PROMOTER],
            )


def _find(marks: Marks, place: tuple[Watched, UUID]) -> str | int | None:
    what, key = place
    return marks.jobs.get(key) if what is Watched.JOB else marks.promoters.get(key)
