"""Promoters, and the tokens that open the API for them."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import Session, col, or_, select, update

from models.repositories.by_key import map_by_key
from models.repositories.page import Listing, Page, PageRequest
from models.tables.promoters import ApiToken, Promoter

_TOKEN_OF_DIGEST = select(ApiToken).where(ApiToken.sha256 == bindparam("sha256"))
"""Asked by every request, so it is put together once."""

_TOKENS = Listing(ApiToken, parent="promoter_id", order="created_at", newest_first=True)


def find_promoter(session: Session, *, name: str) -> Promoter | None:
    """Read the promoter of a name."""
    return session.exec(select(Promoter).where(Promoter.name == name)).one_or_none()


def get_promoter(session: Session, *, promoter_id: UUID) -> Promoter:
    """Read a promoter that is there."""
    return session.get_one(Promoter, promoter_id)


def hold_promoter(session: Session, *, promoter_id: UUID) -> None:
    """Let nobody else who holds the promoter go on before this transaction has ended.

    Whoever adds rows of the promoter does not wait.
    """
    rows = select(Promoter.id).where(Promoter.id == promoter_id)
    session.exec(rows.with_for_update(key_share=True)).one()


def list_promoters(session: Session) -> list[Promoter]:
    """Read every promoter, by name."""
    return list(session.exec(select(Promoter).order_by(Promoter.name)))


def find_only_promoter(session: Session) -> Promoter | None:
    """Read the promoter of a database that has no other."""
    found = session.exec(select(Promoter).limit(2)).all()
    return found[0] if len(found) == 1 else None


def find_token(session: Session, *, sha256: str) -> ApiToken | None:
    """Read the token of a digest: the one question asked before the promoter is known."""
    return session.scalars(_TOKEN_OF_DIGEST, {"sha256": sha256}).one_or_none()


def get_token(session: Session, *, token_id: UUID | None) -> ApiToken:
    """Read a token that is there."""
    return session.get_one(ApiToken, token_id)


def find_token_by_prefix(session: Session, *, prefix: str) -> ApiToken | None:
    """Read the token that begins with a prefix, the newest of them."""
    rows = (
        select(ApiToken).where(ApiToken.prefix == prefix).order_by(col(ApiToken.created_at).desc())
    )
    return session.exec(rows.limit(1)).one_or_none()


def hold_token(session: Session, *, promoter_id: UUID, token_id: UUID) -> ApiToken | None:
    """Read a token that this transaction holds, for it may take it back."""
    rows = select(ApiToken).where(ApiToken.promoter_id == promoter_id, ApiToken.id == token_id)
    return session.exec(rows.with_for_update()).one_or_none()


def map_tokens(
    session: Session, *, promoter_id: UUID, token_ids: Collection[UUID]
) -> dict[UUID, ApiToken]:
    """Read tokens by id."""
    return map_by_key(session, ApiToken, token_ids, promoter_id=promoter_id)


def page_tokens(
    session: Session, *, promoter_id: UUID, promoter_ids: Collection[UUID], request: PageRequest
) -> dict[UUID, Page[ApiToken]]:
    """Read the same page of promoters' tokens, newest first."""
    tenant = col(ApiToken.promoter_id) == promoter_id
    return _TOKENS.read_pages(session, tenant, parent_ids=promoter_ids, request=request)


def count_tokens(
    session: Session, *, promoter_id: UUID, promoter_ids: Collection[UUID]
) -> dict[UUID, int]:
    """Count promoters' tokens."""
    tenant = col(ApiToken.promoter_id) == promoter_id
    return _TOKENS.count_rows(session, tenant, parent_ids=promoter_ids)


def list_tokens(session: Session, *, promoter_id: UUID) -> list[ApiToken]:
    """Read a promoter's tokens, newest first."""
    rows = select(ApiToken).where(ApiToken.promoter_id == promoter_id)
    return list(session.exec(rows.order_by(col(ApiToken.created_at).desc(), col(ApiToken.id))))


def note_token(
    session: Session, *, token_id: UUID, used_at: datetime, unused_since: datetime
) -> None:
    """Note that a token is in use, unless somebody has done so lately."""
    last = col(ApiToken.last_used_at)
    rows = update(ApiToken).where(
        col(ApiToken.id) == token_id, or_(last.is_(None), last <= unused_since)
    )
    session.exec(rows.values(last_used_at=used_at))
