"""What every resolver of one request shares: the caller, its loaders and a way to use cases."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import strawberry
from anyio import CapacityLimiter, to_thread
from sqlalchemy import Engine
from sqlmodel import Session

from api.authentication import Principal
from api.graphql.dataloaders import Loaders
from api.settings import Settings
from models.session import read_session, write_session
from models.values.access import Reach


@dataclass(slots=True)
class Context:
    """One caller's request."""

    principal: Principal
    engine: Engine
    settings: Settings
    threads: CapacityLimiter
    operation_name: str | None = None
    loaders: Loaders = field(init=False)
    deadline: asyncio.Timeout | None = None
    """When the answer is given up; what began to write is waited for."""
    has_written: bool = False

    def __post_init__(self) -> None:
        self.loaders = Loaders(self.read)

    async def read(self, use_case: Callable[..., Any], **arguments: object) -> Any:
        """Run a use case on a snapshot of the database, in a thread: the event loop goes on."""
        return await to_thread.run_sync(
            partial(self._call, read_session, use_case, **arguments), limiter=self.threads
        )

    async def write(self, use_case: Callable[..., Any], **arguments: object) -> Any:
        """Run a use case in one writing transaction, in a thread, and wait until it has ended.

        A thread cannot be stopped: giving up would tell of a failure that is stored a little later.
        """
        allowed = self._stop_clock()
        try:
            done = await to_thread.run_sync(
                partial(self._call, write_session, use_case, **arguments), limiter=self.threads
            )
            self.has_written = True
        finally:
            self._start_clock(allowed)
        self.loaders.forget()
        return done

    def _stop_clock(self) -> float:
        """Let the answer take longer; tell how long it still had [s]."""
        if self.deadline is None or self.deadline.expired():
            return 0.0
        due_at = self.deadline.when()
        assert due_at is not None, "writes of one request follow each other"
        self.deadline.reschedule(None)
        return due_at - asyncio.get_running_loop().time()

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


Info = strawberry.Info[Context, None]
