"""Write the audit trail: each watched transaction ends with the entry of what it did.

The entry is written by the transaction that makes the change, as its last step: neither is stored
without the other, and a chain is held for that step alone.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from itertools import islice
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Engine, event, orm
from sqlmodel import Session

from api.services.audit.entry_hash import hash_entry
from models.repositories.audit import ChainHead, add_entries, hold_chain
from models.session import WATCH, write_session
from models.tables import AuditEntry, Promoter, UserAccount
from models.values.access import Role
from models.values.audit import AuditChannel, AuditEvent, AuditOutcome
from models.values.errors import ErrorCode

Clock = Callable[[], datetime]

_TRAIL = "audit_trail"
_MOST_SUBJECTS = 50


@dataclass(frozen=True, slots=True)
class Subject:
    """A row that was changed or handed out.

    Attributes
    ----------
    table : str
        Where it lies, or what it is.
    key : UUID
        Its id.
    promoter_id : UUID, optional
        Whose it is; the installation's own when None.
    """

    table: str
    key: UUID
    promoter_id: UUID | None


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody sets out to do.

    Attributes
    ----------
    channel : AuditChannel
        By which way.
    action : str
        Root field, command, kind of job, or method and route.
    correlation_id : str
        What all that one request, command or job does has in common.
    clock : callable
        Tells the present instant.
    actor_role : Role, optional
        What kind of caller it is.
    account_id, token_id : UUID, optional
        Who it is, or by which token it came.
    promoter_id : UUID, optional
        In whose chain it belongs; without one, that of whose rows are changed.
    is_told_by_events : bool, default False
        Whether what happens at the door tells all of it.
    traceparent : str, optional
        Of the span within which it is done, for the jobs that it asks for; no entry holds it.
    """

    channel: AuditChannel
    action: str
    correlation_id: str
    clock: Clock
    actor_role: Role | None = None
    account_id: UUID | None = None
    token_id: UUID | None = None
    promoter_id: UUID | None = None
    is_told_by_events: bool = False
    traceparent: str | None = None


class _Told(NamedTuple):
    """What an entry tells beside its place."""

    act: Act
    subjects: list[Subject]
    refused: ErrorCode | None


@dataclass(slots=True)
class _Trail:
    """What a transaction has done so far."""

    subjects: dict[tuple[str, UUID], Subject] = field(default_factory=dict)
    events: list[tuple[AuditEvent, ErrorCode | None, UserAccount | None]] = field(
        default_factory=list
    )
    refusal: ErrorCode | None = None
    act: Act | None = None


def watched(engine: Engine, act: Act) -> Engine:
    """Let every writing transaction of an engine end with the entry of an act.

    Parameters
    ----------
    engine : Engine
        The database; it stays as it is.
    act : Act
        What is being done.

    Returns
    -------
    Engine
        The same database.
    """
    return engine.execution_options(**{WATCH: partial(keep_trail, act=act)})


@contextmanager
def keep_trail(session: Session, *, act: Act) -> Iterator[None]:
    """Watch a transaction, and add its entries as the last thing before it is committed.

    Parameters
    ----------
    session : Session
        Open transaction.
    act : Act
        What is being done.

    Yields
    ------
    None
        Nothing is added when the transaction fails.
    """
    trail = _find_trail(session)
    trail.act = act
    collect_changes(session)
    yield
    session.flush()
    changed = list(trail.subjects.values()) if act.is_told_by_events else []
    told = [_tell_event(act, changed, *each) for each in trail.events]
    if not act.is_told_by_events:
        told += _tell_act(act, trail)
    _append(session, act.clock, told)


def collect_changes(session: Session) -> None:
    """Note from now on which rows a transaction changes, for whoever adds its entry.

    Parameters
    ----------
    session : Session
        Open transaction.
    """
    event.listen(session, "after_flush", _note_changes)


def find_act(session: Session) -> Act | None:
    """Tell what a watched transaction does.

    Parameters
    ----------
    session : Session
        Open transaction.

    Returns
    -------
    Act or None
        What is being done; None where nobody watches.
    """
    return _find_trail(session).act


def note_event(
    session: orm.Session,
    kind: AuditEvent,
    *,
    account: UserAccount | None = None,
    refused: ErrorCode | None = None,
) -> None:
    """Note what happened at the door, for the entry at the end of the transaction.

    Parameters
    ----------
    session : Session
        Open transaction.
    kind : AuditEvent
        What happened.
    account : UserAccount, optional
        Whose door; None where nobody has the address, which is not kept.
    refused : ErrorCode, optional
        Why somebody was not let in.
    """
    _find_trail(session).events.append((kind, refused, account))


def note_refusal(session: Session, code: ErrorCode) -> None:
    """Note that a transaction which is committed all the same did not do what was asked.

    Parameters
    ----------
    session : Session
        Open transaction.
    code : ErrorCode
        Why.
    """
    _find_trail(session).refusal = code


def note_subject(session: Session, *subjects: Subject) -> None:
    """Name rows that a transaction is about and does not change itself.

    Parameters
    ----------
    session : Session
        Open transaction.
    *subjects : Subject
        The rows.
    """
    _find_trail(session).subjects.update({(each.table, each.key): each for each in subjects})


def record_act(
    session: Session,
    act: Act,
    *,
    subjects: Iterable[Subject] = (),
    refused: ErrorCode | None = None,
) -> None:
    """Add the entry of an act by a transaction that nothing watches, as its last step.

    Beside its subjects it names the rows whose changes were collected.

    Parameters
    ----------
    session : Session
        Open transaction.
    act : Act
        What was done, in the chain that it names.
    subjects : iterable of Subject, optional
        The rows that it was about.
    refused : ErrorCode, optional
        Why it was not done.
    """
    session.flush()
    changed = _find_trail(session).subjects.values()
    _append(session, act.clock, [_Told(act, [*subjects, *changed], refused)])


def record_alone(
    engine: Engine, act: Act, *, subjects: Iterable[Subject] = (), refused: ErrorCode | None = None
) -> None:
    """Add the entry of an act that changes nothing else, in a transaction of its own.

    Parameters
    ----------
    engine : Engine
        The database.
    act : Act
        What was done, in the chain that it names.
    subjects : iterable of Subject, optional
        The rows that it was about.
    refused : ErrorCode, optional
        Why it was not done.
    """
    with write_session(engine) as session:
        record_act(session, act, subjects=subjects, refused=refused)


def _find_trail(session: orm.Session) -> _Trail:
    trail: _Trail = session.info.setdefault(_TRAIL, _Trail())
    return trail


def _note_changes(session: Session, _context: object) -> None:
    """Note the rows that a flush adds, changes and removes, of those with an id."""
    changed = (row for row in session.dirty if session.is_modified(row))
    for row in (*session.new, *changed, *session.deleted):
        key = getattr(row, "id", None)
        if isinstance(key, UUID):
            owner = key if isinstance(row, Promoter) else getattr(row, "promoter_id", None)
            note_subject(session, Subject(row.__tablename__, key, owner))


def _tell_act(act: Act, trail: _Trail) -> list[_Told]:
    """Tell what was done: once, or once in the chain of each promoter whose rows were changed."""
    subjects = list(trail.subjects.values())
    owners = {each.promoter_id for each in subjects}
    if act.promoter_id is not None or len(owners) < 2:
        owner = act.promoter_id or next(iter(owners), None)
        return [_Told(replace(act, promoter_id=owner), subjects, trail.refusal)]
    return [
        _Told(
            replace(act, promoter_id=owner),
            [each for each in subjects if each.promoter_id == owner],
            trail.refusal,
        )
        for owner in owners
    ]


def _tell_event(
    act: Act,
    changed: list[Subject],
    kind: AuditEvent,
    refused: ErrorCode | None,
    account: UserAccount | None,
) -> _Told:
    """Tell what happened at somebody's door, in the chain of whoever they belong to."""
    told = replace(
        act,
        channel=AuditChannel.SIGN_IN,
        action=kind,
        actor_role=Role.PUBLIC if account is None else account.role,
        account_id=None if account is None else account.id,
        token_id=None,
        promoter_id=None if account is None else account.promoter_id,
    )
    return _Told(told, changed, refused)


def _append(session: Session, clock: Clock, told: Iterable[_Told]) -> None:
    """Give entries their places, chain by chain; chains are held in the same order by everybody."""
    chains: dict[UUID | None, list[_Told]] = {}
    for each in told:
        chains.setdefault(each.act.promoter_id, []).append(each)
    for promoter_id in sorted(chains, key=str):
        head, at = hold_chain(session, promoter_id=promoter_id), clock()
        entries: list[AuditEntry] = []
        for each in chains[promoter_id]:
            entries.append(_seal(each, head, at))
            head = ChainHead(entries[-1].position, entries[-1].hash)
        add_entries(session, entries=entries)


def _seal(told: _Told, head: ChainHead | None, at: datetime) -> AuditEntry:
    """Write the entry that comes after the head of its chain."""
    act, subjects, refused = told
    named = (f"{each.table}:{each.key}" for each in islice(subjects, _MOST_SUBJECTS))
    entry = AuditEntry(
        promoter_id=act.promoter_id,
        position=1 if head is None else head.position + 1,
        at=at,
        channel=act.channel,
        actor_role=act.actor_role,
        account_id=act.account_id,
        token_id=act.token_id,
        action=act.action,
        outcome=AuditOutcome.DONE if refused is None else AuditOutcome.REFUSED,
        error_code=refused,
        subjects=" ".join(named) or None,
        subject_count=len(subjects),
        correlation_id=act.correlation_id,
        previous_hash=None if head is None else head.hash,
        hash="",
    )
    entry.hash = hash_entry(entry)
    return entry
