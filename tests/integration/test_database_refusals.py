"""What copies and backups leave untouched, and what they say when they cannot go on."""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import pytest
from pysqlite3 import dbapi2
from sqlalchemy import Engine, make_url, text

from api.services.jobs.progress import tell_nobody
from models.postgres_engine import UnstorableValueError
from models.session import write_session
from models.tables import JobRun, Promoter
from scripts.database.backup import (
    DigestDiffersError,
    NoDatabaseError,
    OccupiedPathError,
    digest_path,
    make_backup,
    restore_backup,
)
from scripts.database.copy import copy_database
from scripts.database.invariants import BrokenDatabaseError, check_database
from scripts.database.refusals import StorageRefusalError, telling_refusals
from scripts.database.target import ForeignTargetError, NotEmptyError, opened_target
from tests.support.command_line import Reparto
from tests.support.databases import (
    RECORDED_AT,
    DatabaseKind,
    Databases,
    Server,
    add_promoter,
    on_postgres,
    on_sqlite,
    opened,
)
from tests.support.full_disks import files_of_at_most
from tests.support.whole_databases import (
    break_rows,
    bytes_of_folder,
    everything_in,
    quick_files,
)

__all__ = ["quick_files"]

SECRET = "Perez Gomez"


@pytest.fixture
def queued(engine: Engine, promoter: Promoter) -> Engine:
    """Hold a promoter and two jobs, whose arguments are documents."""
    with write_session(engine) as session:
        for number in range(2):
            arguments = {"folder": SECRET, "n": number}
            job = JobRun(
                promoter_id=promoter.id, kind="k", arguments=arguments, created_at=RECORDED_AT
            )
            session.add(job)
    return engine


@pytest.fixture
def target_url(server: Server) -> Iterator[str]:
    """Give a database of the same kind without any table."""
    url = server.create()
    yield url
    server.drop(url)


@on_sqlite
@pytest.mark.parametrize("suffix", ["", "-wal", "-shm", "-journal"])
def test_a_backup_never_replaces_the_database_or_its_journals(
    queued: Engine, tmp_path: Path, suffix: str
) -> None:
    database = Path(str(queued.url.database))
    before = everything_in(queued)
    own = database.with_name(f"{database.name}{suffix}")
    link = tmp_path / "link.db"
    link.symlink_to(own)
    for path in (own, link):
        digest_path(path).touch()
        with pytest.raises(OccupiedPathError, match="belongs to the database in use: name another"):
            make_backup(queued, path, tell_nobody)
        digest_path(path).unlink()
    assert everything_in(queued) == before


@on_sqlite
def test_no_digest_replaces_the_database(queued: Engine, tmp_path: Path) -> None:
    (tmp_path / "b.db.sha256").symlink_to(str(queued.url.database))
    with pytest.raises(OccupiedPathError, match="belongs to the database in use"):
        make_backup(queued, tmp_path / "b.db", tell_nobody)


@on_sqlite
def test_only_a_backup_is_replaced_by_another(queued: Engine, tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("dear neighbours")
    with pytest.raises(OccupiedPathError, match=r"letter\.txt\.sha256 is missing: name another"):
        make_backup(queued, path, tell_nobody)
    assert bytes_of_folder(tmp_path) == {"letter.txt": b"dear neighbours"}
    make_backup(queued, tmp_path / "b.db", tell_nobody)
    add_promoter(queued, "Somebody")
    assert make_backup(queued, tmp_path / "b.db", tell_nobody) in (
        digest_path(tmp_path / "b.db").read_text()
    )


@on_sqlite
@pytest.mark.usefixtures("quick_files")
def test_a_backup_may_have_a_name_that_is_no_text(
    queued: Engine, database_url: str, reparto: Reparto, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setenv("REPARTO_DATABASE_URL", database_url)
    path = tmp_path / "caf\udce9.db"
    made = reparto("db", "backup", path)
    assert (made.code, "caf\\udce9.db SHA-256" in made.out) == (0, True)
    assert digest_path(path).read_bytes().endswith(b"  caf\xe9.db\n")
    monkeypatch.setenv("REPARTO_DATABASE_URL", f"sqlite:///{tmp_path / 'new.db'}")
    assert reparto("db", "restore", path).code == 0


def make_foreign(url: str) -> None:
    """Lay the table of another program, behind our back."""
    if make_url(url).get_backend_name() == "sqlite":
        file = dbapi2.connect(str(make_url(url).database))
        file.execute("CREATE TABLE customer (name TEXT)")
        file.close()
        return
    with opened(url) as engine, engine.begin() as connection:
        connection.execute(text("CREATE SCHEMA shop"))
        connection.execute(text("CREATE TABLE shop.customer (name TEXT)"))


@pytest.mark.usefixtures("quick_files")
def test_the_database_of_another_program_stays_as_it_is(
    queued: Engine, target_url: str, tmp_path: Path
) -> None:
    make_backup(queued, tmp_path / "b.db", tell_nobody)
    make_foreign(target_url)
    before = contents_of(target_url)
    with pytest.raises(ForeignTargetError, match="already has the table 'customer'"):
        restore_backup(tmp_path / "b.db", target_url, tell_nobody)
    assert contents_of(target_url) == before


def contents_of(url: str) -> object:
    """Read the files of a database, or the names of all that a server keeps in it."""
    if make_url(url).get_backend_name() == "sqlite":
        database = Path(str(make_url(url).database))
        found = database.parent.glob(f"{database.name}*")
        return {path.name: path.read_bytes() for path in found}
    with opened(url) as engine, engine.connect() as connection:
        query = "SELECT relnamespace, relname FROM pg_class WHERE oid >= 16384 ORDER BY 1, 2"
        return connection.execute(text(query)).all()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE alembic_version SET version_num = '0006'",
        "UPDATE alembic_version SET version_num = '9999'",
        "DELETE FROM alembic_version",
        "DROP TABLE generated_file",
    ],
)
def test_a_target_of_another_version_is_not_migrated(
    engine: Engine, database_url: str, statement: str
) -> None:
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()
    before = contents_of(database_url)
    with pytest.raises(ForeignTargetError), opened_target(database_url):
        pass
    assert contents_of(database_url) == before


def test_a_target_with_rows_stays_as_it_is(queued: Engine, database_url: str) -> None:
    queued.dispose()
    before = contents_of(database_url)
    with pytest.raises(NotEmptyError, match="holds rows of promoter"), opened_target(database_url):
        pass
    assert contents_of(database_url) == before


@on_sqlite
def test_a_target_in_use_is_read_with_its_journal(database_url: str, tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    other = dbapi2.connect(str(path))
    other.execute("PRAGMA journal_mode = WAL")
    other.execute("CREATE TABLE customer (name TEXT)")
    with pytest.raises(ForeignTargetError), opened_target(f"sqlite:///{path}"):
        pass
    other.close()


def test_an_empty_target_is_taken(target_url: str, database_url: str) -> None:
    for url in (target_url, target_url, database_url):
        with opened_target(url) as target:
            check_database(target)


@on_sqlite
def test_an_empty_file_is_taken(target_url: str) -> None:
    Path(str(make_url(target_url).database)).touch()
    with opened_target(target_url) as target:
        check_database(target)


def test_copy_to_checks_both_sides_before_it_writes(
    queued: Engine, database_url: str, target_url: str, reparto: Reparto, monkeypatch, tmp_path
) -> None:
    monkeypatch.setenv("REPARTO_DATABASE_URL", f"sqlite:///{tmp_path / 'none.db'}")
    before = contents_of(target_url)
    assert reparto("db", "copy-to", target_url).code == 2
    assert contents_of(target_url) == before
    monkeypatch.setenv("REPARTO_DATABASE_URL", database_url)
    make_foreign(target_url)
    before = contents_of(target_url)
    refused = reparto("db", "copy-to", target_url)
    assert (refused.code, "name a database without tables" in refused.err) == (2, True)
    assert contents_of(target_url) == before


@on_sqlite
@pytest.mark.parametrize("content", ["", "foreign"])
def test_what_holds_no_database_of_ours_is_no_backup(
    database_kind: DatabaseKind, tmp_path: Path, content: str
) -> None:
    path = tmp_path / "b.db"
    path.touch()
    if content:
        make_foreign(f"sqlite:///{path}")
    digest_path(path).write_text(sha256(path.read_bytes()).hexdigest())
    with pytest.raises(NoDatabaseError, match="holds no database of reparto; take another"):
        restore_backup(path, f"sqlite:///{tmp_path / 'new.db'}", tell_nobody)
    assert not (tmp_path / "new.db").exists()


UNREADABLE = [
    ("UPDATE job_run SET arguments = CAST(x'7b22ff' AS TEXT)", "arguments"),
    (f"UPDATE job_run SET arguments = '{SECRET}'", "arguments"),
    (f"UPDATE job_run SET arguments = x'ff' || '{SECRET}'", "arguments"),
    ("UPDATE job_run SET arguments = printf('%.*c', 100000, '[')", "arguments"),
    (f"UPDATE job_run SET kind = '{SECRET}' || CAST(x'ff' AS TEXT)", "kind"),
    (f"UPDATE job_run SET created_at = '{SECRET}'", "created_at"),
    (f"UPDATE job_run SET result_id = '{SECRET}'", "result_id"),
]


@on_sqlite
@pytest.mark.parametrize(("statement", "column"), UNREADABLE)
def test_a_check_finds_what_cannot_be_read_and_quotes_nothing(
    queued: Engine, tmp_path: Path, statement: str, column: str
) -> None:
    break_rows(queued, "job_run", f"{statement} WHERE rowid = 2")
    with pytest.raises(BrokenDatabaseError) as found:
        check_database(queued)
    assert found.value.findings == [f"job_run: {column} of row 2 cannot be read"]
    with pytest.raises(BrokenDatabaseError):
        make_backup(queued, tmp_path / "b.db", tell_nobody)
    assert bytes_of_folder(tmp_path) == {}


@on_sqlite
def test_torn_pages_are_told_and_nothing_else_is_read(queued: Engine) -> None:
    with queued.connect() as connection:
        query = "SELECT rootpage FROM sqlite_master WHERE name = 'job_run'"
        page = connection.scalar(text(query))
        size = connection.scalar(text("PRAGMA page_size"))
    queued.dispose()
    n_free_pages = 36  # where the header of the file counts them
    (found,) = found_after_tearing(queued, n_free_pages, 4)
    assert found.startswith("file: ")
    assert found.endswith("Freelist: size is 0 but should be 2139062143")
    torn = found_after_tearing(queued, (page - 1) * size, size)
    assert torn == ["file: its pages cannot be read"]


def found_after_tearing(engine: Engine, start: int, n_bytes: int) -> list[str]:
    """Overwrite a part of a database and check it."""
    with Path(str(engine.url.database)).open("r+b") as file:
        file.seek(start)
        file.write(b"\x7f" * n_bytes)
    with pytest.raises(BrokenDatabaseError) as found:
        check_database(engine)
    engine.dispose()
    return found.value.findings


@on_sqlite
@pytest.mark.usefixtures("quick_files")
def test_a_copy_of_what_cannot_be_read_quotes_nothing(
    queued: Engine, database_url: str, reparto: Reparto, tmp_path: Path, monkeypatch
) -> None:
    break_rows(queued, "job_run", f"UPDATE job_run SET kind = '{SECRET}' || CAST(x'ff' AS TEXT)")
    monkeypatch.setenv("REPARTO_DATABASE_URL", database_url)
    copied = reparto("db", "copy-to", f"sqlite:///{tmp_path / 'new.db'}")
    assert (copied.code, "job_run: kind of row 1 cannot be read" in copied.err) == (3, True)
    assert bytes_of_folder(tmp_path) == {}
    with (
        opened_target(f"sqlite:///{tmp_path / 'new.db'}") as target,
        pytest.raises(StorageRefusalError, match="cannot copy the database: ") as refused,
    ):
        copy_database(queued, target, tell_nobody)
    assert SECRET not in str(refused.value)


@on_postgres
def test_what_postgres_has_no_room_for_is_told(
    databases: Databases, database_url: str, tmp_path: Path
) -> None:
    url = databases.server(DatabaseKind.SQLITE).copy(databases.migrated(DatabaseKind.SQLITE))
    with opened(url) as source, opened_target(database_url) as target:
        promoter = add_promoter(source, "Somebody")
        job = JobRun(
            promoter_id=promoter.id, kind="k", arguments={"n": "\0"}, created_at=RECORDED_AT
        )
        with write_session(source) as session:
            session.add(job)
        with pytest.raises(UnstorableValueError, match="a text holds a NUL character"):
            copy_database(source, target, tell_nobody)
        break_rows(
            source, "job_run", f"UPDATE job_run SET arguments = '{{}}', kind = '{SECRET * 9}'"
        )
        with pytest.raises(StorageRefusalError, match="the database answers 22001") as refused:
            copy_database(source, target, tell_nobody)
    assert SECRET not in str(refused.value)


@on_sqlite
@pytest.mark.parametrize("n_bytes", [1_000, 200_000])
def test_a_disk_that_takes_no_more_leaves_no_backup(
    queued: Engine, tmp_path: Path, n_bytes: int
) -> None:
    with (
        files_of_at_most(n_bytes),
        pytest.raises(StorageRefusalError, match=r"cannot write the backup .*b\.db: "),
    ):
        make_backup(queued, tmp_path / "b.db", tell_nobody)
    assert list(tmp_path.iterdir()) == []


@on_sqlite
def test_a_disk_that_takes_no_more_restores_nothing(queued: Engine, tmp_path: Path) -> None:
    path, url = tmp_path / "b.db", f"sqlite:///{tmp_path / 'new.db'}"
    make_backup(queued, path, tell_nobody)
    reason = "File too large; make room, or choose another place"
    with (
        files_of_at_most(1_000),
        pytest.raises(StorageRefusalError, match=f"cannot copy the backup to .*: {reason}"),
    ):
        restore_backup(path, url, tell_nobody)
    assert not (tmp_path / "new.db").exists()


@on_sqlite
def test_a_folder_that_cannot_be_written_to_is_told(queued: Engine, tmp_path: Path) -> None:
    with pytest.raises(StorageRefusalError, match="No such file or directory; make room, or"):
        make_backup(queued, tmp_path / "gone" / "b.db", tell_nobody)


@on_sqlite
def test_a_backup_that_cannot_be_read_is_told(database_kind: DatabaseKind, tmp_path: Path) -> None:
    path = tmp_path / "b.db"
    path.touch()
    digest_path(path).mkdir()
    with pytest.raises(DigestDiffersError, match="is missing"):
        restore_backup(path, f"sqlite:///{tmp_path / 'new.db'}", tell_nobody)
    path = tmp_path / ("b" * 255)
    path.touch()
    with pytest.raises(StorageRefusalError, match=r"cannot read the backup .*: File name too long"):
        restore_backup(path, f"sqlite:///{tmp_path / 'new.db'}", tell_nobody)


def test_refusals_are_told_by_their_code_alone() -> None:
    large, file = dbapi2.connect(":memory:"), dbapi2.connect(":memory:")
    large.execute("CREATE TABLE letter AS SELECT zeroblob(100000)")
    file.execute("PRAGMA max_page_count = 2")
    with refusing("the disk is full; make room and try again"):
        file.execute("CREATE TABLE letter AS SELECT zeroblob(100000)")
    with refusing("the disk is full; make room and try again"):
        large.backup(file)
    large.close()
    with refusing("the database answers SQLITE_ERROR; check its disk and its log"):
        file.execute(f"SELECT '{SECRET}' FROM nowhere")
    file.close()
    with refusing("TimeoutError; make room, or choose another place"):
        raise TimeoutError


@contextmanager
def refusing(reason: str) -> Iterator[None]:
    """Expect that a task fails for this reason."""
    told = pytest.raises(StorageRefusalError, match=f"^cannot store it: {reason}$")
    with told, telling_refusals("store it"):
        yield
