"""What every resolver of one request shares: the caller, its loaders and a way to use cases."""

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


@dataclass(slots=True)
class Context:
    """One caller's request."""

    principal: Principal
    engine: Engine
    settings: Settings
    threads: CapacityLimiter
    operation_name: str | None = None
    loaders: Loaders = field(init=False)

    def __post_init__(self) -> None:
        self.loaders = Loaders(self.read)

    async def read(self, use_case: Callable[..., Any], **arguments: object) -> Any:
        """Run a use case on a snapshot of the database, in a thread: the event loop goes on."""
        return await to_thread.run_sync(
            partial(self._call, read_session, use_case, **arguments), limiter=self.threads
        )

    async def write(self, use_case: Callable[..., Any], **arguments: object) -> Any:
        """Run a use case in one writing transaction, in a thread."""
        done = await to_thread.run_sync(
            partial(self._call, write_session, use_case, **arguments), limiter=self.threads
        )
        self.loaders.forget()
        return done

    def _call(
        self,
        begin: Callable[[Engine], AbstractContextManager[Session]],
        use_case: Callable[..., Any],
        **arguments: object,
    ) -> Any:
        with begin(self.engine) as session:
            return use_case(session, promoter_id=self.principal.promoter_id, **arguments)


Info = strawberry.Info[Context, None]
