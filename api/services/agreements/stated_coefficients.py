"""Coefficients that a file states: a distributor's file, or a table that somebody keeps."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np

from loaders.archived_files import NamedFile, expand_upload
from loaders.coefficient_table import FaultyCoefficientsError, read_coefficient_table
from loaders.decoding import LARGEST_FILE_BYTES, UnreadableFileError
from loaders.detection import detect_file
from loaders.distributor_file_check import split_file_name
from loaders.distributor_file_faults import FileFault
from loaders.distributor_file_reader import parse_distributor_file
from loaders.faults import Fault, FaultyInputError
from loaders.file_formats import FileFormat
from loaders.number_text import show_name
from models.values.cau import Cau
from models.values.coefficient import MILLIONTHS
from models.values.errors import InvalidArgumentError, InvalidDataError
from planner.coefficients.problem import Millionths
from planner.coefficients.rules import round_by_largest_remainder

_FILED = (FileFormat.DISTRIBUTOR_CONSTANT, FileFormat.DISTRIBUTOR_HOURLY)
_TABLES = (
    FileFormat.COEFFICIENT_TABLE,
    FileFormat.MEMBERS_LIST,
    FileFormat.TABLE_CSV,
    FileFormat.TABLE_XLSX,
)


class SeveralFilesError(InvalidArgumentError):
    """An archive packs more than the one file that an agreement is drafted of."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{show_name(name)} packs several files: send the one of the coefficients")
        self.name = name


class NotCoefficientsError(InvalidDataError):
    """A file is no file of coefficients.

    Attributes
    ----------
    format : FileFormat
        What it seems to be.
    name : str
        Name of the file, as it can be shown.
    reason : str
        What tells its format.
    """

    def __init__(self, name: str, form: FileFormat, reason: str) -> None:
        super().__init__(f"{show_name(name)} holds no coefficients: it {reason}")
        self.name = show_name(name)
        self.format = form
        self.reason = reason


class UnnamedPlantError(InvalidArgumentError):
    """A table of coefficients was given, and nobody said of which plant and year it is."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{show_name(name)} is a table, which names no plant and no year: name them beside it"
        )
        self.name = name


class FileYearContradictedError(InvalidArgumentError):
    """A distributor's file is of another year than was said.

    Attributes
    ----------
    named, asked : int
        Year in its name, and the other.
    name : str
        Name of the file, as it can be shown.
    """

    def __init__(self, name: str, named: int, asked: int) -> None:
        super().__init__(
            f"{show_name(name)} is the file of {named}, not of {asked}: give the same year, or "
            "rename the file"
        )
        self.name = show_name(name)
        self.named = named
        self.asked = asked


@dataclass(frozen=True, slots=True, eq=False)
class StatedCoefficients:
    """What a file of coefficients states.

    Attributes
    ----------
    cau : Cau
        The plant.
    file_year : int
        Year of the distributor's file.
    millionths : mapping of str to int
        Coefficient of each CUPS [millionths]; of an hourly file, the mean of its hours.
    hours : mapping of str to ndarray of int64, shape (8760,), or None
        Those of every hour, of an hourly file [millionths].
    notes : tuple of str
        How the numbers of a table were understood.
    """

    cau: Cau
    file_year: int
    millionths: Mapping[str, int]
    hours: Mapping[str, Millionths] | None = None
    notes: tuple[str, ...] = ()


def unpack_only_file(name: str, data: bytes, most_bytes: int = LARGEST_FILE_BYTES) -> NamedFile:
    """Give the one file that was handed in, plain or packed.

    Parameters
    ----------
    name : str
        Name under which it was handed in.
    data : bytes
        Its content.
    most_bytes : int, optional
        Bytes of it after expansion.

    Returns
    -------
    NamedFile
        The file.

    Raises
    ------
    FaultyArchiveError, OversizedArchiveError
        If it cannot be expanded, or is larger than allowed.
    SeveralFilesError
        If it packs more than one.
    """
    files = expand_upload(name, data, most_bytes)
    first = next(files)
    if next(files, None) is not None:
        raise SeveralFilesError(name)
    return first


def is_distributor_file(file: NamedFile) -> bool:
    """Tell whether a file is meant for the distributor, by its content or else by its name.

    Parameters
    ----------
    file : NamedFile
        Any file, expanded.

    Returns
    -------
    bool
        True for one with faults too.
    """
    name = _base_name(file)
    return detect_file(name, file.content).format in _FILED or split_file_name(name) is not None


def read_stated_coefficients(
    file: NamedFile, *, cau: Cau | None = None, file_year: int | None = None
) -> StatedCoefficients:
    """Read a distributor's file, constant or hourly, or a table of coefficients.

    Parameters
    ----------
    file : NamedFile
        The file, expanded; the name of a distributor's file carries plant and year.
    cau : Cau, optional
        The plant; a table has to be told, a distributor's file has to agree.
    file_year : int, optional
        Year of the distributor's file, likewise.

    Returns
    -------
    StatedCoefficients
        They sum to one, in every hour.

    Raises
    ------
    FaultyInputError
        If the file has a fault, its name included, with all of them and their codes.
    FaultyArchiveError, OversizedArchiveError
        If it is a damaged workbook, or one that expands beyond measure.
    NotCoefficientsError
        If it is something else, known or not.
    UnnamedPlantError
        If plant or year of a table were not told.
    FileYearContradictedError
        If a distributor's file is of another year.
    """
    if is_distributor_file(file):
        return _read_filed(file, cau, file_year)
    detection = detect_file(file.name, file.content)
    if detection.format not in _TABLES:
        raise NotCoefficientsError(file.name, detection.format, detection.reason)
    if cau is None or file_year is None:
        raise UnnamedPlantError(file.name)
    try:
        table = read_coefficient_table(file.content)
    except FaultyCoefficientsError as error:
        raise FaultyInputError(tuple(_tell(file.name, error.faults))) from error
    except UnreadableFileError as error:
        fault = Fault(file.name, error.place, error.reason)
        raise FaultyInputError((fault,)) from error
    millionths = dict(zip(map(str, table.cups), table.millionths, strict=True))
    return StatedCoefficients(cau, file_year, millionths, notes=table.notes)


def _read_filed(file: NamedFile, cau: Cau | None, file_year: int | None) -> StatedCoefficients:
    """Read a distributor's file; of hours, state their means too."""
    filed = parse_distributor_file(_base_name(file), file.content, cau=cau)
    if file_year not in (None, filed.year):
        raise FileYearContradictedError(file.name, filed.year, file_year)
    cups = [str(each) for each in filed.cups]
    means, hours = filed.millionths, None
    if filed.is_hourly:
        by_cups = np.argsort(np.argsort(cups))
        means = round_by_largest_remainder(filed.millionths.mean(axis=1) / MILLIONTHS, by_cups)
        hours = dict(zip(cups, filed.millionths, strict=True))
    millionths = dict(zip(cups, means.tolist(), strict=True))
    return StatedCoefficients(filed.cau, filed.year, millionths, hours)


def _tell(name: str, faults: Iterable[FileFault]) -> Iterable[Fault]:
    for fault in faults:
        place = None if fault.line is None else f"row {fault.line}"
        yield Fault(name, place, fault.message, fault.code.value)


def _base_name(file: NamedFile) -> str:
    """Leave out the folders of an archive: the name itself counts."""
    return PurePosixPath(file.name).name
