"""Hand a plan of several plants out: one ``proposal.json``, and two files a plant."""

from datetime import datetime
from pathlib import Path

import orjson

from api.services.proposals.hand_out import (
    remove_class_files,
    render_class_files,
    render_distributor_file,
    render_report,
    write_documents,
)
from api.services.studies.describe_several import describe_several
from api.services.studies.plan_several import PlannedSeveral
from loaders.distributor_file import name_distributor_file
from models.values.language import Language


def render_several(planned: PlannedSeveral) -> bytes:
    """Render the ``proposal.json`` of several plants.

    Parameters
    ----------
    planned : PlannedSeveral
        Assignment, plans and proof.

    Returns
    -------
    bytes
        Indented JSON in UTF-8 with a final line break.
    """
    options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    return orjson.dumps(describe_several(planned), option=options)


def write_several_hand_out(
    *,
    planned: PlannedSeveral,
    folder: Path,
    file_year: int,
    created_at: datetime,
    language: Language = Language.ENGLISH,
) -> list[Path]:
    """Write all files, each whole or not at all, into a folder that is made if need be.

    Parameters
    ----------
    planned : PlannedSeveral
        Assignment, plans and proof.
    folder : Path
        Where to; files of the same names are replaced.
    file_year : int
        Year of the distributor's files.
    created_at : datetime
        Instant stamped into the reports.
    language : Language
        Language of the reports.

    Returns
    -------
    list of Path
        ``proposal.json``, and of each plant the distributor's file and ``report_<CAU>.xlsx``; for
        coefficients by class an hourly file each in a folder named after the kind of classes.

    Raises
    ------
    UnwritableFileError
        If the folder or a file cannot be written.
    """
    documents = {"proposal.json": render_several(planned)}
    for plan in planned.plans:
        cau = plan.installation.cau
        file = render_distributor_file(plan, file_year)
        report = render_report(plan, created_at=created_at, language=language)
        documents |= {name_distributor_file(cau, file_year): file, f"report_{cau}.xlsx": report}
        documents |= render_class_files(plan, file_year)
    remove_class_files(folder, documents)
    return write_documents(folder, documents)
