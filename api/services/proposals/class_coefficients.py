"""Stored coefficients by class of hours: read one, name a class, write them out for a file."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session

from api.services.proposals.describe_extras import name_class_betas
from models.repositories.class_coefficients import group_class_coefficients, unpack_classes
from models.tables import ClassCoefficients, CoefficientProposal
from models.values.errors import NotFoundError
from planner.classes.step_classes import Classes, name_class


class NoClassesError(NotFoundError):
    """A proposal has no coefficients by class of hours, so no hourly file."""

    def __init__(self, proposal_id: UUID) -> None:
        super().__init__(
            "the proposal has constant coefficients only; ask for one with classes of hours"
        )
        self.proposal_id = proposal_id


def leave_out_class_betas(result: dict[str, Any]) -> dict[str, Any]:
    """Leave out of ``proposal.json`` what is stored packed.

    Parameters
    ----------
    result : dict
        The whole document.

    Returns
    -------
    dict
        A copy whose coefficients by class are null.
    """
    classes = result["classes"]
    return result | {"classes": classes and classes | {"betas": None}}


def put_class_betas_back(session: Session, proposal: CoefficientProposal) -> dict[str, object]:
    """Give a stored proposal's ``proposal.json`` as the plan stated it.

    Parameters
    ----------
    session : Session
        Open transaction.
    proposal : CoefficientProposal
        As it is stored, of whatever age.

    Returns
    -------
    dict
        With the coefficients by class in it, if it has some.
    """
    classes: dict[str, Any] | None = proposal.result.get("classes")  # type: ignore[assignment]
    if not classes:
        return proposal.result
    members: list[dict[str, Any]] = proposal.result["members"]  # type: ignore[assignment]
    betas = name_class_betas(
        Classes(classes["kind"]),
        [member["cups"] for member in members],
        read_class_table(list_class_rows(session, proposal)),
    )
    return proposal.result | {"classes": classes | {"betas": betas}}


def list_class_rows(session: Session, proposal: CoefficientProposal) -> list[ClassCoefficients]:
    """Read the rows of one proposal, in the order of the distributor's file.

    Parameters
    ----------
    session : Session
        Open transaction.
    proposal : CoefficientProposal
        Whose rows.

    Returns
    -------
    list of ClassCoefficients
        Empty without coefficients by class.
    """
    owner, key = proposal.promoter_id, proposal.id
    return group_class_coefficients(session, promoter_id=owner, proposal_ids=[key])[key]


def read_class_table(rows: Sequence[ClassCoefficients]) -> NDArray[np.int64]:
    """Unpack rows into one table.

    Parameters
    ----------
    rows : sequence of ClassCoefficients, length n_members
        At least one.

    Returns
    -------
    ndarray of int64, shape (n_members, n_classes)
        Coefficients [millionths].
    """
    return np.stack([unpack_classes(row) for row in rows])


def read_class_shares(rows: Sequence[ClassCoefficients], number: int) -> list[tuple[UUID, int]]:
    """Read the coefficients of one class.

    Parameters
    ----------
    rows : sequence of ClassCoefficients, length n_members
        Of one proposal.
    number : int
        The class, from 0.

    Returns
    -------
    list of (UUID, int), length n_members
        Supply points and their coefficients [millionths].
    """
    return [(row.supply_point_id, int(unpack_classes(row)[number])) for row in rows]


def name_stored_class(kind: str, number: int) -> str:
    """Name a class for people.

    Parameters
    ----------
    kind : str
        Kind of classes, by its name in ``proposal.json``.
    number : int
        The class, from 0.

    Returns
    -------
    str
        Such as ``month 3, 12:00, rest day``.

    Examples
    --------
    >>> name_stored_class("month", 0)
    'month 1'
    """
    return name_class(Classes(kind), number)
