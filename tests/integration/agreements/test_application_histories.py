"""Whatever is recorded, corrected, ended and removed: no overlap, and the history tells it all."""

from datetime import date, timedelta
from itertools import pairwise
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import Session, select

from api.services.agreements.applied_record import AppliedOverlapError, period_of
from api.services.agreements.record_application import (
    correct_applications,
    end_applications,
    record_application,
    remove_applications,
)
from models.tables import ApplicationAct, AppliedChange, AppliedCoefficient
from tests.support.agreements import NOW, list_acts, publish
from tests.support.stored_records import StoredCommunity

DAYS = st.integers(0, 12).map(lambda number: date(2026, 1, 1) + timedelta(days=number))
STEPS = st.tuples(
    st.sampled_from(["record", "correct", "end", "remove"]),
    st.integers(0, 2),
    DAYS,
    st.none() | st.integers(1, 6),
    st.sets(st.integers(0, 2), max_size=3),
    st.integers(0, 5),
)


@given(steps=st.lists(STEPS, min_size=1, max_size=12))
@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_history(engine: Engine, shared: StoredCommunity, steps):
    with Session(engine, expire_on_commit=False) as session:  # never committed
        agreements = [
            publish(session, shared, *shares)
            for shares in ((1_000_000, 0, 0), (0, 1_000_000, 0), (0, 0, 1_000_000))
        ]
        for step in steps:
            take(session, shared, agreements, step)
            assert_apart(session)
            assert_told(session, shared)


def take(session: Session, shared: StoredCommunity, agreements: list[UUID], step) -> None:
    """Do one act; one that is refused leaves no trace."""
    act, place, day, length, members, number = step
    tenant = {"promoter_id": shared.community.promoter_id, "now": NOW}
    until = None if length is None else day + timedelta(days=length)
    rows = session.exec(
        select(AppliedCoefficient).order_by(
            AppliedCoefficient.supply_point_id, AppliedCoefficient.valid_from
        )
    ).all()
    ids = [row.id for row in rows[number : number + 1 + len(members)]]
    try:
        with session.begin_nested():
            if act == "record":
                record_application(
                    session,
                    agreement_id=agreements[place],
                    valid_from=day,
                    valid_until=until,
                    supply_point_ids=[shared.points[m].id for m in members] or None,
                    **tenant,
                )
            elif act == "correct":
                correct_applications(
                    session,
                    applied_ids=ids,
                    valid_from=day,
                    valid_until=until,
                    reason="corrected",
                    **tenant,
                )
            elif act == "end":
                last = max((row.valid_from for row in rows if row.id in ids), default=day)
                end_applications(
                    session,
                    applied_ids=ids,
                    valid_until=last + timedelta(days=length or 1),
                    reason="ended",
                    **tenant,
                )
            else:
                remove_applications(session, applied_ids=ids, reason="removed", **tenant)
    except AppliedOverlapError:
        session.expire_all()


def assert_apart(session: Session) -> None:
    rows = session.exec(
        select(AppliedCoefficient).order_by(
            AppliedCoefficient.supply_point_id, AppliedCoefficient.valid_from
        )
    ).all()
    for earlier, later in pairwise(rows):
        if earlier.supply_point_id == later.supply_point_id:
            assert not period_of(earlier).overlaps(period_of(later))


def assert_told(session: Session, shared: StoredCommunity) -> None:
    """Replay the history, what is gone first of each instant."""
    changes = list_acts(session, shared)
    told: dict[tuple[UUID, date], tuple[UUID, date | None]] = {}
    for change in sorted(changes, key=_instant_then_gone):
        key = change.supply_point_id, change.valid_from
        if change.act is ApplicationAct.REMOVED:
            assert told.pop(key) == (change.agreement_id, change.valid_until)
        else:
            told[key] = change.agreement_id, change.valid_until
    stored = {
        (row.supply_point_id, row.valid_from): (row.agreement_id, row.valid_until)
        for row in session.exec(select(AppliedCoefficient))
    }
    assert told == stored


def _instant_then_gone(change: AppliedChange):
    return change.recorded_at, change.act is not ApplicationAct.REMOVED
