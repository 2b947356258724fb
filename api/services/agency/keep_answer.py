"""Keep what the tax agency answered to each record, or why it did not answer."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from api.services.agency.waiting_message import RecordKey, WaitingMessage
from loaders.verifactu.submission import (
    KeptStatus,
    RecordAnswer,
    RecordStatus,
    SubmissionAnswer,
    UnreadableAnswerError,
)
from models.repositories.agency import hold_sent, list_answered_ids
from models.repositories.notifications import add_notification
from models.tables import (
    AgencyAnswer,
    AgencyStatus,
    AgencySubmission,
    NotificationKind,
    SubmissionState,
)

_LONGEST_REASON, _LONGEST_TEXT, _LONGEST_RECEIPT = 500, 1500, 100
_STATUSES = {
    RecordStatus.ACCEPTED: AgencyStatus.ACCEPTED,
    RecordStatus.ACCEPTED_WITH_ERRORS: AgencyStatus.ACCEPTED_WITH_ERRORS,
    RecordStatus.REJECTED: AgencyStatus.REFUSED,
}
_TOLD = {
    AgencyStatus.REFUSED: NotificationKind.RECORD_REFUSED,
    AgencyStatus.ACCEPTED_WITH_ERRORS: NotificationKind.RECORD_FAULTY,
}


def match_answer(
    message: WaitingMessage, answer: SubmissionAnswer
) -> Mapping[RecordKey, RecordAnswer]:
    """Find which record each line of an answer is about.

    Parameters
    ----------
    message : WaitingMessage
        What was sent.
    answer : SubmissionAnswer
        What came back.

    Returns
    -------
    mapping of RecordKey to RecordAnswer
        Records of which the answer does not speak are missing, and go again.

    Raises
    ------
    UnreadableAnswerError
        If it speaks of a record that was not sent, or of none.
    """
    lines = {(line.invoice, line.action): line for line in answer.records}
    if foreign := lines.keys() - message.records.keys():
        number = min(invoice.number for invoice, _ in foreign)
        raise UnreadableAnswerError(f"it speaks of {number}, which was not in the message")
    if not lines:
        raise UnreadableAnswerError("it speaks of no record")
    return lines


def keep_answer(
    session: Session,
    message: WaitingMessage,
    answer: SubmissionAnswer,
    *,
    content: bytes,
    matched: Mapping[RecordKey, RecordAnswer],
    now: datetime,
) -> dict[AgencyStatus, int]:
    """Keep an answer and what it says of each record.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    message : WaitingMessage
        What was sent.
    answer : SubmissionAnswer
        What came back.
    content : bytes
        The same as it came.
    matched : mapping of RecordKey to RecordAnswer
        Its lines by their records.
    now : datetime
        The present instant.

    Returns
    -------
    dict of AgencyStatus to int
        How many records were taken, and how; nothing when somebody else took the message over.
    """
    submission = hold_sent(session, like=message.submission)
    if submission is None:
        return {}
    submission.state = SubmissionState.ANSWERED
    submission.answer = content
    submission.receipt = answer.receipt[:_LONGEST_RECEIPT] or None
    submission.wait_seconds = answer.wait_seconds
    by_id = {record.id: record for record in message.records.values()}
    known = list_answered_ids(session, promoter_id=submission.promoter_id, record_ids=list(by_id))
    rows = [
        _read_line(message, key, line, now)
        for key, line in matched.items()
        if message.records[key].id not in known
    ]
    session.add_all([submission, *rows])
    session.flush()
    for row in rows:
        if row.status in _TOLD:
            invoice_id = by_id[row.record_id].invoice_id
            _tell(session, submission.promoter_id, _TOLD[row.status], invoice_id, now)
    return dict(Counter(row.status for row in rows))


def keep_failure(
    session: Session,
    submission: AgencySubmission,
    reason: str,
    *,
    is_refused: bool,
    now: datetime,
) -> None:
    """Keep why a message has no answer.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    submission : AgencySubmission
        The message.
    reason : str
        Why.
    is_refused : bool
        Whether the agency certainly has none of it.
    now : datetime
        The present instant.
    """
    held = hold_sent(session, like=submission)
    if held is None:
        return
    held.state = SubmissionState.REFUSED if is_refused else SubmissionState.UNCERTAIN
    held.reason = _clean(reason, _LONGEST_REASON)
    session.add(held)
    session.flush()
    # It is tried again until the agency answers: once is enough to say so.
    if held.attempts == 1:
        _tell(session, held.promoter_id, NotificationKind.SUBMISSION_FAILED, held.id, now)


def _tell(
    session: Session, promoter_id: UUID, kind: NotificationKind, subject_id: UUID, now: datetime
) -> None:
    add_notification(session, promoter_id=promoter_id, kind=kind, subject_id=subject_id, at=now)


def _read_line(
    message: WaitingMessage, key: RecordKey, line: RecordAnswer, now: datetime
) -> AgencyAnswer:
    record = message.records[key]
    is_ours = line.kept is not None and record.position <= message.sent_until
    return AgencyAnswer(
        record_id=record.id,
        promoter_id=record.promoter_id,
        submission_id=message.submission.id,
        status=_read_status(line, is_ours=is_ours),
        error_code=line.error_code,
        error_text=_clean(line.error_text, _LONGEST_TEXT) if line.error_text.strip() else None,
        is_duplicate=line.kept is not None,
        answered_at=now,
    )


def _read_status(line: RecordAnswer, *, is_ours: bool) -> AgencyStatus:
    """Read a status; what the agency has already is accepted if it can have it from us alone."""
    if not is_ours:
        return _STATUSES[line.status]
    if line.kept is KeptStatus.ACCEPTED_WITH_ERRORS:
        return AgencyStatus.ACCEPTED_WITH_ERRORS
    return AgencyStatus.ACCEPTED


def _clean(text: str, longest: int) -> str:
    """Keep what can be shown on one line."""
    shown = "".join(each if each.isprintable() else " " for each in text).strip()
    return shown[:longest] or "unknown"
