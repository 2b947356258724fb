"""Small queries at an even rate, whatever the server makes of them: how long each waits."""

import asyncio
import time
from collections.abc import AsyncIterator
from statistics import quantiles

import httpx

from tests.benchmarks.served.community import StoredCase
from tests.benchmarks.served.questions import QUESTIONS
from tests.benchmarks.served.servers import Server

SECONDS_A_LINE = 60.0
_IDLE_SECONDS = 2.0
"""A connection that rested longer is not used again: the server closes it after 5 s."""
_HEADING = """
| after | answers | p50 | p99 | longest | CPU a request | memory |
| ---: | ---: | ---: | ---: | ---: | ---: | ---: |"""


async def hold_load(
    server: Server, stored: StoredCase, *, rate: float, seconds: float
) -> AsyncIterator[str]:
    """Ask at a rate, and write a line a minute."""
    limits = httpx.Limits(
        max_connections=100, max_keepalive_connections=100, keepalive_expiry=_IDLE_SECONDS
    )
    headers = {"content-type": "application/json", "authorization": f"Bearer {stored.token}"}
    body = QUESTIONS[0].write(stored.community_id)
    yield _HEADING
    async with httpx.AsyncClient(limits=limits, headers=headers, timeout=None) as client:

        async def ask(due: float) -> float:
            answer = await client.post(f"{server.url}/graphql", content=body)
            assert answer.status_code == 200, answer.text
            return time.perf_counter() - due

        # The server says where it listens before it has started: its start is nobody's wait.
        await ask(0.0)
        done = 0.0
        while done < seconds:
            lasting = min(SECONDS_A_LINE, seconds - done)
            n_asked, cpu = int(lasting * rate), server.read_cpu_seconds()
            began = time.perf_counter()
            asking = []
            for place in range(n_asked):
                due = began + place / rate
                await asyncio.sleep(due - time.perf_counter())
                asking.append(asyncio.create_task(ask(due)))
            waits = await asyncio.gather(*asking)
            done += lasting
            used = (server.read_cpu_seconds() - cpu) / n_asked
            yield _write_line(done, waits, used, server.read_memory())


def _write_line(done: float, waits: list[float], used: float, memory: int) -> str:
    """Tell how long answers took from when they were due, and what the server holds."""
    cuts = quantiles(waits, n=100)
    return (
        f"| {done:,.0f} s | {len(waits):,} | {cuts[49] * 1000:.1f} ms | {cuts[98] * 1000:.1f} ms | "
        f"{max(waits) * 1000:.1f} ms | {used * 1000:.2f} ms | {memory / 1e6:.1f} MB |"
    )
