"""Faults of what was handed in: each with its file, its place and the reason."""

import re
from dataclasses import dataclass
from pathlib import Path

from models.values.errors import InvalidArgumentError, InvalidDataError

FAULTS_SHOWN = 20
"""Faults that the error's own text lists; the error carries all of them."""

FAULTS_KEPT = 100_000
"""Faults of one file that are listed one by one, so that a hostile file cannot fill the memory."""

_DIGITS = re.compile(r"([0-9]+)")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with one file.

    Attributes
    ----------
    file : str
        Name of the file inside its folder.
    place : str or None
        Line, timestamp or column; None when the file as a whole is meant.
    reason : str
        What is wrong.

    Examples
    --------
    >>> print(Fault("members.csv", "line 3", "member_id is empty"))
    members.csv, line 3: member_id is empty
    """

    file: str
    place: str | None
    reason: str

    def __str__(self) -> str:
        where = self.file if self.place is None else f"{self.file}, {self.place}"
        return f"{where}: {self.reason}"

    def __lt__(self, other: "Fault") -> bool:
        """Order by file, then place with ``line 9`` before ``line 10``, then reason."""
        return self._sort_key() < other._sort_key()

    def _sort_key(self) -> tuple[str, list[str | int], str]:
        # split() alternates text and digits, so the same kinds always meet in a comparison
        parts = _DIGITS.split(self.place or "")
        place = [int(part) if i % 2 else part for i, part in enumerate(parts)]
        return self.file, place, self.reason


class FaultyInputError(InvalidDataError):
    """Files contradict their form.

    Attributes
    ----------
    faults : tuple of Fault
        All of them, in order.
    """

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self.faults = faults
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        lines = [f"{count} in the input", *map(str, faults[:FAULTS_SHOWN])]
        if len(faults) > FAULTS_SHOWN:
            lines.append(f"and {len(faults) - FAULTS_SHOWN} more")
        super().__init__("\n".join(lines))


class MissingInputError(InvalidArgumentError):
    """The folder or file that was asked for is not there.

    Attributes
    ----------
    path : Path
        Where it was looked for.
    kind : str
        ``folder`` or ``file``.
    """

    def __init__(self, path: Path, kind: str) -> None:
        super().__init__(f"there is no {kind} {path}; check the path")
        self.path = path
        self.kind = kind


class FileFaults:
    """Collects the faults of one file."""

    def __init__(self, file: str) -> None:
        self.file = file
        self._listed: list[Fault] = []
        self._omitted = 0

    @property
    def room(self) -> int:
        """How many more faults will be listed one by one."""
        return FAULTS_KEPT - len(self._listed)

    def add(self, place: str | None, reason: str) -> None:
        """Note one fault; past ``FAULTS_KEPT`` they are only counted."""
        if self.room:
            self._listed.append(Fault(self.file, place, reason))
        else:
            self.omit(1)

    def omit(self, count: int) -> None:
        """Count faults that are not listed."""
        self._omitted += count

    def all(self) -> list[Fault]:
        """Give the faults in order; those only counted make one more at the end."""
        rest = f"{self._omitted} more faults are not listed"
        return sorted(self._listed) + ([Fault(self.file, None, rest)] if self._omitted else [])


class FaultLog:
    """Collects the faults of one pass over several files."""

    def __init__(self) -> None:
        self._files: dict[str, FileFaults] = {}

    def of(self, file: str) -> FileFaults:
        """Give the place where a file's faults are noted."""
        return self._files.setdefault(file, FileFaults(file))

    def faults(self) -> tuple[Fault, ...]:
        """Give the faults of all files, file by file."""
        return tuple(fault for file in sorted(self._files) for fault in self._files[file].all())
