"""Several workers at once, and workers that are killed: each e-mail arrives once at most."""

import multiprocessing
import random
import signal
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from uuid import UUID

from api.clients.smtp import MailServer
from api.clock import now
from api.services.outbox.find_messages import resend_message
from api.services.outbox.send_due_messages import MailRoute, send_due_messages
from models.session import create_database_engine, write_session
from models.tables import AttemptOutcome, MessageState
from tests.support.databases import on_postgres, on_sqlite
from tests.support.keyrings import KEYRING
from tests.support.mail_servers import Mailbox, reach
from tests.support.outbox import Outbox
from tests.support.workers import wait_until

MESSAGES = 40
KILLS_BETWEEN, KILLS_AT_THE_WORST = 1, 2
LEASE = timedelta(seconds=1)

_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["tests.integration.outbox.test_sending_at_once"])


def send_all(url: str, owner: UUID, server: MailServer) -> Counter[AttemptOutcome]:
    """Be a worker with a database connection of its own."""
    engine = create_database_engine(url)
    try:
        return Counter(
            send_due_messages(
                engine=engine,
                promoter_id=owner,
                route=MailRoute(server, KEYRING),
                clock=now,
                lease=LEASE,
            )
        )
    finally:
        engine.dispose()


def fill(outbox: Outbox) -> None:
    """Queue many e-mails."""
    outbox.now = now()
    for number in range(MESSAGES):
        outbox.queue(f"{number:03}")


def test_workers_share_what_is_due(outbox, mailbox, database_url):
    fill(outbox)
    with ThreadPoolExecutor(3) as pool:
        work = [pool.submit(send_all, database_url, outbox.owner, reach(mailbox)) for _ in range(3)]
        counts = sum((each.result() for each in work), Counter())
    assert +counts == {AttemptOutcome.ACCEPTED: MESSAGES}
    assert len({mail["Message-ID"] for mail in mailbox.read()}) == len(mailbox.taken) == MESSAGES
    assert set(outbox.states) == {MessageState.SENT}


# On SQLite writers take turns anyway.
@on_postgres
def test_who_asks_for_it_at_once_queues_one(outbox):
    with ThreadPoolExecutor(4) as pool:
        keys = {message.id for message in pool.map(lambda _: outbox.queue(), range(8))}
    assert len(keys) == len(outbox.messages) == 1


@on_sqlite
def test_killed_workers_send_nothing_twice_and_lose_nothing(outbox, mailbox, database_url):
    fill(outbox)
    lot, server = random.Random(1), reach(mailbox)
    delays = [0.0] * KILLS_AT_THE_WORST + [lot.uniform(0, 0.01) for _ in range(KILLS_BETWEEN)]
    for delay in delays:
        worker = _processes.Process(target=send_all, args=(database_url, outbox.owner, server))
        mailbox.before_reply = _kill(mailbox, worker, delay)
        worker.start()
        worker.join(20)
        assert worker.exitcode == -signal.SIGKILL
    wait_until(lambda: _finish(database_url, outbox, server), 10)
    taken = Counter(mail["Message-ID"] for mail in mailbox.read())
    assert set(taken.values()) == {1}
    by_state = {state: set() for state in MessageState}
    for message in outbox.messages:
        by_state[message.state].add(message.message_id)
    sent, uncertain = by_state[MessageState.SENT], by_state[MessageState.UNCERTAIN]
    assert len(sent) + len(uncertain) == MESSAGES
    assert KILLS_AT_THE_WORST <= len(uncertain) <= KILLS_BETWEEN + KILLS_AT_THE_WORST
    assert sent <= taken.keys() <= sent | uncertain
    _resend(outbox)
    send_all(database_url, outbox.owner, server)
    assert set(outbox.states) == {MessageState.SENT}
    repeated = Counter(mail["Message-ID"] for mail in mailbox.read())
    assert repeated.keys() == sent | uncertain
    assert {key for key, times in repeated.items() if times > 1} <= uncertain


def _kill(mailbox: Mailbox, worker: BaseProcess, delay: float) -> Callable[[], None]:
    """Kill a worker a moment after the server has an e-mail of it; at once, it never hears so."""

    def kill() -> None:
        mailbox.before_reply = lambda: None
        if delay:
            threading.Timer(delay, worker.kill).start()
        else:
            worker.kill()
            # The test joins it: a second who joins would take its exit code away.
            wait([worker.sentinel])

    return kill


def _finish(url: str, outbox: Outbox, server: MailServer) -> bool:
    """Do what is left; leases end in a second."""
    send_all(url, outbox.owner, server)
    return not {MessageState.WAITING, MessageState.SENDING} & set(outbox.states)


def _resend(outbox: Outbox) -> None:
    """Be the person who looks at what is uncertain."""
    with write_session(outbox.engine) as session:
        for message in outbox.messages:
            if message.state is MessageState.UNCERTAIN:
                resend_message(session, promoter_id=outbox.owner, message_id=message.id, now=now())
