"""Backups: one SQLite file beside its digest, checked when it is made and before it is used."""

import os
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from hashlib import file_digest
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

from pysqlite3 import dbapi2
from sqlalchemy import Engine

from api.services.jobs.progress import Progress
from loaders.atomic_files import replace_file
from loaders.number_text import show_name
from models.keyring import Keyring
from models.migrations.revisions import current_revision, upgrade_database
from models.session import create_database_engine, is_postgres
from models.values.errors import ConflictError, InvalidArgumentError, InvalidDataError
from scripts.database.copy import copy_database
from scripts.database.invariants import check_database
from scripts.database.refusals import telling_refusals
from scripts.database.target import opened_target

_OF_A_DATABASE = ("", "-wal", "-shm", "-journal")
"""What SQLite adds to a database's name for the files beside it."""


class DigestDiffersError(InvalidDataError):
    """A backup is not the file that was once written, or its digest is missing."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"backup {show_name(path.name)}: {reason}; take another backup")
        self.path = path
        self.reason = reason


class NoBackupError(InvalidArgumentError):
    """There is no such backup."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"there is no backup {show_name(path)}; check the path")
        self.path = path


class NoDatabaseError(InvalidDataError):
    """A file that is said to be a backup holds no database of reparto."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"backup {show_name(path.name)} holds no database of reparto; take another backup"
        )
        self.path = path


class OccupiedPathError(ConflictError):
    """A backup would replace a file that is none."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{show_name(path)} {reason}: name another file for the backup")
        self.path = path
        self.reason = reason


def digest_path(backup: Path) -> Path:
    """Tell where the digest of a backup stands."""
    return backup.with_name(f"{backup.name}.sha256")


def make_backup(engine: Engine, path: Path, tell: Progress) -> str:
    """Write a checked backup of a database that may be in use, and return its SHA-256."""
    with telling_refusals(f"write the backup {show_name(path)}"):
        _refuse_to_replace(engine, path)
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
            target.write(digest.encode() + b"  " + os.fsencode(path.name) + b"\n")
    return digest


def restore_backup(path: Path, url: str, tell: Progress, keyring: Keyring | None = None) -> str:
    """Put a backup in place of an empty database, or of none, and return its SHA-256.

    One that was made before accounts were sealed takes the keys.
    """
    with telling_refusals(f"read the backup {show_name(path)}"):
        digest, place = _check_digest(path), gettempdir()
    with (
        telling_refusals(f"copy the backup to {place}, or where TMPDIR says"),
        TemporaryDirectory(prefix="reparto-restore-") as folder,
    ):
        copy = Path(folder) / "reparto.db"
        shutil.copyfile(path, copy)
        with _opened(copy) as backup:
            if current_revision(backup) is None:
                raise NoDatabaseError(path)
        upgrade_database(f"sqlite:///{copy}", keyring)
        with _opened(copy) as backup:
            tell(0.1, "checking the backup")
            check_database(backup)
            with opened_target(url) as target:
                copy_database(backup, target, tell)
                check_database(target)
    return digest


def _refuse_to_replace(engine: Engine, path: Path) -> None:
    """Keep the database in use, and whatever was not written here."""
    if not is_postgres(engine):
        database = Path(str(engine.url.database))
        in_use = [database.with_name(f"{database.name}{suffix}") for suffix in _OF_A_DATABASE]
        for written in (path, digest_path(path)):
            if any(_is_same(written, file) for file in in_use):
                raise OccupiedPathError(written, "belongs to the database in use")
    if path.exists() and not digest_path(path).is_file():
        reason = f"is there already, and no backup: {show_name(digest_path(path).name)} is missing"
        raise OccupiedPathError(path, reason)


def _is_same(path: Path, other: Path) -> bool:
    """Tell whether two paths lead to one file, also where it is not there yet."""
    if path.exists() and other.exists():
        return path.samefile(other)
    return path.resolve() == other.resolve()


def _copy_out(engine: Engine, copy: Path, tell: Progress) -> None:
    """Copy page by page from a file, row by row from a server."""
    if is_postgres(engine):
        upgrade_database(f"sqlite:///{copy}")
        with _opened(copy) as target:
            copy_database(engine, target, tell)
        return
    tell(0.1, "copying the file")
    # The backup interface reads what is committed, while others write.
    with (
        closing(dbapi2.connect(engine.url.database)) as source,
        closing(dbapi2.connect(str(copy))) as target,
    ):
        source.backup(target)


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
