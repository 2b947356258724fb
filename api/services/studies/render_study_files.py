"""Render the files of studies for those who download them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson
from sqlmodel import Session

from api.services.proposals.render_downloads import Download, UnknownChoiceError
from api.services.studies.describe_admission import word_admission
from loaders.distributor_file import format_constant_file, name_distributor_file
from models.repositories.studies import map_studies
from models.tables import CapacitySharing, MemberAssignment, VacancyFilling
from models.tables.studies import Study
from models.values.cau import Cau
from models.values.coefficient import parse_coefficient
from models.values.cups import Cups
from models.values.errors import ConflictError, NotFoundError
from models.values.language import Language

_JSON = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE


class UnknownStudyError(NotFoundError):
    """There is no such study for this caller, or it is not about that plant."""

    def __init__(self, study_id: UUID | None) -> None:
        super().__init__("there is no such study, or none of that installation")
        self.study_id = study_id


class UnfilledVacancyError(ConflictError):
    """Coefficients that nobody takes are missing from the sum of a distributor's file."""

    def __init__(self, unfilled: tuple[str, ...]) -> None:
        super().__init__(
            f"nobody takes the freed {', '.join(unfilled)}, so the coefficients do not sum to 1; "
            "ask for a number of vacancies instead"
        )
        self.unfilled = unfilled


def download_admission(
    session: Session, *, promoter_id: UUID, study_id: UUID, language: str
) -> Download:
    """Give a filling as ``admission.json``.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    study_id : UUID
        The filling.
    language : str
        ``es``, ``ca`` or ``en``.

    Returns
    -------
    Download
        Indented JSON.

    Raises
    ------
    UnknownChoiceError
        If there is no such language.
    UnknownStudyError
        If the caller has no such filling.
    """
    if language not in set(Language):
        raise UnknownChoiceError("language", language, list(Language))
    found = _find(session, VacancyFilling, promoter_id, study_id)
    content = orjson.dumps(word_admission(found, Language(language)), option=_JSON)
    name = f"admission_{found['cau']}_{found['year']}.json"
    return Download(name, "application/json", content)


def download_filling_file(
    session: Session, *, promoter_id: UUID, study_id: UUID, file_year: int | None
) -> Download:
    """Give the coefficients of members and admitted as the distributor's file.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    study_id : UUID
        The filling.
    file_year : int or None
        Year of the file; the year of the readings when None.

    Returns
    -------
    Download
        ``CAU_YYYY.txt``.

    Raises
    ------
    UnknownStudyError
        If the caller has no such filling.
    UnfilledVacancyError
        If a freed coefficient is left.
    InvalidArgumentError
        If the year does not have four digits.
    """
    found = _find(session, VacancyFilling, promoter_id, study_id)
    if found["unfilled"]:
        raise UnfilledVacancyError(tuple(found["unfilled"]))
    return _render_file(found, found["betas"], file_year)


def download_growth_file(
    session: Session, *, promoter_id: UUID, study_id: UUID, file_year: int | None
) -> Download:
    """Give the coefficients of a grown plant as the distributor's file.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    study_id : UUID
        The sharing.
    file_year : int or None
        Year of the file; the year of the readings when None.

    Returns
    -------
    Download
        ``CAU_YYYY.txt``, without candidates who get nothing.

    Raises
    ------
    UnknownStudyError
        If the caller has no such sharing.
    InvalidArgumentError
        If the year does not have four digits.
    """
    found = _find(session, CapacitySharing, promoter_id, study_id)
    betas = {
        member["cups"]: member["beta"]
        for member in found["members"]
        if parse_coefficient(member["beta"]) or not member["is_candidate"]
    }
    return _render_file(found, betas, file_year)


def download_assignment(session: Session, *, promoter_id: UUID, study_id: UUID) -> Download:
    """Give an assignment as the ``proposal.json`` of several plants.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    study_id : UUID
        The assignment.

    Returns
    -------
    Download
        Indented JSON.

    Raises
    ------
    UnknownStudyError
        If the caller has no such assignment.
    """
    found = _find(session, MemberAssignment, promoter_id, study_id)
    name = f"proposal_{found['year']}.json"
    return Download(name, "application/json", orjson.dumps(found, option=_JSON))


def download_assigned_file(
    session: Session, *, promoter_id: UUID, study_id: UUID, cau: str, file_year: int | None
) -> Download:
    """Give the coefficients of one of several plants as the distributor's file.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    study_id : UUID
        The assignment.
    cau : str
        The plant.
    file_year : int or None
        Year of the file; the year of the readings when None.

    Returns
    -------
    Download
        ``CAU_YYYY.txt``.

    Raises
    ------
    UnknownStudyError
        If the caller has no such assignment, or the plant is not in it.
    InvalidArgumentError
        If the year does not have four digits.
    """
    found = _find(session, MemberAssignment, promoter_id, study_id)
    plans: dict[str, dict[str, Any]] = {plan["cau"]: plan for plan in found["caus"]}
    if cau not in plans:
        raise UnknownStudyError(study_id)
    return _render_file(plans[cau], plans[cau]["betas"], file_year)


def _find(session: Session, kind: type[Study], promoter_id: UUID, study_id: UUID) -> dict[str, Any]:
    """Find what a study found."""
    studies = map_studies(session, kind=kind, promoter_id=promoter_id, study_ids=[study_id])
    if study_id not in studies:
        raise UnknownStudyError(study_id)
    return studies[study_id].result


def _render_file(
    found: Mapping[str, Any], betas: Mapping[str, str], file_year: int | None
) -> Download:
    """Write coefficients in the order in which they are stated."""
    cau, year = Cau(found["cau"]), found["year"] if file_year is None else file_year
    millionths = [parse_coefficient(beta) for beta in betas.values()]
    content = format_constant_file(cau, year, [Cups(cups) for cups in betas], millionths)
    return Download(name_distributor_file(cau, year), "text/plain; charset=us-ascii", content)
