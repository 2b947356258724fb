"""However many coefficients are corrected at once, the database is written to as often."""

from datetime import date

from sqlmodel import select

from api.services.agreements.record_application import correct_applications, remove_applications
from models.session import read_session, write_session
from models.tables import AppliedCoefficient
from tests.support.agreements import NOW, agree, apply
from tests.support.databases import on_sqlite
from tests.support.queries import count_queries

pytestmark = on_sqlite

JANUARY, MARCH, MAY = (date(2026, month, 1) for month in (1, 3, 5))


def test_writes_are_as_many_for_one_as_for_all(engine, shared):
    apply(engine, shared, agree(engine, shared, 500000, 300000, 200000), JANUARY)
    apply(engine, shared, agree(engine, shared, 200000, 300000, 500000), MARCH)
    with read_session(engine) as session:
        rows = session.exec(
            select(AppliedCoefficient.id).where(AppliedCoefficient.valid_from == MARCH)
        ).all()
    asked = {"promoter_id": shared.community.promoter_id, "reason": "a letter", "now": NOW}
    counts = []
    for keys in (rows[:1], rows[1:]):
        moved = asked | {"applied_ids": keys}
        with count_queries(engine) as statements, write_session(engine) as session:
            correct_applications(session, valid_from=MAY, valid_until=None, **moved)
            remove_applications(session, **moved)
        counts.append(sum(not each.startswith("SELECT") for each in statements))
    assert counts[0] == counts[1]
