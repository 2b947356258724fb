"""How long requests that are made to hurt keep the served API; 250 ms each is the goal."""

import http.client
import time
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from tests.benchmarks.served.servers import Server
from tests.support.hostile_requests import HostileRequest, list_hostile_requests

GOAL_SECONDS = 0.250
_ROUNDS = 3
_SHOWN = 8
_HEADING = """
| hostile request | answer | CPU of the server | until the answer |
| --- | ---: | ---: | ---: |"""


@dataclass(frozen=True, slots=True)
class Timed:
    """A request, how it was answered, and the medians of what it took [s]."""

    name: str
    status: int
    cpu: float
    wait: float


def time_hostile(server: Server, token: str) -> Iterator[str]:
    """Send each, and show those that took longest."""
    timed = [_time_one(server, token, name, each) for name, each in list_hostile_requests()]
    timed.sort(key=lambda each: each.cpu, reverse=True)
    yield _HEADING
    for each in timed[:_SHOWN]:
        took = f"{each.cpu * 1000:.0f} ms | {each.wait * 1000:.0f} ms"
        yield f"| {each.name} | {each.status} | {took} |"
    above = sum(each.cpu > GOAL_SECONDS for each in timed)
    yield f"\n{len(timed)} requests, {above} above {GOAL_SECONDS * 1000:.0f} ms"


def _time_one(server: Server, token: str, name: str, request: HostileRequest) -> Timed:
    rounds = []
    for _ in range(_ROUNDS):
        cpu, began = server.read_cpu_seconds(), time.perf_counter()
        status = _send(server, token, request)
        waited = time.perf_counter() - began
        rounds.append((server.read_cpu_seconds() - cpu, waited))
    middle = sorted(rounds)[_ROUNDS // 2]
    return Timed(name, status, *middle)


def _send(server: Server, token: str, request: HostileRequest) -> int:
    """Send it over a connection of its own; tell how it ended, 0 where the server hung up."""
    headers = {"authorization": f"Bearer {token}"} | dict(request.headers)
    server.connection.close()
    try:
        path = quote(request.path, safe="/?=&%")
        server.connection.request(request.method, path, request.body, headers)
        answer = server.connection.getresponse()
        answer.read()
    except (ConnectionError, http.client.HTTPException):
        return 0
    return answer.status
