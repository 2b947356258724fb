"""Describe and hand out an admission: ``admission.json``, and the distributor's file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from api.services.proposals.describe_proposal import describe_bound
from api.services.proposals.settled_months import count_savings, state_savings
from api.services.studies.admission_reasons import state_reason, word_stated_reason
from api.services.studies.fill_vacancies import CandidateOutcome, FilledVacancies
from loaders.atomic_files import make_folder, replace_file
from loaders.distributor_file import format_constant_file, name_distributor_file
from models.values.coefficient import format_coefficient
from models.values.language import Language
from models.values.money import round_to_cents
from planner.reserve.reasons import ReasonCode

_TOLD_OF_CANDIDATES = ("member_id", "eligible", "admitted", "marginal_kwh")


def state_admission(filled: FilledVacancies) -> dict[str, Any]:
    """State an admission in no language, as it is stored.

    Parameters
    ----------
    filled : FilledVacancies
        The group and its proof.

    Returns
    -------
    dict
        Ready for JSON: energy in kWh as numbers, money and coefficients as text, reasons as codes
        with their figures.
    """
    return {
        "cau": str(filled.installation.cau),
        "year": filled.community.year,
        "objective": filled.request.goal.objective.value,
        "places": filled.request.places,
        "admitted": filled.admitted_ids,
        "self_consumed_kwh": round(float(filled.settled.self_consumed_kwh.sum()), 9),
        **describe_bound(filled.request.goal.objective, filled.upper_bound),
        "gap": filled.gap,
        "betas": {
            str(record.cups): format_coefficient(int(share))
            for record, share in zip(filled.group, filled.millionths, strict=True)
        },
        "savings_eur": state_savings(count_savings(filled.settled)),
        "unfilled": [format_coefficient(share) for share in filled.unfilled],
        "candidates": [_state_candidate(each) for each in filled.candidates],
        "solver": {"method": filled.method, "is_proven": filled.is_proven},
    }


def word_admission(stated: Mapping[str, Any], language: Language) -> dict[str, Any]:
    """Give a stated admission the form of ``admission.json``.

    Parameters
    ----------
    stated : mapping
        As ``state_admission`` gave it.
    language : Language
        Language of the reasons.

    Returns
    -------
    dict
        Ready for JSON.
    """
    candidates = [
        {name: candidate[name] for name in _TOLD_OF_CANDIDATES}
        | {"reasons": [word_stated_reason(each, language) for each in candidate["reasons"]]}
        for candidate in stated["candidates"]
    ]
    return {**stated, "candidates": candidates}


def describe_admission(
    filled: FilledVacancies, language: Language = Language.ENGLISH
) -> dict[str, Any]:
    """Describe an admission as ``admission.json`` does.

    Parameters
    ----------
    filled : FilledVacancies
        The group and its proof.
    language : Language
        Language of the reasons.

    Returns
    -------
    dict
        Ready for JSON: energy in kWh as numbers, money and coefficients as text.
    """
    return word_admission(state_admission(filled), language)


def _state_candidate(outcome: CandidateOutcome) -> dict[str, Any]:
    marginal_eur = outcome.marginal_eur
    return {
        "member_id": outcome.record.member_id,
        "cups": str(outcome.record.cups),
        "eligible": outcome.eligible,
        "admitted": outcome.admitted,
        "marginal_kwh": round(outcome.marginal_kwh, 9),
        "marginal_eur": None if marginal_eur is None else str(round_to_cents(marginal_eur)),
        "known_share": outcome.completion.known_share,
        "reasons": [state_reason(reason) for reason in outcome.reasons],
    }


def render_admission(filled: FilledVacancies, language: Language = Language.ENGLISH) -> bytes:
    """Render ``admission.json``.

    Parameters
    ----------
    filled : FilledVacancies
        The group and its proof.
    language : Language
        Language of the reasons.

    Returns
    -------
    bytes
        Indented JSON in UTF-8 with a final line break.
    """
    options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    return orjson.dumps(describe_admission(filled, language), option=options)


def write_admission(
    *, filled: FilledVacancies, folder: Path, language: Language = Language.ENGLISH
) -> list[Path]:
    """Write ``admission.json`` and the new group's distributor file, each whole or not at all.

    Parameters
    ----------
    filled : FilledVacancies
        The group and its proof.
    folder : Path
        Where to; made if need be, files of the same names are replaced.
    language : Language
        Language of the reasons.

    Returns
    -------
    list of Path
        What was written; without the distributor's file while a freed coefficient is left, since
        its coefficients must sum to one.

    Raises
    ------
    UnwritableFileError
        If the folder or a file cannot be written.
    """
    documents = {"admission.json": render_admission(filled, language)}
    if not filled.unfilled:
        cau, year = filled.installation.cau, filled.community.year
        cups = [record.cups for record in filled.group]
        millionths = list(map(int, filled.millionths))
        name = name_distributor_file(cau, year)
        documents[name] = format_constant_file(cau, year, cups, millionths)
    make_folder(folder)
    for name, document in documents.items():
        with replace_file(folder / name) as file:
            file.write(document)
    return [folder / name for name in documents]


def warn_of_admission(filled: FilledVacancies) -> list[str]:
    """List what a person should know before trusting an admission.

    Parameters
    ----------
    filled : FilledVacancies
        The group and its proof.

    Returns
    -------
    list of str
        One sentence each; empty when nothing is odd.
    """
    warnings = []
    eligible = sum(each.eligible for each in filled.candidates)
    if eligible < filled.request.places:
        warnings.append(
            f"{filled.request.places} vacancies, but only {eligible} eligible candidates: "
            "nobody else can be admitted"
        )
    if filled.unfilled:
        left = ", ".join(format_coefficient(share) for share in filled.unfilled)
        warnings.append(
            f"nobody takes the freed {left}, so the coefficients do not sum to 1 and there is no "
            "distributor's file; use --vacancies to choose all coefficients anew"
        )
    unknown = sum(
        reason.code is ReasonCode.DISTANCE_UNKNOWN
        for each in filled.candidates
        for reason in each.reasons
    )
    if unknown:
        warnings.append(
            f"the distance of {unknown} candidates to the plant was not checked: lat and lon of "
            "the plant or of their meters are missing"
        )
    guessed = [
        each.record.member_id for each in filled.candidates if each.completion.known_share < 1
    ]
    if guessed:
        warnings.append(
            f"part of the year of {', '.join(guessed)} is not measured; profiles of others stand in"
        )
    if not filled.is_proven:
        warnings.append(f"the search ended by its time limit, with a gap of {filled.gap:.1e}")
    return warnings
