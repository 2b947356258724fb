"""Whose accounts are wanted, and of which days."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session

from api.services.communities.find_community import require_community
from api.services.invoices.payment_plans import UnknownIssuerError
from loaders.table_csv import CsvDialect
from models.repositories.accounts import AccountsScope
from models.repositories.payment_plans import map_issuers
from models.values.errors import InvalidArgumentError
from models.values.period import Period

__all__ = ["AccountsWish", "CsvDialect", "NobodysAccountsError", "OpenPeriodError", "find_scope"]


class NobodysAccountsError(InvalidArgumentError):
    """Neither a community nor an issuer is named."""

    def __init__(self) -> None:
        super().__init__("name a community, an issuer, or both")


class OpenPeriodError(InvalidArgumentError):
    """The period of accounts has no end."""

    def __init__(self) -> None:
        super().__init__("the period of accounts has no end: name the day after its last")


@dataclass(frozen=True, slots=True)
class AccountsWish:
    """Whose accounts are wanted.

    Attributes
    ----------
    period : Period
        The days; it has an end.
    community_id : UUID or None
        Only what is about the members of this community.
    issuer_id : UUID or None
        Only what is in the books of this issuer.
    """

    period: Period
    community_id: UUID | None = None
    issuer_id: UUID | None = None


def find_scope(
    session: Session, *, promoter_id: UUID, wish: AccountsWish
) -> tuple[AccountsScope, str | None]:
    """Find what accounts are about.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    wish : AccountsWish
        Whose accounts.

    Returns
    -------
    tuple of AccountsScope and str or None
        What to read, and the name of the community.

    Raises
    ------
    NobodysAccountsError
        If neither a community nor an issuer is named.
    OpenPeriodError
        If the period has no end.
    UnknownCommunityError, UnknownIssuerError
        If the promoter has no such one.
    """
    if wish.community_id is None and wish.issuer_id is None:
        raise NobodysAccountsError
    if wish.period.end is None:
        raise OpenPeriodError
    name = None
    if wish.community_id is not None:
        name = require_community(
            session, promoter_id=promoter_id, community_id=wish.community_id
        ).name
    if wish.issuer_id is not None and not map_issuers(
        session, promoter_id=promoter_id, issuer_ids=[wish.issuer_id]
    ):
        raise UnknownIssuerError(wish.issuer_id)
    scope = AccountsScope(
        promoter_id, wish.period.start, wish.period.end, wish.issuer_id, wish.community_id
    )
    return scope, name
