"""What became of a file of readings or prices, for the person who handed it in."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from api.services.file_imports.merge_months import MergeCounts
from loaders.meter_files.records import RejectedRow, Rejections, RowCode
from models.tables import ImportSubject
from models.values.errors import InvalidDataError


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file as it was handed in.

    Attributes
    ----------
    name : str
        Its name.
    sha256 : str
        Digest of its content, 64 hexadecimal digits.
    read_options : dict
        How its reader was told to read it, such as a mapping of columns.
    """

    name: str
    sha256: str
    read_options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MonthChange:
    """What a file did to one local month of a series.

    Attributes
    ----------
    month : str
        Name of the month, such as ``2023-01``.
    values : MergeCounts
        What became of its values.
    version : int
        The newest version of the month afterwards.
    qualities : dict of str to int
        The file's values by quality; empty for prices.
    """

    month: str
    values: MergeCounts
    version: int
    qualities: dict[str, int]


@dataclass(frozen=True, slots=True)
class SeriesChange:
    """What a file did to one series.

    Attributes
    ----------
    name : str
        CUPS or CAU of the meter; of prices, the code of their community.
    kind : str
        The channel, or what a price is paid for.
    months : tuple of MonthChange
        In order.
    """

    name: str
    kind: str
    months: tuple[MonthChange, ...]


@dataclass(frozen=True, slots=True)
class AllocatedMonth:
    """A month of an installation that was shared out before its inputs changed."""

    cau: str
    month: str


@dataclass(frozen=True, slots=True)
class Touched:
    """Results that rest on months which changed.

    Attributes
    ----------
    proposal_ids : tuple of UUID
        Proposals made with a year that holds such a month.
    allocated_months : tuple of AllocatedMonth
        Months that were shared out and must be shared out anew.
    """

    proposal_ids: tuple[UUID, ...] = ()
    allocated_months: tuple[AllocatedMonth, ...] = ()


@dataclass(frozen=True, slots=True)
class FileReport:
    """What an import of one file did, or would do.

    Attributes
    ----------
    community_id : UUID
        Whose readings or prices.
    subject : ImportSubject
        Which of these.
    format, file_name, sha256 : str
        What the file is.
    row_count : int
        Rows that its reader counted.
    accepted_count : int
        Values that were taken.
    rejected_counts : dict of str to int
        Rows and values that were not taken, by code.
    rejected : tuple of RejectedRow
        These one by one, as far as they are told.
    series : tuple of SeriesChange
        What the file did, meter by meter.
    touched : Touched
        Results that rest on what changed.
    notes : tuple of str
        What was decided that a reader should know.
    is_dry_run : bool
        Whether nothing was to be stored.
    is_repeat : bool
        Whether the file was stored before with the same options, so that this is its first report.
    """

    community_id: UUID
    subject: ImportSubject
    format: str
    file_name: str
    sha256: str
    row_count: int
    accepted_count: int
    rejected_counts: dict[str, int]
    rejected: tuple[RejectedRow, ...]
    series: tuple[SeriesChange, ...]
    touched: Touched
    notes: tuple[str, ...]
    is_dry_run: bool
    is_repeat: bool = False

    @property
    def rejected_count(self) -> int:
        """Rows and values that were not taken."""
        return sum(self.rejected_counts.values())

    @property
    def is_unchanged(self) -> bool:
        """Whether everything was stored already."""
        return all(month.values.is_unchanged for each in self.series for month in each.months)

    @property
    def corrected_months(self) -> dict[str, list[str]]:
        """Months with values that took the place of others, by series."""
        found = {
            f"{each.name} {each.kind}": [m.month for m in each.months if m.values.changed]
            for each in self.series
        }
        return {name: months for name, months in found.items() if months}

    def to_json(self) -> dict[str, Any]:
        """Give the report as plain JSON values."""
        document: dict[str, Any] = _ADAPTER.dump_python(self, mode="json")
        derived = {
            "rejected_count": self.rejected_count,
            "unchanged": self.is_unchanged,
            "corrected_months": self.corrected_months,
        }
        return document | derived

    @staticmethod
    def from_json(document: dict[str, Any]) -> "FileReport":
        """Read a report that was stored."""
        return _ADAPTER.validate_python(document)


_ADAPTER = TypeAdapter(FileReport)


class RejectedRowsError(InvalidDataError):
    """Some rows of a file cannot be taken, and nobody asked to take the others without them.

    Attributes
    ----------
    report : FileReport
        What the import would have done.
    """

    def __init__(self, report: FileReport) -> None:
        counts = ", ".join(f"{count} {code}" for code, count in report.rejected_counts.items())
        super().__init__(
            f"{report.rejected_count} rows or values of {report.file_name} cannot be taken"
            f" ({counts}), so nothing is stored: mend the file, or accept it in part"
        )
        self.report = report


def copy_rejections(rejections: Rejections) -> Rejections:
    """Copy what a reader rejected, to add to it.

    Parameters
    ----------
    rejections : Rejections
        What its reader rejected.

    Returns
    -------
    Rejections
        The same, apart.
    """
    return Rejections(list(rejections.told), rejections.counts.copy())


def reject_values(
    rejections: Rejections, code: RowCode, name: str, reason: str, count: int
) -> None:
    """Note that several values of one series are not taken, for one reason.

    Parameters
    ----------
    rejections : Rejections
        Takes the note.
    code : RowCode
        Why, for programs.
    name : str
        Whose values.
    reason : str
        Why and what to do, for people.
    count : int
        How many values.
    """
    rejections.add(None, code, name, f"{count} values: {reason}")
    rejections.counts[code] += count - 1


def count_accepted(series: Iterable[SeriesChange]) -> int:
    """Count the values of a file that were taken.

    Parameters
    ----------
    series : iterable of SeriesChange
        What the file did.

    Returns
    -------
    int
        New, changed and same ones, and those that gave way to better ones.
    """
    return sum(sum(asdict(month.values).values()) for each in series for month in each.months)
