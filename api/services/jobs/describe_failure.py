"""What a job keeps of an expected failure, beside its message."""

from typing import Any

from api.services.file_imports.faulty_files import FaultyFilesError
from api.services.proposals.plan_coefficients import InfeasiblePlanError
from loaders.community_archive import FaultyArchiveError
from loaders.faults import FaultyInputError
from models.values.errors import CommunityError

_FAULTS_KEPT = 10_000


def describe_failure(error: CommunityError) -> dict[str, Any] | None:
    """Tell what an error carries beside its message, as JSON values.

    Parameters
    ----------
    error : CommunityError
        Any expected failure.

    Returns
    -------
    dict or None
        ``faults`` of data, with ``files``, what would have been done with each; or ``conflict``,
        the labels of a smallest set of limits that cannot hold together, and ``largest_floor``;
        None for most errors.
    """
    if isinstance(error, InfeasiblePlanError):
        return {"conflict": list(error.conflict), "largest_floor": error.largest_floor}
    faults = describe_faults(error)
    if not faults:
        return None
    if isinstance(error, FaultyFilesError):
        return {"faults": faults, "files": [report.to_json() for report in error.reports]}
    return {"faults": faults}


def describe_faults(error: CommunityError) -> list[dict[str, str]]:
    """List the faults that an error carries, as JSON values.

    Parameters
    ----------
    error : CommunityError
        Any expected failure.

    Returns
    -------
    list of dict
        ``file``, ``place`` and ``reason`` of at most 10,000 faults, and the ``code`` of those that
        have one; empty for most errors.
    """
    if not isinstance(error, FaultyInputError | FaultyArchiveError):
        return []
    return [
        {"file": fault.file, "place": fault.place or "", "reason": fault.reason}
        | ({"code": fault.code} if fault.code else {})
        for fault in error.faults[:_FAULTS_KEPT]
    ]
