"""Reads the coefficients of a distributor's file that has no fault."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from loaders.decoding import UnreadableFileError
from loaders.distributor_file import Millionths
from loaders.distributor_file_check import (
    judge_distributor_lines,
    split_file_name,
)
from loaders.distributor_file_faults import FileFault
from loaders.distributor_file_lines import HOURS, FileLines, parse_distributor_lines
from loaders.faults import Fault, FaultyInputError
from models.values.cau import Cau
from models.values.cups import Cups


@dataclass(frozen=True, slots=True, eq=False)
class FiledCoefficients:
    """What a distributor's file says.

    Attributes
    ----------
    cau : Cau
        Installation that its name carries.
    year : int
        Year that its name carries.
    cups : tuple of Cups, length n_members
        Supply points, in the order in which they first stand in the file.
    millionths : ndarray of int64, shape (n_members,) or (n_members, 8760)
        Constant coefficients, or those of every hour of the file [millionths]; they sum to
        1,000,000, in every hour.
    """

    cau: Cau
    year: int
    cups: tuple[Cups, ...]
    millionths: Millionths

    @property
    def is_hourly(self) -> bool:
        """Whether every hour has coefficients of its own."""
        return self.millionths.ndim > 1


def parse_distributor_file(
    name: str, data: bytes, *, members: Sequence[Cups] | None = None, cau: Cau | None = None
) -> FiledCoefficients:
    """Read the bytes of a distributor's file, constant or hourly, that has no fault.

    Parameters
    ----------
    name : str
        The file's name, without folders.
    data : bytes
        Its content, LF or CRLF, its lines in any order.
    members : sequence of Cups, optional
        Supply points that must stand in it, and no others.
    cau : Cau, optional
        Installation that its name must carry.

    Returns
    -------
    FiledCoefficients
        Its coefficients.

    Raises
    ------
    FaultyInputError
        If it has a fault, with all of them, each with its code, or is larger than any such file.
    """
    try:
        lines = parse_distributor_lines(data)
    except UnreadableFileError as error:
        raise FaultyInputError((Fault(name, error.place, error.reason),)) from error
    return _gather(lines, name, members, cau)


def _gather(
    lines: FileLines, name: str, members: Sequence[Cups] | None, cau: Cau | None
) -> FiledCoefficients:
    faults = judge_distributor_lines(lines, name, members=members, cau=cau)
    parts = split_file_name(name)
    if faults or parts is None or lines.entries is None:
        raise FaultyInputError(tuple(_tell(name, fault) for fault in faults))
    entries, cups = lines.entries, tuple(Cups(each) for each in lines.supplies)
    table = np.empty((len(cups), HOURS if lines.is_hourly else 1), dtype=np.int64)
    table[entries.supplies, entries.hours - lines.is_hourly] = entries.millionths
    table = table if lines.is_hourly else table[:, 0]
    return FiledCoefficients(Cau(parts[0]), parts[1], cups, table)


def _tell(name: str, fault: FileFault) -> Fault:
    place = None if fault.line is None else f"line {fault.line}"
    return Fault(name, place, fault.message, fault.code.value)
