"""Draft an agreement of what a file states, from the disk or from where uploads are kept."""

from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlmodel import Session

from api.services.agreements.draft_agreement import draft_of_table
from api.services.agreements.stated_coefficients import (
    StatedCoefficients,
    read_stated_coefficients,
    unpack_only_file,
)
from api.services.communities.find_plant import find_plant
from api.services.file_imports.find_upload import find_upload, remove_used_upload
from loaders.community_archive import OversizedArchiveError
from models.tables import DistributionAgreement
from models.values.cau import Cau

LARGEST_UPLOAD_BYTES = 1 << 26
"""Bytes of an uploaded file, expanded, that is read while its caller waits: 200 supply points of
an hourly file, in about three seconds."""


def draft_of_file(
    session: Session, *, promoter_id: UUID, stated: StatedCoefficients, now: datetime
) -> DistributionAgreement:
    """Draft an agreement of the coefficients that a file states.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    stated : StatedCoefficients
        What the file states, read before the transaction began.
    now : datetime
        The present instant.

    Returns
    -------
    DistributionAgreement
        A draft.

    Raises
    ------
    FileYearError
        If no file is written for the year.
    UnknownInstallationError
        If the promoter has no such plant.
    CoefficientTableError
        If somebody who shares is missing, or somebody does not share.
    """
    return draft_of_table(
        session,
        promoter_id=promoter_id,
        installation=stated.cau,
        millionths=stated.millionths,
        file_year=stated.file_year,
        now=now,
        hours=stated.hours,
    )


def read_uploaded_coefficients(
    session: Session,
    *,
    promoter_id: UUID,
    upload_id: UUID,
    data_dir: Path,
    installation: UUID | str | None,
    file_year: int,
) -> StatedCoefficients:
    """Read an uploaded file of coefficients.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    upload_id : UUID
        The file, plain or packed.
    data_dir : Path
        Folder of uploaded files.
    installation : UUID or str, optional
        Id or CAU of the plant; a table has to be told, a distributor's file has to agree.
    file_year : int
        Year of the distributor's file.

    Returns
    -------
    StatedCoefficients
        What it states.

    Raises
    ------
    UnknownUploadError
        If the caller has sent no such file.
    UnknownInstallationError
        If the promoter has no such plant.
    FaultyArchiveError, OversizedArchiveError
        If it cannot be expanded, or is larger than ``LARGEST_UPLOAD_BYTES``.
    SeveralFilesError
        If it packs more than one file.
    FaultyInputError, NotCoefficientsError, UnnamedPlantError, FileYearContradictedError
        As for ``read_stated_coefficients``.
    """
    tenant = {"promoter_id": promoter_id}
    upload, path = find_upload(session, upload_id=upload_id, data_dir=data_dir, **tenant)
    cau = None
    if installation is not None:
        cau = Cau(find_plant(session, installation=installation, **tenant).cau)
    # Refused before it is in memory; a packed one is measured again while it expands.
    if upload.size_bytes > LARGEST_UPLOAD_BYTES:
        raise OversizedArchiveError(f"is larger than {LARGEST_UPLOAD_BYTES} bytes")
    file = unpack_only_file(upload.file_name, path.read_bytes(), LARGEST_UPLOAD_BYTES)
    return read_stated_coefficients(file, cau=cau, file_year=file_year)


def draft_of_upload(
    session: Session,
    *,
    promoter_id: UUID,
    upload_id: UUID,
    data_dir: Path,
    stated: StatedCoefficients,
    now: datetime,
) -> DistributionAgreement:
    """Draft an agreement of what an uploaded file states, and forget the upload.

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
    stated : StatedCoefficients
        What ``read_uploaded_coefficients`` read in it.
    now : datetime
        The present instant.

    Returns
    -------
    DistributionAgreement
        A draft.

    Raises
    ------
    UnknownUploadError
        If the upload is not there any more: somebody drafted of it.
    FileYearError, UnknownInstallationError, CoefficientTableError
        As for ``draft_of_file``.
    """
    _, path = find_upload(session, promoter_id=promoter_id, upload_id=upload_id, data_dir=data_dir)
    agreement = draft_of_file(session, promoter_id=promoter_id, stated=stated, now=now)
    remove_used_upload(session, upload_id=upload_id, path=path)
    return agreement
