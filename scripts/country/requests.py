"""What a promoter asks of every community: take its month in, share it out, plan."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from api.services.file_imports.file_import_wish import FileImportWish
from api.services.file_imports.request_file_import import request_file_import
from api.services.jobs.request_job import JobKind, request_job
from api.services.proposals.request_proposal import ProposalWish, request_proposal
from models.tables import JobRun
from models.values.coefficient import MILLIONTHS
from planner.coefficients.rules import Rule
from planner.goal import Objective
from scripts.country.population import YEAR
from scripts.country.settle import SettledCommunity


def ask_for_import(
    session: Session, promoter_id: UUID, community: SettledCommunity, now: datetime
) -> JobRun:
    """Queue the import of the archive with the community's month."""
    return request_file_import(
        session,
        promoter_id=promoter_id,
        community_id=community.community_id,
        upload_id=community.upload_id,
        wish=FileImportWish(),
        idempotency_key=None,
        now=now,
    )


def ask_for_allocation(
    session: Session, promoter_id: UUID, community: SettledCommunity, now: datetime
) -> JobRun:
    """Queue what the nightly turn asks for."""
    return request_job(
        session,
        promoter_id=promoter_id,
        kind=JobKind.ALLOCATE_MONTHS,
        arguments={"community_id": str(community.community_id)},
        idempotency_key=None,
        now=now,
    )


def ask_for_plan(
    session: Session, promoter_id: UUID, community: SettledCommunity, now: datetime
) -> JobRun:
    """Queue a proposal of coefficients for the year."""
    wish = ProposalWish(
        installation=community.cau,
        year=YEAR,
        objective=Objective.SELF_CONSUMPTION,
        floor_share=None,
        reference=Rule.CONSUMPTION,
        min_millionths=0,
        max_millionths=MILLIONTHS,
    )
    return request_proposal(
        session, promoter_id=promoter_id, wish=wish, idempotency_key=None, now=now
    )
