"""When e-mails go to a mailbox that strangers name: the first at once, further ones hours apart."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session

from models.repositories.sign_ups import list_sign_ups_of_mailbox
from models.tables import SignUp

CONFIRMED_WITHIN = timedelta(days=7)
"""How long a sign-up waits to be confirmed, from when its e-mail goes, before it is forgotten."""

_COUNTED = timedelta(days=1)
_AT_ONCE_FROM_NETWORK = 3
_AT_ONCE_TO_MAILBOX = 12
_WAITS = (timedelta(hours=1), timedelta(hours=2), timedelta(hours=4))


def find_moment(
    session: Session, *, email_index: bytes, network_index: bytes, now: datetime
) -> datetime:
    """Find when the next e-mail to a mailbox may go.

    Of a day the first three that one network asks for go at once, and the first twelve of all
    networks; each further one an hour after the one before it, then two, then four. So a few
    networks cannot silence the mailbox of somebody else, who asks from a network of their own, nor
    fill it; two dozen of them put its next e-mail off by days.

    Parameters
    ----------
    session : Session
        Open transaction.
    email_index : bytes
        By which the mailbox is found.
    network_index : bytes
        By which the network is found that asks.
    now : datetime
        The present instant.

    Returns
    -------
    datetime
        ``now`` at the earliest.
    """
    found = list_sign_ups_of_mailbox(
        session, email_index=email_index, expires_after=now - _COUNTED + CONFIRMED_WITHIN
    )
    every = [tell_moment(each) for each in found]
    own = [tell_moment(each) for each in found if each.network_index == network_index]
    return max(_space(own, _AT_ONCE_FROM_NETWORK, now), _space(every, _AT_ONCE_TO_MAILBOX, now))


def tell_moment(sign_up: SignUp) -> datetime:
    """Tell when the e-mail of a sign-up goes, or went.

    Parameters
    ----------
    sign_up : SignUp
        The sign-up.

    Returns
    -------
    datetime
        The earliest instant.
    """
    return sign_up.expires_at - CONFIRMED_WITHIN


def _space(moments: Sequence[datetime], at_once: int, now: datetime) -> datetime:
    if len(moments) < at_once:
        return now
    wait = _WAITS[min(len(moments) - at_once, len(_WAITS) - 1)]
    return max(now, max(moments) + wait)
