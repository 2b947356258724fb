"""Invite somebody to sign in, with what they will look after or who they are."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from api.policies import GIVES
from api.services.accounts.access_subjects import (
    AccessSubjects,
    ForbiddenRoleError,
    add_grants,
    check_subjects,
)
from api.services.accounts.create_user import EmailTakenError
from api.services.accounts.ensure_promoter import ensure_promoter
from api.services.accounts.mailed_links import LinkDesk, SentLink, send_link
from api.services.accounts.sign_in import fold_address
from api.services.accounts.space_invitations import (
    clear_emptied_invitations,
    find_invitation_moment,
)
from models.repositories.promoters import hold_promoter
from models.repositories.user_accounts import find_promoters_account
from models.tables import LinkPurpose, UserAccount
from models.values.access import Role
from models.values.email_address import check_email
from models.values.language import Language
from models.values.names import check_name


@dataclass(frozen=True, slots=True)
class Invitation:
    """Who is invited, as what.

    Attributes
    ----------
    email : str
        Address to which the link goes, and with which they will sign in.
    name : str
        What they are called.
    role : Role
        What they will be able to do.
    language : Language or None
        Which they read; that of the installation when None.
    subjects : AccessSubjects
        What they will look after, or who they are.
    """

    email: str
    name: str
    role: Role
    language: Language | None = None
    subjects: AccessSubjects = field(default_factory=AccessSubjects)


@dataclass(frozen=True, slots=True)
class SentInvitation:
    """An account that waits for its owner.

    Attributes
    ----------
    account : UserAccount
        The account.
    sent : SentLink
        The link that opens it.
    """

    account: UserAccount
    sent: SentLink


def invite_account(
    session: Session,
    *,
    promoter_id: UUID,
    gives: Collection[Role],
    invitation: Invitation,
    desk: LinkDesk,
    now: datetime,
) -> SentInvitation:
    """Make an account that waits for its owner, and send them a link to take it up.

    Parameters
    ----------
    session : Session
        Open writing transaction of the inviter's reach.
    promoter_id : UUID
        The tenant.
    gives : collection of Role
        The roles that the inviter may give.
    invitation : Invitation
        Who is invited.
    desk : LinkDesk
        Where the link is written.
    now : datetime
        The present instant.

    Returns
    -------
    SentInvitation
        The account. It holds its address once its owner has shown that they read what is sent
        there: whether another promoter knows it, or the inviter's own where the inviter does not
        see, is told to nobody else.

    Raises
    ------
    ForbiddenRoleError
        If the inviter may not give the role.
    UnfitEmailError, InvalidNameError
        If a text does not fit.
    UnfitGrantError, UnknownCommunityError, UnknownMemberError
        If the role is not granted so, or the inviter sees no such community or member.
    EmailTakenError
        If the inviter sees an account for the address.
    """
    if invitation.role not in gives:
        raise ForbiddenRoleError(invitation.role)
    email = fold_address(invitation.email)
    check_email(email)
    check_subjects(
        session, promoter_id=promoter_id, role=invitation.role, subjects=invitation.subjects
    )
    hold_promoter(session, promoter_id=promoter_id)
    if find_promoters_account(session, promoter_id=promoter_id, email=email) is not None:
        raise EmailTakenError(email)
    clear_emptied_invitations(session, promoter_id=promoter_id, email=email, now=now)
    account = UserAccount(
        promoter_id=promoter_id,
        email=email,
        name=check_name("user", invitation.name),
        role=invitation.role,
        language=invitation.language,
        awaits_acceptance=True,
        created_at=now,
    )
    session.add(account)
    session.flush()
    add_grants(session, account=account, subjects=invitation.subjects, now=now)
    due_at = find_invitation_moment(session, promoter_id=promoter_id, email=email, now=now)
    sent = send_link(
        session,
        account=account,
        purpose=LinkPurpose.INVITATION,
        desk=desk,
        now=now,
        due_at=due_at,
    )
    return SentInvitation(account, sent)


def invite_first_admin(
    session: Session, *, promoter: str, invitation: Invitation, desk: LinkDesk, now: datetime
) -> SentInvitation:
    """Invite an admin of a promoter, which is made if need be: what an operator does.

    Parameters
    ----------
    session : Session
        Open writing transaction without a reach.
    promoter : str
        Name of the promoter.
    invitation : Invitation
        Who is invited.
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
    ForbiddenRoleError
        If another role is named.
    InvalidNameError, UnfitEmailError, UnfitGrantError, EmailTakenError
        As for other invitations.
    """
    owner = ensure_promoter(session, name=promoter, now=now)
    return invite_account(
        session,
        promoter_id=owner.id,
        gives=GIVES[Role.OPERATOR],
        invitation=invitation,
        desk=desk,
        now=now,
    )
