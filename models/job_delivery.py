"""How PostgreSQL's workers hear of a job: through procrastinate, in the transaction that queues it.

What a job is and how it stands is in ``job_run`` alone; a delivery only says that there is one. The
worker beside a SQLite file asks by itself, so nothing is delivered there.
"""

from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, String, cast, column, exists, inspect, table, text
from sqlmodel import Session

if TYPE_CHECKING:
    from procrastinate import App

RUN_JOB = "reparto.run_job"
"""Name under which workers know what is delivered."""

QUEUE = "reparto"

_DELIVERIES = table("procrastinate_jobs", column("queueing_lock", String))


def deliver_job(session: Session, job_id: UUID, *, due_at: datetime | None = None) -> None:
    """Tell the workers of a job; a delivery that nobody took yet stands for the next one too."""
    connection = session.connection()
    if connection.dialect.name != "postgresql":
        return
    from procrastinate.exceptions import AlreadyEnqueued  # noqa: PLC0415  SQLite does without it

    deferrer = _app().configure_task(
        RUN_JOB,
        queue=QUEUE,
        queueing_lock=str(job_id),
        schedule_at=due_at,
        connection=_driver_connection(connection),
    )
    try:
        # The session's own savepoint would wait for its first statement, and this goes past it.
        with connection.begin_nested():
            deferrer.defer(job_id=str(job_id))
    except AlreadyEnqueued:
        return


def has_no_delivery(job_id: Any) -> ColumnElement[bool]:
    """Tell, in a query on PostgreSQL, whether no delivery of a job waits for a worker."""
    waiting = exists().where(
        _DELIVERIES.c.queueing_lock == cast(job_id, String),
        text("procrastinate_jobs.status = 'todo'"),
    )
    return ~waiting


def install_delivery(connection: Connection) -> None:
    """Lay procrastinate's own tables where they are not yet."""
    if connection.dialect.name != "postgresql" or inspect(connection).has_table(_DELIVERIES.name):
        return
    from procrastinate.schema import SchemaManager  # noqa: PLC0415

    # The driver takes several statements at once only without parameters.
    with _driver_connection(connection).cursor() as cursor:
        cursor.execute(SchemaManager.get_schema())


@cache
def _app() -> "App":
    """Make what defers; it never opens a connection of its own."""
    from procrastinate import App, SyncPsycopgConnector  # noqa: PLC0415

    return App(connector=SyncPsycopgConnector())


def _driver_connection(connection: Connection) -> Any:
    return connection.connection.driver_connection
