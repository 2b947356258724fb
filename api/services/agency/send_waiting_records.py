"""Send the records that wait to the tax agency, and keep what it answers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Engine

from api.clients.client_certificates import ClientCertificate, UnpresentableCertificateError
from api.clients.remote_errors import RemoteStatusError, UnsafeAddressError
from api.clients.tax_agency import submit_to_agency
from api.services.agency.agency_access import AgencyAccess
from api.services.agency.keep_answer import keep_answer, keep_failure, match_answer
from api.services.agency.waiting_message import (
    NotNow,
    WaitingMessage,
    store_message,
    take_message,
)
from loaders.certificate_files import CertifiedKey
from loaders.verifactu.submission import MOST_RECORDS, RefusedSubmissionError, read_answer
from models.session import write_session
from models.tables import AgencyStatus, AgencySubmission
from models.values.errors import CommunityError

_SERVER_FAULTS = 500


class SendingOutcome(StrEnum):
    """What became of one wish to send."""

    NOTHING_WAITS = "nothing_waits"
    """Every record was sent, or stored where nothing is sent."""
    NOT_YET = "not_yet"
    """The agency asked to wait."""
    BEING_SENT = "being_sent"
    """Somebody else sends."""
    STORED = "stored"
    """The message is stored: nothing is sent."""
    ANSWERED = "answered"
    """The agency answered for the records."""
    FAILED = "failed"
    """The agency refused the message, or no answer came; the records go again."""


@dataclass(frozen=True, slots=True)
class SendingReport:
    """What became of one message.

    Attributes
    ----------
    outcome : SendingOutcome
        In a word.
    tax_number : str
        NIF of the issuer.
    record_count : int
        Records in the message.
    submission_id : UUID or None
        The message.
    counts : dict of AgencyStatus to int
        How many records the agency took, and how.
    due_at : datetime or None
        When the next attempt may be made, where this one came too early.
    note : str or None
        Why nothing was sent, or why it failed.
    """

    outcome: SendingOutcome
    tax_number: str
    record_count: int = 0
    submission_id: UUID | None = None
    counts: dict[AgencyStatus, int] | None = None
    due_at: datetime | None = None
    note: str | None = None

    @property
    def may_be_followed(self) -> bool:
        """Whether the message was full and went well: more records may wait."""
        went_well = self.outcome in (SendingOutcome.STORED, SendingOutcome.ANSWERED)
        return went_well and self.record_count == MOST_RECORDS


def send_waiting_records(
    engine: Engine,
    *,
    promoter_id: UUID,
    tax_number: str,
    access: AgencyAccess,
    clock: Callable[[], datetime],
) -> list[SendingReport]:
    """Send every record of an issuer that waits and may go now, in the order of its chain.

    Parameters
    ----------
    engine : Engine
        The database.
    promoter_id : UUID
        The tenant.
    tax_number : str
        NIF of the issuer.
    access : AgencyAccess
        Whether and how records are sent; otherwise messages are stored as they would be sent.
    clock : callable
        Tells the present instant.

    Returns
    -------
    list of SendingReport
        One of each message, one at least; another follows only a full one.

    Raises
    ------
    UnknownIssuerNumberError
        If the caller issues nothing under that number.
    UnfitCertificateError
        If the certificate cannot be read, or is not valid.
    UnfitRecordError
        If the tax agency's schema refuses the message.

    Notes
    -----
    A message is stored before it is sent, so whoever is killed leaves a trace, and its records go
    again, as after a lost answer: the agency then says that it has them. RD 1007/2023, article 16;
    Orden HAC/1177/2024, article 16.
    """
    reports = [_send_one(engine, promoter_id, tax_number, access, clock)]
    while reports[-1].may_be_followed:
        reports.append(_send_one(engine, promoter_id, tax_number, access, clock))
    return reports


def _send_one(
    engine: Engine,
    promoter_id: UUID,
    tax_number: str,
    access: AgencyAccess,
    clock: Callable[[], datetime],
) -> SendingReport:
    now = clock()
    certified = access.read_certificate(now)
    if certified is None:
        with write_session(engine) as session:
            stored = store_message(session, promoter_id=promoter_id, tax_number=tax_number, now=now)
        return _report_stored(tax_number, stored, access.lack)
    with write_session(engine) as session:
        message = take_message(session, promoter_id=promoter_id, tax_number=tax_number, now=now)
    if isinstance(message, NotNow):
        return _report_wait(tax_number, message)
    return _send(engine, message, access.url, certified, clock)


def _send(
    engine: Engine,
    message: WaitingMessage,
    url: str,
    certified: CertifiedKey,
    clock: Callable[[], datetime],
) -> SendingReport:
    submission = message.submission
    certificate = ClientCertificate((certified.certificate, *certified.authorities), certified.key)
    try:
        content = submit_to_agency(submission.content, url=url, certificate=certificate)
        answer = read_answer(content)
        matched = match_answer(message, answer)
    except CommunityError as error:
        with write_session(engine) as session:
            is_refused = _took_nothing(error)
            keep_failure(session, submission, str(error), is_refused=is_refused, now=clock())
        return _report(SendingOutcome.FAILED, message, note=str(error))
    with write_session(engine) as session:
        counts = keep_answer(
            session, message, answer, content=content, matched=matched, now=clock()
        )
    return _report(SendingOutcome.ANSWERED, message, counts=counts)


def _took_nothing(error: CommunityError) -> bool:
    """Tell whether the agency certainly has none of the records."""
    match error:
        case RefusedSubmissionError():
            return not error.is_retryable
        case RemoteStatusError():
            return error.status < _SERVER_FAULTS
    return isinstance(error, UnsafeAddressError | UnpresentableCertificateError)


def _report(
    outcome: SendingOutcome,
    message: WaitingMessage,
    *,
    counts: dict[AgencyStatus, int] | None = None,
    note: str | None = None,
) -> SendingReport:
    return SendingReport(
        outcome,
        message.submission.tax_number,
        record_count=len(message.records),
        submission_id=message.submission.id,
        counts=counts,
        note=note,
    )


def _report_stored(
    tax_number: str, stored: AgencySubmission | None, lack: str | None
) -> SendingReport:
    if stored is None:
        return SendingReport(SendingOutcome.NOTHING_WAITS, tax_number, note=lack)
    count = stored.last_position - stored.first_position + 1
    return SendingReport(
        SendingOutcome.STORED, tax_number, record_count=count, submission_id=stored.id, note=lack
    )


def _report_wait(tax_number: str, wait: NotNow) -> SendingReport:
    if wait.due_at is None:
        return SendingReport(SendingOutcome.NOTHING_WAITS, tax_number)
    outcome = SendingOutcome.BEING_SENT if wait.is_being_sent else SendingOutcome.NOT_YET
    return SendingReport(outcome, tax_number, due_at=wait.due_at)
