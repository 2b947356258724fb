"""See how a sign-up stands, by the link that was written to its address, or withdraw it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlmodel import Session

from api.services.accounts.create_token import digest_token
from api.services.communities.find_community import require_community
from api.services.sign_ups.confirm_sign_up import LONGEST_SECRET, UnknownLinkError
from api.services.sign_ups.sealed_details import SignUpDetails, open_details
from models.keyring import Keyring
from models.repositories.reserve_pool import map_reserve_applications
from models.repositories.sign_ups import (
    count_waiting_before,
    find_by_status_link,
    withdraw_application,
)
from models.tables import ApplicationState, ReserveApplication, SignUp, SignUpState
from models.values.errors import ConflictError


class SignUpStanding(StrEnum):
    """How a sign-up stands, as who made it sees it."""

    UNDER_REVIEW = "under review"
    WAITING = "waiting"
    ADMITTED = "admitted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class DecidedSignUpError(ConflictError):
    """A sign-up cannot be withdrawn any more.

    Attributes
    ----------
    standing : SignUpStanding
        How it stands.
    """

    def __init__(self, standing: SignUpStanding) -> None:
        super().__init__(f"the sign-up is {standing}: write to the community to change that")
        self.standing = standing


@dataclass(frozen=True, slots=True)
class SignUpStatus:
    """What who signed up may know of it.

    Attributes
    ----------
    sign_up : SignUp
        The row.
    details : SignUpDetails
        What was declared.
    community : str
        Name of the community.
    standing : SignUpStanding
        How it stands.
    place_in_list : int or None
        Among those who wait, from 1; None for who does not wait.
    """

    sign_up: SignUp
    details: SignUpDetails
    community: str
    standing: SignUpStanding
    place_in_list: int | None


def read_sign_up_status(session: Session, *, secret: str, keyring: Keyring) -> SignUpStatus | None:
    """Tell how a sign-up stands.

    Parameters
    ----------
    session : Session
        Open transaction that reaches everything.
    secret : str
        What the link holds.
    keyring : Keyring
        What opens.

    Returns
    -------
    SignUpStatus or None
        None where the link opens nothing: replaced by another, forgotten, or never given out.
    """
    digest = digest_token(secret[:LONGEST_SECRET])
    sign_up = find_by_status_link(session, sha256=digest)
    return None if sign_up is None else _describe(session, sign_up, keyring)


def withdraw_sign_up(
    session: Session, *, secret: str, keyring: Keyring, now: datetime
) -> SignUpStatus:
    """Withdraw a sign-up; nothing happens to one that was withdrawn before.

    Parameters
    ----------
    session : Session
        Open writing transaction that reaches everything.
    secret : str
        What the link holds.
    keyring : Keyring
        What opens.
    now : datetime
        The present instant.

    Returns
    -------
    SignUpStatus
        How it stands then.

    Raises
    ------
    UnknownLinkError
        If the link opens nothing.
    DecidedSignUpError
        If it was refused, or shares already.
    """
    digest = digest_token(secret[:LONGEST_SECRET])
    sign_up = find_by_status_link(session, sha256=digest, holds=True)
    if sign_up is None:
        raise UnknownLinkError
    before = _describe(session, sign_up, keyring)
    if before.standing is SignUpStanding.WITHDRAWN:
        return before
    if sign_up.application_id is not None and not withdraw_application(
        session, promoter_id=sign_up.promoter_id, application_id=sign_up.application_id
    ):
        raise DecidedSignUpError(before.standing)
    if before.standing is SignUpStanding.REFUSED:
        raise DecidedSignUpError(before.standing)
    sign_up.state, sign_up.decided_at = SignUpState.WITHDRAWN, now
    session.flush()
    return _describe(session, sign_up, keyring)


def _describe(session: Session, sign_up: SignUp, keyring: Keyring) -> SignUpStatus:
    owner, key = sign_up.promoter_id, sign_up.application_id
    application = None
    if key is not None:
        found = map_reserve_applications(session, promoter_id=owner, application_ids=[key])
        application = found[key]
    standing = _judge(sign_up, application)
    place_in_list = None
    if application is not None and standing is SignUpStanding.WAITING:
        place_in_list = 1 + count_waiting_before(session, application)
    return SignUpStatus(
        sign_up=sign_up,
        details=open_details(keyring, sign_up),
        community=require_community(
            session, promoter_id=owner, community_id=sign_up.community_id
        ).name,
        standing=standing,
        place_in_list=place_in_list,
    )


def _judge(sign_up: SignUp, application: ReserveApplication | None) -> SignUpStanding:
    if sign_up.state is SignUpState.CONFIRMED:
        return SignUpStanding.UNDER_REVIEW
    if sign_up.state is not SignUpState.ACCEPTED or application is None:
        return SignUpStanding(sign_up.state.value)
    if application.state is ApplicationState.WAITING:
        return SignUpStanding.WAITING
    return SignUpStanding(application.state.value)
