"""Render the files of proposals and agreements for those who download them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

import orjson
from sqlmodel import Session

from api.services.agreements.find_agreement import find_agreement
from api.services.proposals.class_coefficients import (
    NoClassesError,
    list_class_rows,
    put_class_betas_back,
    read_class_table,
)
from api.services.proposals.find_proposal import find_proposal
from loaders.distributor_file import (
    format_constant_file,
    format_hourly_file,
    name_distributor_file,
)
from loaders.table_csv import Cell, CsvDialect, format_table_csv
from models.repositories.agreements import group_coefficients
from models.repositories.installations import map_installations
from models.repositories.proposals import (
    find_proposal_report,
    group_proposed_coefficients,
)
from models.repositories.supply_points import map_supply_points
from models.tables import CoefficientProposal, DistributionCoefficient, ProposedCoefficient
from models.values.cau import Cau
from models.values.cups import Cups
from models.values.errors import InvalidArgumentError, NotFoundError
from models.values.language import Language
from planner.classes.step_classes import Classes, expand_to_file_hours

_COLUMNS = (
    "member_id",
    "cups",
    "beta",
    "allocated_kwh",
    "self_consumed_kwh",
    "surplus_kwh",
    "grid_import_kwh",
    "savings_eur",
)
_DECIMAL_TEXTS = frozenset({"beta", "savings_eur"})


class UnknownChoiceError(InvalidArgumentError):
    """A file was asked for in a form that does not exist."""

    def __init__(self, name: str, text: str, known: Collection[str]) -> None:
        super().__init__(f"{name} {text!r} is none of {', '.join(known)}")
        self.name = name
        self.text = text
        self.known = tuple(known)


class UndrawnReportError(NotFoundError):
    """A proposal is older than the language that its report is wanted in.

    Attributes
    ----------
    language : Language
        That language.
    """

    def __init__(self, language: Language) -> None:
        super().__init__(
            f"the report of this proposal was not drawn in {language.value}: ask for another"
            " language, or propose again"
        )
        self.language = language


@dataclass(frozen=True, slots=True)
class Download:
    """A file ready to be sent.

    Attributes
    ----------
    name : str
        File name, ASCII.
    media_type : str
        What it is.
    content : bytes
        The file.
    """

    name: str
    media_type: str
    content: bytes


def download_proposal(session: Session, *, promoter_id: UUID, proposal_id: UUID) -> Download:
    """Give ``proposal.json`` as the plan stated it.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    proposal_id : UUID
        The proposal.

    Returns
    -------
    Download
        Indented JSON.

    Raises
    ------
    UnknownProposalError
        If the caller has no such proposal.
    """
    proposal = find_proposal(session, promoter_id=promoter_id, proposal_id=proposal_id)
    options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    content = orjson.dumps(put_class_betas_back(session, proposal), option=options)
    return Download(_name_file("proposal", proposal, "json"), "application/json", content)


def download_members(
    session: Session, *, promoter_id: UUID, proposal_id: UUID, dialect: str
) -> Download:
    """Give a proposal's members, one line each.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    proposal_id : UUID
        The proposal.
    dialect : str
        ``excel-es`` or ``plain``.

    Returns
    -------
    Download
        CSV with the names and numbers of ``proposal.json``.

    Raises
    ------
    UnknownProposalError
        If the caller has no such proposal.
    UnknownChoiceError
        If there is no such dialect.
    """
    if dialect not in set(CsvDialect):
        raise UnknownChoiceError("dialect", dialect, list(CsvDialect))
    proposal = find_proposal(session, promoter_id=promoter_id, proposal_id=proposal_id)
    members = cast("list[dict[str, Any]]", proposal.result["members"])
    rows = [[_read_cell(member, column) for column in _COLUMNS] for member in members]
    content = format_table_csv(_COLUMNS, rows, CsvDialect(dialect))
    return Download(_name_file("members", proposal, "csv"), "text/csv; charset=utf-8", content)


def download_report(
    session: Session, *, promoter_id: UUID, proposal_id: UUID, language: str
) -> Download:
    """Give a proposal's report as it was drawn when the proposal was made.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    proposal_id : UUID
        The proposal.
    language : str
        ``es``, ``ca`` or ``en``.

    Returns
    -------
    Download
        XLSX.

    Raises
    ------
    UnknownProposalError
        If the caller has no such proposal.
    UnknownChoiceError
        If there is no such language.
    UndrawnReportError
        If the proposal was made before reports were drawn in it.
    """
    if language not in set(Language):
        raise UnknownChoiceError("language", language, list(Language))
    proposal = find_proposal(session, promoter_id=promoter_id, proposal_id=proposal_id)
    report = find_proposal_report(
        session, promoter_id=promoter_id, proposal_id=proposal_id, language=language
    )
    if report is None:
        raise UndrawnReportError(Language(language))
    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return Download(_name_file("report", proposal, "xlsx"), media_type, report.content)


def download_proposed_file(
    session: Session, *, promoter_id: UUID, proposal_id: UUID, file_year: int | None
) -> Download:
    """Give a proposal's coefficients as the distributor's file.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    proposal_id : UUID
        The proposal.
    file_year : int or None
        Year of the file; the year that was planned with when None.

    Returns
    -------
    Download
        ``CAU_YYYY.txt``.

    Raises
    ------
    UnknownProposalError
        If the caller has no such proposal.
    InvalidArgumentError
        If the year does not have four digits.
    """
    proposal = find_proposal(session, promoter_id=promoter_id, proposal_id=proposal_id)
    coefficients = _read_proposed(session, proposal)
    year = proposal.year if file_year is None else file_year
    return _render_file(Cau(str(proposal.result["cau"])), year, coefficients)


def download_hourly_file(
    session: Session, *, promoter_id: UUID, proposal_id: UUID, file_year: int | None
) -> Download:
    """Give a proposal's coefficients by class of hours as the distributor's hourly file.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    proposal_id : UUID
        The proposal.
    file_year : int or None
        Year of the file, whose calendar tells the classes of its hours; the year that was planned
        with when None.

    Returns
    -------
    Download
        ``CAU_YYYY.txt``.

    Raises
    ------
    UnknownProposalError
        If the caller has no such proposal.
    NoClassesError
        If its coefficients are the same in all hours.
    InvalidArgumentError
        If the year does not have four digits.
    """
    proposal = find_proposal(session, promoter_id=promoter_id, proposal_id=proposal_id)
    rows = list_class_rows(session, proposal)
    if not rows:
        raise NoClassesError(proposal_id)
    classes = cast("dict[str, Any]", proposal.result["classes"])
    cau = Cau(str(proposal.result["cau"]))
    year = proposal.year if file_year is None else file_year
    name = name_distributor_file(cau, year)
    ids = [row.supply_point_id for row in rows]
    points = map_supply_points(session, promoter_id=promoter_id, supply_point_ids=ids)
    millionths = expand_to_file_hours(read_class_table(rows), Classes(classes["kind"]), year)
    content = format_hourly_file(cau, year, [Cups(points[key].cups) for key in ids], millionths)
    return Download(name, "text/plain; charset=us-ascii", content)


def download_agreed_file(session: Session, *, promoter_id: UUID, agreement_id: UUID) -> Download:
    """Give an agreement's coefficients as the distributor's file.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    agreement_id : UUID
        The agreement.

    Returns
    -------
    Download
        ``CAU_YYYY.txt``.

    Raises
    ------
    UnknownAgreementError
        If the caller has no such agreement.
    """
    agreement = find_agreement(session, promoter_id=promoter_id, agreement_id=agreement_id)
    plants = map_installations(
        session, promoter_id=promoter_id, installation_ids=[agreement.installation_id]
    )
    rows = group_coefficients(session, promoter_id=promoter_id, agreement_ids=[agreement_id])
    coefficients = _name_coefficients(session, promoter_id, rows[agreement_id])
    cau = Cau(plants[agreement.installation_id].cau)
    return _render_file(cau, agreement.file_year, coefficients)


def _name_file(subject: str, proposal: CoefficientProposal, ending: str) -> str:
    """Name a proposal's file by its plant and year."""
    return f"{subject}_{proposal.result['cau']}_{proposal.year}.{ending}"


def _read_proposed(session: Session, proposal: CoefficientProposal) -> list[tuple[Cups, int]]:
    owner = proposal.promoter_id
    rows = group_proposed_coefficients(session, promoter_id=owner, proposal_ids=[proposal.id])
    return _name_coefficients(session, owner, rows[proposal.id])


def _name_coefficients(
    session: Session,
    promoter_id: UUID,
    rows: Sequence[DistributionCoefficient] | Sequence[ProposedCoefficient],
) -> list[tuple[Cups, int]]:
    """Give the millionths by CUPS, in the order of the file."""
    ids = [row.supply_point_id for row in rows]
    points = map_supply_points(session, promoter_id=promoter_id, supply_point_ids=ids)
    return [(Cups(points[row.supply_point_id].cups), row.millionths) for row in rows]


def _render_file(cau: Cau, year: int, coefficients: list[tuple[Cups, int]]) -> Download:
    cups = [each for each, _ in coefficients]
    content = format_constant_file(cau, year, cups, [share for _, share in coefficients])
    return Download(name_distributor_file(cau, year), "text/plain; charset=us-ascii", content)


def _read_cell(member: dict[str, Any], column: str) -> Cell:
    """Read a cell; amounts that JSON carries as text become numbers for a spreadsheet."""
    value = member[column]
    if column in _DECIMAL_TEXTS and value is not None:
        return float(Decimal(value))
    return cast("Cell", value)
