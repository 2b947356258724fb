"""What nobody changes of an e-mail: what it says at any time, and anything once it was sent."""

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from models.session import create_database_engine
from tests.support.databases import acting_for_all
from tests.support.row_keys import NOW
from tests.support.table_rows import ROWS

SENT = f"UPDATE outbox_message SET state = 'sent', sent_at = '{NOW}'"


def run(engine: Engine, statement: str, **values: object) -> None:
    with acting_for_all(engine) as connection:
        connection.execute(text(statement), values)


@pytest.fixture
def queued(database_url: str):
    """Store an e-mail with all that it refers to."""
    engine = create_database_engine(database_url)
    for table, row in ROWS.items():
        columns = ", ".join(row)
        places = ", ".join(f":{column}" for column in row)
        run(engine, f"INSERT INTO {table} ({columns}) VALUES ({places})", **row)
    yield engine
    engine.dispose()


def test_what_it_says_stays(queued: Engine):
    for column in ("kind", "idempotency_key", "subject", "body", "message_id"):
        with pytest.raises(IntegrityError, match="what an e-mail says never changes"):
            run(queued, f"UPDATE outbox_message SET {column} = 'other'")
    run(queued, "UPDATE outbox_message SET recipient = 'eva@vila.example', attempts = 1")


def test_what_was_sent_stays_as_it_was(queued: Engine):
    run(queued, SENT)
    for change in ("state = 'waiting', sent_at = NULL", "recipient = 'eva@vila.example'"):
        with pytest.raises(IntegrityError, match="nothing of it once it was sent"):
            run(queued, f"UPDATE outbox_message SET {change}")


def test_nothing_of_it_goes(queued: Engine):
    for table in ("outbox_attempt", "outbox_attachment", "outbox_message"):
        with pytest.raises(IntegrityError, match=r"is kept|never changed"):
            run(queued, f"DELETE FROM {table}")
