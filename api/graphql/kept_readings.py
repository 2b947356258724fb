"""What requests have read is kept until the database changes, and then read anew.

Pages ask again and again for what has not changed. Nothing old is ever told: the database says
whether anybody has written, and where it cannot say so at once nothing is kept.
"""

from asyncio import Future
from collections.abc import (
    Awaitable,
    Callable,
    Generator,
    Hashable,
    Iterable,
    Mapping,
    Sequence,
)
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Final, Generic, TypeVar

from cachetools import LRUCache
from strawberry.dataloader import AbstractCache, DataLoader, DefaultCache

from api.graphql.reading_weights import Weigh
from models.change_mark import ChangeMark

MOST_ROWS_KEPT = 20_000
"""About as many kilobytes; a year of hours counts as 71 rows. More would take long to forget."""

_MOST_CALLERS = 100
"""Whose reaches are held once, however often they are found anew: they may name many records."""

KeyT = TypeVar("KeyT", bound=Hashable)
FoundT = TypeVar("FoundT")

UNKNOWN: Final = object()
"""Stands for what is not kept."""


class AtHand:
    """What is known already, for who awaits it all the same."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __await__(self) -> Generator[None, None, Any]:
        """Give it without waiting."""
        return self.value
        yield  # which is never come to, and makes a generator of this


class KeptReadings:
    """What one process has read of one database, all of it in one state; for the event loop."""

    def __init__(self, mark: ChangeMark, most_rows: int = MOST_ROWS_KEPT) -> None:
        self._mark = mark
        self._found: LRUCache[Hashable, tuple[int, Any]] = LRUCache(most_rows, itemgetter(0))
        self._callers: LRUCache[Hashable, Hashable] = LRUCache(_MOST_CALLERS)
        self.state: int | None = None

    def look(self) -> int | None:
        """Find out in which state the database is; what was read in another is forgotten."""
        state = self._mark.read()
        if state != self.state:
            self._found.clear()
            self.state = state
        return state

    def know(self, caller: Hashable) -> Hashable:
        """Give the caller that is equal to one."""
        return self._callers.setdefault(caller, caller)

    def recall(self, question: Hashable) -> Any:
        """Give what was read, or ``UNKNOWN``."""
        found = self._found.get(question)
        return UNKNOWN if found is None else found[1]

    def keep(self, question: Hashable, found: Any, n_rows: int) -> None:
        """Keep something, unless it is too large to be kept beside anything else."""
        if n_rows <= self._found.maxsize:
            self._found[question] = n_rows, found


class CallersReadings:
    """What one request recalls and keeps: of its caller's reach, in the state that it met."""

    def __init__(self, kept: KeptReadings, caller: Hashable) -> None:
        self._kept = kept
        self._caller = kept.know(caller)
        self._state = kept.look()

    def recall(self, question: Hashable, key: Hashable) -> Any:
        """Give what was read, or ``UNKNOWN``; who is late finds nothing of a newer state."""
        if self._state is None or self._state != self._kept.state:
            return UNKNOWN
        return self._kept.recall((self._caller, question, key))

    def keep(self, question: Hashable, key: Hashable, found: Any, n_rows: int) -> None:
        """Keep what was read, if nobody has seen the database change since it began."""
        if self._state is not None and self._state == self._kept.state:
            self._kept.keep((self._caller, question, key), found, n_rows)


@dataclass(frozen=True, slots=True)
class _Question(Generic[KeyT, FoundT]):
    """What is asked about keys; it knows nothing of its loader, which would else hold itself."""

    ask: Callable[[Sequence[KeyT]], Awaitable[Mapping[KeyT, FoundT]]]
    name: Hashable
    readings: CallersReadings
    weigh: Weigh | None
    begun: AbstractCache[KeyT, Any]

    def recall(self, key: KeyT) -> Any:
        """Give what was read, or ``UNKNOWN``."""
        return UNKNOWN if self.weigh is None else self.readings.recall(self.name, key)

    async def answer(self, wanted: Sequence[KeyT]) -> list[Any]:
        """Ask about keys at once, and keep what may be kept."""
        found: Mapping[KeyT, Any]
        try:
            found = await self.ask(wanted)
        except Exception as error:  # noqa: BLE001  each who asked learns of it
            found = dict.fromkeys(wanted, error)
        answers = [found.get(key) for key in wanted]
        for key, answer in zip(wanted, answers, strict=True):
            if isinstance(answer, Exception):
                self._expect_failure(key)
            elif self.weigh is not None:
                self._keep(key, answer, 1 if answer is None else self.weigh(answer))
        return answers

    def _keep(self, key: KeyT, answer: Any, n_rows: int | None) -> None:
        if n_rows is not None:
            self.readings.keep(self.name, key, answer, n_rows)

    def _expect_failure(self, key: KeyT) -> None:
        """See to it that nobody has to wait for a failure: a field may have been given up."""
        waiting = self.begun.get(key)
        if waiting is not None:
            waiting.add_done_callback(_read_failure)


class Batches(Generic[KeyT, FoundT]):
    """One question about many keys: recalled, or else asked once for all that want to know."""

    def __init__(
        self,
        ask: Callable[[Sequence[KeyT]], Awaitable[Mapping[KeyT, FoundT]]],
        question: Hashable,
        readings: CallersReadings,
        weigh: Weigh | None,
    ) -> None:
        begun: AbstractCache[KeyT, Any] = DefaultCache()
        self._question = _Question(ask, question, readings, weigh, begun)
        self._loader: DataLoader[KeyT, FoundT] = DataLoader(
            load_fn=self._question.answer, cache_map=begun
        )

    def load(self, key: KeyT) -> Awaitable[FoundT]:
        """Give what there is about a key; None for nothing."""
        found = self._question.recall(key)
        return self._loader.load(key) if found is UNKNOWN else AtHand(found)

    async def load_many(self, keys: Iterable[KeyT]) -> list[FoundT]:
        """Give what there is about each of some keys."""
        begun = [self.load(key) for key in keys]
        return [await each for each in begun]


def _read_failure(failed: Future[Any]) -> None:
    """Read it, else asyncio tells the log that nobody did."""
    if not failed.cancelled():
        failed.exception()
