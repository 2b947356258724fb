"""Keep what became of an attempt to send an e-mail: the server's answer, and what follows."""

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import Engine
from sqlmodel import Session

from api.clients.smtp import MailReply
from models.repositories.notifications import add_notification
from models.repositories.outbox import (
    MessageClaim,
    give_up_lost_messages,
    postpone_message,
    postpone_others,
    settle_message,
)
from models.session import write_session
from models.tables import (
    AttemptOutcome,
    MessageState,
    NotificationKind,
    OutboxAttempt,
    OutboxMessage,
)

_SHORTEST_PAUSE, _LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=4)
_PATIENCE = timedelta(days=5)
_LONGEST_ANSWER = 500
_TOLD = {
    AttemptOutcome.REFUSED: NotificationKind.MESSAGE_FAILED,
    AttemptOutcome.UNCERTAIN: NotificationKind.MESSAGE_UNCERTAIN,
}

_log = structlog.get_logger(__name__)


def choose_pause(waited: timedelta) -> timedelta:
    """Choose how long an e-mail waits until it is tried again: as long again as it has waited.

    Parameters
    ----------
    waited : timedelta
        Since somebody asked for it to be sent.

    Returns
    -------
    timedelta
        From a minute to four hours (RFC 5321, 4.5.4.1).

    Examples
    --------
    >>> choose_pause(timedelta(minutes=8))
    datetime.timedelta(seconds=480)
    """
    return min(max(waited, _SHORTEST_PAUSE), _LONGEST_PAUSE)


def note_accepted(
    engine: Engine, claim: MessageClaim, reply: MailReply, digest: str, now: datetime
) -> AttemptOutcome:
    """Keep that the server took an e-mail.

    Parameters
    ----------
    engine : Engine
        The database.
    claim : MessageClaim
        Which e-mail and attempt.
    reply : MailReply
        What the server said.
    digest : str
        SHA-256 of what it took.
    now : datetime
        The present instant.

    Returns
    -------
    AttemptOutcome
        Accepted.
    """
    with write_session(engine) as session:
        settle_message(session, claim, state=MessageState.SENT, sent_at=now)
        return _note(session, claim, AttemptOutcome.ACCEPTED, reply.text, now, reply.code, digest)


def note_refused(
    engine: Engine, claim: MessageClaim, message: OutboxMessage, reply: MailReply, now: datetime
) -> AttemptOutcome:
    """Keep that the server refused an e-mail: for good, or for a while.

    Parameters
    ----------
    engine : Engine
        The database.
    claim : MessageClaim
        Which e-mail and attempt.
    message : OutboxMessage
        The same e-mail as it was claimed.
    reply : MailReply
        What the server said.
    now : datetime
        The present instant.

    Returns
    -------
    AttemptOutcome
        Deferred for five days, then refused.
    """
    waited = now - message.requested_at
    with write_session(engine) as session:
        if reply.may_pass and waited < _PATIENCE:
            postpone_message(session, claim, due_at=now + choose_pause(waited))
            return _note(session, claim, AttemptOutcome.DEFERRED, reply.text, now, reply.code)
        reason = f"{reply.code} {reply.text}"
        settle_message(session, claim, state=MessageState.FAILED, failed_because=reason)
        return _note(session, claim, AttemptOutcome.REFUSED, reply.text, now, reply.code)


def note_unanswered(
    engine: Engine,
    claim: MessageClaim,
    message: OutboxMessage,
    reason: str,
    digest: str,
    now: datetime,
) -> AttemptOutcome:
    """Keep that nobody knows whether the server took an e-mail; all others that are due wait.

    Parameters
    ----------
    engine : Engine
        The database.
    claim : MessageClaim
        Which e-mail and attempt.
    message : OutboxMessage
        The same e-mail as it was claimed.
    reason : str
        Why not.
    digest : str
        SHA-256 of what was sent.
    now : datetime
        The present instant.

    Returns
    -------
    AttemptOutcome
        Uncertain.
    """
    outcome = AttemptOutcome.UNCERTAIN
    due_at = now + choose_pause(now - message.requested_at)
    with write_session(engine) as session:
        postpone_others(session, promoter_id=claim.promoter_id, now=now, due_at=due_at)
        if settle_message(session, claim, state=MessageState.UNCERTAIN):
            _note(session, claim, outcome, reason, now, digest=digest)
    return outcome


def note_server_fault(
    engine: Engine, claim: MessageClaim, message: OutboxMessage, reason: str, now: datetime
) -> None:
    """Give an e-mail back that the server did not come to see, and all others that are due.

    Parameters
    ----------
    engine : Engine
        The database.
    claim : MessageClaim
        Which e-mail and attempt.
    message : OutboxMessage
        The same e-mail as it was claimed.
    reason : str
        What is wrong with the server.
    now : datetime
        The present instant.
    """
    due_at = now + choose_pause(now - message.requested_at)
    with write_session(engine) as session:
        postpone_message(session, claim, due_at=due_at)
        postpone_others(session, promoter_id=claim.promoter_id, now=now, due_at=due_at)
        _note(session, claim, AttemptOutcome.DEFERRED, reason, now)


def give_up_lost(engine: Engine, *, promoter_id: UUID, now: datetime) -> int:
    """Make those e-mails uncertain whose worker fell silent after they had begun to go out.

    Parameters
    ----------
    engine : Engine
        The database.
    promoter_id : UUID
        The tenant.
    now : datetime
        The present instant.

    Returns
    -------
    int
        How many there were.
    """
    with write_session(engine) as session:
        lost = give_up_lost_messages(session, promoter_id=promoter_id, now=now)
        for message in lost:
            claim = MessageClaim(promoter_id, message.id, "", message.attempts)
            reason = "the worker stopped before the mail server had answered"
            _note(session, claim, AttemptOutcome.UNCERTAIN, reason, now)
    return len(lost)


def _note(
    session: Session,
    claim: MessageClaim,
    outcome: AttemptOutcome,
    answer: str,
    now: datetime,
    code: int | None = None,
    digest: str | None = None,
) -> AttemptOutcome:
    """Append what is known, tell of it, and log it without a word of the server's.

    It may name people.
    """
    if outcome in _TOLD:
        add_notification(
            session,
            promoter_id=claim.promoter_id,
            kind=_TOLD[outcome],
            subject_id=claim.message_id,
            at=now,
        )
    session.add(
        OutboxAttempt(
            promoter_id=claim.promoter_id,
            message_id=claim.message_id,
            number=claim.attempt,
            outcome=outcome,
            reply_code=code,
            answer=answer[:_LONGEST_ANSWER],
            content_sha256=digest,
            ended_at=now,
        )
    )
    _log.info("e-mail tried", message=str(claim.message_id), outcome=outcome.value, reply=code)
    return outcome
