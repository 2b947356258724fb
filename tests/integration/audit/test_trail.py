"""The audit trail: chained, held by whoever adds to it, and broken by any change."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from uuid import uuid4

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from api.clock import now
from api.services.audit.keep_trail import Act, record_act, watched
from api.services.audit.read_trail import AuditFilter, page_entries
from api.services.audit.verify_trail import (
    INSTALLATION,
    BrokenTrailError,
    MissingEntryError,
    list_chains,
    require_sound,
    verify_trail,
)
from models.session import ConcurrentChangeError, is_postgres, read_session, write_session
from models.tables import ApiToken, Community, Promoter
from models.values.access import NOBODY, Reach, Role
from models.values.audit import AuditChannel, AuditOutcome
from models.values.calendar import Zone
from tests.support.audit_trail import FACTS, is_sound, list_entries, write_watched
from tests.support.databases import RECORDED_AT, acting_for_all, on_postgres, on_sqlite
from tests.support.queries import count_queries
from tests.support.whole_databases import break_rows

OTHERS = {
    "id": uuid4().hex,
    "position": 9,
    "at": "2031-01-01 00:00:00.000001",
    "channel": "job",
    "actor_role": "member",
    "account_id": uuid4().hex,
    "token_id": uuid4().hex,
    "action": "other",
    "outcome": "refused",
    "error_code": "forbidden",
    "subjects": "other:1",
    "subject_count": 9,
    "correlation_id": "other",
    "previous_hash": "f" * 64,
    "hash": "f" * 64,
}
"""Another value of every column but whose chain it is."""

ALONGSIDE = {"outcome": ", error_code = 'forbidden'", "error_code": ", outcome = 'refused'"}
"""What has to change too, for the database checks that they agree."""


def make_community(promoter: Promoter, code: str) -> Community:
    return Community(
        promoter_id=promoter.id,
        code=code,
        name="C",
        timezone="Europe/Madrid",
        zone=Zone.PENINSULA,
        created_at=RECORDED_AT,
    )


def verify(engine: Engine, **wanted):
    with read_session(engine) as session:
        return {each.owner: each for each in verify_trail(session, **wanted)}


@pytest.fixture
def chained(engine: Engine, promoter: Promoter) -> Engine:
    """Hold four entries of a promoter, and one of the installation."""
    for code in "abcd":
        write_watched(engine, make_community(promoter, code), promoter_id=promoter.id)
    write_watched(engine)
    return engine


def test_entries_name_what_was_changed_and_follow_each_other(chained, promoter):
    entries = list_entries(chained, promoter.id)
    assert [each.position for each in entries] == [1, 2, 3, 4]
    assert is_sound(entries)
    assert is_sound(list_entries(chained))
    with read_session(chained) as session:
        kept = {str(key) for key in session.connection().scalars(text("SELECT id FROM community"))}
    named = {each.subjects.removeprefix("community:").replace("-", "") for each in entries}
    assert named == {key.replace("-", "") for key in kept}
    own = verify(chained, expected=entries[1].hash)
    assert {name: each.entry_count for name, each in own.items()} == {
        INSTALLATION: 1,
        promoter.name: 4,
    }
    require_sound(own.values(), expected=entries[1].hash)


@pytest.mark.parametrize("column", OTHERS)
@on_sqlite
def test_a_change_of_any_column_is_found(chained, promoter, column):
    assert OTHERS.keys() | {"promoter_id"} == {*FACTS, "hash"}
    where = f"position = 2 AND promoter_id = '{promoter.id.hex}'"
    also = ALONGSIDE.get(column, "")
    break_rows(
        chained,
        "audit_entry",
        f"UPDATE audit_entry SET {column} = '{OTHERS[column]}'{also} WHERE {where}",
    )
    assert not is_sound(list_entries(chained, promoter.id))
    report = verify(chained)[promoter.name]
    assert report.entry_count == 1
    assert "entry 2" in report.fault
    with pytest.raises(BrokenTrailError, match=rf"{promoter.name}: entry 2"):
        require_sound([report])


@on_sqlite
def test_a_walk_tells_how_far_it_is(chained, monkeypatch):
    monkeypatch.setattr("api.services.audit.verify_trail._TOLD_EVERY", 2)
    told = []
    with read_session(chained) as session:
        verify_trail(session, tell=lambda share, _stage: told.append(share))
    assert told == [2 / 5, 4 / 5]


@on_sqlite
def test_an_entry_of_another_chain_is_found(chained, promoter, other_promoter):
    break_rows(
        chained,
        "audit_entry",
        f"UPDATE audit_entry SET promoter_id = '{other_promoter.id.hex}' WHERE position = 1"
        " AND promoter_id IS NOT NULL",
    )
    faults = {name: each.fault for name, each in verify(chained).items()}
    assert faults == {
        INSTALLATION: None,
        promoter.name: "entry 1 is missing",
        other_promoter.name: "entry 1 was changed",
    }


@on_sqlite
def test_missing_entries_are_found_at_the_end_by_a_noted_head(chained, promoter):
    head = list_entries(chained, promoter.id)[-1].hash
    own = f"promoter_id = '{promoter.id.hex}'"
    break_rows(chained, "audit_entry", f"DELETE FROM audit_entry WHERE position = 4 AND {own}")
    found = verify(chained, expected=head)
    assert found[promoter.name].fault is None
    with pytest.raises(MissingEntryError, match=head):
        require_sound(found.values(), expected=head)
    break_rows(chained, "audit_entry", f"DELETE FROM audit_entry WHERE position = 2 AND {own}")
    assert verify(chained)[promoter.name].fault == "entry 2 is missing"


def test_nobody_changes_removes_or_skips_an_entry(chained, promoter):
    row = list_entries(chained, promoter.id)[0].model_dump() | {"id": uuid4()}
    skipped = row | {"position": 6, "previous_hash": row["hash"]}
    forged = row | {"position": 5, "previous_hash": "0" * 64}
    own = row | {"promoter_id": None}
    columns = ", ".join(row)
    values = ", ".join(f":{name}" for name in row)
    statements = [
        ("UPDATE audit_entry SET action = 'x'", {}, "never changed"),
        ("DELETE FROM audit_entry", {}, "never changed"),
        (f"INSERT INTO audit_entry ({columns}) VALUES ({values})", skipped, "names the one before"),
        (f"INSERT INTO audit_entry ({columns}) VALUES ({values})", forged, "names the one before"),
        (f"INSERT INTO audit_entry ({columns}) VALUES ({values})", own, "(?i)unique"),
    ]
    if is_postgres(chained):
        statements.append(("TRUNCATE audit_entry", {}, "cannot be emptied"))
    for statement, given, reason in statements:
        plain = {name: _plain(value) for name, value in given.items()}
        with acting_for_all(chained) as connection:
            with pytest.raises(IntegrityError, match=reason):
                connection.execute(text(statement), plain)
            connection.rollback()
    assert is_sound(list_entries(chained, promoter.id))


def _plain(value):
    if value is None or isinstance(value, int):
        return value
    return value.hex if hasattr(value, "hex") else str(value)


def test_many_at_once_leave_one_whole_chain(engine, promoter):
    def write(number: int) -> None:
        write_watched(engine, make_community(promoter, f"c{number}"), promoter_id=promoter.id)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(24)))
    entries = list_entries(engine, promoter.id)
    assert len(entries) == 24
    assert is_sound(entries)


def test_an_entry_costs_a_fixed_number_of_statements(engine, promoter):
    for codes in ("a", "bcdefghij"):
        rows = [make_community(promoter, code) for code in codes]
        with count_queries(engine) as asked:
            write_watched(engine, *rows, promoter_id=promoter.id)
        told = [each for each in asked if "audit" in each or "advisory" in each]
        assert len(told) == (3 if is_postgres(engine) else 2)


def test_a_narrow_caller_adds_to_its_promoters_chain(engine, promoter, other_promoter):
    write_watched(engine, make_community(promoter, "a"), promoter_id=promoter.id)
    act = Act(AuditChannel.GRAPHQL, "b", "c", now, Role.MEMBER, uuid4(), promoter_id=promoter.id)
    reach = Reach(promoter.id, frozenset(), frozenset())
    with write_session(watched(engine, act), reach):
        pass
    entries = list_entries(engine, promoter.id)
    assert [each.action for each in entries] == ["do", "b"]
    assert is_sound(entries)
    with read_session(engine, Reach(other_promoter.id)) as session:
        assert session.connection().scalar(text("SELECT count(*) FROM audit_entry")) == (
            0 if is_postgres(engine) else 2
        )


@on_sqlite
def test_what_fails_leaves_no_entry(engine, promoter):
    with pytest.raises(ConcurrentChangeError):
        write_watched(engine, make_community(promoter, "a"), make_community(promoter, "a"))
    assert list_entries(engine, promoter.id) == list_entries(engine) == []


@on_sqlite
def test_each_promoter_is_told_of_its_own_rows(engine, promoter, other_promoter):
    rows = [make_community(promoter, "a"), make_community(other_promoter, "a")]
    write_watched(engine, *rows)
    assert [each.subjects for each in list_entries(engine, promoter.id)] == [
        f"community:{rows[0].id}"
    ]
    assert [each.subjects for each in list_entries(engine, other_promoter.id)] == [
        f"community:{rows[1].id}"
    ]
    assert list_entries(engine) == []


@on_sqlite
def test_of_many_rows_the_first_are_named_and_all_counted(engine, promoter):
    tokens = [
        ApiToken(
            promoter_id=promoter.id,
            name="t",
            prefix="rp",
            sha256=f"{number:064}",
            created_at=RECORDED_AT,
        )
        for number in range(60)
    ]
    write_watched(engine, *tokens)
    [entry] = list_entries(engine, promoter.id)
    assert entry.subject_count == 60
    assert entry.subjects.split() == [f"api_token:{each.id}" for each in tokens[:50]]
    assert (entry.outcome, entry.error_code) == (AuditOutcome.DONE, None)


@on_sqlite
def test_the_heads_are_told_without_a_walk(chained, promoter):
    with read_session(chained) as session:
        heads = {each.owner: (each.entry_count, each.head) for each in list_chains(session)}
        own = list_chains(session, promoter_id=promoter.id)
    assert heads[promoter.name] == (4, list_entries(chained, promoter.id)[-1].hash)
    assert [each.owner for each in own] == [promoter.name]


def test_pages_go_on_from_any_place(chained, promoter):
    ask = partial(page_entries, promoter_id=promoter.id, wanted=AuditFilter(), first=3)
    with read_session(chained) as session:
        page = ask(session)
        rest = ask(session, after=page.keys[-1])
        whole = ask(session, after=(2**53, NOBODY))
    assert [each.position for each in (*page.items, *rest.items)] == [4, 3, 2, 1]
    assert (page.has_next, rest.has_next, whole.items == page.items) == (True, False, True)


@on_postgres
def test_whoever_comes_second_waits_for_the_head(engine, promoter):
    """The chain is held from the entry to the commit, and by nobody else."""
    act = Act(AuditChannel.JOB, "a", "c", now, promoter_id=promoter.id)
    with ThreadPoolExecutor(1) as pool:
        with write_session(engine) as session:
            record_act(session, act)
            second = pool.submit(write_watched, engine, promoter_id=promoter.id)
            assert not second.done()
            assert list_entries(engine, promoter.id) == []
        second.result(10)
    assert is_sound(list_entries(engine, promoter.id))
