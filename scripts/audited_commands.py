"""The audit trail of commands: each writing transaction of one ends with its entry."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID, uuid4

from sqlalchemy import Engine
from sqlmodel import Session
from typer._click.globals import get_current_context

from api.clock import now
from api.services.accounts.ensure_promoter import require_promoter
from api.services.audit.keep_trail import Act, Subject, note_subject, watched
from models.session import read_session, write_session
from models.values.audit import AuditChannel

_PROGRAM = "reparto"


def watch_command(engine: Engine) -> Engine:
    """Let what the command that runs writes be told in the audit trail."""
    act = Act(
        channel=AuditChannel.COMMAND_LINE,
        action=name_command(),
        correlation_id=uuid4().hex,
        clock=now,
    )
    return watched(engine, act)


def name_command() -> str:
    """Name the command that runs, such as ``invoices issue``, without what it was told."""
    context, names = get_current_context(silent=True), list[str]()
    while context is not None and context.parent is not None:
        names.append(context.info_name or "")
        context = context.parent
    return " ".join(reversed(names)) or _PROGRAM


@contextmanager
def disclosing_session(engine: Engine, promoter: str) -> Iterator[tuple[Session, UUID]]:
    """Read what is handed out of a promoter's records, once the trail tells that it is."""
    with write_session(engine) as session:
        owner = require_promoter(session, name=promoter).id
        note_subject(session, Subject("promoter", owner, owner))
    with read_session(engine) as session:
        yield session, owner
