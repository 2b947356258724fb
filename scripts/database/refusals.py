"""What a disk or a database refuses, told without the driver's words: they quote what is stored."""

from collections.abc import Iterator
from contextlib import contextmanager

from pysqlite3 import dbapi2
from sqlalchemy.exc import StatementError

from models.values.errors import CommunityError, UnavailableError

_FULL = frozenset({"SQLITE_FULL", "53100", "database or disk is full"})
"""What tells of a full disk: codes, and SQLite's words where its backup gives no code."""


class StorageRefusalError(UnavailableError):
    """A disk or a database does not do what a copy, a backup or a check needs of it."""

    def __init__(self, task: str, reason: str) -> None:
        super().__init__(f"cannot {task}: {reason}")
        self.task = task
        self.reason = reason


@contextmanager
def telling_refusals(task: str) -> Iterator[None]:
    """Say what could not be done, and why, in a sentence."""
    try:
        yield
    except OSError as error:
        reason = f"{error.strerror or type(error).__name__}; make room, or choose another place"
        raise StorageRefusalError(task, reason) from error
    except StatementError as error:
        if isinstance(error.orig, CommunityError):
            raise error.orig from error
        raise StorageRefusalError(task, _reason(error.orig)) from error
    except dbapi2.Error as error:
        raise StorageRefusalError(task, _reason(error)) from error


def _reason(error: BaseException | None) -> str:
    """Name a driver's error by its code alone."""
    own = getattr(error, "sqlstate", None) or getattr(error, "sqlite_errorname", None)
    if own in _FULL or str(error) in _FULL:
        return "the disk is full; make room and try again"
    code = own or type(error).__name__
    return f"the database answers {code}; check its disk and its log"
