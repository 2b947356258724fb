"""Note what a bank said of a debit; some of its words end the mandate."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlmodel import Session

from loaders.sepa.return_reasons import find_return_reason
from models.repositories.debits import find_status
from models.repositories.mandates import get_mandate
from models.tables import Debit, DebitStatus
from models.values.direct_debits import DebitOutcome, MandateEnd


@dataclass(frozen=True, slots=True)
class BankWord:
    """What a bank said of a debit.

    Attributes
    ----------
    outcome : DebitOutcome
        What has become of it.
    said_on : date
        Day of the report, or of the booking.
    source_key : str
        What said it, 1 to 100 characters; the same source says it once.
    code : str or None
        Code of the reason, at most 35 characters.
    """

    outcome: DebitOutcome
    said_on: date
    source_key: str
    code: str | None = None


def note_debit_outcome(
    session: Session, *, promoter_id: UUID, debit: Debit, word: BankWord, now: datetime
) -> bool:
    """Note what a bank said of a debit.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    debit : Debit
        Of which.
    word : BankWord
        What it said.
    now : datetime
        The present instant.

    Returns
    -------
    bool
        Whether it is news: a file that is read twice says it once.

    Notes
    -----
    A debit that failed with a code that ends its mandate (``NextStep.ends_mandate``) ends it on
    that day.
    """
    known = find_status(
        session,
        promoter_id=promoter_id,
        debit_id=debit.id,
        outcome=word.outcome,
        source_key=word.source_key,
    )
    if known is not None:
        return False
    session.add(
        DebitStatus(
            promoter_id=promoter_id,
            debit_id=debit.id,
            outcome=word.outcome,
            code=word.code,
            source_key=word.source_key,
            said_on=word.said_on,
            recorded_at=now,
        )
    )
    session.flush()
    if word.outcome.has_failed and word.code is not None:
        _end_mandate(session, promoter_id, debit.mandate_id, word.code, word.said_on)
    return True


def _end_mandate(
    session: Session, promoter_id: UUID, mandate_id: UUID, code: str, day: date
) -> None:
    """End a mandate with which nothing can be collected any more, if it lives."""
    if not find_return_reason(code).next_step.ends_mandate:
        return
    mandate = get_mandate(session, promoter_id=promoter_id, mandate_id=mandate_id)
    if mandate is not None and mandate.ended_on is None:
        mandate.ended_on = max(day, mandate.signed_on)
        mandate.ended_because = MandateEnd.RETURNED
        mandate.ended_code = code
        session.add(mandate)
        session.flush()
