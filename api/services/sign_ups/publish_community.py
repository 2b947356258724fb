"""Tell everybody of a community, or nobody any more."""

import re
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from api.services.communities.find_community import UnknownCommunityError
from models.repositories.communities import lock_known_community
from models.repositories.public_pages import find_last_notice, find_page
from models.tables import PrivacyNotice, PublicPage
from models.values.email_address import check_email
from models.values.errors import ConflictError, InvalidArgumentError

_SLUG = re.compile(r"(?=.{3,60}$)[a-z0-9]+(-[a-z0-9]+)*")
_LONGEST_TEXT, _LONGEST_NOTICE, _LONGEST_MUNICIPALITY = 2_000, 10_000, 100
_MOST_PLACES = 100_000


class UnfitSlugError(InvalidArgumentError):
    """A name of a page in addresses has another form.

    Attributes
    ----------
    slug : str
        The name that was offered.
    """

    def __init__(self, slug: str) -> None:
        super().__init__(
            f"{slug[:60]!r} is no name for an address: write 3 to 60 small letters and digits,"
            " with single hyphens between"
        )
        self.slug = slug


class UnfitPageError(InvalidArgumentError):
    """A page cannot tell this.

    Attributes
    ----------
    field : str
        What of it.
    most : int
        Most characters, or places.
    """

    def __init__(self, field: str, most: int) -> None:
        super().__init__(f"the {field} of a page is empty, unreadable or beyond {most}")
        self.field = field
        self.most = most


class TextlessPageError(InvalidArgumentError):
    """A page has a text in no language."""

    def __init__(self) -> None:
        super().__init__("a page needs its text in Spanish, Catalan or English at least")


class SlugTakenError(ConflictError):
    """Another community of this installation has a page of that name.

    Attributes
    ----------
    slug : str
        The name.
    """

    def __init__(self, slug: str) -> None:
        super().__init__(f"another page is called {slug}: choose another name")
        self.slug = slug


class MissingNoticeError(ConflictError):
    """People would hand their data in without having read what becomes of it."""

    def __init__(self) -> None:
        super().__init__(
            "sign-up needs a privacy notice: say who keeps the data, what for and for how long"
            " (GDPR, article 13)"
        )


class UnpublishedError(ConflictError):
    """A community has no page that is published."""

    def __init__(self) -> None:
        super().__init__("this community is not published")


@dataclass(frozen=True, slots=True)
class PageWish:
    """What to tell of a community.

    Attributes
    ----------
    slug : str
        Name of the page in addresses.
    municipality : str
        Where it is, at most 100 characters.
    contact_email : str
        To whom people write.
    text_es, text_ca, text_en : str or None
        What it is about in each language, one of them at least, at most 2,000 characters.
    free_places : int or None
        How many more can join, if it is told.
    is_open : bool
        Whether people can sign up.
    needs_approval : bool
        Whether the promoter lets each of them into the reserve pool.

    Raises
    ------
    UnfitSlugError, UnfitPageError, TextlessPageError, UnfitEmailError
        If something has another form.
    """

    slug: str
    municipality: str
    contact_email: str
    text_es: str | None = None
    text_ca: str | None = None
    text_en: str | None = None
    free_places: int | None = None
    is_open: bool = False
    needs_approval: bool = True

    def __post_init__(self) -> None:
        if not is_slug(self.slug):
            raise UnfitSlugError(self.slug)
        check_email(self.contact_email)
        if not self.municipality.isprintable():
            raise UnfitPageError("municipality", _LONGEST_MUNICIPALITY)
        _check_text("municipality", self.municipality, _LONGEST_MUNICIPALITY)
        texts = {"Spanish": self.text_es, "Catalan": self.text_ca, "English": self.text_en}
        if not any(texts.values()):
            raise TextlessPageError
        for language, text in texts.items():
            if text is not None:
                _check_text(f"{language} text", text, _LONGEST_TEXT)
        if self.free_places is not None and not 0 <= self.free_places <= _MOST_PLACES:
            raise UnfitPageError("number of free places", _MOST_PLACES)


def is_slug(text: str) -> bool:
    """Tell whether a page can be called so.

    Parameters
    ----------
    text : str
        Anything.

    Returns
    -------
    bool
        Whether it is 3 to 60 small letters and digits, with single hyphens between.

    Examples
    --------
    >>> is_slug("vila-solar"), is_slug("Vila Solar")
    (True, False)
    """
    return _SLUG.fullmatch(text) is not None


def publish_community(
    session: Session,
    *,
    promoter_id: UUID,
    community_id: UUID,
    wish: PageWish,
    privacy_notice: str | None = None,
    now: datetime,
) -> PublicPage:
    """Publish the page of a community, or change what it says.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    community_id : UUID
        Of which community.
    wish : PageWish
        What it says.
    privacy_notice : str, optional
        What people read before they sign up, at most 10,000 characters; another text is another
        version, and the earlier ones are kept. What was said before stays without one.
    now : datetime
        The present instant.

    Returns
    -------
    PublicPage
        The stored page.

    Raises
    ------
    UnknownCommunityError
        If the promoter has no such community.
    UnfitPageError
        If the notice is empty, unreadable or too long.
    MissingNoticeError
        If people are to sign up without one.
    SlugTakenError
        If a page of another community, of whomever, has that name.

    Notes
    -----
    Regulation (EU) 2016/679, articles 7(1) and 13.
    """
    owner: dict[str, Any] = {"promoter_id": promoter_id, "community_id": community_id}
    if lock_known_community(session, **owner) is None:
        raise UnknownCommunityError(community_id)
    notice = find_last_notice(session, **owner)
    if privacy_notice is not None and (notice is None or notice.text != privacy_notice):
        _check_text("privacy notice", privacy_notice, _LONGEST_NOTICE)
        version = 1 if notice is None else notice.version + 1
        notice = PrivacyNotice(**owner, version=version, text=privacy_notice, published_at=now)
        session.add(notice)
    if notice is None and wish.is_open:
        raise MissingNoticeError
    page = find_page(session, **owner) or PublicPage(**owner, **asdict(wish), changed_at=now)
    try:
        with session.begin_nested():
            for name, value in asdict(wish).items():
                setattr(page, name, value)
            page.is_published, page.changed_at = True, now
            session.add(page)
            session.flush()
    except IntegrityError as error:
        # The community is held, so what is there already is the name.
        raise SlugTakenError(wish.slug) from error
    return page


def unpublish_community(
    session: Session, *, promoter_id: UUID, community_id: UUID, now: datetime
) -> PublicPage:
    """Take the page of a community back; those who signed up stay.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    community_id : UUID
        Of which community.
    now : datetime
        The present instant.

    Returns
    -------
    PublicPage
        The page, which nobody finds any more.

    Raises
    ------
    UnknownCommunityError
        If the promoter has no such community.
    UnpublishedError
        If it has no page, or took it back already.
    """
    owner: dict[str, Any] = {"promoter_id": promoter_id, "community_id": community_id}
    if lock_known_community(session, **owner) is None:
        raise UnknownCommunityError(community_id)
    page = find_page(session, **owner)
    if page is None or not page.is_published:
        raise UnpublishedError
    page.is_published, page.changed_at = False, now
    session.flush()
    return page


def _check_text(field: str, text: str, most: int) -> None:
    is_plain = all(line.isprintable() for line in text.split("\n"))
    if not text.strip() or len(text) > most or not is_plain:
        raise UnfitPageError(field, most)
