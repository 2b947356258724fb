"""Distribution agreements: drafted, published once, then only superseded."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert
from sqlmodel import Session, col, select, update

from models.repositories.by_key import group_by_key, map_by_key
from models.repositories.page import Listing, Page, PageRequest
from models.tables.agreements import AgreementState, DistributionAgreement, DistributionCoefficient
from models.values.listing import EVERYTHING, ListWish

_NEWEST_FIRST = Listing(
    DistributionAgreement, parent="installation_id", order="created_at", newest_first=True
)


def map_agreements(
    session: Session, *, promoter_id: UUID, agreement_ids: Collection[UUID]
) -> dict[UUID, DistributionAgreement]:
    """Read agreements by id."""
    return map_by_key(session, DistributionAgreement, agreement_ids, promoter_id=promoter_id)


def page_agreements(
    session: Session,
    *,
    promoter_id: UUID,
    installation_ids: Collection[UUID],
    request: PageRequest,
) -> dict[UUID, Page[DistributionAgreement]]:
    """Read the same page of many installations' agreements, newest first."""
    return _NEWEST_FIRST.read_pages(
        session,
        col(DistributionAgreement.promoter_id) == promoter_id,
        parent_ids=installation_ids,
        request=request,
    )


def count_agreements(
    session: Session,
    *,
    promoter_id: UUID,
    installation_ids: Collection[UUID],
    wish: ListWish = EVERYTHING,
) -> dict[UUID, int]:
    """Count the agreements of many installations."""
    tenant = col(DistributionAgreement.promoter_id) == promoter_id
    return _NEWEST_FIRST.count_rows(session, tenant, parent_ids=installation_ids, wish=wish)


def map_published_agreements(
    session: Session, *, promoter_id: UUID, installation_ids: Collection[UUID]
) -> dict[UUID, DistributionAgreement]:
    """Read the agreement in force of each installation that has one."""
    rows = select(DistributionAgreement).where(
        DistributionAgreement.promoter_id == promoter_id,
        col(DistributionAgreement.installation_id).in_(installation_ids),
        DistributionAgreement.state == AgreementState.PUBLISHED,
    )
    return {agreement.installation_id: agreement for agreement in session.exec(rows)}


def list_agreements(
    session: Session, *, promoter_id: UUID, installation_id: UUID | None = None
) -> list[DistributionAgreement]:
    """Read the agreements of one installation or of all, newest first."""
    rows = select(DistributionAgreement).where(DistributionAgreement.promoter_id == promoter_id)
    if installation_id is not None:
        rows = rows.where(DistributionAgreement.installation_id == installation_id)
    newest = (col(DistributionAgreement.created_at).desc(), col(DistributionAgreement.id).desc())
    return list(session.exec(rows.order_by(*newest)))


def find_last_stated_agreement(
    session: Session, *, promoter_id: UUID, installation_id: UUID
) -> DistributionAgreement | None:
    """Read the newest agreement that came from the promoter's list, not from a proposal."""
    rows = (
        select(DistributionAgreement)
        .where(
            DistributionAgreement.promoter_id == promoter_id,
            DistributionAgreement.installation_id == installation_id,
            col(DistributionAgreement.proposal_id).is_(None),
        )
        .order_by(
            col(DistributionAgreement.created_at).desc(), col(DistributionAgreement.id).desc()
        )
        .limit(1)
    )
    return session.exec(rows).one_or_none()


def find_agreement_of_proposal(
    session: Session, *, promoter_id: UUID, proposal_id: UUID
) -> DistributionAgreement | None:
    """Read the agreement that came from a proposal and was neither withdrawn nor rejected."""
    rows = select(DistributionAgreement).where(
        DistributionAgreement.promoter_id == promoter_id,
        DistributionAgreement.proposal_id == proposal_id,
        col(DistributionAgreement.state).not_in(
            [AgreementState.WITHDRAWN, AgreementState.REJECTED]
        ),
    )
    return session.exec(rows).one_or_none()


def group_coefficients(
    session: Session, *, promoter_id: UUID, agreement_ids: Collection[UUID]
) -> dict[UUID, list[DistributionCoefficient]]:
    """Read the coefficients of many agreements, in the order of the distributor's file."""
    return group_by_key(
        session,
        DistributionCoefficient,
        agreement_ids,
        promoter_id=promoter_id,
        key="agreement_id",
        order=("position", "supply_point_id"),
    )


def draft_agreement(
    session: Session, agreement: DistributionAgreement, millionths: Mapping[UUID, int]
) -> None:
    """Store a draft with the millionths of each supply point, in the order of the file."""
    session.add(agreement)
    session.flush()
    shares = [
        {
            "agreement_id": agreement.id,
            "supply_point_id": supply_point_id,
            "promoter_id": agreement.promoter_id,
            "position": position,
            "millionths": share,
        }
        for position, (supply_point_id, share) in enumerate(millionths.items())
    ]
    if shares:
        session.execute(insert(DistributionCoefficient), shares)


def close_agreement(
    session: Session,
    agreement: DistributionAgreement,
    state: AgreementState,
    *,
    closed_at: datetime,
    reason: str,
) -> None:
    """Withdraw or reject a draft."""
    agreement.state = state
    agreement.closed_at = closed_at
    agreement.closed_because = reason
    session.flush()


def publish_agreement(
    session: Session, agreement: DistributionAgreement, *, published_at: datetime
) -> None:
    """Seal a draft and let it take the place of the agreement in force."""
    session.exec(
        update(DistributionAgreement)
        .where(
            col(DistributionAgreement.promoter_id) == agreement.promoter_id,
            col(DistributionAgreement.installation_id) == agreement.installation_id,
            col(DistributionAgreement.state) == AgreementState.PUBLISHED,
        )
        .values(state=AgreementState.SUPERSEDED)
    )
    agreement.state = AgreementState.PUBLISHED
    agreement.published_at = published_at
    session.flush()
