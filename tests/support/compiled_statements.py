"""Statements compiled once for all tests, as an application compiles them once for its life."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import URL, Dialect, Engine, event

import models.session


@contextmanager
def compiled_once() -> Iterator[None]:
    """Give engines the dialect of the first of their kind that connected, with all it compiled.

    What SQLAlchemy compiles it keeps by dialect, and a test has engines of its own.
    """
    with pytest.MonkeyPatch.context() as patch:
        for name in ("create_sqlite_engine", "create_postgres_engine"):
            patch.setattr(models.session, name, _sharing(getattr(models.session, name)))
        yield


def _sharing(create: Callable[[URL], Engine]) -> Callable[[URL], Engine]:
    compiled: dict[object, object] = {}
    connected: list[Dialect] = []

    def create_sharing(address: URL) -> Engine:
        engine = create(address)
        if connected:
            engine.dialect = connected[0]
        else:
            event.listen(engine, "first_connect", lambda *_: connected.append(engine.dialect))
        engine.update_execution_options(compiled_cache=compiled)
        return engine

    return create_sharing
