"""A stored proposal with coefficients by class of hours, as a plan would leave it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import Engine
from sqlmodel import Session, select

from models.repositories.agreements import draft_agreement, publish_agreement
from models.repositories.class_coefficients import pack_classes
from models.repositories.memberships import group_open_memberships
from models.repositories.proposals import add_proposal
from models.session import write_session
from models.tables import (
    ClassCoefficients,
    CoefficientProposal,
    DistributionAgreement,
    JobRun,
    Promoter,
    SelfConsumptionInstallation,
)
from tests.support.databases import RECORDED_AT
from tests.support.stored_once import stored_once
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


@stored_once
def proposal(engine: Engine, shared: StoredCommunity) -> CoefficientProposal:
    """Store a proposal with constant coefficients and ones by the hour of the day."""
    with write_session(engine) as session:
        return store_proposal(session, shared, by_hour=BY_HOUR)


def store_proposal(
    session: Session, stored: StoredCommunity, by_hour: np.ndarray | None = None
) -> CoefficientProposal:
    """Store a proposal of the stored community's plant."""
    classes = None if by_hour is None else {"kind": "hour"}
    result = {"classes": classes, "cau": stored.installation.cau}
    made = _make_proposal(session, stored.installation, result)
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


def store_plain_agreement(
    engine: Engine, promoter: Promoter, shares: Sequence[int], *, from_proposal: bool = False
) -> UUID:
    """Publish an agreement of all who share in the only plant, in the order of the list."""
    with write_session(engine) as session:
        plant = session.exec(select(SelfConsumptionInstallation)).one()
        rows = group_open_memberships(
            session, promoter_id=promoter.id, installation_ids=[plant.id]
        )[plant.id]
        made = None
        if from_proposal:
            made = _make_proposal(session, plant, {})
            session.add(made)
            session.flush()
        agreement = DistributionAgreement(
            promoter_id=promoter.id,
            installation_id=plant.id,
            proposal_id=made and made.id,
            file_year=2023,
            created_at=RECORDED_AT,
        )
        ids = [row.supply_point_id for row in rows]
        draft_agreement(session, agreement, dict(zip(ids, shares, strict=True)))
        publish_agreement(session, agreement, published_at=RECORDED_AT)
    return agreement.id


def _make_proposal(
    session: Session, plant: SelfConsumptionInstallation, result: dict[str, Any]
) -> CoefficientProposal:
    tenant = {"promoter_id": plant.promoter_id, "created_at": RECORDED_AT}
    job = JobRun(kind="propose_coefficients", arguments={}, **tenant)
    session.add(job)
    session.flush()
    return CoefficientProposal(
        installation_id=plant.id,
        job_run_id=job.id,
        year=2023,
        request={},
        result=result,
        **tenant,
    )
