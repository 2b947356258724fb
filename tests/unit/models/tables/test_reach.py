"""What a bounded session sees: of every table, and through every way of asking."""

from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, text
from sqlalchemy.orm import aliased
from sqlmodel import Session, SQLModel, col, select, update

from models import tables
from models.session import read_session, write_session
from models.tables import Community, Member, Promoter, SupplyPoint
from models.tables.columns import OfPromoter
from models.values.access import NOBODY, Reach
from tests.support.databases import RECORDED_AT, on_sqlite
from tests.support.row_keys import IDS
from tests.support.stored_once import stored_once
from tests.support.stored_records import StoredCommunity, add_community
from tests.support.table_rows import ROWS

# The conditions are the same text on either database.
pytestmark = [pytest.mark.usefixtures("database_kind"), on_sqlite]

STRANGER = Reach(uuid4())
OWNER, COMMUNITY = UUID(str(IDS["promoter"])), UUID(str(IDS["community"]))
KINDS = {kind.__tablename__: kind for kind in OfPromoter.__subclasses__()}


@dataclass(frozen=True)
class Neighbours:
    """Two communities of one promoter, and one of another."""

    first: StoredCommunity
    second: StoredCommunity
    foreign: StoredCommunity

    def reach(self, **narrow: frozenset[UUID]) -> Reach:
        return Reach(self.first.community.promoter_id, **narrow)


@stored_once
def neighbours(engine) -> Neighbours:
    with write_session(engine) as session:
        own, other = (Promoter(name=name, created_at=RECORDED_AT) for name in "PQ")
        session.add_all([own, other])
        session.flush()
        return Neighbours(
            add_community(session, own.id, number=1),
            add_community(session, own.id, number=2),
            add_community(session, other.id, number=3),
        )


def keys(session: Session, kind: type[SQLModel]) -> set[UUID]:
    return set(session.exec(select(kind.id)))


@pytest.fixture
def one_of_each(engine):
    """Store one row of every table."""
    with write_session(engine) as session:
        for name, row in ROWS.items():
            columns, values = ", ".join(row), ", ".join(f":{column}" for column in row)
            insert = text(f"INSERT INTO {name} ({columns}) VALUES ({values})")
            session.connection().execute(insert, row)
    return engine


def tables_seen(engine, reach: Reach | None) -> set[str]:
    with read_session(engine, reach) as session:
        return {name for name, kind in KINDS.items() if count(session, kind)}


def test_no_table_shows_a_row_of_another_promoter(one_of_each):
    assert tables_seen(one_of_each, STRANGER) == set()
    assert tables_seen(one_of_each, Reach(OWNER)) == tables_seen(one_of_each, None)
    assert KINDS.keys() == {
        table.name for table in SQLModel.metadata.sorted_tables if "promoter_id" in table.c
    }


def test_a_manager_of_another_community_sees_what_is_the_whole_promoters(one_of_each):
    of_all = {"invoice_issuer", "invoice_series"}
    manager = Reach(OWNER, frozenset({uuid4()}))
    assert tables_seen(one_of_each, manager) == of_all | {"creditor_account"}
    assert tables_seen(one_of_each, Reach(OWNER, frozenset(), frozenset())) == of_all


def test_a_neighbour_sees_the_community_and_nothing_of_anybody(one_of_each):
    neighbour = Reach(OWNER, frozenset({COMMUNITY}), frozenset({uuid4()}))
    seen = tables_seen(one_of_each, neighbour)
    columns = {name: SQLModel.metadata.tables[name].c for name in seen}
    assert [name for name, of in columns.items() if "member_id" in of] == []
    assert {name for name, of in columns.items() if "supply_point_id" in of} <= {"reading"}
    assert not seen & {"invoice_file", "invoice_line", "mandate_account", "fiscal_record"}


def count(session: Session, kind: type[SQLModel]) -> int:
    return session.exec(select(func.count()).select_from(kind)).one()


def test_a_promoter_reaches_all_of_its_own(engine, neighbours):
    with read_session(engine, neighbours.reach()) as session:
        assert keys(session, Community) == {
            neighbours.first.community.id,
            neighbours.second.community.id,
        }
        assert len(keys(session, SupplyPoint)) == 4


def test_nobody_reaches_nothing(engine, neighbours):
    with read_session(engine, Reach(NOBODY)) as session:
        assert keys(session, Community) == set()


def test_a_manager_reaches_its_communities(engine, neighbours):
    first = neighbours.first
    reach = neighbours.reach(community_ids=frozenset({first.community.id}))
    with read_session(engine, reach) as session:
        assert keys(session, Community) == {first.community.id}
        assert keys(session, Member) == {member.id for member in first.members}
        assert keys(session, SupplyPoint) == {point.id for point in first.points}
        assert keys(session, tables.SelfConsumptionInstallation) == {first.installation.id}
        assert len(session.exec(select(tables.Membership)).all()) == 2


def test_a_member_reaches_its_own(engine, neighbours):
    first = neighbours.first
    reach = neighbours.reach(
        community_ids=frozenset({first.community.id}), member_ids=frozenset({first.members[0].id})
    )
    with read_session(engine, reach) as session:
        assert keys(session, Community) == {first.community.id}
        assert keys(session, Member) == {first.members[0].id}
        assert keys(session, SupplyPoint) == {first.points[0].id}
        assert len(session.exec(select(tables.Membership)).all()) == 1


def test_the_reach_holds_in_every_form_of_question(engine, neighbours):
    foreign, mine = neighbours.foreign, neighbours.first.community
    other = aliased(Community)
    with write_session(engine, neighbours.reach()) as session:
        assert session.get(Community, foreign.community.id) is None
        joined = select(Member.code).join(Community, col(Community.id) == Member.community_id)
        assert session.exec(joined.where(Community.id == foreign.community.id)).all() == []
        assert session.exec(select(other).where(other.id == foreign.community.id)).all() == []
        inner = select(Member.id).where(Member.community_id == foreign.community.id).subquery()
        assert session.exec(select(func.count()).select_from(inner)).one() == 0
        session.exec(update(Community).values(name="mine"))
    with read_session(engine) as session:
        names = dict(session.exec(select(Community.id, Community.name)).all())
    assert (names[mine.id], names[foreign.community.id]) == ("mine", "Community 3")
