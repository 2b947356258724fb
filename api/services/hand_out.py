"""Hand a plan out: ``proposal.json``, the distributor's file and the report."""

from datetime import datetime
from io import BytesIO
from pathlib import Path

import orjson

from api.services.describe_proposal import describe_proposal
from api.services.plan_by_class import ClassPlan
from api.services.plan_coefficients import PlannedYear
from api.services.report_content import gather_report_content
from loaders.atomic_files import make_folder, replace_file
from loaders.distributor_file import format_distributor_file, name_distributor_file
from loaders.distributor_file_hourly import format_hourly_file
from loaders.report_texts import Language
from loaders.report_workbook import write_report_workbook


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
    shares = [
        (member.cups, int(share))
        for member, share in zip(plan.members, plan.millionths, strict=True)
    ]
    return format_distributor_file(plan.installation.cau, file_year, shares)


def render_class_file(plan: PlannedYear, by_class: ClassPlan, file_year: int) -> bytes:
    """Render the distributor's hourly file of coefficients by class of hours.

    Parameters
    ----------
    plan : PlannedYear
        Whose members stand in the file, in their order.
    by_class : ClassPlan
        Coefficients of every class.
    file_year : int
        Year of the file; its calendar tells the class of each of its 8,760 hours.

    Returns
    -------
    bytes
        ASCII lines, hour by hour (RD 244/2019, Annex I, as amended by TED/1247/2021).
    """
    cups = [member.cups for member in plan.members]
    hours = by_class.expand_to(file_year)
    return format_hourly_file(plan.installation.cau, file_year, cups, hours)


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
    if plan.by_class is not None:
        # The law names both files alike, so that one of them needs a folder of its own.
        hourly = render_class_file(plan, plan.by_class, file_year)
        documents[f"{plan.by_class.kind}/{file_name}"] = hourly
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
