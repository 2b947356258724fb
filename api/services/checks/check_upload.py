"""Hold an uploaded file of a distributor against ours, curves or an invoice by what it is."""

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlmodel import Session

from api.services.checks.check_curves import check_curves
from api.services.checks.check_distributor_invoice import check_distributor_invoices
from api.services.checks.curve_check import CurvesCheck
from api.services.checks.invoice_check import InvoiceCheck
from api.services.file_imports.find_upload import find_upload
from loaders.archived_files import expand_upload
from loaders.decoding import read_bytes
from loaders.detection import detect_file
from loaders.file_formats import FileFormat


@dataclass(frozen=True, slots=True)
class FileCheck:
    """What was found of a distributor's file.

    Attributes
    ----------
    curves : tuple of CurvesCheck
        Of every file of curves.
    invoices : tuple of InvoiceCheck
        Of every invoice of access.
    """

    curves: tuple[CurvesCheck, ...]
    invoices: tuple[InvoiceCheck, ...]

    @property
    def agrees(self) -> bool:
        """Whether nothing differs but by rounding."""
        return all(each.agrees for each in self.curves) and all(
            each.agrees() for each in self.invoices
        )


def check_upload(
    session: Session, *, promoter_id: UUID, upload_id: UUID, data_dir: Path
) -> FileCheck:
    """Hold an uploaded file against ours.

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
    FileCheck
        What was found.

    Raises
    ------
    UnknownUploadError
        If the caller has sent no such file.
    CommunityError
        If it is neither curves nor invoices, or cannot be read.
    """
    upload, path = find_upload(
        session, promoter_id=promoter_id, upload_id=upload_id, data_dir=data_dir
    )
    curves: list[CurvesCheck] = []
    invoices: list[InvoiceCheck] = []
    for file in expand_upload(upload.file_name, read_bytes(path)):
        if detect_file(file.name, file.content).format is FileFormat.ATR_XML:
            invoices += check_distributor_invoices(
                session, promoter_id=promoter_id, content=file.content
            )
        else:
            curves.append(check_curves(session, promoter_id=promoter_id, file=file))
    return FileCheck(tuple(curves), tuple(invoices))
