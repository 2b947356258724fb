"""How many jobs wait and run, for whoever looks after the server."""

from sqlmodel import Session

from models.repositories.jobs import count_jobs_by_state


def count_open_jobs(session: Session) -> dict[str, int]:
    """Count the jobs of all promoters that have not ended.

    Parameters
    ----------
    session : Session
        Open transaction.

    Returns
    -------
    dict of str to int
        Numbers of the jobs that are queued and running.
    """
    return {state.value: number for state, number in count_jobs_by_state(session).items()}
