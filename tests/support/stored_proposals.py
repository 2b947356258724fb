"""A stored proposal with coefficients by class of hours, as a plan would leave it."""

import numpy as np
import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from models.repositories.class_coefficients import pack_classes
from models.repositories.proposals import add_proposal
from models.session import write_session
from models.tables import ClassCoefficients, CoefficientProposal, JobRun
from tests.support.databases import RECORDED_AT
from tests.support.stored_records import StoredCommunity

SHARES = (500_000, 300_000, 200_000)
"""Its constant coefficients."""

BY_HOUR = np.array(
    [
        np.full(24, 600_000) - np.arange(24) * 10_001,
        np.full(24, 300_000) + np.arange(24) * 5_000,
        np.full(24, 100_000) + np.arange(24) * 5_001,
    ]
)
"""Its coefficients by the hour of the day, shape (3, 24)."""


@pytest.fixture
def proposal(engine: Engine, shared: StoredCommunity) -> CoefficientProposal:
    """Store a proposal with constant coefficients and ones by the hour of the day."""
    with write_session(engine) as session:
        return store_proposal(session, shared, by_hour=BY_HOUR)


def store_proposal(
    session: Session, stored: StoredCommunity, by_hour: np.ndarray | None = None
) -> CoefficientProposal:
    """Store a proposal of the stored community's plant."""
    tenant = {"promoter_id": stored.community.promoter_id, "created_at": RECORDED_AT}
    job = JobRun(kind="propose_coefficients", arguments={}, **tenant)
    session.add(job)
    session.flush()
    classes = None if by_hour is None else {"kind": "hour"}
    made = CoefficientProposal(
        installation_id=stored.installation.id,
        job_run_id=job.id,
        year=2023,
        request={},
        result={"classes": classes, "cau": stored.installation.cau},
        **tenant,
    )
    ids = [point.id for point in stored.points]
    rows = (
        []
        if by_hour is None
        else [
            ClassCoefficients(
                proposal_id=made.id,
                supply_point_id=point_id,
                promoter_id=made.promoter_id,
                class_count=24,
                millionths=pack_classes(shares),
            )
            for point_id, shares in zip(ids, by_hour, strict=True)
        ]
    )
    add_proposal(session, made, dict(zip(ids, SHARES, strict=True)), rows)
    return made
