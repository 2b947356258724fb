"""What every resolver of one request shares: the caller, its loaders and a way to use cases."""

import asyncio
import time
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from contextvars import copy_context
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import strawberry
from anyio import CapacityLimiter, to_thread
from sqlalchemy import Engine
from sqlmodel import Session

from api.acts import describe_act
from api.authentication import NarrowReachError, Principal
from api.clock import now
from api.download_links import LinkSigner
from api.graphql.change_feed import ChangeFeed
from api.graphql.dataloaders import Loaders
from api.graphql.kept_readings import KeptReadings
from api.metrics import Metrics
from api.secret_keys import load_keyring
from api.services.audit.keep_trail import Act, record_alone, watched
from api.settings import Settings
from models.keyring import Keyring
from models.session import Shown, is_at_hand, read_session, write_session
from models.values.access import Reach
from models.values.audit import AuditChannel
from models.values.errors import ErrorCode

_TOLD_BY_EVENTS = frozenset({"signIn", "confirmSignIn", "signOut"})


@dataclass(slots=True)
class Context:
    """One caller's request."""

    principal: Principal
    engine: Engine
    settings: Settings
    readers: ThreadPoolExecutor
    threads: CapacityLimiter
    hashing: CapacityLimiter
    metrics: Metrics
    charge: Callable[[float], None]
    """Charges a cost to the caller, or refuses it."""
    count_sign_up: Callable[[], str]
    """Counts one more to the caller's network, and names it, or refuses it."""
    count_sign_in: Callable[[], str]
    """The same of sign-ins."""
    changes: ChangeFeed
    kept: KeptReadings
    """What was read and stands."""
    request_id: str
    operation_name: str | None = None
    loaders: Loaders = field(init=False)
    deadline: asyncio.Timeout | None = None
    """When the answer is given up; what began to write is waited for."""
    has_written: bool = False
    act: Act | None = None
    """What the mutation that runs does; its transactions tell it in the audit trail."""
    has_recorded: bool = False
    """Whether one of them has."""
    cursor: str | None = None
    """Of a subscription: after which place it goes on; then the place of what it told last."""
    cookie: str | None = None
    """What the answer tells the caller's browser to keep, or to forget."""

    def __post_init__(self) -> None:
        self.loaders = self._make_loaders()

    def begin_anew(self) -> None:
        """Forget what was read and counted: a subscription tells of something new."""
        self.loaders = self._make_loaders()

    def close(self) -> None:
        """Let go of what was read: it would else wait for the collector, which walks all of it."""
        self.loaders.forget()
        del self.loaders

    def _make_loaders(self) -> Loaders:
        caller = self.principal.promoter_id, self.principal.reach
        return Loaders(self.read, self.read_shown, self.read_together, self.kept, caller)

    @property
    def is_known(self) -> bool:
        """Tell whether the caller has said who it is."""
        return self.principal.account_id is not None or self.principal.token_id is not None

    def begin_act(self, action: str) -> None:
        """Say which mutation runs now."""
        self.act, self.has_recorded = self._describe(action), False

    async def record_refusals(self, actions: Collection[str], code: ErrorCode) -> None:
        """Tell in the audit trail that the caller may not do something."""
        for action in actions:
            act = replace(self._describe(action), is_told_by_events=False)
            recording = partial(record_alone, self.engine, act, refused=code)
            await to_thread.run_sync(recording, limiter=self.threads)

    def _describe(self, action: str) -> Act:
        return describe_act(
            self.principal,
            AuditChannel.GRAPHQL,
            action,
            self.request_id,
            is_told_by_events=action in _TOLD_BY_EVENTS,
        )

    async def read(self, use_case: Callable[..., Any], **arguments: object) -> Any:
        """Run a use case on a snapshot of the database, in a thread: the event loop goes on."""
        reading = partial(self._call, self._begin_reading(), use_case, **arguments)
        return await self.work(reading)

    async def read_shown(
        self,
        use_case: Callable[..., Any],
        *,
        is_brief: bool,
        shown: Shown | None = None,
        **arguments: object,
    ) -> Any:
        """Run a use case that reads of some records only what is shown.

        A database in this process answers what is brief sooner than a thread would take it over.
        """
        begin = partial(self._begin_reading(), shown=shown)
        reading = partial(self._call, begin, use_case, **arguments)
        return reading() if is_brief and is_at_hand(self.engine) else await self.work(reading)

    async def read_together(self, use_case: Callable[..., Any], **arguments: object) -> Any:
        """Run a use case that tells of whole communities what every member of them may know."""
        reach = replace(self.principal.reach, member_ids=None)
        begin = partial(self._begin_reading(), reach=reach)
        own = {"promoter_id": self.principal.promoter_id}
        reading = partial(self._call_unbounded, begin, use_case, **own, **arguments)
        return await self.work(reading)

    async def work(self, reading: Callable[[], Any]) -> Any:
        """Run in a thread what writes nothing: when the answer is given up, so is it."""
        running = asyncio.get_running_loop()
        return await running.run_in_executor(self.readers, copy_context().run, reading)

    async def write(self, use_case: Callable[..., Any], **arguments: object) -> Any:
        """Run a use case in one writing transaction, in a thread, and wait until it has ended.

        A thread cannot be stopped: giving up would tell of a failure that is stored a little later.
        """
        return await self._finish(partial(self._call, self._write, use_case, **arguments))

    async def read_account(self, use_case: Callable[..., Any], **arguments: object) -> Any:
        """Run a use case about who calls: it names the account, for no reach holds all of them."""
        reading = partial(self._call_unbounded, self._begin_reading(), use_case, **arguments)
        return await self.work(reading)

    async def write_account(self, use_case: Callable[..., Any], **arguments: object) -> Any:
        """Run a use case about who calls in one writing transaction."""
        return await self._finish(partial(self._call_unbounded, self._write, use_case, **arguments))

    async def hash(self, work: Callable[..., Any], **arguments: object) -> Any:
        """Check or hash a password in one of few threads: each takes long and much memory."""
        return await to_thread.run_sync(partial(work, **arguments), limiter=self.hashing)

    def require_every_community(self) -> None:
        """Refuse who sees some communities only what concerns all of the promoter's."""
        if self.principal.reach.community_ids is not None:
            raise NarrowReachError

    def _begin_reading(self) -> Callable[..., AbstractContextManager[Session]]:
        """Let the database be stopped when the answer is given up, however late it begins."""
        due_at = None if self.deadline is None else self.deadline.when()
        return partial(read_until, due_at)

    def _write(self, engine: Engine, reach: Reach | None = None) -> AbstractContextManager[Session]:
        """Begin a writing transaction that ends with its entry in the audit trail."""
        assert self.act is not None, "mutations alone write"
        return write_session(watched(engine, self.act), reach)

    async def _finish(self, writing: Callable[[], Any]) -> Any:
        allowed = self._stop_clock()
        try:
            done = await to_thread.run_sync(writing, limiter=self.threads)
            self.has_written = self.has_recorded = True
        finally:
            self._start_clock(allowed)
        self.loaders.forget()
        return done

    @property
    def keyring(self) -> Keyring:
        """What seals and opens what the database must not tell."""
        return load_keyring(self.settings)

    def sign_link(self, path: str, **query: object) -> str:
        """Give the address of a file that opens it for a while without a token."""
        ends_at = now() + self.settings.download_link_life
        return LinkSigner(self.keyring, self.principal, ends_at).sign(path, **query)

    def _stop_clock(self) -> float:
        """Let the answer take longer; tell how long it still had [s]."""
        if self.deadline is None or self.deadline.expired():
            return 0.0
        seconds = self._count_seconds_left()
        assert seconds is not None, "writes of one request follow each other"
        self.deadline.reschedule(None)
        return seconds

    def _count_seconds_left(self) -> float | None:
        """Tell how long the answer still has [s]; None when it may take any time."""
        due_at = None if self.deadline is None else self.deadline.when()
        return None if due_at is None else due_at - asyncio.get_running_loop().time()

    def _start_clock(self, seconds: float) -> None:
        if self.deadline is not None and not self.deadline.expired():
            self.deadline.reschedule(asyncio.get_running_loop().time() + seconds)

    def _call(
        self,
        begin: Callable[[Engine, Reach | None], AbstractContextManager[Session]],
        use_case: Callable[..., Any],
        **arguments: object,
    ) -> Any:
        with begin(self.engine, self.principal.reach) as session:
            return use_case(session, promoter_id=self.principal.promoter_id, **arguments)

    def _call_unbounded(
        self,
        begin: Callable[[Engine], AbstractContextManager[Session]],
        use_case: Callable[..., Any],
        **arguments: object,
    ) -> Any:
        with begin(self.engine) as session:
            return use_case(session, **arguments)


def read_until(
    due_at: float | None, engine: Engine, reach: Reach | None = None, *, shown: Shown | None = None
) -> AbstractContextManager[Session]:
    """Read until an instant of the event loop's clock [s]; a thread may begin late."""
    seconds = None if due_at is None else due_at - time.monotonic()
    return read_session(engine, reach, seconds=seconds, shown=shown)


Info = strawberry.Info[Context, None]
