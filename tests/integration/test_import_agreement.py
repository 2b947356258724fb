from uuid import UUID

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from api.services.community_folders.import_report import (
    AgreementOutcome,
)
from models.repositories.agreements import draft_agreement, group_coefficients, publish_agreement
from models.session import read_session, write_session
from models.tables import (
    AgreementState,
    CoefficientProposal,
    DistributionAgreement,
    JobRun,
    Promoter,
    SelfConsumptionInstallation,
)
from tests.support.community_folders import build_community_year, make_cups
from tests.support.imports import (
    IMPORTED_AT,
    LATER,
    YEAR,
    import_year,
    load_year,
    point_of,
    rows_of,
    with_betas,
)


def _coefficients(session: Session, promoter: Promoter, agreement_id: UUID) -> list[int]:
    groups = group_coefficients(session, promoter_id=promoter.id, agreement_ids=[agreement_id])
    return [row.millionths for row in groups[agreement_id]]


@pytest.mark.parametrize(
    ("betas", "millionths"),
    [
        ((0.2, 0.3, 0.5), [200_000, 300_000, 500_000]),
        ((1 / 3, 1 / 3, 1 / 3), [333_334, 333_333, 333_333]),
        ((0.333333, 0.333333, 0.333333), [333_334, 333_333, 333_333]),
        ((0.333334, 0.333334, 0.333334), [333_334, 333_333, 333_333]),
        ((0.0, 0.0, 1.0), [0, 0, 1_000_000]),
    ],
)
def test_current_coefficients_become_an_agreement(engine: Engine, promoter, betas, millionths):
    report = import_year(engine, promoter, with_betas(YEAR, *betas))
    (agreement,) = rows_of(engine, DistributionAgreement)
    assert report.agreement == AgreementOutcome(agreement.id, is_new=True)
    assert (agreement.state, agreement.file_year) == (AgreementState.PUBLISHED, 2023)
    assert (agreement.created_at, agreement.published_at) == (IMPORTED_AT, IMPORTED_AT)
    with read_session(engine) as session:
        assert _coefficients(session, promoter, agreement.id) == millionths
    loaded = load_year(engine, promoter, report.community_id)
    assert [member.current_beta for member in loaded.members[:3]] == [
        share / 1_000_000 for share in millionths
    ]


@pytest.mark.parametrize(
    ("betas", "reason"),
    [
        ((None, None, None), "the list states no current coefficients"),
        ((0.5, None, 0.5), "1 of 3 members have no current coefficient"),
        ((0.5, 0.25, 0.2499), "the current coefficients sum to 0.999900, not 1"),
        ((0.5, 0.25, 0.250004), "the current coefficients sum to 1.000004, not 1"),
        ((1.5, -0.25, -0.25), "a current coefficient is not between 0 and 1"),
        ((0.5, 0.5, float("nan")), "a current coefficient is not between 0 and 1"),
    ],
)
def test_other_coefficients_become_none(engine: Engine, promoter, betas, reason):
    report = import_year(engine, promoter, with_betas(YEAR, *betas))
    assert report.agreement == AgreementOutcome(reason=reason)
    assert rows_of(engine, DistributionAgreement) == []


def test_several_installations_share_no_column_of_coefficients(engine: Engine, promoter):
    year = with_betas(build_community_year(n_installations=2), 0.2, 0.3, 0.5)
    report = import_year(engine, promoter, year)
    assert report.agreement.reason == (
        "the community has 2 installations, and the list does not say whose coefficients it states"
    )
    assert load_year(engine, promoter, report.community_id).members[0].current_beta is None


def test_new_coefficients_supersede(engine: Engine, promoter):
    import_year(engine, promoter, with_betas(YEAR, 0.2, 0.3, 0.5))
    report = import_year(engine, promoter, with_betas(YEAR, 0.5, 0.3, 0.2), LATER)
    assert report.agreement.is_new
    states = {row.id: row.state.value for row in rows_of(engine, DistributionAgreement)}
    assert sorted(states.values()) == ["published", "superseded"]
    assert states[report.agreement.agreement_id] == "published"


def test_an_old_list_does_not_bring_back_what_a_proposal_replaced(engine: Engine, promoter):
    year = with_betas(YEAR, 0.2, 0.3, 0.5)
    stated = import_year(engine, promoter, year).agreement.agreement_id
    accepted = _accept_proposal(engine, promoter)
    report = import_year(engine, promoter, year, LATER)
    assert report.is_unchanged
    assert report.agreement == AgreementOutcome(stated)
    (published,) = rows_of(
        engine, DistributionAgreement, DistributionAgreement.state == AgreementState.PUBLISHED
    )
    assert published.id == accepted


def _accept_proposal(engine: Engine, promoter: Promoter) -> UUID:
    (plant,) = rows_of(engine, SelfConsumptionInstallation)
    tenant = {"promoter_id": promoter.id, "created_at": IMPORTED_AT}
    with write_session(engine) as session:
        job = JobRun(kind="propose", arguments={}, **tenant)
        session.add(job)
        session.flush()
        proposal = CoefficientProposal(
            installation_id=plant.id, job_run_id=job.id, year=2023, request={}, result={}, **tenant
        )
        session.add(proposal)
        session.flush()
        agreement = DistributionAgreement(
            installation_id=plant.id, proposal_id=proposal.id, file_year=2024, **tenant
        )
        draft_agreement(session, agreement, {point_of(engine, make_cups(1)).id: 1_000_000})
        publish_agreement(session, agreement, published_at=IMPORTED_AT)
    return agreement.id
