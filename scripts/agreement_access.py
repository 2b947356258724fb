"""Open the agreements of a promoter for one command, and show one at its end."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from uuid import UUID

from sqlalchemy import Engine
from sqlmodel import Session

from api.services.accounts.ensure_promoter import require_promoter
from api.services.agreements.describe_agreement import (
    describe_agreement,
)
from api.settings import read_settings
from scripts.agreement_tables import (
    print_agreement,
)
from scripts.commands.database import ready_database
from scripts.console import print_json


@contextmanager
def open_agreements(
    begin: Callable[[Engine], AbstractContextManager[Session]], promoter: str
) -> Iterator[tuple[Session, UUID]]:
    """Open the database for one transaction of a promoter."""
    with ready_database(read_settings()) as engine, begin(engine) as session:
        yield session, require_promoter(session, name=promoter).id


def show_agreement(session: Session, owner: UUID, agreement_id: UUID, json: bool) -> None:
    """Print an agreement for people or programs."""
    described = describe_agreement(session, promoter_id=owner, agreement_id=agreement_id)
    (print_json if json else print_agreement)(described)
