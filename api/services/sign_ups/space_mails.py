"""When e-mails go to a mailbox that strangers name: the first at once, further ones hours apart."""

from datetime import datetime, timedelta

from sqlmodel import Session

from api.services.outbox.space_messages import AT_ONCE, COUNTED, space_message
from models.repositories.sign_ups import list_sign_ups_of_mailbox
from models.tables import SignUp

CONFIRMED_WITHIN = timedelta(days=7)
"""How long a sign-up waits to be confirmed, from when its e-mail goes, before it is forgotten."""

_AT_ONCE_TO_MAILBOX = 12


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
        session, email_index=email_index, expires_after=now - COUNTED + CONFIRMED_WITHIN
    )
    every = [tell_moment(each) for each in found]
    own = [tell_moment(each) for each in found if each.network_index == network_index]
    return max(
        space_message(own, at_once=AT_ONCE, now=now),
        space_message(every, at_once=_AT_ONCE_TO_MAILBOX, now=now),
    )


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
