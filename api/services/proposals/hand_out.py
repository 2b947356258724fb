"""Hand a plan out: ``proposal.json``, the distributor's file and the report."""

from collections.abc import Mapping
from datetime import datetime
from io import BytesIO
from pathlib import Path

import orjson

from api.services.proposals.describe_proposal import describe_proposal
from api.services.proposals.plan_coefficients import PlannedYear
from api.services.proposals.report_content import gather_report_content
from loaders.atomic_files import UnwritableFileError, make_folder, replace_file
from loaders.distributor_file import (
    format_constant_file,
    format_hourly_file,
    name_distributor_file,
)
from loaders.report_workbook import write_report_workbook
from models.values.language import Language
from planner.classes.step_classes import Classes


def render_proposal(plan: PlannedYear) -> bytes:
    """Render ``proposal.json``.

    Parameters
    ----------
    plan : PlannedYear
        Coefficients, proof and scenarios.

    Returns
    -------
    bytes
        Indented JSON in UTF-8 with a final line break.
    """
    options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    return orjson.dumps(describe_proposal(plan), option=options)


def render_distributor_file(plan: PlannedYear, file_year: int) -> bytes:
    """Render the distributor's file of constant coefficients.

    Parameters
    ----------
    plan : PlannedYear
        Coefficients in the order of the members' list.
    file_year : int
        Year of the file.

    Returns
    -------
    bytes
        ASCII lines, as RD 244/2019, Annex I asks.
    """
    cups = [member.cups for member in plan.members]
    millionths = list(map(int, plan.millionths))
    return format_constant_file(plan.installation.cau, file_year, cups, millionths)


def render_class_files(plan: PlannedYear, file_year: int) -> dict[str, bytes]:
    """Render the distributor's hourly file of coefficients by class of hours, if there are any.

    Parameters
    ----------
    plan : PlannedYear
        Coefficients of every class, and whose they are.
    file_year : int
        Year of the file; its calendar tells the class of each of its 8,760 hours.

    Returns
    -------
    dict of str to bytes
        By name, in a folder named after the kind of classes: the law names hourly and constant
        files alike. ASCII lines, hour by hour (RD 244/2019, Annex I, as amended by
        TED/1247/2021).
    """
    if plan.by_class is None:
        return {}
    cau, cups = plan.installation.cau, [member.cups for member in plan.members]
    content = format_hourly_file(cau, file_year, cups, plan.by_class.expand_to(file_year))
    return {f"{plan.by_class.kind}/{name_distributor_file(cau, file_year)}": content}


def remove_class_files(folder: Path, documents: Mapping[str, bytes]) -> None:
    """Remove the hourly files that an earlier plan left under the names of today's constant ones.

    Parameters
    ----------
    folder : Path
        Where today's files go.
    documents : mapping of str to bytes
        What is to be written there, by name.

    Raises
    ------
    UnwritableFileError
        If the operating system refuses.
    """
    for kind in Classes:
        for name in documents:
            stale = folder / kind / name
            if name.endswith(".txt") and f"{kind}/{name}" not in documents:
                try:
                    stale.unlink(missing_ok=True)
                except OSError as error:
                    raise UnwritableFileError(stale, error.strerror or str(error)) from error


def render_report(plan: PlannedYear, *, created_at: datetime, language: Language) -> bytes:
    """Render the report workbook.

    Parameters
    ----------
    plan : PlannedYear
        Coefficients, proof and scenarios.
    created_at : datetime
        Instant stamped into the document.
    language : Language
        Language of headings and notes.

    Returns
    -------
    bytes
        An XLSX workbook.
    """
    buffer = BytesIO()
    content = gather_report_content(plan, language)
    write_report_workbook(buffer, content, created_at=created_at, language=language)
    return buffer.getvalue()


def write_hand_out(
    *,
    plan: PlannedYear,
    folder: Path,
    file_year: int,
    created_at: datetime,
    language: Language = Language.ENGLISH,
) -> list[Path]:
    """Write the files, each whole or not at all, into a folder that is made if need be.

    Parameters
    ----------
    plan : PlannedYear
        Coefficients, proof and scenarios.
    folder : Path
        Where to; files of the same names are replaced.
    file_year : int
        Year of the distributor's file.
    created_at : datetime
        Instant stamped into the report.
    language : Language
        Language of the report.

    Returns
    -------
    list of Path
        ``proposal.json``, the distributor's file and ``report.xlsx``; for coefficients by class
        an hourly file in a folder named after the kind of classes.

    Raises
    ------
    UnwritableFileError
        If the folder or a file cannot be written.
    """
    file_name = name_distributor_file(plan.installation.cau, file_year)
    documents = {
        "proposal.json": render_proposal(plan),
        file_name: render_distributor_file(plan, file_year),
        "report.xlsx": render_report(plan, created_at=created_at, language=language),
    }
    documents |= render_class_files(plan, file_year)
    remove_class_files(folder, documents)
    return write_documents(folder, documents)


def write_documents(folder: Path, documents: dict[str, bytes]) -> list[Path]:
    """Write files, each whole or not at all, into a folder that is made if need be.

    Parameters
    ----------
    folder : Path
        Where to; files of the same names are replaced.
    documents : dict of str to bytes
        Content of each file by its name, which may begin with a folder of its own.

    Returns
    -------
    list of Path
        In the order of the documents.

    Raises
    ------
    UnwritableFileError
        If the folder or a file cannot be written.
    """
    for name, document in documents.items():
        make_folder((folder / name).parent)
        with replace_file(folder / name) as file:
            file.write(document)
    return [folder / name for name in documents]
