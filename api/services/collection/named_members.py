"""Name members as people know them: by code, and by the name on their invoices."""

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from sqlmodel import Session

from models.repositories.members import map_members
from models.repositories.payment_plans import map_payers


class NamedMember(NamedTuple):
    """A member's code, and the name of who pays for it where that is recorded."""

    code: str
    name: str | None


def map_named_members(
    session: Session, *, promoter_id: UUID, member_ids: Iterable[UUID | None]
) -> dict[UUID, NamedMember]:
    """Read the members that something names.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    member_ids : iterable of UUID or None
        Who; None for nobody.

    Returns
    -------
    dict of UUID to NamedMember
        Two queries for all of them.
    """
    named = {key for key in member_ids if key is not None}
    members = map_members(session, promoter_id=promoter_id, member_ids=named)
    payers = map_payers(session, promoter_id=promoter_id, member_ids=named)
    return {
        key: NamedMember(member.code, payers[key].name if key in payers else None)
        for key, member in members.items()
    }
