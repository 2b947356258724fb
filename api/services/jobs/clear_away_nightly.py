"""Clear away once a night what nobody needs any more: from uploads and jobs to sign-ups."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from pathlib import Path

from sqlalchemy import Engine

from api.services.accounting.export_accounts import sweep_exports
from api.services.file_imports.remove_uploads import sweep_uploads
from api.services.jobs.clock_turns import find_last_turn, taking_turn
from api.services.sign_ups.judge_sign_up import CLOSED_KEPT
from models.repositories.jobs import remove_old_jobs
from models.repositories.notifications import remove_old_notifications
from models.repositories.one_time_links import remove_old_links
from models.repositories.sign_ups import remove_closed_sign_ups, remove_unconfirmed_sign_ups
from models.repositories.user_accounts import remove_old_sessions
from models.session import write_session

# After the jobs of the night were asked for, by the wall clock.
_AT = time(5, 30)
_NAME = "clear_away"
_ROWS_AT_ONCE = 1_000
_SESSIONS_KEPT = timedelta(days=30)
_MOST_BATCHES = 100


def clear_away_nightly(
    *, engine: Engine, data_dir: Path, job_retention: timedelta, now: datetime
) -> bool:
    """Clear away if it is this night's turn and nobody has taken it.

    Parameters
    ----------
    engine : Engine
        The database.
    data_dir : Path
        Folder of the process's data.
    job_retention : timedelta
        How long a job that has ended is kept, and what tells of it; a job to which something
        refers is kept for good.
    now : datetime
        The present instant.

    Returns
    -------
    bool
        Whether it was.

    Notes
    -----
    Rows go 1,000 at a time, 100,000 in a night at most. What is left behind by somebody who is
    stopped in the middle goes the night after.
    """
    due_at = find_last_turn(_AT, now)
    with taking_turn(engine, name=_NAME, due_at=due_at, now=now) as session:
        is_ours = session is not None
    if is_ours:
        sweep_uploads(engine, data_dir, now=now)
        sweep_exports(data_dir, now=now)
        _remove_old(engine, remove_old_jobs, finished_before=now - job_retention)
        _remove_old(engine, remove_old_notifications, noted_before=now - job_retention)
        _remove_old(engine, remove_old_sessions, over_before=now - _SESSIONS_KEPT)
        _remove_old(engine, remove_unconfirmed_sign_ups, expired_before=now)
        _remove_old(engine, remove_closed_sign_ups, decided_before=now - CLOSED_KEPT)
        _remove_old(engine, remove_old_links, over_before=now - _SESSIONS_KEPT)
    return is_ours


def _remove_old(engine: Engine, remove: Callable[..., int], **before: datetime) -> None:
    """Remove them batch by batch: nobody waits for longer than one takes."""
    for _ in range(_MOST_BATCHES):
        with write_session(engine) as session:
            removed = remove(session, at_most=_ROWS_AT_ONCE, **before)
        if removed < _ROWS_AT_ONCE:
            return
