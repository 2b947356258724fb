"""Faults of what was handed in: each with its file, its place and the reason."""

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from loaders.number_text import show_name
from models.values.errors import InvalidArgumentError, InvalidDataError

FAULTS_SHOWN = 20
"""Faults that the error's own text lists; the error carries all of them."""

FAULTS_KEPT = 100_000
"""Faults of one file that are told apart, so that a hostile file cannot fill the memory."""

ALIKE_LISTED = 1_000
"""Faults of one kind that one file lists one by one, so that they do not bury the others."""

_DIGITS = re.compile(r"([0-9]{1,15})")  # int() refuses thousands of digits


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
    code : str or None
        Stable name of it, where the format has names for what can be wrong.

    Examples
    --------
    >>> print(Fault("members.csv", "line 3", "member_id is empty"))
    members.csv, line 3: member_id is empty
    """

    file: str
    place: str | None
    reason: str
    code: str | None = None

    def __str__(self) -> str:
        file = show_name(self.file)
        where = file if self.place is None else f"{file}, {self.place}"
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
        super().__init__(f"there is no {kind} {show_name(path)}; check the path")
        self.path = path
        self.kind = kind


class FileFaults:
    """Collects the faults of one file."""

    def __init__(self, file: str) -> None:
        self.file = file
        self._listed: list[Fault] = []
        self._count = 0
        self._count_by_kind: Counter[str] = Counter()
        self._alike: Counter[tuple[str | None, str]] = Counter()
        self._omitted = 0

    @property
    def room(self) -> int:
        """How many more faults will be told apart."""
        return FAULTS_KEPT - self._count

    def add(
        self,
        place: str | None,
        reason: str,
        *,
        kind: str | None = None,
        column: str | None = None,
    ) -> None:
        """Note one fault; past ``ALIKE_LISTED`` of one kind they are counted by column.

        Without a kind, the same reason makes the same kind. Past ``FAULTS_KEPT`` all are counted
        together.
        """
        if not self.room:
            self.omit(1)
            return
        kind = kind or reason
        self._count += 1
        self._count_by_kind[kind] += 1
        if self._count_by_kind[kind] <= ALIKE_LISTED:
            self._listed.append(Fault(self.file, place, reason))
        else:
            self._alike[column and f"column {column}", kind] += 1

    def omit(self, count: int) -> None:
        """Count faults that are not listed."""
        self._omitted += count

    def all(self) -> list[Fault]:
        """Give the faults in order; those only counted follow, each count as one fault."""
        alike = [
            Fault(self.file, column, f"and {count} more like it: {kind}")
            for (column, kind), count in self._alike.items()
        ]
        rest = Fault(self.file, None, f"{self._omitted} more faults are not listed")
        return sorted(self._listed) + sorted(alike) + ([rest] if self._omitted else [])


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
