"""Runs that are made at once: each open amount stands in one of them."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from api.services.collection.create_debit_run import NothingToCollectError
from models.session import ConcurrentChangeError, DatabaseBusyError
from models.tables import Debit, DebitRun
from tests.support.databases import DatabaseKind
from tests.support.direct_debits import Collector, collector

__all__ = ["collector"]

AT_ONCE = 6


def collect_at_once(collector: Collector, keys: list[str]) -> list[object]:
    """Make runs in threads that begin together, each with a connection of its own."""
    barrier = Barrier(len(keys))

    def collect(key: str) -> object:
        barrier.wait()
        while True:
            try:
                return collector.collect(key).run.id
            except (ConcurrentChangeError, DatabaseBusyError):
                continue
            except NothingToCollectError as error:
                return type(error)

    with ThreadPoolExecutor(len(keys)) as pool:
        return list(pool.map(collect, keys))


@pytest.mark.parametrize("database_kind", list(DatabaseKind), indirect=True)
def test_one_of_many_runs_collects(collector):
    for place in range(3):
        collector.sign(place)
    done = collect_at_once(collector, [f"key {place}" for place in range(AT_ONCE)])
    assert done.count(NothingToCollectError) == AT_ONCE - 1
    (run,) = collector.books.billed.rows(DebitRun)
    debits = collector.books.billed.rows(Debit)
    assert (run.debit_count, len({each.invoice_id for each in debits})) == (3, 3)


@pytest.mark.parametrize("database_kind", list(DatabaseKind), indirect=True)
def test_one_key_makes_one_run(collector):
    collector.sign(0)
    done = collect_at_once(collector, ["key"] * AT_ONCE)
    (run,) = collector.books.billed.rows(DebitRun)
    assert set(done) == {run.id}
