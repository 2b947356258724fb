"""Several processes issue in one name at once, and are killed while they do."""

import multiprocessing
import os
import random
import time
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from uuid import UUID

from sqlmodel import col, select

from api.services.invoices.issue_billing_run import BillingRunWish, issue_billing_run
from api.services.invoices.verify_invoices import verify_invoices
from models.session import ConcurrentChangeError, DatabaseBusyError, read_session, write_session
from models.tables import BilledPeriod, BillingRun, FiscalRecord, Invoice, InvoiceLine
from models.values.invoicing import BillingBasis
from models.values.period import Period
from tests.support.billing import NOW, OCTOBER, BilledCommunity, add_billed_community, term
from tests.support.databases import opened
from tests.support.invoices import SYSTEM
from tests.support.stored_once import stored_once

KILLS = int(os.environ.get("REPARTO_TEST_KILLS", "5"))
COMMUNITIES, MONTHS = 4, 6
SERIES = ("A", "B")
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["tests.support.billing"])


def issue_month(engine, owner: UUID, community_id: UUID, month: int, key: str) -> BillingRun:
    """Issue a month of fees, which need no energy."""
    wish = BillingRunWish(
        community_id,
        Period(OCTOBER.start.replace(month=month), OCTOBER.start.replace(month=month + 1)),
        SERIES[month % 2],
    )
    with write_session(engine) as session:
        return issue_billing_run(
            session, promoter_id=owner, wish=wish, idempotency_key=key, system=SYSTEM, now=NOW
        )


def issue_months(url: str, owner: UUID, community_id: UUID, told: Connection) -> None:
    """Issue month after month, and tell of each only when it is stored."""
    with opened(url) as engine:
        for month in range(1, MONTHS + 1):
            key = f"{community_id} {month}"
            while True:
                try:
                    issue_month(engine, owner, community_id, month, key)
                except (ConcurrentChangeError, DatabaseBusyError):
                    continue
                break
            told.send(key)
    told.close()


@stored_once
def communities(engine, promoter) -> list[BilledCommunity]:
    """Store communities of one issuer whose members pay fees; none shares energy yet."""
    terms = (term(BillingBasis.FIXED, "3"),)
    return [
        add_billed_community(engine, promoter, number=number, terms=terms, shares_energy=False)
        for number in range(1, COMMUNITIES + 1)
    ]


def start(url: str, billed: BilledCommunity) -> tuple[BaseProcess, Connection]:
    heard, told = _processes.Pipe(duplex=False)
    process = _processes.Process(
        target=issue_months,
        args=(url, billed.owner, billed.stored.community.id, told),
        daemon=True,
    )
    process.start()
    told.close()
    return process, heard


def hear(heard: Connection) -> set[str]:
    """Give all that was told until the line went dead."""
    keys = set()
    try:
        while heard.poll(0):
            keys.add(heard.recv())
    except (EOFError, OSError):
        pass
    return keys


def assert_whole(engine, owner: UUID, n_runs: int) -> None:
    """No gap, no duplicate, every run whole, every chain intact."""
    with read_session(engine) as session:
        assert [r.is_sound for r in verify_invoices(session, promoter_id=owner)] == [True]
        runs = session.exec(select(BillingRun)).all()
        invoices = session.exec(select(Invoice).order_by(col(Invoice.number))).all()
        assert len(runs) == n_runs
        assert {run.invoice_count for run in runs} <= {3}
        assert len(invoices) == 3 * n_runs
        numbers = [each.full_number for each in invoices]
        assert len(set(numbers)) == len(numbers)
        for table in (InvoiceLine, BilledPeriod, FiscalRecord):
            assert len(session.exec(select(table)).all()) == len(invoices)


def test_processes_issue_in_one_name(engine, database_url, communities):
    started = [start(database_url, billed) for billed in communities]
    for process, _ in started:
        process.join(timeout=60)
        assert process.exitcode == 0
    told = set.union(*(hear(heard) for _, heard in started))
    assert len(told) == MONTHS * COMMUNITIES
    assert_whole(engine, communities[0].owner, MONTHS * COMMUNITIES)


def test_whoever_is_killed_leaves_no_half_run(engine, database_url, communities):
    chance = random.Random(5)
    told: set[str] = set()
    for _ in range(KILLS):
        started = [start(database_url, billed) for billed in communities[:2]]
        time.sleep(chance.uniform(0.1, 0.9))
        for process, heard in started:
            process.kill()
            process.join()
            told |= hear(heard)
        with read_session(engine) as session:
            stored = set(session.exec(select(BillingRun.idempotency_key)))
        assert told <= stored, "acknowledged means stored"
        assert_whole(engine, communities[0].owner, len(stored))
    started = [start(database_url, billed) for billed in communities[:2]]
    for process, _ in started:
        process.join(timeout=60)
        assert process.exitcode == 0
    assert_whole(engine, communities[0].owner, 2 * MONTHS)
