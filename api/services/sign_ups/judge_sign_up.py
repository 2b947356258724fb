"""Let those who signed up into the reserve pool, or not: the promoter's part."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session

from api.services.accounts.mailed_links import LinkDesk
from api.services.communities.find_community import require_community
from api.services.sign_ups.enter_pool import enter_pool
from api.services.sign_ups.sealed_details import open_details
from api.services.sign_ups.sign_up_mails import LinkKind, mail_link, mail_refusal
from models.keyring import Keyring
from models.repositories.public_pages import find_page
from models.repositories.sign_ups import lock_sign_up
from models.tables import SignUp, SignUpState
from models.values.errors import ConflictError, InvalidArgumentError, NotFoundError

CLOSED_KEPT = timedelta(days=30)
"""How long a sign-up is kept that was refused or withdrawn."""

_LONGEST_REASON = 500


class UnknownSignUpError(NotFoundError):
    """The caller has no such sign-up."""

    def __init__(self, sign_up_id: UUID | None) -> None:
        super().__init__("there is no such sign-up")
        self.sign_up_id = sign_up_id


class SignUpStateError(ConflictError):
    """What is asked for does not go with how a sign-up stands.

    Attributes
    ----------
    state : SignUpState
        How it stands.
    """

    def __init__(self, state: SignUpState) -> None:
        super().__init__(f"the sign-up is {state}: read the list anew")
        self.state = state


class UnfitReasonError(InvalidArgumentError):
    """A reason says nothing, or cannot be read."""

    def __init__(self) -> None:
        super().__init__(f"a reason needs 1 to {_LONGEST_REASON} printable characters")
        self.most = _LONGEST_REASON


def approve_sign_up(
    session: Session, *, promoter_id: UUID, sign_up_id: UUID, keyring: Keyring, now: datetime
) -> SignUp:
    """Put a confirmed sign-up at the end of the reserve pool.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    sign_up_id : UUID
        Which.
    keyring : Keyring
        What opens.
    now : datetime
        The present instant.

    Returns
    -------
    SignUp
        Accepted, with its application.

    Raises
    ------
    UnknownSignUpError
        If the caller has none of that id.
    SignUpStateError
        If it is not confirmed, or was decided.
    KnownMeterError
        If its meter shares or waits already.
    """
    sign_up = _hold(session, promoter_id, sign_up_id, SignUpState.CONFIRMED)
    enter_pool(session, sign_up=sign_up, details=open_details(keyring, sign_up), now=now)
    return sign_up


def refuse_sign_up(
    session: Session,
    *,
    promoter_id: UUID,
    sign_up_id: UUID,
    reason: str,
    keyring: Keyring,
    now: datetime,
) -> SignUp:
    """Refuse a confirmed sign-up, and write to its address why; it is forgotten 30 days later.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    sign_up_id : UUID
        Which.
    reason : str
        Why, on one line of at most 500 characters.
    keyring : Keyring
        What opens.
    now : datetime
        The present instant.

    Returns
    -------
    SignUp
        Refused.

    Raises
    ------
    UnfitReasonError
        If the reason has another form.
    UnknownSignUpError
        If the caller has none of that id.
    SignUpStateError
        If it is not confirmed, or was decided.
    """
    if not reason.strip() or len(reason) > _LONGEST_REASON or not reason.isprintable():
        raise UnfitReasonError
    sign_up = _hold(session, promoter_id, sign_up_id, SignUpState.CONFIRMED)
    sign_up.state, sign_up.decided_at = SignUpState.REFUSED, now
    sign_up.refused_because = reason
    owner = {"promoter_id": promoter_id, "community_id": sign_up.community_id}
    page = find_page(session, **owner)
    assert page is not None, "people sign up on a page"
    mail_refusal(
        session,
        sign_up=sign_up,
        recipient=open_details(keyring, sign_up).email,
        community=require_community(session, **owner).name,
        contact=page.contact_email,
        days_kept=CLOSED_KEPT.days,
        now=now,
    )
    session.flush()
    return sign_up


def renew_sign_up_link(
    session: Session,
    *,
    promoter_id: UUID,
    sign_up_id: UUID,
    desk: LinkDesk,
    now: datetime,
) -> SignUp:
    """Write to the address of a sign-up with a new link to follow it; the old one opens nothing.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    sign_up_id : UUID
        Which.
    desk : LinkDesk
        Where links are written.
    now : datetime
        The present instant.

    Returns
    -------
    SignUp
        The same.

    Raises
    ------
    UnknownSignUpError
        If the caller has none of that id.
    SignUpStateError
        If nobody has confirmed it, or it was refused or withdrawn.
    """
    states = (SignUpState.CONFIRMED, SignUpState.ACCEPTED)
    sign_up = _hold(session, promoter_id, sign_up_id, *states)
    community = require_community(
        session, promoter_id=promoter_id, community_id=sign_up.community_id
    )
    mail_link(
        session,
        sign_up=sign_up,
        recipient=open_details(desk.keyring, sign_up).email,
        kind=LinkKind.STATUS,
        community=community.name,
        desk=desk,
        now=now,
    )
    session.flush()
    return sign_up


def _hold(session: Session, promoter_id: UUID, sign_up_id: UUID, *states: SignUpState) -> SignUp:
    """Read a sign-up that stands so, and hold it."""
    sign_up = lock_sign_up(session, promoter_id=promoter_id, sign_up_id=sign_up_id)
    if sign_up is None:
        raise UnknownSignUpError(sign_up_id)
    if sign_up.state not in states:
        raise SignUpStateError(sign_up.state)
    return sign_up
