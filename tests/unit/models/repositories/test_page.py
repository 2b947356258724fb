from uuid import uuid4

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from models.repositories.agreements import count_agreements, draft_agreement, page_agreements
from models.repositories.communities import count_communities, page_communities
from models.repositories.members import count_members, page_members
from models.repositories.page import PageRequest
from models.session import read_session, write_session
from models.tables import DistributionAgreement, Promoter
from tests.support.databases import RECORDED_AT
from tests.support.queries import count_queries
from tests.support.stored_records import add_community


def _walk(session: Session, promoter: Promoter, community_id, first: int) -> list[str]:
    """Read page after page until nothing follows."""
    codes: list[str] = []
    request = PageRequest(first)
    while True:
        pages = page_members(
            session, promoter_id=promoter.id, community_ids=[community_id], request=request
        )
        page = pages[community_id]
        codes += [member.code for member in page.items]
        if not page.has_next:
            return codes
        assert len(page.items) == len(page.keys) == first
        request = PageRequest(first, page.keys[-1])


@pytest.mark.parametrize("first", [1, 2, 3, 4, 5, 6, 100])
def test_pages_walk_through_a_whole_list(engine: Engine, promoter: Promoter, first):
    with write_session(engine) as session:
        stored = add_community(session, promoter.id, n_members=5)
    with read_session(engine) as session:
        assert _walk(session, promoter, stored.community.id, first) == [
            "M1",
            "M2",
            "M3",
            "M4",
            "M5",
        ]


def test_equal_values_go_by_id(engine: Engine, promoter: Promoter):
    with write_session(engine) as session:
        for number in range(1, 6):
            add_community(session, promoter.id, number=number).community.name = "Same"
    seen, request = [], PageRequest(2)
    with read_session(engine) as session:
        for _ in range(3):
            page = page_communities(session, promoter_id=promoter.id, request=request)
            seen += [community.id for community in page.items]
            request = PageRequest(2, page.keys[-1])
        assert count_communities(session, promoter_id=promoter.id) == 5
    assert seen == sorted(seen, key=lambda identifier: identifier.hex)
    assert len(set(seen)) == 5
    assert not page.has_next


def test_newest_first(engine: Engine, promoter: Promoter):
    with write_session(engine) as session:
        stored = add_community(session, promoter.id)
        for day in (2, 3, 1):
            agreement = DistributionAgreement(
                promoter_id=promoter.id,
                installation_id=stored.installation.id,
                file_year=2020 + day,
                created_at=RECORDED_AT.replace(day=day),
            )
            draft_agreement(session, agreement, {})
    plant = stored.installation.id
    with read_session(engine) as session:
        years, request = [], PageRequest(2)
        for _ in range(2):
            page = page_agreements(
                session, promoter_id=promoter.id, installation_ids=[plant], request=request
            )[plant]
            years += [agreement.file_year for agreement in page.items]
            request = PageRequest(2, page.keys[-1])
        counts = count_agreements(session, promoter_id=promoter.id, installation_ids=[plant])
    assert years == [2023, 2022, 2021]
    assert counts == {plant: 3}


@pytest.mark.parametrize("n_communities", [1, 4])
def test_many_parents_take_one_query(engine: Engine, promoter: Promoter, n_communities):
    with write_session(engine) as session:
        stored = [
            add_community(session, promoter.id, number=number + 1, n_members=number + 1)
            for number in range(n_communities)
        ]
    ids = [one.community.id for one in stored]
    stranger = uuid4()
    tenant = {"promoter_id": promoter.id, "community_ids": [*ids, stranger]}
    with read_session(engine) as session, count_queries(engine) as queries:
        pages = page_members(session, **tenant, request=PageRequest(2))
        counts = count_members(session, **tenant)
    assert len(queries) == 2
    assert [len(pages[key].items) for key in ids] == [1, 2, 2, 2][:n_communities]
    assert [pages[key].has_next for key in ids] == [False, False, True, True][:n_communities]
    assert (pages[stranger].items, pages[stranger].has_next) == ((), False)
    assert counts == {**{key: n + 1 for n, key in enumerate(ids)}, stranger: 0}


def test_another_promoter_sees_nothing(engine: Engine, promoter, other_promoter):
    with write_session(engine) as session:
        stored = add_community(session, promoter.id)
    key = stored.community.id
    tenant = {"promoter_id": other_promoter.id, "community_ids": [key]}
    with read_session(engine) as session:
        assert page_members(session, **tenant, request=PageRequest(5))[key].items == ()
        assert count_members(session, **tenant) == {key: 0}
        page = page_communities(session, promoter_id=other_promoter.id, request=PageRequest(5))
        assert (page.items, page.keys, page.has_next) == ((), (), False)
