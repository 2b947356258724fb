"""Ask for the booking of a large file of a bank, which takes longer than a request may."""

from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlmodel import Session

from api.services.collection.import_bank_file import (
    import_bank_file,
    parse_mapping,
    read_uploaded_bank_file,
)
from api.services.invoices.payment_plans import UnknownIssuerError
from api.services.jobs.request_job import JobKind
from api.services.jobs.request_upload_job import request_upload_job
from api.services.jobs.run_jobs import RunningJob
from models.keyring import Keyring
from models.repositories.payment_plans import map_issuers
from models.repositories.uploads import get_upload
from models.session import read_session
from models.tables import JobRun

_MOST_BYTES_AT_ONCE = 1_000_000
_READING_SHARE = 0.5


def request_bank_file(
    session: Session,
    *,
    promoter_id: UUID,
    issuer_id: UUID,
    upload_id: UUID,
    now: datetime,
    mapping_text: str | None = None,
) -> JobRun | None:
    """Queue the booking of an uploaded statement if it is a large one.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    issuer_id : UUID
        Whose account it is of.
    upload_id : UUID
        The file; gone already where it was booked by a job.
    now : datetime
        The present instant.
    mapping_text : str, optional
        What the columns of a table mean, in TOML.

    Returns
    -------
    JobRun or None
        The job of this upload, the same however often it is asked for; None for a file of 1 MB
        or less, which is booked at once.

    Raises
    ------
    UnknownIssuerError, UnknownUploadError
        If the caller has no such issuer, or has sent no such file.
    InvalidMappingError
        If the mapping is at fault.
    IdempotencyKeyReusedError
        If a job books the same upload for another issuer or by another mapping.
    """
    if not map_issuers(session, promoter_id=promoter_id, issuer_ids=[issuer_id]):
        raise UnknownIssuerError(issuer_id)
    if mapping_text is not None:
        parse_mapping(mapping_text)
    upload = get_upload(session, promoter_id=promoter_id, upload_id=upload_id)
    if upload is not None and upload.size_bytes <= _MOST_BYTES_AT_ONCE:
        return None
    return request_upload_job(
        session,
        promoter_id=promoter_id,
        upload_id=upload_id,
        kind=JobKind.IMPORT_BANK_FILE,
        asks={"issuer_id": str(issuer_id), "mapping": mapping_text},
        idempotency_key=str(upload_id),
        now=now,
    )


def run_bank_file(job: RunningJob, *, data_dir: Path, keyring: Keyring) -> None:
    """Book a large statement with the end of the job, all of it or nothing.

    Parameters
    ----------
    job : RunningJob
        Of the kind ``import_bank_file``.
    data_dir : Path
        Folder of uploaded files.
    keyring : Keyring
        What seals accounts of payers.

    Raises
    ------
    UnknownUploadError
        If there is nothing to read.
    UnreadableFileError, FaultyMessageError, FaultyArchiveError, OversizedArchiveError
        If it cannot be read.
    UnknownIssuerError, ForeignAccountError, ForeignCurrencyError, UnfitPaymentError
        As ``import_bank_file``.
    LostClaimError
        If another worker took the job; nothing is booked.

    Notes
    -----
    The job's report is that of ``import_bank_file``, as JSON values.
    """
    job.report(0.0, "reading the file")
    asked, issuer_id = job.arguments, UUID(job.arguments["issuer_id"])
    with read_session(job.engine) as session:
        statements = read_uploaded_bank_file(
            session,
            promoter_id=job.promoter_id,
            upload_id=UUID(asked["upload_id"]),
            data_dir=data_dir,
            mapping_text=asked["mapping"],
        )
    job.report(_READING_SHARE, "booking what it tells")
    with job.storing() as session:
        report = import_bank_file(
            session,
            promoter_id=job.promoter_id,
            issuer_id=issuer_id,
            statements=statements,
            keyring=keyring,
            now=job.clock(),
        )
        job.complete(session, result_id=issuer_id, report=report.to_json())
