"""What runs by the clock: its jobs are asked for once a turn, by whichever worker sees it first."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from croniter import croniter
from sqlalchemy import Engine
from sqlmodel import Session

from api.services.request_job import JobKind, request_job
from models.repositories.communities import list_all_communities
from models.repositories.schedules import take_slot
from models.session import write_session
from models.values.calendar import LAW_CLOCK

_NIGHTLY: Mapping[JobKind, str] = {
    JobKind.ALLOCATE_MONTHS: "30 2 * * *",
    JobKind.CHECK_READINGS: "30 3 * * *",
}
# The prices of tomorrow stand from 20:15.
_PRICES: Mapping[JobKind, str] = {JobKind.FETCH_PRICES: "45 20 * * *"}


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
    return sum(_take_turn(engine, kind, cron, now) for kind, cron in turns.items())


def _take_turn(engine: Engine, kind: JobKind, cron: str, now: datetime) -> int:
    due_at = croniter(cron, now.astimezone(ZoneInfo(LAW_CLOCK))).get_prev(datetime)
    with write_session(engine) as session:
        if not take_slot(session, name=kind.value, due_at=due_at, now=now):
            return 0
        return _ask_for_each(session, kind, due_at, now)


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
