"""Studies of the reserve pool and of communities with several plants."""

from collections.abc import Collection
from typing import TypeVar
from uuid import UUID

from sqlmodel import Session, col

from models.repositories.by_key import map_by_key
from models.repositories.page import Listing, Page, PageRequest
from models.tables.studies import CandidateSuitability, Study

StudyT = TypeVar("StudyT", bound=Study)

_NEWEST_FIRST = Listing(
    CandidateSuitability, parent="reserve_application_id", order="created_at", newest_first=True
)


def map_studies(
    session: Session, *, kind: type[StudyT], promoter_id: UUID, study_ids: Collection[UUID]
) -> dict[UUID, StudyT]:
    """Read studies of one kind by id."""
    return map_by_key(session, kind, study_ids, promoter_id=promoter_id)


def page_suitabilities(
    session: Session,
    *,
    promoter_id: UUID,
    application_ids: Collection[UUID],
    request: PageRequest,
) -> dict[UUID, Page[CandidateSuitability]]:
    """Read the same page of what was found of many candidates, newest first."""
    return _NEWEST_FIRST.read_pages(
        session,
        col(CandidateSuitability.promoter_id) == promoter_id,
        parent_ids=application_ids,
        request=request,
    )


def count_suitabilities(
    session: Session, *, promoter_id: UUID, application_ids: Collection[UUID]
) -> dict[UUID, int]:
    """Count what was found of many candidates."""
    tenant = col(CandidateSuitability.promoter_id) == promoter_id
    return _NEWEST_FIRST.count_rows(session, tenant, parent_ids=application_ids)
