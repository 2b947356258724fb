"""Requests that are made to hurt: how long each keeps the server; at most 250 ms is the goal."""

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from tests.support.api import Api, api, filled_database, filled_databases, filled_url
from tests.support.databases import on_sqlite
from tests.support.hostile_requests import HostileRequest, list_hostile_requests, send_raw

pytestmark = on_sqlite
__all__ = ["api", "filled_database", "filled_databases", "filled_url"]

REQUESTS = dict(list_hostile_requests())


@pytest.mark.parametrize("hostile", REQUESTS.values(), ids=REQUESTS)
def test_hostile(benchmark: BenchmarkFixture, api: Api, hostile: HostileRequest) -> None:
    arguments = (api.client.portal, api.app, hostile, api.own)
    answer = benchmark.pedantic(send_raw, arguments, rounds=3)
    assert answer.status < 500
