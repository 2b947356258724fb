from datetime import timedelta
from uuid import uuid4

import pytest

from api.services.agreements.draft_agreement import MembersChangedError
from api.services.agreements.find_agreement import (
    AgreementStateError,
    ReasonError,
    UnknownAgreementError,
)
from api.services.agreements.publish_agreement import (
    publish_agreement,
    reject_agreement,
    withdraw_agreement,
)
from models.session import read_session, write_session
from models.tables import AgreementState, DistributionAgreement
from tests.support.agreements import NOW, agree, draft, leave

CLOSED = {
    withdraw_agreement: AgreementState.WITHDRAWN,
    reject_agreement: AgreementState.REJECTED,
}


def drafted(engine, shared):
    with write_session(engine) as session:
        return draft(session, shared, 500_000, 500_000, 0)


def act(engine, function, shared, agreement, **options):
    with write_session(engine) as session:
        asked = {"promoter_id": shared.community.promoter_id, "agreement_id": agreement}
        return function(session, **(asked | {"now": NOW} | options))


def read(engine, agreement_id):
    with read_session(engine) as session:
        return session.get_one(DistributionAgreement, agreement_id)


def test_the_published_one_supersedes_the_one_before(engine, shared):
    first = agree(engine, shared, 1_000_000, 0, 0)
    second = drafted(engine, shared)
    published = act(engine, publish_agreement, shared, second)
    assert (published.state, published.published_at) == (AgreementState.PUBLISHED, NOW)
    assert read(engine, first).state is AgreementState.SUPERSEDED


def test_publishing_the_agreement_in_force_again_changes_nothing(engine, shared):
    agreement_id = drafted(engine, shared)
    published = act(engine, publish_agreement, shared, agreement_id)
    leave(engine, shared, 0)
    again = act(engine, publish_agreement, shared, agreement_id, now=NOW + timedelta(days=1))
    assert again == published == read(engine, agreement_id)
    assert (again.state, again.published_at) == (AgreementState.PUBLISHED, NOW)


@pytest.mark.parametrize("function", CLOSED)
def test_a_draft_is_closed_with_its_reason(engine, shared, function):
    agreement_id = drafted(engine, shared)
    act(engine, function, shared, agreement_id, reason="no signature of M2")
    closed = read(engine, agreement_id)
    assert (closed.state, closed.closed_at) == (CLOSED[function], NOW)
    assert (closed.closed_because, closed.published_at) == ("no signature of M2", None)


@pytest.mark.parametrize("function", [publish_agreement, *CLOSED])
def test_only_a_draft_is_decided_on(engine, shared, function):
    options = {} if function is publish_agreement else {"reason": "because"}
    withdrawn, rejected = drafted(engine, shared), drafted(engine, shared)
    act(engine, withdraw_agreement, shared, withdrawn, reason="by mistake")
    act(engine, reject_agreement, shared, rejected, reason="no signature")
    superseded, published = (agree(engine, shared, 1_000_000, 0, 0) for _ in range(2))
    in_force = [] if function is publish_agreement else [published]
    for agreement_id in (withdrawn, rejected, superseded, *in_force):
        with pytest.raises(AgreementStateError, match="only one that is draft can be") as caught:
            act(engine, function, shared, agreement_id, **options)
        assert caught.value.state is read(engine, agreement_id).state


@pytest.mark.parametrize("function", [publish_agreement, *CLOSED])
def test_others_do_not_have_it(engine, shared, function):
    options = {} if function is publish_agreement else {"reason": "because"}
    agreement_id = drafted(engine, shared)
    for strange in ({"promoter_id": uuid4()}, {"agreement_id": uuid4()}):
        with pytest.raises(UnknownAgreementError):
            act(engine, function, shared, agreement_id, **(strange | options))
    assert read(engine, agreement_id).state is AgreementState.DRAFT


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501, "a\0b"])
@pytest.mark.parametrize("function", CLOSED)
def test_a_reason_says_something(engine, shared, function, reason):
    agreement_id = drafted(engine, shared)
    with pytest.raises(ReasonError, match="1 to 500 characters"):
        act(engine, function, shared, agreement_id, reason=reason)


def test_a_reason_may_have_lines(engine, shared):
    agreement_id = drafted(engine, shared)
    act(engine, reject_agreement, shared, agreement_id, reason="M1: no\nM2: no")
    assert read(engine, agreement_id).closed_because == "M1: no\nM2: no"


def test_a_draft_of_others_than_share_now_is_not_published(engine, shared):
    agreement_id = drafted(engine, shared)
    leave(engine, shared, 0)
    with pytest.raises(MembersChangedError, match="0 supply points joined and 1 left"):
        act(engine, publish_agreement, shared, agreement_id)
