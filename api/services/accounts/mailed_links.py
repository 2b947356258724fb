"""Links that people get by e-mail and that work once; only the digest of each is kept."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from sqlmodel import Session

from api.policies import LINK_LASTS, MOST_LINKS_AN_HOUR
from api.services.accounts.create_token import digest_token
from api.services.accounts.link_texts import write_link_mail
from api.services.outbox.mailed_secrets import SECRET_MARK, draw_secret
from api.services.outbox.queue_message import MessageDraft, MessageKind, queue_message
from models.keyring import Keyring
from models.repositories.one_time_links import count_links, find_live_link, use_link
from models.repositories.promoters import get_promoter
from models.repositories.user_accounts import hold_account
from models.tables import LinkPurpose, OneTimeLink, UserAccount
from models.values.errors import CommunityError, ErrorCode, UnsetSettingError
from models.values.language import Language

_HOUR = timedelta(hours=1)
_LONGEST_SECRET = 200


class NoPublicAddressError(UnsetSettingError):
    """Nobody has said under which address people reach this installation."""

    def __init__(self) -> None:
        super().__init__("links need an address to lead to: set REPARTO_PUBLIC_URL")


class DeadLinkError(CommunityError):
    """A link opens nothing: unknown, used, expired or of another kind; which is not told."""

    code = ErrorCode.UNAUTHENTICATED

    def __init__(self) -> None:
        super().__init__("this link opens nothing any more: ask for a new one")


@dataclass(frozen=True, slots=True)
class LinkDesk:
    """Where links are written.

    Attributes
    ----------
    keyring : Keyring
        What their secrets are drawn with.
    public_url : str
        The address below which they lead.
    language : Language
        What people read who have chosen nothing.
    """

    keyring: Keyring
    public_url: str
    language: Language


@dataclass(frozen=True, slots=True)
class SentLink:
    """A link that waits to be sent.

    Attributes
    ----------
    link : OneTimeLink
        What is kept of it.
    address : str
        The whole of it, secret and all.
    """

    link: OneTimeLink
    address: str


def send_link(
    session: Session,
    *,
    account: UserAccount,
    purpose: LinkPurpose,
    desk: LinkDesk,
    now: datetime,
    email: str | None = None,
    due_at: datetime | None = None,
) -> SentLink:
    """Make a link for an account and queue the e-mail that carries it.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    account : UserAccount
        Whose; of a promoter, in whose outbox it goes.
    purpose : LinkPurpose
        What it opens.
    desk : LinkDesk
        Where it is written.
    now : datetime
        The present instant.
    email : str, optional
        The address that it confirms, to which it goes; that of the account else.
    due_at : datetime, optional
        Before which it does not go, and from which on it lasts; it goes at once by default.

    Returns
    -------
    SentLink
        The link. Its secret stands neither in its row nor in the text of the e-mail: it is drawn
        from the keys again when that leaves. It follows a ``#``, which browsers tell no server.
    """
    assert account.promoter_id is not None, "an operator has no outbox"
    key = uuid4()
    idempotency_key = f"{purpose}:{key}"
    secret = draw_secret(
        desk.keyring, promoter_id=account.promoter_id, idempotency_key=idempotency_key
    )
    link = OneTimeLink(
        id=key,
        promoter_id=account.promoter_id,
        account_id=account.id,
        purpose=purpose,
        sha256=digest_token(secret),
        email=email,
        created_at=now,
        expires_at=(due_at or now) + LINK_LASTS[purpose],
    )
    session.add(link)
    session.flush()
    place = f"{desk.public_url.rstrip('/')}/{purpose}#"
    promoter = get_promoter(session, promoter_id=account.promoter_id)
    draft = _draft_mail(account, link, desk, promoter.name, place + SECRET_MARK)
    queue_message(
        session,
        promoter_id=account.promoter_id,
        draft=draft,
        idempotency_key=idempotency_key,
        now=now,
        due_at=due_at,
    )
    return SentLink(link, place + secret)


def _draft_mail(
    account: UserAccount, link: OneTimeLink, desk: LinkDesk, promoter_name: str, address: str
) -> MessageDraft:
    """Write the e-mail that carries a link, in the language of whoever reads it."""
    language = account.language or desk.language
    subject, text = write_link_mail(
        link.purpose,
        language,
        account=account,
        promoter_name=promoter_name,
        address=address,
        lasts=LINK_LASTS[link.purpose],
    )
    recipient = link.email or account.email
    return MessageDraft(MessageKind(link.purpose.value), recipient, language, subject, text)


def was_sent_enough(
    session: Session, *, account: UserAccount, purpose: LinkPurpose, now: datetime
) -> bool:
    """Tell whether an account got as many links of one kind in the last hour as it may.

    Parameters
    ----------
    session : Session
        Open transaction that holds the account.
    account : UserAccount
        Whose.
    purpose : LinkPurpose
        Which kind.
    now : datetime
        The present instant.

    Returns
    -------
    bool
        Whether there is to be no other for a while.
    """
    sent = count_links(session, account_id=account.id, purpose=purpose, since=now - _HOUR)
    return sent >= MOST_LINKS_AN_HOUR


def check_link(session: Session, *, secret: str, purpose: LinkPurpose, now: datetime) -> None:
    """Refuse a link that opens nothing, before anything is done that takes long.

    Parameters
    ----------
    session : Session
        Open transaction.
    secret : str
        What the link holds.
    purpose : LinkPurpose
        What it is shown for.
    now : datetime
        The present instant.

    Raises
    ------
    DeadLinkError
        If it opens nothing.
    """
    if find_live_link(session, sha256=_digest(secret), purpose=purpose, at=now) is None:
        raise DeadLinkError


def take_link(
    session: Session, *, secret: str, purpose: LinkPurpose, now: datetime
) -> tuple[OneTimeLink, UserAccount]:
    """Use a link up, once among all who try, and hold the account that it is of.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    secret : str
        What the link holds.
    purpose : LinkPurpose
        What it is shown for.
    now : datetime
        The present instant.

    Returns
    -------
    OneTimeLink
        The link.
    UserAccount
        Whose it is.

    Raises
    ------
    DeadLinkError
        If it opens nothing, or its account is disabled.
    """
    digest = _digest(secret)
    link = find_live_link(session, sha256=digest, purpose=purpose, at=now)
    if link is None:
        raise DeadLinkError
    # Whoever holds an account may end its links: it comes first here too.
    account = hold_account(session, account_id=link.account_id)
    is_ours = use_link(session, sha256=digest, purpose=purpose, used_at=now)
    if not is_ours or account.disabled_at is not None:
        raise DeadLinkError
    return link, account


def _digest(secret: str) -> str:
    return digest_token(secret[:_LONGEST_SECRET])
