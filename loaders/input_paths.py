"""Paths that a caller names, looked at before anything is opened."""

from collections.abc import Callable
from pathlib import Path

from loaders.faults import MissingInputError


def require_folder(path: Path) -> None:
    """Refuse a path where no folder is.

    Parameters
    ----------
    path : Path
        Any path, also one that the operating system does not take.

    Raises
    ------
    MissingInputError
        If there is no such folder.
    """
    _require(path, "folder", Path.is_dir)


def require_file(path: Path) -> None:
    """Refuse a path where nothing is; what is there may yet prove to be no file.

    Parameters
    ----------
    path : Path
        Any path, also one that the operating system does not take.

    Raises
    ------
    MissingInputError
        If there is nothing.
    """
    _require(path, "file", Path.exists)


def _require(path: Path, kind: str, look: Callable[[Path], bool]) -> None:
    """Look, and take what the operating system will not look at for missing."""
    try:
        is_there = look(path)
    except OSError:  # a name too long, or a folder above it that is closed
        is_there = False
    if not is_there:
        raise MissingInputError(path, kind)
