"""A remote service for the clients to talk to."""

from collections.abc import Iterator

import pytest

from tests.support.remote_services import RemoteService, run_remote_service


@pytest.fixture(scope="session")
def running_service() -> Iterator[RemoteService]:
    """Start one server for all tests."""
    with run_remote_service() as service:
        yield service


@pytest.fixture
def remote(running_service: RemoteService) -> RemoteService:
    """Give it to one test, without the memory of others."""
    running_service.forget()
    return running_service


@pytest.fixture
def slept() -> list[float]:
    """Collect what a client would have waited [s]; its ``append`` takes the place of sleep."""
    return []
