"""Paths that a caller names, looked at before anything is opened."""

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
    try:
        is_there = path.is_dir()
    except OSError:  # a name too long, or a folder above it that is closed
        is_there = False
    if not is_there:
        raise MissingInputError(path, "folder")


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
    try:
        is_there = path.exists()
    except OSError:  # a name too long, or a folder above it that is closed
        is_there = False
    if not is_there:
        raise MissingInputError(path, "file")
