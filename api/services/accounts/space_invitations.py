"""When an invitation goes to an address that somebody else names."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from api.policies import TAKES_PART
from api.services.outbox.space_messages import AT_ONCE, COUNTED, space_message
from models.repositories.invitations import (
    list_emptied_invitations,
    list_invitation_moments,
    remove_emptied_invitation,
    stop_waiting_invitations,
)
from models.values.access import Role

_REPLACED = "another invitation takes its place"
_GRANTED = TAKES_PART | {Role.COMMUNITY_MANAGER}


def clear_emptied_invitations(
    session: Session, *, promoter_id: UUID, email: str, now: datetime
) -> None:
    """Make room for another invitation of an address: one from which all was taken is over.

    Parameters
    ----------
    session : Session
        Open writing transaction that holds the promoter.
    promoter_id : UUID
        The tenant.
    email : str
        The address.
    now : datetime
        The present instant.
    """
    emptied = list_emptied_invitations(
        session, promoter_id=promoter_id, email=email, roles=_GRANTED
    )
    for key in emptied:
        stop_waiting_invitation(session, account_id=key, now=now)
        remove_emptied_invitation(session, account_id=key)


def stop_waiting_invitation(session: Session, *, account_id: UUID, now: datetime) -> None:
    """Let an invitation that was to go later never go, for another one takes its place.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    account_id : UUID
        Whose.
    now : datetime
        The present instant.
    """
    stop_waiting_invitations(session, account_id=account_id, now=now, reason=_REPLACED)


def find_invitation_moment(
    session: Session, *, promoter_id: UUID, email: str, now: datetime
) -> datetime:
    """Find when the next invitation of a promoter to an address may go.

    Of a day the first three go at once, whoever invites; each further one an hour after the one
    before it, then two, then four. It is not told: an inviter hears nothing of others' invitations.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    email : str
        The address.
    now : datetime
        The present instant.

    Returns
    -------
    datetime
        ``now`` at the earliest.
    """
    moments = list_invitation_moments(
        session, promoter_id=promoter_id, email=email, due_after=now - COUNTED
    )
    return space_message(moments, at_once=AT_ONCE, now=now)
