"""Hold records as they are stored against the messages that took them to the tax agency."""

from collections.abc import Iterator

from sqlmodel import Session

from api.services.agency.read_sending import require_submission
from loaders.verifactu.record_differences import list_sent_differences
from loaders.verifactu.schemas import RECORD_NAMESPACE
from loaders.verifactu.submission import read_submission
from models.repositories.agency import list_submission_ids, map_records_within
from models.tables import AgencySubmission, InvoiceIssuer
from models.values.errors import CommunityError

_FINGERPRINT = f"{{{RECORD_NAMESPACE}}}Huella"


def list_altered_messages(session: Session, issuer: InvoiceIssuer) -> Iterator[str]:
    """List the records of an issuer that say something else than the messages that hold them.

    Parameters
    ----------
    session : Session
        Open transaction.
    issuer : InvoiceIssuer
        Whose records.

    Returns
    -------
    iterator of str
        A sentence each, in the order of the messages: of sent ones, and of those that would be.

    Notes
    -----
    The fingerprint is of a few parts of a record only (Orden HAC/1177/2024, article 13); the rest
    is held by nothing but its message.
    """
    owner, number = issuer.promoter_id, issuer.tax_number
    for key in list_submission_ids(session, promoter_id=owner, tax_number=number):
        message = require_submission(session, promoter_id=owner, submission_id=key)
        try:
            yield from _compare(session, message)
        except CommunityError as error:
            yield f"the message of records {_name(message)} cannot be read: {error}"


def _compare(session: Session, message: AgencySubmission) -> Iterator[str]:
    stored = map_records_within(
        session,
        promoter_id=message.promoter_id,
        tax_number=message.tax_number,
        first=message.first_position,
        last=message.last_position,
    )
    for sent in read_submission(message.content):
        fingerprint = sent.findtext(_FINGERPRINT, "").strip()
        record = stored.get(fingerprint)
        if record is None:
            yield f"the message of records {_name(message)} holds another, {fingerprint}"
        elif found := list_sent_differences(sent, record.content):
            told = ", ".join(found)
            yield f"record {record.position} is not as its message tells it: {told}"


def _name(message: AgencySubmission) -> str:
    return f"{message.first_position} to {message.last_position}"
