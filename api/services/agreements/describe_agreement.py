"""Agreements as JSON values, for command lines and programs."""

from typing import Any
from uuid import UUID

from sqlmodel import Session

from api.services.agreements.agreement_shares import HourlyShare, summarise_hours
from api.services.agreements.file_agreement import FilingCheck
from api.services.agreements.find_agreement import find_agreement
from api.services.communities.find_plant import find_plant
from models.repositories.agreements import group_coefficients, list_agreements
from models.repositories.applied_coefficients import group_agreement_applied
from models.repositories.filings import group_filings
from models.repositories.generated_files import GeneratedFileHead, group_generated_files
from models.repositories.installations import map_installations
from models.repositories.supply_points import map_supply_points
from models.tables import AppliedCoefficient, DistributionAgreement, Filing
from models.values.coefficient import format_coefficient

Described = dict[str, Any]


def describe_agreements(
    session: Session, *, promoter_id: UUID, installation: str | None = None
) -> list[Described]:
    """Describe a promoter's agreements in a line each, newest first.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    installation : str, optional
        CAU of the plant whose agreements are wanted; those of all plants when None.

    Returns
    -------
    list of dict
        ``id``, ``cau``, ``state``, ``mode``, ``file_year`` and instants.

    Raises
    ------
    UnknownInstallationError
        If the promoter has no such plant.
    """
    plant_id = None
    if installation is not None:
        plant_id = find_plant(session, promoter_id=promoter_id, installation=installation).id
    rows = list_agreements(session, promoter_id=promoter_id, installation_id=plant_id)
    return _describe_heads(session, rows)


def describe_agreement(session: Session, *, promoter_id: UUID, agreement_id: UUID) -> Described:
    """Describe an agreement with everything that became of it.

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
    dict
        As ``describe_agreements`` does, and ``coefficients`` by CUPS in the order of the file,
        ``filings``, ``applied`` and ``files``.

    Raises
    ------
    UnknownAgreementError
        If the caller has no such agreement.
    """
    agreement = find_agreement(session, promoter_id=promoter_id, agreement_id=agreement_id)
    wanted = [agreement_id]
    rows = group_coefficients(session, promoter_id=promoter_id, agreement_ids=wanted)[agreement_id]
    hours = summarise_hours(session, promoter_id=promoter_id, agreement_ids=wanted)[agreement_id]
    filings = group_filings(session, promoter_id=promoter_id, agreement_ids=wanted)
    applied = group_agreement_applied(session, promoter_id=promoter_id, agreement_ids=wanted)
    files = group_generated_files(session, promoter_id=promoter_id, agreement_ids=wanted)
    ids = [row.supply_point_id for row in rows]
    points = map_supply_points(session, promoter_id=promoter_id, supply_point_ids=ids)
    cups = {key: point.cups for key, point in points.items()}
    (head,) = _describe_heads(session, [agreement])
    return head | {
        "coefficients": {
            cups[row.supply_point_id]: format_coefficient(row.millionths) for row in rows
        },
        "hourly": {cups[share.supply_point_id]: _describe_hours(share) for share in hours},
        "filings": [describe_filing(filing) for filing in filings[agreement_id]],
        "applied": [
            {"cups": cups[row.supply_point_id]} | _describe_days(row)
            for row in applied[agreement_id]
        ],
        "files": [_describe_file(file) for file in files[agreement_id]],
    }


def describe_filing(filing: Filing) -> Described:
    """Describe a filing.

    Parameters
    ----------
    filing : Filing
        As it is stored.

    Returns
    -------
    dict
        ``id``, ``state``, ``filed_on``, ``answered_on`` and ``refused_because``.
    """
    return {
        "id": str(filing.id),
        "state": filing.state.value,
        "filed_on": filing.filed_on,
        "answered_on": filing.answered_on,
        "refused_because": filing.refused_because,
    }


def describe_check(check: FilingCheck) -> Described:
    """Describe what the rules of filing say.

    Parameters
    ----------
    check : FilingCheck
        What they found.

    Returns
    -------
    dict
        ``can_be_filed``, ``first_day_on`` and ``findings``.
    """
    return {
        "can_be_filed": check.can_be_filed,
        "first_day_on": check.first_day_on,
        "findings": [
            {
                "code": each.code.value,
                "severity": each.severity.value,
                "article": each.article,
                "message": each.message,
            }
            for each in check.findings
        ],
    }


def _describe_heads(session: Session, rows: list[DistributionAgreement]) -> list[Described]:
    """Describe agreements in a line each."""
    if not rows:
        return []
    keys = {row.installation_id for row in rows}
    plants = map_installations(session, promoter_id=rows[0].promoter_id, installation_ids=keys)
    return [
        {
            "id": str(row.id),
            "cau": plants[row.installation_id].cau,
            "state": row.state.value,
            "mode": row.mode.value,
            "file_year": row.file_year,
            "proposal_id": row.proposal_id and str(row.proposal_id),
            "created_at": row.created_at,
            "published_at": row.published_at,
            "closed_at": row.closed_at,
            "closed_because": row.closed_because,
        }
        for row in rows
    ]


def _describe_hours(share: HourlyShare) -> Described:
    return {
        "least": format_coefficient(share.least),
        "mean": format_coefficient(share.mean),
        "greatest": format_coefficient(share.greatest),
    }


def _describe_days(row: AppliedCoefficient) -> Described:
    return {"valid_from": row.valid_from, "valid_until": row.valid_until}


def _describe_file(file: GeneratedFileHead) -> Described:
    return {
        "id": str(file.id),
        "kind": file.kind.value,
        "variant": file.variant,
        "file_name": file.file_name,
        "sha256": file.sha256,
        "size_bytes": file.size_bytes,
        "created_at": file.created_at,
    }
