"""Send an invitation again that was lost, or has expired."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from api.services.accounts.access_subjects import hold_given_account
from api.services.accounts.invite_account import SentInvitation
from api.services.accounts.mailed_links import LinkDesk, send_link, was_sent_enough
from api.services.accounts.space_invitations import (
    find_invitation_moment,
    stop_waiting_invitation,
)
from models.repositories.one_time_links import use_up_links
from models.tables import LinkPurpose
from models.values.access import Role
from models.values.errors import ConflictError


class NotInvitedError(ConflictError):
    """An account was taken up already, or is disabled."""

    def __init__(self) -> None:
        super().__init__("this account does not wait for an invitation: it is taken up or disabled")


class SentEnoughError(ConflictError):
    """An account was sent as many links of a kind as it may get within an hour."""

    def __init__(self) -> None:
        super().__init__("this account was sent several links within the hour: wait a while")


def resend_invitation(
    session: Session,
    *,
    promoter_id: UUID,
    gives: Collection[Role],
    account_id: UUID,
    desk: LinkDesk,
    now: datetime,
) -> SentInvitation:
    """Send another link to somebody who was invited; earlier ones open nothing any more.

    Parameters
    ----------
    session : Session
        Open writing transaction of the caller's reach.
    promoter_id : UUID
        The tenant.
    gives : collection of Role
        The roles that the caller may give.
    account_id : UUID
        Who was invited.
    desk : LinkDesk
        Where the link is written.
    now : datetime
        The present instant.

    Returns
    -------
    SentInvitation
        The account.

    Raises
    ------
    MissingAccountError, ForbiddenRoleError
        If the caller sees no such account, or may not give its role.
    NotInvitedError
        If it does not wait for its owner.
    SentEnoughError
        If three were sent within the hour.
    """
    account = hold_given_account(
        session, promoter_id=promoter_id, account_id=account_id, gives=gives
    )
    if not account.awaits_acceptance or account.disabled_at is not None:
        raise NotInvitedError
    purpose = LinkPurpose.INVITATION
    if was_sent_enough(session, account=account, purpose=purpose, now=now):
        raise SentEnoughError
    use_up_links(session, account_id=account.id, used_at=now)
    stop_waiting_invitation(session, account_id=account.id, now=now)
    due_at = find_invitation_moment(session, promoter_id=promoter_id, email=account.email, now=now)
    sent = send_link(session, account=account, purpose=purpose, desk=desk, now=now, due_at=due_at)
    return SentInvitation(account, sent)
