from uuid import uuid4

import numpy as np
import pytest
from sqlmodel import select

from api.services.agreements.accept_proposal import AlreadyAcceptedError, accept_proposal
from api.services.agreements.draft_agreement import (
    AlreadyDraftedError,
    CoefficientRangeError,
    CoefficientTableError,
    FileYearError,
    MembersChangedError,
    draft_of_proposal,
    draft_of_table,
)
from api.services.agreements.publish_agreement import reject_agreement, withdraw_agreement
from api.services.communities.find_plant import UnknownInstallationError
from api.services.proposals.class_coefficients import NoClassesError
from api.services.proposals.find_proposal import UnknownProposalError
from models.repositories.agreements import group_coefficients
from models.repositories.hourly_coefficients import group_hourly_coefficients
from models.session import read_session, write_session
from models.tables import (
    AgreementState,
    CoefficientMode,
    CoefficientProposal,
    DistributionAgreement,
    ProposalState,
)
from tests.support.agreements import NOW, by_cups, leave
from tests.support.stored_proposals import BY_HOUR, SHARES, store_proposal

HOURLY, CONSTANT = CoefficientMode.HOURLY, CoefficientMode.CONSTANT


def draft(engine, proposal, **options):
    with write_session(engine) as session:
        return draft_of_proposal(session, **_asked(proposal, **options))


def accept(engine, proposal, **options):
    with write_session(engine) as session:
        return accept_proposal(session, **_asked(proposal, **options))


def _asked(proposal, **options):
    asked = {"promoter_id": proposal.promoter_id, "proposal_id": proposal.id, "file_year": 2026}
    return asked | {"now": NOW} | options


def coefficients(engine, agreement):
    with read_session(engine) as session:
        tenant = {"promoter_id": agreement.promoter_id, "agreement_ids": [agreement.id]}
        rows = group_coefficients(session, **tenant)[agreement.id]
        hours = group_hourly_coefficients(session, **tenant)[agreement.id]
    return [row.millionths for row in rows], [hours.get(row.supply_point_id) for row in rows]


def close(engine, agreement, act=withdraw_agreement):
    with write_session(engine) as session:
        tenant = {"promoter_id": agreement.promoter_id, "agreement_id": agreement.id}
        act(session, **tenant, reason="a member moves out", now=NOW)


def test_a_draft_has_the_proposals_coefficients(engine, proposal):
    agreement = draft(engine, proposal)
    assert (agreement.state, agreement.mode) == (AgreementState.DRAFT, CONSTANT)
    assert (agreement.file_year, agreement.created_at) == (2026, NOW)
    assert coefficients(engine, agreement) == ([*SHARES], [None] * 3)


def test_an_hourly_draft_has_every_hour_and_their_means(engine, proposal):
    agreement = draft(engine, proposal, mode=HOURLY)
    means, hours = coefficients(engine, agreement)
    assert agreement.mode is HOURLY
    np.testing.assert_array_equal(np.stack(hours), np.tile(BY_HOUR, 365))
    # 484,988.5 and 157,511.5: of the equal remainders the first by CUPS goes up.
    assert means == [484_989, 357_500, 157_511]
    assert sum(means) == 1_000_000


def test_drafting_the_same_again_gives_the_same_draft(engine, proposal):
    first = draft(engine, proposal)
    assert draft(engine, proposal).id == first.id
    for other in ({"file_year": 2027}, {"mode": HOURLY}):
        with pytest.raises(AlreadyDraftedError, match="publish, withdraw or reject") as caught:
            draft(engine, proposal, **other)
        assert (caught.value.agreement_id, caught.value.state) == (first.id, first.state)


@pytest.mark.parametrize("act", [withdraw_agreement, reject_agreement])
def test_what_was_closed_does_not_stand_in_the_way(engine, proposal, act):
    first = draft(engine, proposal)
    close(engine, first, act)
    second = draft(engine, proposal, file_year=2027)
    close(engine, second, act)
    accepted = accept(engine, proposal)
    assert len({first.id, second.id, accepted.id}) == 3
    assert accept(engine, proposal).id == accepted.id


def test_accepting_publishes_a_draft_of_the_same(engine, proposal):
    drafted = draft(engine, proposal, mode=HOURLY)
    with pytest.raises(AlreadyDraftedError):
        accept(engine, proposal)
    accepted = accept(engine, proposal, mode=HOURLY)
    assert (accepted.id, accepted.state) == (drafted.id, AgreementState.PUBLISHED)
    for other in ({"file_year": 2027, "mode": HOURLY}, {"mode": CONSTANT}):
        with pytest.raises(AlreadyAcceptedError, match="2026 with hourly coefficients"):
            accept(engine, proposal, **other)
    with pytest.raises(AlreadyDraftedError, match="ask for a new proposal"):
        draft(engine, proposal, mode=HOURLY)
    with read_session(engine) as session:
        assert session.get_one(CoefficientProposal, proposal.id).state is ProposalState.ACCEPTED


def test_accepting_a_superseded_one_again_brings_nothing_back(engine, shared, proposal):
    first = accept(engine, proposal)
    with write_session(engine) as session:
        second = store_proposal(session, shared)
    accept(engine, second)
    assert accept(engine, proposal).id == first.id
    with read_session(engine) as session:
        states = {row.id: row.state for row in session.exec(select(DistributionAgreement))}
    assert states[first.id] is AgreementState.SUPERSEDED


def test_what_cannot_be_drafted(engine, shared, proposal):
    with write_session(engine) as session:
        plain = store_proposal(session, shared)
    for function in (draft, accept):
        with pytest.raises(FileYearError, match="2000 and 2099"):
            function(engine, proposal, file_year=1999)
        with pytest.raises(UnknownProposalError):
            function(engine, proposal, proposal_id=uuid4())
        with pytest.raises(UnknownProposalError):
            function(engine, proposal, promoter_id=uuid4())
        with pytest.raises(NoClassesError):
            function(engine, plain, mode=HOURLY)
    leave(engine, shared, 2)
    for mode in CoefficientMode:
        with pytest.raises(MembersChangedError, match="0 supply points joined and 1 left"):
            draft(engine, proposal, mode=mode)
    with read_session(engine) as session:
        assert session.exec(select(DistributionAgreement)).all() == []


def state_table(engine, shared, table, **options):
    asked = {
        "promoter_id": shared.community.promoter_id,
        "installation": shared.installation.cau,
        "file_year": 2026,
        "now": NOW,
    }
    with write_session(engine) as session:
        return draft_of_table(session, millionths=table, **(asked | options))


def test_a_stated_table_is_drafted_in_the_order_of_the_list(engine, shared):
    table = dict(reversed(by_cups(shared, [0, 400_000, 600_000]).items()))
    agreement = state_table(engine, shared, table)
    assert agreement.proposal_id is None
    assert coefficients(engine, agreement)[0] == [0, 400_000, 600_000]


def test_a_table_that_does_not_fit_is_refused(engine, shared):
    first, second, third = (point.cups for point in shared.points)
    with pytest.raises(CoefficientTableError) as caught:
        state_table(engine, shared, {first: 500_000, second: 499_999, "ES00": 0})
    assert (caught.value.missing, caught.value.unknown) == ((third,), ("ES00",))
    assert caught.value.total == 999_999
    assert str(caught.value) == (
        f"the table of coefficients has no coefficient for {third}; names ES00, who does not "
        "share here; sums to 999999 millionths, not 1000000: correct it"
    )
    for wrong in (-1, 1_000_001):
        with pytest.raises(CoefficientRangeError, match=f"of {second}, {wrong} millionths"):
            state_table(engine, shared, {first: 0, second: wrong, third: 0})
    whole = by_cups(shared, [1_000_000, 0, 0])
    with pytest.raises(FileYearError):
        state_table(engine, shared, whole, file_year=2100)
    with pytest.raises(UnknownInstallationError):
        state_table(engine, shared, whole, promoter_id=uuid4())


def test_many_who_are_missing_are_counted(engine, shared):
    with pytest.raises(CoefficientTableError) as caught:
        state_table(engine, shared, {f"X{number}": 0 for number in range(7)})
    assert "X0, X1, X2, X3, X4, and 2 more, who" in str(caught.value)


@pytest.mark.parametrize(
    ("shares", "words"),
    [
        ((500_000, 499_999, 0), "sums to 999999 millionths, not 1000000: correct it"),
        ((500_000, 500_000), "has no coefficient for ES"),
    ],
)
def test_one_thing_wrong_is_told_alone(engine, shared, shares, words):
    table = {point.cups: share for point, share in zip(shared.points, shares, strict=False)}
    with pytest.raises(CoefficientTableError) as caught:
        state_table(engine, shared, table)
    assert str(caught.value).startswith(f"the table of coefficients {words}")
    assert " and " not in str(caught.value)
