"""Copies and backups of whole databases, between the kinds, and what they refuse."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Engine, event, text

from api.services.jobs.progress import tell_nobody
from models.migrations.revisions import is_current, migration_config, newest_revision
from models.repositories.agreements import draft_agreement, publish_agreement
from models.session import is_postgres, write_session
from models.tables import (
    ApplicationAct,
    AppliedChange,
    AppliedCoefficient,
    DistributionAgreement,
    GeneratedFile,
    GeneratedKind,
    JobRun,
    Promoter,
    Reading,
)
from models.texts.errors import describe_error
from models.values.language import Language
from scripts.database.backup import (
    DigestDiffersError,
    NoBackupError,
    digest_path,
    make_backup,
    restore_backup,
)
from scripts.database.copy import CopyDiffersError, copy_database
from scripts.database.invariants import BrokenDatabaseError, check_database
from scripts.database.target import NotEmptyError
from tests.support.command_line import Reparto
from tests.support.community_folders import build_community_year
from tests.support.databases import (
    RECORDED_AT,
    DatabaseKind,
    Databases,
    add_promoter,
    on_sqlite,
    opened,
)
from tests.support.imports import import_year, rows_of
from tests.support.stored_once import stored_once
from tests.support.stored_records import add_community
from tests.support.whole_databases import break_rows, everything_in, quick_files

__all__ = ["quick_files"]

CONTENT = b"ES...;1,000000\r\n"


@stored_once
def filled(engine: Engine, promoter: Promoter) -> Engine:
    """Hold an imported community, an agreement in force, what was applied of it, and a file."""
    import_year(engine, promoter, replace(build_community_year(), community_id="imported"))
    with write_session(engine) as session:
        stored = add_community(session, promoter.id, number=7)
        agreement = DistributionAgreement(
            promoter_id=promoter.id,
            installation_id=stored.installation.id,
            file_year=2024,
            created_at=RECORDED_AT,
        )
        point = stored.points[0]
        draft_agreement(session, agreement, {point.id: 400_000, stored.points[1].id: 600_000})
        publish_agreement(session, agreement, published_at=RECORDED_AT)
        applied = {
            "promoter_id": promoter.id,
            "installation_id": stored.installation.id,
            "supply_point_id": point.id,
            "agreement_id": agreement.id,
            "valid_from": date(2024, 4, 1),
        }
        session.add(AppliedCoefficient(**applied))
        session.add(AppliedChange(**applied, act=ApplicationAct.RECORDED, recorded_at=RECORDED_AT))
        session.add(
            GeneratedFile(
                promoter_id=promoter.id,
                agreement_id=agreement.id,
                kind=GeneratedKind.DISTRIBUTOR_FILE,
                variant="default",
                file_name="f.txt",
                sha256=sha256(CONTENT).hexdigest(),
                content=CONTENT,
                created_at=RECORDED_AT,
            )
        )
        session.add(
            JobRun(
                promoter_id=promoter.id,
                kind="import_community",
                arguments={"folder": "ü", "n": [1, None]},
                created_at=RECORDED_AT,
            )
        )
    return engine


@pytest.fixture(params=list(DatabaseKind))
def other_url(request: pytest.FixtureRequest, databases: Databases, database_kind) -> Iterator[str]:
    """Give an empty database at the newest revision, of either kind."""
    if DatabaseKind.POSTGRES not in (request.param, database_kind):
        kind = DatabaseKind.SQLITE
    else:
        kind = request.param
        request.getfixturevalue("postgres_is_there")
    server = databases.server(kind)
    url = server.copy(databases.migrated(kind))
    yield url
    server.drop(url)


@pytest.fixture
def postgres_is_there() -> None:
    """Skip where there is no PostgreSQL to copy to."""
    if not os.environ.get("REPARTO_TEST_POSTGRES_URL"):
        pytest.skip("REPARTO_TEST_POSTGRES_URL names no PostgreSQL to test with")


def triggers_of(engine: Engine) -> set[str]:
    """Name the triggers that are awake."""
    query = (
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'O'"
        if is_postgres(engine)
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    with engine.connect() as connection:
        return set(connection.scalars(text(query)))


def test_a_copy_holds_every_row_of_either_kind(filled: Engine, other_url: str):
    with opened(other_url) as target:
        sealed = triggers_of(target)
        report = copy_database(filled, target, tell_nobody)

        copied = everything_in(target)
        assert copied == everything_in(filled)
        assert report.rows == {name: len(rows) for name, rows in copied.items()}
        assert report.rows["reading"] > 0
        assert triggers_of(target) == sealed != set()


def test_a_copy_is_made_into_an_empty_database_only(filled: Engine, other_url: str):
    with opened(other_url) as target:
        add_promoter(target, "Somebody")
        with pytest.raises(NotEmptyError, match="already holds rows of promoter"):
            copy_database(filled, target, tell_nobody)


def test_a_row_that_arrives_otherwise_undoes_the_copy(filled: Engine, other_url: str):
    with opened(other_url) as target, changing_names(target):
        with pytest.raises(CopyDiffersError, match="row 1 of promoter did not arrive"):
            copy_database(filled, target, tell_nobody)
        assert {name for name, rows in everything_in(target).items() if rows} == set()


@contextmanager
def changing_names(engine: Engine) -> Iterator[None]:
    """Let a database take in another name than it is given."""

    def change(_connection, _cursor, statement, parameters, _context, _many):
        if statement.startswith("INSERT INTO promoter "):
            (row,) = parameters if isinstance(parameters, list) else [parameters]
            if isinstance(row, dict):
                return statement, {**row, "name": "Other"}
            return statement, tuple("Other" if v == "Ajuntament de la Peña" else v for v in row)
        return statement, parameters

    event.listen(engine, "before_cursor_execute", change, retval=True)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", change)


@pytest.mark.usefixtures("quick_files")
def test_a_backup_restores_into_either_kind(filled: Engine, other_url: str, tmp_path: Path):
    digest = make_backup(filled, tmp_path / "b.db", tell_nobody)

    assert digest_path(tmp_path / "b.db").read_text() == f"{digest}  b.db\n"
    assert digest == sha256((tmp_path / "b.db").read_bytes()).hexdigest()
    assert restore_backup(tmp_path / "b.db", other_url, tell_nobody) == digest
    with opened(other_url) as restored:
        assert everything_in(restored) == everything_in(filled)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.db", "b.db.sha256"]


@on_sqlite
def test_a_backup_restores_where_there_is_nothing_yet(filled: Engine, tmp_path: Path):
    make_backup(filled, tmp_path / "b.db", tell_nobody)
    url = f"sqlite:///{tmp_path / 'new' / 'reparto.db'}"
    restore_backup(tmp_path / "b.db", url, tell_nobody)
    with opened(url) as restored:
        assert everything_in(restored) == everything_in(filled)


@on_sqlite
def test_a_backup_that_was_touched_is_refused(filled: Engine, tmp_path: Path):
    path = tmp_path / "b.db"
    make_backup(filled, path, tell_nobody)
    url = f"sqlite:///{tmp_path / 'new.db'}"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(DigestDiffersError, match="SHA-256 is not the one"):
        restore_backup(path, url, tell_nobody)
    digest_path(path).unlink()
    with pytest.raises(DigestDiffersError, match=r"b\.db\.sha256 is missing"):
        restore_backup(path, url, tell_nobody)
    with pytest.raises(NoBackupError, match="there is no backup"):
        restore_backup(tmp_path / "c.db", url, tell_nobody)
    assert not (tmp_path / "new.db").exists()


@on_sqlite
def test_what_is_not_sound_is_neither_backed_up_nor_restored(filled: Engine, tmp_path: Path):
    path = tmp_path / "b.db"
    make_backup(filled, path, tell_nobody)
    with opened(f"sqlite:///{path}") as backup:
        break_rows(backup, "reading", "UPDATE reading SET crc32 = crc32 + 1 WHERE version = 1")
        (tmp_path / "b.db.sha256").write_text(sha256(path.read_bytes()).hexdigest())
    with pytest.raises(BrokenDatabaseError, match="its check value differs"):
        restore_backup(path, f"sqlite:///{tmp_path / 'new.db'}", tell_nobody)
    break_rows(filled, "reading", "UPDATE reading SET crc32 = crc32 + 1")
    with pytest.raises(BrokenDatabaseError):
        make_backup(filled, tmp_path / "c.db", tell_nobody)
    assert not (tmp_path / "c.db").exists()


BREAKS = [
    ("reading", "UPDATE reading SET crc32 = crc32 + 1", r"reading .*: its check value differs"),
    ("price", "UPDATE price SET crc32 = 0", r"price .*: its check value differs"),
    (
        "distribution_coefficient",
        "UPDATE distribution_coefficient SET millionths = 5 WHERE millionths = 400000",
        r"agreement .*: its coefficients sum to 600005 millionths",
    ),
    (
        "distribution_coefficient",
        "DELETE FROM distribution_coefficient",
        r"agreement .*: its coefficients sum to 0 millionths",
    ),
    (
        "generated_file",
        "UPDATE generated_file SET content = x'00'",
        r"generated file .*: its digest differs",
    ),
    (
        "applied_coefficient",
        """INSERT INTO applied_coefficient SELECT lower(hex(randomblob(16))), promoter_id,
        installation_id, supply_point_id, agreement_id, '2024-05-01', NULL
        FROM applied_coefficient""",
        r"applied coefficient .*: shares a day with",
    ),
    (
        "membership",
        "UPDATE membership SET installation_id = id",
        r"membership: row \d+ refers to a self_consumption_installation that is not there",
    ),
]


@on_sqlite
@pytest.mark.parametrize(("table", "statement", "finding"), BREAKS)
def test_a_check_finds_what_does_not_hold(filled: Engine, table, statement, finding):
    check_database(filled)
    break_rows(filled, table, statement)
    with pytest.raises(BrokenDatabaseError, match=finding) as caught:
        check_database(filled)
    for language in set(Language) - {Language.ENGLISH}:
        # Every line of it is said, its words as well as the heading.
        english = str(caught.value).splitlines()
        said = describe_error(caught.value, language).splitlines()
        assert len(said) == len(english)
        assert not set(said) & set(english)


@on_sqlite
def test_a_check_shows_ten_findings_and_counts_the_rest(filled: Engine):
    break_rows(filled, "reading", "UPDATE reading SET crc32 = crc32 + 1")
    with pytest.raises(BrokenDatabaseError) as caught:
        check_database(filled)
    n_readings = len(rows_of(filled, Reading))
    assert len(caught.value.findings) == n_readings
    assert str(caught.value).endswith(f"and {n_readings - 10} more")


@on_sqlite
def test_an_old_database_is_not_looked_into(empty_engine: Engine):
    with pytest.raises(BrokenDatabaseError, match=f"revision None, not {newest_revision()}"):
        check_database(empty_engine)


@pytest.mark.usefixtures("quick_files")
def test_the_command_line_copies_backs_up_and_restores(
    filled: Engine,
    other_url: str,
    database_url: str,
    reparto: Reparto,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setenv("REPARTO_DATABASE_URL", database_url)
    assert reparto("db", "check").out == "the database is sound\n"
    made = reparto("db", "backup", tmp_path / "deep" / "b.db")
    assert (made.code, made.out.split()[-2]) == (0, "SHA-256")
    copied = reparto("db", "copy-to", other_url)
    total = sum(len(rows) for rows in everything_in(filled).values())
    assert copied.code == 0
    assert copied.out.endswith(f"copied and compared {total} rows\n")

    monkeypatch.setenv("REPARTO_DATABASE_URL", other_url)
    refused = reparto("db", "restore", tmp_path / "deep" / "b.db")
    assert refused.code == 2
    assert "already holds rows of promoter" in refused.err
    monkeypatch.setenv("REPARTO_DATABASE_URL", f"sqlite:///{tmp_path / 'r.db'}")
    restored = reparto("db", "restore", tmp_path / "deep" / "b.db")
    assert restored.out.split()[-1] == made.out.split()[-1]


@on_sqlite
@pytest.mark.usefixtures("quick_files")
def test_a_backup_of_an_earlier_revision_is_brought_forward(filled: Engine, tmp_path: Path):
    path = tmp_path / "b.db"
    make_backup(filled, path, tell_nobody)
    with opened(f"sqlite:///{path}") as backup:
        with backup.begin() as connection:
            command.downgrade(migration_config(connection), "-1")
        assert not is_current(backup)
    digest_path(path).write_text(sha256(path.read_bytes()).hexdigest())
    url = f"sqlite:///{tmp_path / 'new.db'}"
    restore_backup(path, url, tell_nobody)
    with opened(url) as restored:
        assert everything_in(restored) == everything_in(filled)
