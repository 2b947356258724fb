"""Take in what a bank says of a file of debits before it collects (pain.002)."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from sqlmodel import Session

from api.services.collection.note_debit_outcome import BankWord, note_debit_outcome
from api.services.file_imports.find_upload import find_upload, remove_used_upload
from loaders.sepa.pain002 import Outcome, Status, StatusReport, read_pain002
from models.repositories.debits import KnownDebit, list_run_debits, list_runs_of_message
from models.tables import Debit, DebitRun
from models.values.calendar import LAW_CLOCK, local_day
from models.values.direct_debits import DebitOutcome
from models.values.errors import NotFoundError

_OUTCOMES = {
    Outcome.ACCEPTED: DebitOutcome.ACCEPTED,
    Outcome.REJECTED: DebitOutcome.REJECTED,
    Outcome.PENDING: DebitOutcome.PENDING,
}


class UnknownMessageError(NotFoundError):
    """A report is about a file that the promoter has not made.

    Attributes
    ----------
    message_id : str
        Reference of the file.
    """

    def __init__(self, message_id: str) -> None:
        super().__init__(f"the report is about file {message_id}, which is none of yours")
        self.message_id = message_id


@dataclass(frozen=True, slots=True)
class DebitStatusImport:
    """What a report said.

    Attributes
    ----------
    run : DebitRun
        Of which file.
    outcomes : dict of DebitOutcome to int
        Debits of the file by what has become of them, all that is known taken together.
    news_count : int
        Debits of which it told something new.
    rejected : tuple of KnownDebit
        Those that the bank does not collect: what they were for is open again.
    strangers : tuple of str
        References that it names and the file does not have.
    """

    run: DebitRun
    outcomes: dict[DebitOutcome, int]
    news_count: int
    rejected: tuple[KnownDebit, ...]
    strangers: tuple[str, ...]


def import_debit_statuses(
    session: Session, *, promoter_id: UUID, content: bytes, now: datetime
) -> DebitStatusImport:
    """Take in what a bank says of a file of debits.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    content : bytes
        A message pain.002.
    now : datetime
        The present instant.

    Returns
    -------
    DebitStatusImport
        Rejected debits leave their items open; the same report again tells nothing new.

    Raises
    ------
    UnreadableFileError, FaultyMessageError
        If it is no such message.
    UnknownMessageError
        If the file that it is about is none of the promoter's.
    """
    report = read_pain002(content)
    runs = list_runs_of_message(
        session, promoter_id=promoter_id, message_id=report.original_message_id
    )
    if not runs:
        raise UnknownMessageError(report.original_message_id)
    run = runs[0]
    source_key = f"pain.002 {sha256(content).hexdigest()}"
    known = list_run_debits(session, promoter_id=promoter_id, run_id=run.id)
    news_count = 0
    for each in known:
        status = report.status_of(each.debit.payment_information_id, each.debit.end_to_end_id)
        if status.code is not None:
            word = _read_word(status, source_key, now)
            news_count += note_debit_outcome(
                session, promoter_id=promoter_id, debit=each.debit, word=word, now=now
            )
    after = list_run_debits(session, promoter_id=promoter_id, run_id=run.id)
    return DebitStatusImport(
        run=run,
        outcomes=dict(Counter(each.outcome for each in after)),
        news_count=news_count,
        rejected=tuple(each for each in after if each.outcome is DebitOutcome.REJECTED),
        strangers=_list_strangers(report, [each.debit for each in known]),
    )


def import_uploaded_statuses(
    session: Session, *, promoter_id: UUID, upload_id: UUID, data_dir: Path, now: datetime
) -> DebitStatusImport:
    """Take in an uploaded report, and forget the upload.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    upload_id : UUID
        The file.
    data_dir : Path
        Folder of uploaded files.
    now : datetime
        The present instant.

    Returns
    -------
    DebitStatusImport
        As ``import_debit_statuses``.

    Raises
    ------
    UnknownUploadError
        If the caller has sent no such file.
    UnreadableFileError, FaultyMessageError, UnknownMessageError
        As ``import_debit_statuses``; the upload stays.
    """
    _, path = find_upload(session, promoter_id=promoter_id, upload_id=upload_id, data_dir=data_dir)
    done = import_debit_statuses(
        session, promoter_id=promoter_id, content=path.read_bytes(), now=now
    )
    remove_used_upload(session, upload_id=upload_id, path=path)
    return done


def _read_word(status: Status, source_key: str, now: datetime) -> BankWord:
    code = next((reason.code for reason in status.reasons if reason.code), None)
    return BankWord(
        outcome=_OUTCOMES[status.outcome],
        said_on=local_day(now, LAW_CLOCK),
        source_key=source_key,
        code=code,
    )


def _list_strangers(report: StatusReport, debits: list[Debit]) -> tuple[str, ...]:
    known = {debit.end_to_end_id for debit in debits}
    told = [
        each.end_to_end_id
        for batch in report.batches
        for each in batch.transactions
        if each.end_to_end_id is not None
    ]
    return tuple(reference for reference in told if reference not in known)
