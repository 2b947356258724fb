"""What runs by the clock: its jobs are asked for once a turn, by whichever worker sees it first."""

from collections.abc import Mapping
from datetime import datetime, time

from sqlalchemy import Engine
from sqlmodel import Session

from api.services.jobs.clock_turns import find_last_turn, taking_turn
from api.services.jobs.request_job import JobKind, request_job
from models.repositories.communities import list_all_communities

# By the wall clock, and outside of the hours that it skips or shows twice.
_NIGHTLY: Mapping[JobKind, time] = {
    JobKind.ALLOCATE_MONTHS: time(3, 30),
    JobKind.CHECK_READINGS: time(4, 30),
}
# The prices of tomorrow stand from 20:15.
_PRICES: Mapping[JobKind, time] = {JobKind.FETCH_PRICES: time(20, 45)}


def ask_for_due_jobs(*, engine: Engine, now: datetime, fetches_prices: bool) -> int:
    """Ask for the jobs of every turn that has come: one for each community.

    A turn that was missed is taken when somebody wakes up, the last one only.

    Parameters
    ----------
    engine : Engine
        The database.
    now : datetime
        The present instant.
    fetches_prices : bool
        Whether prices have turns too.

    Returns
    -------
    int
        How many jobs there are.
    """
    turns = {**_NIGHTLY, **(_PRICES if fetches_prices else {})}
    return sum(_take_turn(engine, kind, at, now) for kind, at in turns.items())


def _take_turn(engine: Engine, kind: JobKind, at: time, now: datetime) -> int:
    due_at = find_last_turn(at, now)
    with taking_turn(engine, name=kind.value, due_at=due_at, now=now) as session:
        return 0 if session is None else _ask_for_each(session, kind, due_at, now)


def _ask_for_each(session: Session, kind: JobKind, due_at: datetime, now: datetime) -> int:
    communities = list_all_communities(session)
    for promoter_id, community_id in communities:
        request_job(
            session,
            promoter_id=promoter_id,
            kind=kind,
            arguments={"community_id": str(community_id)},
            idempotency_key=f"{community_id}:{due_at.isoformat()}",
            now=now,
        )
    return len(communities)
