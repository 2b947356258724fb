"""Promoters, and the tokens that open the API for them."""

from sqlmodel import Session, col, select

from models.tables.promoters import ApiToken, Promoter


def find_promoter(session: Session, *, name: str) -> Promoter | None:
    """Read the promoter of a name."""
    return session.exec(select(Promoter).where(Promoter.name == name)).one_or_none()


def find_only_promoter(session: Session) -> Promoter | None:
    """Read the promoter of a database that has no other."""
    found = session.exec(select(Promoter).limit(2)).all()
    return found[0] if len(found) == 1 else None


def find_token(session: Session, *, sha256: str) -> ApiToken | None:
    """Read the token of a digest: the one question asked before the promoter is known."""
    return session.exec(select(ApiToken).where(ApiToken.sha256 == sha256)).one_or_none()


def find_token_by_prefix(session: Session, *, prefix: str) -> ApiToken | None:
    """Read the token that begins with a prefix, the newest of them."""
    rows = (
        select(ApiToken).where(ApiToken.prefix == prefix).order_by(col(ApiToken.created_at).desc())
    )
    return session.exec(rows.limit(1)).one_or_none()
