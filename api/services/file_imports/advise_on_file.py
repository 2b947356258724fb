"""What can be done with a file that was recognised."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from uuid import UUID

from sqlmodel import Session

from api.services.file_imports.find_upload import find_upload
from loaders.detection import LARGEST_HEAD_BYTES, detect_file
from loaders.file_formats import Confidence, Detection, FileFormat
from loaders.meter_files.meter_file import MAPPED_FORMATS, METER_FORMATS, SUN_FORMATS
from loaders.meter_files.simel import UNCONFIRMED_LAYOUTS
from loaders.price_files.price_file import PRICE_READERS


class NextStep(StrEnum):
    """What a file is good for."""

    IMPORT_FILE = "import-file"
    IMPORT_MEMBERS = "import-members"
    IMPORT_COMMUNITY = "import-community"
    DRAFT_AGREEMENT = "draft-agreement"
    BOOK_BANK_FILE = "book-bank-file"
    READ_DEBIT_STATUSES = "read-debit-statuses"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class FileAdvice:
    """What a file seems to be, and what to do with it.

    Attributes
    ----------
    detection : Detection
        What it seems to be, and why.
    next_step : NextStep
        What it is good for.
    needs : tuple of str
        What must be said beside it.
    """

    detection: Detection
    next_step: NextStep
    needs: tuple[str, ...]


_STEPS = {
    FileFormat.MEMBERS_LIST: NextStep.IMPORT_MEMBERS,
    FileFormat.COMMUNITY_ARCHIVE: NextStep.IMPORT_COMMUNITY,
    FileFormat.COEFFICIENT_TABLE: NextStep.DRAFT_AGREEMENT,
    FileFormat.DISTRIBUTOR_CONSTANT: NextStep.DRAFT_AGREEMENT,
    FileFormat.DISTRIBUTOR_HOURLY: NextStep.DRAFT_AGREEMENT,
    FileFormat.CAMT_053: NextStep.BOOK_BANK_FILE,
    FileFormat.CAMT_054: NextStep.BOOK_BANK_FILE,
    FileFormat.PAIN_002: NextStep.READ_DEBIT_STATUSES,
}


def advise_on_file(name: str, head: bytes) -> FileAdvice:
    """Say what a file seems to be and what can be done with it.

    Parameters
    ----------
    name : str
        Its name.
    head : bytes
        Its first bytes, or all of it.

    Returns
    -------
    FileAdvice
        Never an error, whatever the bytes are.

    Examples
    --------
    >>> advise_on_file("precios.1", b"MARGINALPDBC;").next_step
    <NextStep.IMPORT_FILE: 'import-file'>
    """
    detection = detect_file(name, head)
    known = detection
    while known.format.is_wrapper and known.inside is not None:
        known = known.inside
    step = _STEPS.get(known.format, NextStep.NOTHING)
    if known.format in METER_FORMATS or known.format in PRICE_READERS:
        step = NextStep.IMPORT_FILE
    return FileAdvice(detection, step, tuple(_list_needs(known)))


def advise_on_upload(
    session: Session, *, promoter_id: UUID, upload_id: UUID, data_dir: Path
) -> FileAdvice:
    """Say what an uploaded file seems to be and what can be done with it.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    upload_id : UUID
        The file.
    data_dir : Path
        Folder of uploaded files.

    Returns
    -------
    FileAdvice
        What it is good for.

    Raises
    ------
    UnknownUploadError
        If the caller has sent no such file.
    """
    upload, path = find_upload(
        session, promoter_id=promoter_id, upload_id=upload_id, data_dir=data_dir
    )
    with path.open("rb") as file:
        return advise_on_file(upload.file_name, file.read(LARGEST_HEAD_BYTES))


def _list_needs(known: Detection) -> list[str]:
    """Name what the file does not say by itself."""
    needs = []
    if known.confidence is Confidence.AMBIGUOUS:
        names = ", ".join((known.format, *known.alternatives))
        needs.append(f"the format, one of {names}")
    if known.format in MAPPED_FORMATS:
        needs.append("a mapping that says what its columns mean")
    if known.format in SUN_FORMATS:
        needs.append("the CAU of the plant, and the power of its modules if the file tells none")
    if known.format in UNCONFIRMED_LAYOUTS:
        needs.append("whether its consumption is that of the boundary meter or net")
    if known.format is FileFormat.COEFFICIENT_TABLE:
        needs.append("the plant and the year of the agreement")
    elif _STEPS.get(known.format) is NextStep.DRAFT_AGREEMENT:
        needs.append("its own name, CAU_YYYY.txt, which carries plant and year")
    return needs
