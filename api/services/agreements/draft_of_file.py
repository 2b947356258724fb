"""Draft an agreement of what a distributor's file says."""

from datetime import datetime
from pathlib import Path
from uuid import UUID

import numpy as np
from sqlmodel import Session

from api.services.agreements.draft_agreement import draft_of_table
from loaders.distributor_file_reader import read_distributor_file
from models.tables import DistributionAgreement
from models.values.cau import Cau
from models.values.coefficient import MILLIONTHS
from planner.coefficients.rules import round_by_largest_remainder

_CAU_LENGTH = 26
_YEAR = slice(-4, None)


def draft_of_file(
    session: Session, *, promoter_id: UUID, path: Path, now: datetime
) -> DistributionAgreement:
    """Read a distributor's file, constant or hourly, and draft an agreement of it.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    path : Path
        The file, whose name carries the CAU and the year.
    now : datetime
        The present instant.

    Returns
    -------
    DistributionAgreement
        A draft; of an hourly file, its constant coefficients are the means of the hours.

    Raises
    ------
    MissingInputError
        If there is no such file.
    FaultyInputError
        If it has a fault, its name included, with all of them.
    UnknownInstallationError
        If the promoter has no such plant.
    CoefficientTableError
        If somebody who shares is missing, or somebody does not share.
    """
    file = read_distributor_file(path)
    cups = [str(each) for each in file.cups]
    means = file.millionths
    if file.is_hourly:
        by_cups = np.argsort(np.argsort(cups))
        means = round_by_largest_remainder(file.millionths.mean(axis=1) / MILLIONTHS, by_cups)
    return draft_of_table(
        session,
        promoter_id=promoter_id,
        installation=Cau(path.stem[:_CAU_LENGTH]),
        millionths=dict(zip(cups, means.tolist(), strict=True)),
        file_year=int(path.stem[_YEAR]),
        now=now,
        hours=dict(zip(cups, file.millionths, strict=True)) if file.is_hourly else None,
    )
