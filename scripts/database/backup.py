"""Backups: one SQLite file beside its digest, checked when it is made and before it is used."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import file_digest
from pathlib import Path
from tempfile import TemporaryDirectory

from pysqlite3 import dbapi2
from sqlalchemy import Engine, make_url

from api.services.jobs.progress import Progress
from loaders.atomic_files import replace_file
from models.migrations.revisions import upgrade_database
from models.session import create_database_engine, is_postgres
from models.values.errors import InvalidArgumentError, InvalidDataError
from scripts.database.copy import copy_database
from scripts.database.invariants import check_database


class DigestDiffersError(InvalidDataError):
    """A backup is not the file that was once written, or its digest is missing."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"backup {path.name}: {reason}; take another backup")
        self.path = path
        self.reason = reason


class NoBackupError(InvalidArgumentError):
    """There is no such backup."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"there is no backup {path}; check the path")
        self.path = path


def digest_path(backup: Path) -> Path:
    """Tell where the digest of a backup stands."""
    return backup.with_name(f"{backup.name}.sha256")


def make_backup(engine: Engine, path: Path, tell: Progress) -> str:
    """Write a checked backup of a database that may be in use, and return its SHA-256."""
    with TemporaryDirectory(dir=path.parent, prefix=".backup-") as folder:
        copy = Path(folder) / "reparto.db"
        _copy_out(engine, copy, tell)
        tell(0.9, "checking the copy")
        with _opened(copy) as copied:
            check_database(copied)
        digest = _digest(copy)
        with replace_file(path) as target, copy.open("rb") as source:
            shutil.copyfileobj(source, target)
    with replace_file(digest_path(path)) as target:
        target.write(f"{digest}  {path.name}\n".encode())
    return digest


def restore_backup(path: Path, url: str, tell: Progress) -> str:
    """Put a backup in place of an empty database, or of none, and return its SHA-256."""
    digest = _check_digest(path)
    with TemporaryDirectory(prefix="reparto-restore-") as folder:
        copy = Path(folder) / "reparto.db"
        shutil.copyfile(path, copy)
        upgrade_database(f"sqlite:///{copy}")
        with _opened(copy) as backup:
            tell(0.1, "checking the backup")
            check_database(backup)
            _restore_into(backup, url, tell)
    return digest


def _restore_into(backup: Engine, url: str, tell: Progress) -> None:
    """Copy row by row: so a backup of one kind of database restores into the other."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite" and address.database:
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    upgrade_database(url)
    engine = create_database_engine(url)
    try:
        copy_database(backup, engine, tell)
        check_database(engine)
    finally:
        engine.dispose()


def _copy_out(engine: Engine, copy: Path, tell: Progress) -> None:
    """Copy page by page from a file, row by row from a server."""
    if is_postgres(engine):
        upgrade_database(f"sqlite:///{copy}")
        with _opened(copy) as target:
            copy_database(engine, target, tell)
        return
    tell(0.1, "copying the file")
    # The backup interface reads what is committed, while others write.
    with dbapi2.connect(engine.url.database) as source, dbapi2.connect(str(copy)) as target:
        source.backup(target)
    source.close()
    target.close()


@contextmanager
def _opened(path: Path) -> Iterator[Engine]:
    engine = create_database_engine(f"sqlite:///{path}")
    try:
        yield engine
    finally:
        engine.dispose()


def _check_digest(path: Path) -> str:
    """Compare a backup with the digest beside it."""
    if not path.is_file():
        raise NoBackupError(path)
    beside = digest_path(path)
    if not beside.is_file():
        raise DigestDiffersError(path, f"{beside.name} is missing")
    stated = beside.read_text("ascii", errors="replace").split()[:1]
    digest = _digest(path)
    if stated != [digest]:
        raise DigestDiffersError(path, "its SHA-256 is not the one that was written beside it")
    return digest


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
