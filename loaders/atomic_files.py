"""Files that appear whole or not at all."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from loaders.number_text import show_name
from models.values.errors import InvalidArgumentError


class UnwritableFileError(InvalidArgumentError):
    """A file cannot be written where it was asked for.

    Attributes
    ----------
    path : Path
        The file.
    reason : str
        What the operating system says.
    """

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"cannot write {show_name(path)}: {reason}; choose another place")
        self.path = path
        self.reason = reason


def make_folder(folder: Path) -> None:
    """Make a folder and those above it; one that exists stays as it is.

    Parameters
    ----------
    folder : Path
        The folder.

    Raises
    ------
    UnwritableFileError
        If the operating system refuses, or a file of that name stands in the way.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UnwritableFileError(folder, error.strerror or str(error)) from error


@contextmanager
def replace_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file that takes its name only once it is complete.

    The bytes go to a temporary name in the same folder, which replaces ``path`` when the block
    ends and vanishes when the block raises.

    Parameters
    ----------
    path : Path
        File to make or replace; its folder must exist.

    Yields
    ------
    BinaryIO
        Handle to write to.

    Raises
    ------
    UnwritableFileError
        If the operating system refuses to write or to rename.
    """
    temporary = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        try:
            with temporary.open("xb") as handle:
                yield handle
                handle.flush()
                os.fsync(handle.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise UnwritableFileError(path, error.strerror or str(error)) from error
