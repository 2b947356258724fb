"""Who may collect by direct debit, and under which mandates."""

from collections.abc import Collection
from uuid import UUID

from sqlmodel import Session, col, select

from models.repositories.by_key import group_by_key, map_by_key
from models.repositories.page import Listing, Page, PageRequest
from models.tables.mandates import CreditorAccount, Mandate, MandateAccount

_NEWEST = Listing(Mandate, parent="issuer_id", order="recorded_at", newest_first=True)


def map_creditor_accounts(
    session: Session, *, promoter_id: UUID, issuer_ids: Collection[UUID]
) -> dict[UUID, CreditorAccount]:
    """Read with which accounts issuers collect, by issuer: the last one of each."""
    rows = select(CreditorAccount).where(
        CreditorAccount.promoter_id == promoter_id,
        col(CreditorAccount.issuer_id).in_(issuer_ids),
    )
    found = session.exec(rows.order_by(col(CreditorAccount.position)))
    return {account.issuer_id: account for account in found}


def get_creditor_account(
    session: Session, *, promoter_id: UUID, account_id: UUID
) -> CreditorAccount:
    """Read an account with which an issuer collects, or has."""
    rows = select(CreditorAccount).where(
        CreditorAccount.promoter_id == promoter_id, CreditorAccount.id == account_id
    )
    return session.exec(rows).one()


def get_mandate(session: Session, *, promoter_id: UUID, mandate_id: UUID) -> Mandate | None:
    """Read a mandate that this transaction holds, for it may end it."""
    rows = (
        select(Mandate)
        .where(Mandate.promoter_id == promoter_id, Mandate.id == mandate_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return session.exec(rows).one_or_none()


def map_mandates(
    session: Session, *, promoter_id: UUID, mandate_ids: Collection[UUID]
) -> dict[UUID, Mandate]:
    """Read mandates by id."""
    return map_by_key(session, Mandate, mandate_ids, promoter_id=promoter_id)


def find_mandate(
    session: Session, *, promoter_id: UUID, issuer_id: UUID, reference: str
) -> Mandate | None:
    """Read the mandate of an issuer's reference."""
    rows = select(Mandate).where(
        Mandate.promoter_id == promoter_id,
        Mandate.issuer_id == issuer_id,
        Mandate.reference == reference,
    )
    return session.exec(rows).one_or_none()


def list_mandates(
    session: Session,
    *,
    promoter_id: UUID,
    issuer_ids: Collection[UUID],
    member_ids: Collection[UUID] | None = None,
) -> list[Mandate]:
    """Read all mandates of issuers, ended ones too, newest first; of some members when named."""
    rows = select(Mandate).where(
        Mandate.promoter_id == promoter_id, col(Mandate.issuer_id).in_(issuer_ids)
    )
    if member_ids is not None:
        rows = rows.where(col(Mandate.member_id).in_(member_ids))
    rows = rows.order_by(col(Mandate.recorded_at).desc(), col(Mandate.id))
    return list(session.exec(rows))


def group_mandate_accounts(
    session: Session, *, promoter_id: UUID, mandate_ids: Collection[UUID]
) -> dict[UUID, list[MandateAccount]]:
    """Read the accounts that mandates have named, newest first."""
    return group_by_key(
        session,
        MandateAccount,
        mandate_ids,
        promoter_id=promoter_id,
        key="mandate_id",
        order=("-position",),
    )


def map_mandate_accounts(
    session: Session, *, promoter_id: UUID, account_ids: Collection[UUID]
) -> dict[UUID, MandateAccount]:
    """Read accounts of mandates by id."""
    return map_by_key(session, MandateAccount, account_ids, promoter_id=promoter_id)


def group_holders(
    session: Session, *, promoter_id: UUID, issuer_id: UUID, member_ids: Collection[UUID]
) -> dict[UUID, set[str]]:
    """Read the names of all who have held an account of members' mandates, by member."""
    rows = (
        select(Mandate.member_id, MandateAccount.holder)
        .join(MandateAccount, col(MandateAccount.mandate_id) == Mandate.id)
        .where(
            Mandate.promoter_id == promoter_id,
            Mandate.issuer_id == issuer_id,
            col(Mandate.member_id).in_(member_ids),
        )
    )
    groups: dict[UUID, set[str]] = {key: set() for key in member_ids}
    for member_id, holder in session.exec(rows):
        groups[member_id].add(holder)
    return groups


def page_mandates(
    session: Session, *, promoter_id: UUID, issuer_ids: Collection[UUID], request: PageRequest
) -> dict[UUID, Page[Mandate]]:
    """Read the same page of many issuers' mandates, newest first."""
    return _NEWEST.read_pages(
        session,
        col(Mandate.promoter_id) == promoter_id,
        parent_ids=issuer_ids,
        request=request,
    )


def count_mandates(
    session: Session, *, promoter_id: UUID, issuer_ids: Collection[UUID]
) -> dict[UUID, int]:
    """Count the mandates of many issuers."""
    tenant = col(Mandate.promoter_id) == promoter_id
    return _NEWEST.count_rows(session, tenant, parent_ids=issuer_ids)
