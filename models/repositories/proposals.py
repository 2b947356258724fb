"""Proposals of coefficients and what they would bring."""

from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from sqlalchemy import tuple_
from sqlmodel import Session, col, select

from models.repositories.by_key import group_by_key, map_by_key
from models.repositories.page import Listing, Page, PageRequest
from models.tables.proposals import (
    ClassCoefficients,
    CoefficientProposal,
    ProposalReport,
    ProposedBill,
    ProposedCoefficient,
    SimulatedYear,
)
from models.values.listing import EVERYTHING, ListWish

_NEWEST_FIRST = Listing(
    CoefficientProposal, parent="installation_id", order="created_at", newest_first=True
)

Scenario = tuple[UUID, str]
"""A proposal and the name of what was simulated: itself or a rule to compare with."""


def map_proposals(
    session: Session, *, promoter_id: UUID, proposal_ids: Collection[UUID]
) -> dict[UUID, CoefficientProposal]:
    """Read proposals by id."""
    return map_by_key(session, CoefficientProposal, proposal_ids, promoter_id=promoter_id)


def page_proposals(
    session: Session,
    *,
    promoter_id: UUID,
    installation_ids: Collection[UUID],
    request: PageRequest,
) -> dict[UUID, Page[CoefficientProposal]]:
    """Read the same page of many installations' proposals, newest first."""
    return _NEWEST_FIRST.read_pages(
        session,
        col(CoefficientProposal.promoter_id) == promoter_id,
        parent_ids=installation_ids,
        request=request,
    )


def count_proposals(
    session: Session,
    *,
    promoter_id: UUID,
    installation_ids: Collection[UUID],
    wish: ListWish = EVERYTHING,
) -> dict[UUID, int]:
    """Count the proposals of many installations."""
    tenant = col(CoefficientProposal.promoter_id) == promoter_id
    return _NEWEST_FIRST.count_rows(session, tenant, parent_ids=installation_ids, wish=wish)


def add_proposal(
    session: Session,
    proposal: CoefficientProposal,
    millionths: Mapping[UUID, int],
    parts: Iterable[SimulatedYear | ClassCoefficients | ProposedBill | ProposalReport],
) -> None:
    """Store a proposal, its coefficients in the order of the file, and what hangs on it."""
    session.add(proposal)
    session.flush()
    session.add_all(
        ProposedCoefficient(
            proposal_id=proposal.id,
            supply_point_id=supply_point_id,
            promoter_id=proposal.promoter_id,
            position=position,
            millionths=share,
        )
        for position, (supply_point_id, share) in enumerate(millionths.items())
    )
    session.add_all(parts)
    session.flush()


def find_proposal_report(
    session: Session, *, promoter_id: UUID, proposal_id: UUID, language: str
) -> ProposalReport | None:
    """Read a proposal's report in one language."""
    rows = select(ProposalReport).where(
        ProposalReport.promoter_id == promoter_id,
        ProposalReport.proposal_id == proposal_id,
        ProposalReport.language == language,
    )
    return session.exec(rows).one_or_none()


def group_proposed_coefficients(
    session: Session, *, promoter_id: UUID, proposal_ids: Collection[UUID]
) -> dict[UUID, list[ProposedCoefficient]]:
    """Read the coefficients of many proposals, in the order of the distributor's file."""
    return group_by_key(
        session,
        ProposedCoefficient,
        proposal_ids,
        promoter_id=promoter_id,
        key="proposal_id",
        order=("position", "supply_point_id"),
    )


def group_simulated_years(
    session: Session, *, promoter_id: UUID, scenarios: Collection[Scenario]
) -> dict[Scenario, list[SimulatedYear]]:
    """Read the simulated years of many scenarios, in the order of the distributor's file."""
    rows = (
        select(SimulatedYear)
        .join(
            ProposedCoefficient,
            (col(ProposedCoefficient.proposal_id) == SimulatedYear.proposal_id)
            & (col(ProposedCoefficient.supply_point_id) == SimulatedYear.supply_point_id),
        )
        .where(
            SimulatedYear.promoter_id == promoter_id,
            tuple_(col(SimulatedYear.proposal_id), col(SimulatedYear.scenario)).in_(scenarios),
        )
        .order_by(col(ProposedCoefficient.position), col(SimulatedYear.supply_point_id))
    )
    groups: dict[Scenario, list[SimulatedYear]] = {scenario: [] for scenario in scenarios}
    for year in session.exec(rows):
        groups[year.proposal_id, year.scenario].append(year)
    return groups


def group_proposed_bills(
    session: Session, *, promoter_id: UUID, proposal_ids: Collection[UUID]
) -> dict[UUID, list[ProposedBill]]:
    """Read the yearly bills of many proposals."""
    return group_by_key(
        session,
        ProposedBill,
        proposal_ids,
        promoter_id=promoter_id,
        key="proposal_id",
        order=("supply_point_id",),
    )
