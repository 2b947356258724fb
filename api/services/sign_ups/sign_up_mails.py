"""What is written to those who sign up.

No e-mail holds what somebody typed into the form: it may not be theirs to whom it goes.
"""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from uuid import uuid4

from sqlmodel import Session

from api.services.accounts.create_token import digest_token
from api.services.accounts.mailed_links import LinkDesk
from api.services.outbox.mailed_secrets import SECRET_MARK, draw_secret
from api.services.outbox.queue_message import MessageDraft, MessageKind, queue_message
from loaders.invoice_pdf.number_forms import show_day
from loaders.typst_pages import read_texts
from models.repositories.sign_ups import name_mails
from models.tables import SignUp
from models.values.language import Language

_TEXTS, _FORMS = "api.services.sign_ups.mail_texts", "loaders.invoice_pdf"
_LONGEST_SUBJECT = 200


class LinkKind(StrEnum):
    """What a link in an e-mail opens."""

    CONFIRMATION = "confirmation"
    STATUS = "status"


def mail_link(
    session: Session,
    *,
    sign_up: SignUp,
    recipient: str,
    kind: LinkKind,
    community: str,
    desk: LinkDesk,
    now: datetime,
    due_at: datetime | None = None,
) -> str:
    """Queue an e-mail whose link opens something of a sign-up, and forget what opened it before.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    sign_up : SignUp
        Of whom; it keeps the digest of the secret.
    recipient : str
        Address.
    kind : LinkKind
        What the link opens.
    community : str
        Name of the community.
    desk : LinkDesk
        Where links are written.
    now : datetime
        The present instant.
    due_at : datetime, optional
        Before which it does not go; it goes at once by default.

    Returns
    -------
    str
        The secret.
    """
    key = f"{name_mails(sign_up.id)}{kind} {uuid4().hex}"
    secret = draw_secret(desk.keyring, promoter_id=sign_up.promoter_id, idempotency_key=key)
    if kind is LinkKind.CONFIRMATION:
        sign_up.confirmation_sha256 = digest_token(secret)
    else:
        sign_up.status_sha256 = digest_token(secret)
    # What follows the mark of a fragment is not sent to any server, and so stands in no log.
    link = f"{desk.public_url.rstrip('/')}/sign-up/{kind}#{SECRET_MARK}"
    day = _show_day(sign_up.expires_at.date(), sign_up.language)
    told = {"link": link, "day": day}
    _queue(session, sign_up, recipient, key, kind.value, now, community, told, due_at)
    return secret


def mail_refusal(
    session: Session,
    *,
    sign_up: SignUp,
    recipient: str,
    community: str,
    contact: str,
    days_kept: int,
    now: datetime,
) -> None:
    """Queue the e-mail that says why a sign-up was refused.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    sign_up : SignUp
        Refused, with the reason.
    recipient : str
        Address that signed up.
    community : str
        Name of the community that they asked for.
    contact : str
        Address for questions.
    days_kept : int
        For how many more days what they sent is kept.
    now : datetime
        The present instant.
    """
    key = f"{name_mails(sign_up.id)}refusal"
    told = {"reason": sign_up.refused_because, "contact": contact, "days": days_kept}
    _queue(session, sign_up, recipient, key, "refusal", now, community, told)


def _queue(
    session: Session,
    sign_up: SignUp,
    recipient: str,
    key: str,
    name: str,
    now: datetime,
    community: str,
    told: Mapping[str, object],
    due_at: datetime | None = None,
) -> None:
    text = read_texts(_TEXTS, sign_up.language)[name]
    subject = text["subject"].format(community=community)[:_LONGEST_SUBJECT]
    draft = MessageDraft(
        kind=MessageKind.SIGN_UP,
        recipient=recipient,
        language=sign_up.language,
        subject=subject,
        text=text["text"].format(community=community, **told).strip(),
    )
    queue_message(
        session,
        promoter_id=sign_up.promoter_id,
        draft=draft,
        idempotency_key=key,
        now=now,
        due_at=due_at,
    )


def _show_day(day: date, language: Language) -> str:
    return show_day(day, read_texts(_FORMS, language)).replace("\u00a0", " ")
