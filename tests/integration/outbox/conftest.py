"""Fixtures of the outbox."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from models.tables import Promoter
from tests.support.billing import billed
from tests.support.mail_servers import Mailbox, serving_mail
from tests.support.outbox import Outbox

__all__ = ["billed"]


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """Serve a mailbox to one test."""
    with serving_mail() as mailbox:
        yield mailbox


@pytest.fixture
def outbox(engine: Engine, promoter: Promoter) -> Outbox:
    """Give the empty outbox of a promoter."""
    return Outbox(engine, promoter.id)
