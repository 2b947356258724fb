"""Plan coefficients for an installation and keep them as a proposal."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from uuid import UUID

from sqlmodel import Session

from api.services.communities.find_community import require_community
from api.services.communities.find_plant import find_plant
from api.services.communities.load_community_year import load_community_year
from api.services.communities.narrow_community import narrow_community
from api.services.jobs.run_jobs import RunningJob
from api.services.proposals.class_coefficients import leave_out_class_betas
from api.services.proposals.describe_proposal import describe_proposal
from api.services.proposals.hand_out import render_report
from api.services.proposals.plan_coefficients import PlannedYear, plan_coefficients
from api.services.proposals.request_proposal import read_plan_request
from api.services.proposals.retail_year import RetailSources, read_retail_sources
from api.services.proposals.settled_months import count_millionths
from loaders.records import CommunityYear
from models.repositories.class_coefficients import pack_classes
from models.repositories.memberships import group_open_memberships
from models.repositories.proposals import add_proposal
from models.repositories.supply_points import map_supply_points, map_supply_points_by_cups
from models.session import read_session
from models.tables import (
    ClassCoefficients,
    CoefficientProposal,
    ProposalReport,
    ProposedBill,
    SelfConsumptionInstallation,
    SimulatedYear,
)
from models.values.language import Language


def run_proposal(job: RunningJob) -> None:
    """Plan what a job asks for, and store the proposal with the end of the job.

    Parameters
    ----------
    job : RunningJob
        Of the kind ``propose_coefficients``.

    Raises
    ------
    UnknownInstallationError
        If the installation is gone.
    MissingYearError, MissingMonthsError, MissingPricesError, MixedStepsError, DamagedMonthError
        If the year cannot be assembled.
    GoalError, MissingPricesError, LimitError, LimitsDocumentError, UnknownMembersError,
    InfeasiblePlanError, UnprovenError
        If the plan fails: see ``plan_coefficients``.
    LostClaimError
        If another worker took the job; nothing is stored.
    """
    job.report(0.0, "loading the year")
    arguments = job.arguments
    installation_id = UUID(arguments["installation_id"])
    with read_session(job.engine) as session:
        community = load_installation_year(
            session,
            promoter_id=job.promoter_id,
            installation_id=installation_id,
            year=arguments["year"],
            accepts_gaps=arguments.get("fill_gaps", False),
        )
        sources = _read_sources(session, job.promoter_id, installation_id, community)
    plan = plan_coefficients(
        community=community,
        request=read_plan_request(arguments),
        sources=sources,
        progress=lambda share, stage: job.report(0.1 + 0.8 * share, stage),
    )
    job.report(0.9, "drawing the report")
    made_at = job.clock()
    drawn = {
        language: render_report(plan, created_at=made_at, language=language)
        for language in Language
    }
    job.report(0.95, "storing the proposal")
    proposal = CoefficientProposal(
        promoter_id=job.promoter_id,
        installation_id=installation_id,
        job_run_id=job.claim.job_id,
        year=plan.community.year,
        request=job.arguments,
        result=leave_out_class_betas(describe_proposal(plan)),
        created_at=made_at,
    )
    with job.storing() as session:
        _store(session, proposal, plan, drawn)
        job.complete(session, result_id=proposal.id)


def load_installation_year(
    session: Session,
    *,
    promoter_id: UUID,
    installation_id: UUID,
    year: int,
    accepts_gaps: bool = False,
) -> CommunityYear:
    """Assemble the year of one installation and of those who share in it.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    installation_id : UUID
        The plant.
    year : int
        Local calendar year.
    accepts_gaps : bool
        Whether consumption that was not measured becomes NaN, instead of an error.

    Returns
    -------
    CommunityYear
        With this installation alone; of a community with several, only with its own members.

    Raises
    ------
    UnknownInstallationError
        If the promoter has no such installation.
    MissingYearError, MissingMonthsError, MissingPricesError, MixedStepsError, DamagedMonthError
        If the year cannot be assembled.
    """
    plant = find_plant(session, promoter_id=promoter_id, installation=installation_id)
    community = load_community_year(
        session,
        promoter_id=promoter_id,
        community_id=plant.community_id,
        year=year,
        accepts_gaps=accepts_gaps,
    )
    if len(community.installations) == 1:
        return community
    cups = _sharing_cups(session, plant)
    caus: list[str] = [installation.cau for installation in community.installations]
    rows = [row for row, member in enumerate(community.members) if member.cups in cups]
    return narrow_community(community, caus.index(plant.cau), rows)


def _read_sources(
    session: Session, promoter_id: UUID, installation_id: UUID, year: CommunityYear
) -> RetailSources:
    """Read what is stored of the contracts of those on a plant's list."""
    plant = find_plant(session, promoter_id=promoter_id, installation=installation_id)
    community = require_community(session, promoter_id=promoter_id, community_id=plant.community_id)
    return read_retail_sources(session, community=community, members=year.members, year=year.year)


def _sharing_cups(session: Session, plant: SelfConsumptionInstallation) -> set[str]:
    """List who shares in one plant of several."""
    owner = plant.promoter_id
    rows = group_open_memberships(session, promoter_id=owner, installation_ids=[plant.id])
    ids = [row.supply_point_id for row in rows[plant.id]]
    points = map_supply_points(session, promoter_id=owner, supply_point_ids=ids)
    return {point.cups for point in points.values()}


def _store(
    session: Session,
    proposal: CoefficientProposal,
    plan: PlannedYear,
    drawn: Mapping[Language, bytes],
) -> None:
    """Keep the proposal, its coefficients by class, every scenario's months, and the reports."""
    owner = proposal.promoter_id
    points = map_supply_points_by_cups(
        session, promoter_id=owner, cups=[member.cups for member in plan.members]
    )
    ids = [points[member.cups].id for member in plan.members]
    counted = {name: count_millionths(settled) for name, settled in plan.scenarios.items()}
    years = [
        SimulatedYear(
            proposal_id=proposal.id,
            supply_point_id=point_id,
            scenario=scenario,
            promoter_id=owner,
            months={name: amounts[row].tolist() for name, amounts in months.items()},
        )
        for scenario, months in counted.items()
        for row, point_id in enumerate(ids)
    ]
    reports = [
        ProposalReport(
            proposal_id=proposal.id,
            language=language.value,
            promoter_id=owner,
            sha256=sha256(content).hexdigest(),
            content=content,
        )
        for language, content in drawn.items()
    ]
    shares = dict(zip(ids, plan.millionths.tolist(), strict=True))
    by_class = _pack_classes(proposal, plan, ids)
    bills = _list_bills(proposal, plan, ids)
    add_proposal(session, proposal, shares, [*years, *by_class, *bills, *reports])


def _list_bills(
    proposal: CoefficientProposal, plan: PlannedYear, supply_point_ids: Sequence[UUID]
) -> list[ProposedBill]:
    """List the yearly bills, if they were made, one row a supply point."""
    bills = plan.billed.bills
    if bills is None:
        return []
    rows = []
    for row, point_id in enumerate(supply_point_ids):
        months = {name: cents[row].tolist() for name, cents in bills.scenarios().items()}
        sums = {f"{name}_cents": sum(cents) for name, cents in months.items()}
        bill = ProposedBill(
            proposal_id=proposal.id,
            supply_point_id=point_id,
            promoter_id=proposal.promoter_id,
            months=months,
            **sums,
        )
        rows.append(bill)
    return rows


def _pack_classes(
    proposal: CoefficientProposal, plan: PlannedYear, supply_point_ids: Sequence[UUID]
) -> list[ClassCoefficients]:
    """Pack the coefficients by class, if there are any, one row a supply point."""
    if plan.by_class is None:
        return []
    return [
        ClassCoefficients(
            proposal_id=proposal.id,
            supply_point_id=point_id,
            promoter_id=proposal.promoter_id,
            class_count=shares.size,
            millionths=pack_classes(shares),
        )
        for point_id, shares in zip(supply_point_ids, plan.by_class.choice.millionths, strict=True)
    ]
