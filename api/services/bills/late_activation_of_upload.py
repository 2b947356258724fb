"""Reckon what is owed for late activation by a profile that somebody sent."""

import shutil
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from sqlmodel import Session

from api.services.bills.bill_question import BillQuestion
from api.services.bills.reckon_late_activation import (
    LateActivationReport,
    LateActivationWish,
    reckon_late_activation,
)
from api.services.communities.find_points import find_points
from api.services.file_imports.find_upload import find_upload
from loaders.production_years import read_generation_profile
from models.values.cups import Cups


def late_activation_of_upload(
    session: Session,
    *,
    promoter_id: UUID,
    cups: Cups,
    question: BillQuestion,
    wish: LateActivationWish,
    upload_id: UUID,
    data_dir: Path,
) -> LateActivationReport:
    """Reckon what is owed for late activation by a profile that somebody sent.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    cups : Cups
        The supply point.
    question : BillQuestion
        Days, contract and law.
    wish : LateActivationWish
        Since when, and until when.
    upload_id : UUID
        The profile, under a name that tells its form.
    data_dir : Path
        Folder of uploaded files.

    Returns
    -------
    LateActivationReport
        Bill by bill.

    Raises
    ------
    UnknownUploadError
        If the caller has sent no such file.
    UnknownSupplyPointError
        If the caller has no such supply point.
    FaultyInputError
        If it is no profile of a year.
    CommunityError
        As ``reckon_late_activation`` does.
    """
    upload, kept = find_upload(
        session, promoter_id=promoter_id, upload_id=upload_id, data_dir=data_dir
    )
    with TemporaryDirectory() as folder:
        # Its form is told by its name, which it is not kept under.
        profile = Path(folder, Path(upload.file_name).name)
        shutil.copyfile(kept, profile)
        return reckon_late_activation(
            session,
            promoter_id=promoter_id,
            point_id=find_points(session, promoter_id=promoter_id, cups=[cups])[0],
            question=question,
            wish=wish,
            read_profile=partial(read_generation_profile, profile),
        )
