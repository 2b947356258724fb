"""The coefficients in force of those who share, where a question stands on them."""

from collections.abc import Sequence

import numpy as np

from loaders.records import MemberRecord
from models.values.coefficient import MILLIONTHS
from models.values.errors import InvalidArgumentError
from planner.coefficients.problem import Millionths


class MissingCoefficientsError(InvalidArgumentError):
    """Somebody shares, but with which coefficient is not known.

    Attributes
    ----------
    member_ids : tuple of str
        Members without a coefficient in force.
    """

    def __init__(self, member_ids: tuple[str, ...]) -> None:
        super().__init__(
            f"the members' coefficients in force are needed, but {len(member_ids)} have no "
            f"current_beta: {', '.join(member_ids)}; fill that column of the members' list, or "
            "accept a proposal"
        )
        self.member_ids = member_ids


def read_current(members: Sequence[MemberRecord]) -> Millionths:
    """Read the coefficients in force; everybody has to have one.

    Parameters
    ----------
    members : sequence of MemberRecord, length n_members
        Those who share.

    Returns
    -------
    ndarray of int64, shape (n_members,)
        Rounded to the grid [millionths].

    Raises
    ------
    MissingCoefficientsError
        If somebody has none.
    """
    missing = tuple(member.member_id for member in members if member.current_beta is None)
    if missing:
        raise MissingCoefficientsError(missing)
    current = [round((member.current_beta or 0.0) * MILLIONTHS) for member in members]
    return np.array(current, dtype=np.int64)
