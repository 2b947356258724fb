"""Confirm a sign-up by the link that was written to its address."""

from datetime import datetime

from sqlmodel import Session

from api.services.accounts.create_token import digest_token
from api.services.accounts.mailed_links import LinkDesk
from api.services.communities.find_community import require_community
from api.services.sign_ups.enter_pool import enter_pool, is_meter_new
from api.services.sign_ups.sealed_details import open_details
from api.services.sign_ups.sign_up_mails import LinkKind, mail_link
from models.repositories.public_pages import find_page
from models.repositories.sign_ups import take_confirmation
from models.values.errors import NotFoundError

LONGEST_SECRET = 200


class UnknownLinkError(NotFoundError):
    """A link opens nothing, or nothing any more; which of the two is not told."""

    def __init__(self) -> None:
        super().__init__("this link opens nothing any more: sign up again, or ask your community")


def confirm_sign_up(session: Session, *, secret: str, desk: LinkDesk, now: datetime) -> str:
    """Confirm a sign-up, once, and write to its address where to follow it.

    Where its community lets everybody in, and the meter is new and near enough, it stands in the
    reserve pool then; else its promoter decides.

    Parameters
    ----------
    session : Session
        Open writing transaction that reaches everything.
    secret : str
        What the link holds.
    desk : LinkDesk
        Where links are written.
    now : datetime
        The present instant.

    Returns
    -------
    str
        The secret by which it is followed.

    Raises
    ------
    UnknownLinkError
        If the link was used, is too old, or was never given out.
    """
    digest = digest_token(secret[:LONGEST_SECRET])
    sign_up = take_confirmation(session, sha256=digest, now=now)
    if sign_up is None:
        raise UnknownLinkError
    owner = {"promoter_id": sign_up.promoter_id, "community_id": sign_up.community_id}
    community = require_community(session, **owner)
    details = open_details(desk.keyring, sign_up)
    status_secret = mail_link(
        session,
        sign_up=sign_up,
        recipient=details.email,
        kind=LinkKind.STATUS,
        community=community.name,
        desk=desk,
        now=now,
    )
    session.flush()
    page = find_page(session, **owner)
    is_let_in = page is not None and page.is_published and page.is_open and not page.needs_approval
    is_near = sign_up.distance_m is not None
    if is_let_in and is_near and is_meter_new(session, sign_up=sign_up, details=details):
        enter_pool(session, sign_up=sign_up, details=details, now=now)
    return status_secret
