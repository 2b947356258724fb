"""What can be wrong with a distributor's file, under stable names."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from loaders.faults import ALIKE_LISTED


class FaultCode(StrEnum):
    """Stable names of what can be wrong with a distributor's file."""

    NAME_SHAPE = "name_shape"
    CAU_CHECK = "cau_check"
    CAU_MISMATCH = "cau_mismatch"
    ENCODING = "encoding"
    BOM = "bom"
    MALFORMED_LINE = "malformed_line"
    CUPS_LENGTH = "cups_length"
    CUPS_CHECK = "cups_check"
    DUPLICATE_CUPS = "duplicate_cups"
    UNKNOWN_CUPS = "unknown_cups"
    MISSING_CUPS = "missing_cups"
    DECIMAL_SEPARATOR = "decimal_separator"
    SCALE = "scale"
    RANGE = "range"
    SUM = "sum"
    HOUR_MISSING = "hour_missing"
    HOUR_REPEATED = "hour_repeated"


@dataclass(frozen=True, slots=True)
class FileFault:
    """One thing that is wrong; ``line`` is None when the file as a whole is meant."""

    line: int | None
    code: FaultCode
    message: str


class FaultTally:
    """Collects the faults of a file; past ``ALIKE_LISTED`` of one code they are only counted."""

    def __init__(self) -> None:
        self._listed: list[FileFault] = []
        self._counts: Counter[FaultCode] = Counter()

    def note(self, line: int | None, code: FaultCode, message: str) -> None:
        """Note one fault."""
        self.note_alike(code, 1, lambda _: (line, message))

    def note_alike(
        self, code: FaultCode, count: int, tell: Callable[[int], tuple[int | None, str]]
    ) -> None:
        """Note faults of one code; ``tell`` gives line and message of those that are listed."""
        room = max(ALIKE_LISTED - self._counts[code], 0)
        self._listed.extend(
            FileFault(line, code, message) for line, message in map(tell, range(min(count, room)))
        )
        self._counts[code] += count

    def sort(self) -> None:
        """Put what is listed so far in the order of the lines."""
        self._listed.sort(key=lambda fault: fault.line or 0)

    def all(self) -> list[FileFault]:
        """Give the faults; those only counted follow, each code as one fault."""
        rest = {code: count - ALIKE_LISTED for code, count in self._counts.items()}
        return [
            *self._listed,
            *(
                FileFault(None, code, f"and {count} more like it")
                for code, count in rest.items()
                if count > 0
            ),
        ]
