"""What the database refuses, whoever asks: sealed agreements, kept readings, broken rows."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from models.repositories.agreements import draft_agreement, publish_agreement
from models.session import read_session, write_session
from models.tables import (
    Channel,
    DistributionAgreement,
    Membership,
    Price,
    PriceKind,
    Promoter,
    Reading,
)
from tests.support.databases import RECORDED_AT, acting_for_all, on_postgres, on_sqlite
from tests.support.stored_once import stored_once
from tests.support.stored_records import StoredCommunity, add_community

AGREEMENT_COLUMNS = (
    "id, promoter_id, installation_id, state, file_year, created_at, published_at, mode"
)
OTHER_VALUES = {
    "promoter_id": uuid4().hex,
    "installation_id": uuid4().hex,
    "proposal_id": uuid4().hex,
    "file_year": 2031,
    "created_at": "2031-01-01 00:00:00.000000",
    "published_at": "2031-01-01 00:00:00.000000",
    "id": uuid4().hex,
}


@stored_once
def stored(engine: Engine, promoter: Promoter) -> StoredCommunity:
    with write_session(engine) as session:
        return add_community(session, promoter.id)


def _draft(engine: Engine, stored: StoredCommunity, shares=(400_000, 600_000)):
    agreement = DistributionAgreement(
        promoter_id=stored.community.promoter_id,
        installation_id=stored.installation.id,
        file_year=2024,
        created_at=RECORDED_AT,
    )
    millionths = {point.id: share for point, share in zip(stored.points, shares, strict=True)}
    with write_session(engine) as session:
        draft_agreement(session, agreement, millionths)
    return agreement


def _publish(engine: Engine, agreement: DistributionAgreement) -> None:
    with write_session(engine) as session:
        publish_agreement(session, session.merge(agreement, load=True), published_at=RECORDED_AT)


def _run(engine: Engine, sql: str, **values: object) -> int:
    with acting_for_all(engine) as connection:
        return connection.execute(text(sql), values).rowcount


def _state(engine: Engine, agreement: DistributionAgreement) -> str:
    with read_session(engine) as session:
        return session.get_one(DistributionAgreement, agreement.id).state.value


@pytest.fixture
def draft(engine: Engine, stored: StoredCommunity) -> DistributionAgreement:
    return _draft(engine, stored)


@pytest.fixture
def published(engine: Engine, draft: DistributionAgreement) -> DistributionAgreement:
    _publish(engine, draft)
    return draft


def test_a_draft_can_change_and_go(engine: Engine, draft):
    assert _run(engine, "UPDATE distribution_agreement SET file_year = 2025") == 1
    assert _run(engine, "UPDATE distribution_coefficient SET millionths = 1") == 2
    assert _run(engine, "DELETE FROM distribution_coefficient") == 2
    assert _run(engine, "DELETE FROM distribution_agreement") == 1


@pytest.mark.parametrize("shares", [(400_000, 600_001), (400_000, 599_999), (0, 0)])
def test_only_a_sum_of_one_is_published(engine: Engine, stored, shares):
    draft = _draft(engine, stored, shares)
    with pytest.raises(IntegrityError, match="must sum to one"):
        _publish(engine, draft)
    assert _state(engine, draft) == "draft"


def test_an_agreement_without_coefficients_is_not_published(engine: Engine, draft):
    _run(engine, "DELETE FROM distribution_coefficient")
    with pytest.raises(IntegrityError, match="must sum to one"):
        _publish(engine, draft)


def test_an_agreement_begins_as_a_draft(engine: Engine, draft):
    with pytest.raises(IntegrityError, match="begins as a draft"):
        _run(
            engine,
            f"INSERT INTO distribution_agreement ({AGREEMENT_COLUMNS}) SELECT :id, promoter_id,"
            " installation_id, 'published', 2024, created_at, created_at, mode"
            " FROM distribution_agreement",
            id=uuid4().hex,
        )


def test_a_draft_is_not_superseded(engine: Engine, draft):
    with pytest.raises(IntegrityError, match="can be published, withdrawn or rejected"):
        _run(
            engine,
            "UPDATE distribution_agreement SET state = 'superseded', published_at = created_at",
        )


@pytest.mark.parametrize("state", ["draft", "published"])
def test_a_published_agreement_does_not_go_back(engine: Engine, published, state):
    with pytest.raises(IntegrityError, match="sealed"):
        _run(engine, "UPDATE distribution_agreement SET state = :state", state=state)


@pytest.mark.parametrize("column", OTHER_VALUES)
@pytest.mark.parametrize("also", ["", ", state = 'superseded'"])
def test_no_column_of_a_published_agreement_changes(engine: Engine, published, column, also):
    value = OTHER_VALUES[column]
    with pytest.raises(IntegrityError, match="sealed"):
        _run(engine, f"UPDATE distribution_agreement SET {column} = :value{also}", value=value)


def test_a_superseded_agreement_stays_so(engine: Engine, published):
    assert _run(engine, "UPDATE distribution_agreement SET state = 'superseded'") == 1
    with pytest.raises(IntegrityError, match="sealed"):
        _run(engine, "UPDATE distribution_agreement SET state = 'published'")


@pytest.mark.parametrize("state", ["published", "superseded"])
def test_a_published_agreement_is_never_deleted(engine: Engine, published, state):
    if state == "superseded":
        _run(engine, "UPDATE distribution_agreement SET state = 'superseded'")
    with pytest.raises(IntegrityError, match="is kept"):
        _run(engine, "DELETE FROM distribution_agreement")


@on_sqlite
def test_replacing_is_deleting(engine: Engine, published):
    with pytest.raises(IntegrityError, match="is kept"):
        _run(
            engine,
            f"INSERT OR REPLACE INTO distribution_agreement ({AGREEMENT_COLUMNS}) SELECT id,"
            " promoter_id, installation_id, 'draft', 2024, created_at, NULL, mode"
            " FROM distribution_agreement",
        )


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE distribution_coefficient SET millionths = millionths",
        "UPDATE distribution_coefficient SET position = position + 10",
        "DELETE FROM distribution_coefficient",
        (
            "INSERT INTO distribution_coefficient"
            " (agreement_id, supply_point_id, promoter_id, position, millionths)"
            " SELECT agreement_id, promoter_id, promoter_id, 9, 0 FROM distribution_coefficient"
        ),
        (
            "INSERT INTO distribution_coefficient SELECT * FROM distribution_coefficient"
            " WHERE TRUE ON CONFLICT (agreement_id, supply_point_id) DO UPDATE SET millionths = 1"
        ),
    ],
)
def test_coefficients_of_a_published_agreement_are_sealed(engine: Engine, published, change):
    with pytest.raises(IntegrityError, match="are sealed"):
        _run(engine, change)


@on_sqlite
def test_sealed_coefficients_are_not_replaced(engine: Engine, published):
    with pytest.raises(IntegrityError, match="are sealed"):
        _run(
            engine,
            "INSERT OR REPLACE INTO distribution_coefficient"
            " SELECT * FROM distribution_coefficient",
        )


@on_postgres
def test_a_coefficient_does_not_slip_into_what_is_being_published(engine: Engine, stored):
    draft = _draft(engine, stored)
    with write_session(engine) as publishing, ThreadPoolExecutor(1) as pool:
        agreement = publishing.get_one(DistributionAgreement, draft.id)
        publish_agreement(publishing, agreement, published_at=RECORDED_AT)
        slipping = pool.submit(_run, engine, "UPDATE distribution_coefficient SET millionths = 1")
        with pytest.raises(TimeoutError):
            slipping.result(timeout=0.3)
        publishing.commit()
        with pytest.raises(IntegrityError, match="are sealed"):
            slipping.result()


@on_postgres
def test_publishing_waits_for_coefficients_that_are_being_changed(engine: Engine, stored):
    draft = _draft(engine, stored)
    with write_session(engine) as changing, ThreadPoolExecutor(1) as pool:
        changing.connection().execute(text("UPDATE distribution_coefficient SET millionths = 1"))
        publishing = pool.submit(_publish, engine, draft)
        with pytest.raises(TimeoutError):
            publishing.result(timeout=0.3)
        changing.commit()
        with pytest.raises(IntegrityError, match="must sum to one"):
            publishing.result()


@pytest.mark.parametrize(("source", "target"), [(0, 1), (1, 0)])
def test_no_coefficient_moves_into_or_out_of_a_sealed_one(
    engine: Engine, stored, published, source, target
):
    agreements = [published.id.hex, _draft(engine, stored).id.hex]
    with pytest.raises(IntegrityError, match="are sealed"):
        _run(
            engine,
            "UPDATE distribution_coefficient SET agreement_id = :target, position = position + 10"
            " WHERE agreement_id = :source",
            source=agreements[source],
            target=agreements[target],
        )


def test_publishing_supersedes_the_agreement_in_force(engine: Engine, stored, published):
    successor = _draft(engine, stored, (500_000, 500_000))
    _publish(engine, successor)
    assert (_state(engine, published), _state(engine, successor)) == ("superseded", "published")


def test_two_agreements_are_never_in_force(engine: Engine, stored, published):
    successor = _draft(engine, stored)
    with pytest.raises(IntegrityError, match=r"UNIQUE|unique"):
        _run(
            engine,
            "UPDATE distribution_agreement SET state = 'published', published_at = created_at"
            " WHERE id = :id",
            id=successor.id.hex,
        )


@pytest.mark.parametrize("table", ["reading", "price"])
@pytest.mark.parametrize("change", ["UPDATE {} SET version = 7", "DELETE FROM {}"])
def test_months_are_only_appended(engine: Engine, stored, table, change):
    _add_months(engine, stored)
    with pytest.raises(IntegrityError, match="never changed: append a version"):
        _run(engine, change.format(table))


@on_sqlite
@pytest.mark.parametrize("table", ["reading", "price"])
def test_months_are_not_replaced(engine: Engine, stored, table):
    _add_months(engine, stored)
    with pytest.raises(IntegrityError, match="never changed"):
        _run(engine, f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")


def _add_months(engine: Engine, stored: StoredCommunity) -> None:
    month = {
        "promoter_id": stored.community.promoter_id,
        "starts_at": RECORDED_AT,
        "step_seconds": 3600,
        "interval_count": 1,
        "version": 1,
        "crc32": 0,
        "recorded_at": RECORDED_AT,
    }
    reading = Reading(
        channel=Channel.CONSUMPTION,
        supply_point_id=stored.points[0].id,
        energy_wh=bytes(4),
        quality=bytes(1),
        **month,
    )
    price = Price(
        kind=PriceKind.ENERGY,
        community_id=stored.community.id,
        price_nano_eur_per_kwh=bytes(8),
        **month,
    )
    with write_session(engine) as session:
        session.add_all([reading, price])


_SEALED = """SELECT DISTINCT relname FROM pg_trigger
    JOIN pg_proc ON pg_proc.oid = tgfoid JOIN pg_class ON pg_class.oid = tgrelid
    WHERE NOT tgisinternal AND tgtype & 8 <> 0 AND proname LIKE '%\\_on\\_delete'
        OR proname = 'agreement_is_kept'"""
"""Tables whose rows cannot all be deleted, and one whose rows can while they are drafts."""


@on_postgres
def test_no_sealed_table_is_emptied_at_a_stroke(engine: Engine, stored):
    _add_months(engine, stored)
    with engine.connect() as connection:
        sealed = set(connection.scalars(text(_SEALED)))
    assert sealed == {
        "agency_answer",
        "agency_submission",
        "allocated_energy",
        "applied_change",
        "audit_entry",
        "billed_energy",
        "billing_run",
        "creditor_account",
        "debit",
        "debit_run",
        "debit_status",
        "debt_step",
        "distribution_agreement",
        "distribution_coefficient",
        "file_import",
        "final_settlement",
        "fiscal_record",
        "generated_file",
        "holder_change",
        "hourly_coefficients",
        "instalment",
        "invoice",
        "invoice_file",
        "invoice_line",
        "invoice_tax",
        "ledger_entry",
        "mandate_account",
        "month_allocation",
        "outbox_attachment",
        "outbox_attempt",
        "outbox_message",
        "payment",
        "payment_refund",
        "payment_return",
        "plan_term",
        "privacy_notice",
        "price",
        "reading",
        "retail_contract",
    }
    for table in (*sealed, "promoter"):
        with pytest.raises(IntegrityError, match="is kept: it cannot be emptied"):
            _run(engine, f"TRUNCATE {table} CASCADE")
    with read_session(engine) as session:
        assert len(session.exec(select(Reading)).all()) == 1


@on_postgres
def test_what_is_not_sealed_can_be_emptied(engine: Engine, stored):
    _run(engine, "TRUNCATE membership")
    with read_session(engine) as session:
        assert session.exec(select(Membership)).all() == []
