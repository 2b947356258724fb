"""The distributor's file of hourly coefficients (RD 244/2019, Annex I): 8,760 hours a member."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from loaders.distributor_file import UnfitCoefficientsError, name_distributor_file
from loaders.distributor_file_check import judge_distributor_lines, read_distributor_lines
from loaders.distributor_file_lines import HOURS, FileFault
from loaders.faults import Fault, FaultyInputError
from models.values.cau import Cau
from models.values.coefficient import MILLIONTHS
from models.values.cups import Cups
from models.values.errors import InvalidDataError

Millionths = NDArray[np.int64]

_DIGITS = 6
_ZERO = ord("0")


class NotHourlyError(InvalidDataError):
    """A sound file of coefficients names no hours.

    Attributes
    ----------
    name : str
        The file.
    """

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} holds constant coefficients, not hourly ones; pass an hourly file"
        )
        self.name = name


@dataclass(frozen=True, slots=True, eq=False)
class HourlyCoefficients:
    """What an hourly file says.

    Attributes
    ----------
    cups : tuple of Cups, length n_members
        Supply points, in the order in which they first stand in the file.
    millionths : ndarray of int64, shape (n_members, 8760)
        Coefficients; they sum to 1,000,000 in every hour.
    """

    cups: tuple[Cups, ...]
    millionths: Millionths


def format_hourly_file(cau: Cau, year: int, cups: Sequence[Cups], millionths: Millionths) -> bytes:
    r"""Give the bytes of a file of hourly coefficients.

    Parameters
    ----------
    cau : Cau
        The installation.
    year : int
        Year in which they hold.
    cups : sequence of Cups, length n_members
        Supply points, in the order of the file.
    millionths : ndarray of int64, shape (n_members, 8760)
        Their coefficients in every hour by the clock on the wall, without 29 February.

    Returns
    -------
    bytes
        ASCII without a mark, lines ``CUPS;0001;0,123456`` by hour and then by supply point, each
        ending in CRLF.

    Raises
    ------
    InvalidArgumentError
        If the year does not have four digits.
    UnfitCoefficientsError
        If an hour does not sum to exactly one, a supply point stands twice, or the table has
        another shape.
    InvalidDataError
        If a coefficient is not between zero and one.

    Notes
    -----
    The law fixes separator, decimal comma and sums; hours of four digits, their order and the
    line ends are what most distributors are known to take.

    Examples
    --------
    >>> cau, cups = Cau("ES0021000000000001RK0FA000"), [Cups("ES0021000000000001RK0F")]
    >>> content = format_hourly_file(cau, 2026, cups, np.full((1, 8760), 1_000_000))
    >>> content[:37], content[-6:]
    (b'ES0021000000000001RK0F;0001;1,000000\r', b'0000\r\n')
    """
    name_distributor_file(cau, year)
    _check_table(cau, cups, millionths)
    heads = [f"{each};" for each in cups]
    hours = _write_digits(np.arange(1, HOURS + 1), 4)
    wholes, fractions = np.divmod(millionths, MILLIONTHS)
    # A line of every member is as wide as every other of its own: tables of bytes, side by side.
    tables = [
        np.concatenate(
            (
                _repeat(head),
                hours,
                _repeat(";"),
                _write_digits(whole, 1),
                _repeat(","),
                _write_digits(fraction, _DIGITS),
                _repeat("\r\n"),
            ),
            axis=1,
        )
        for head, whole, fraction in zip(heads, wholes, fractions, strict=True)
    ]
    return np.concatenate(tables, axis=1).tobytes()


def _check_table(cau: Cau, cups: Sequence[Cups], millionths: Millionths) -> None:
    """Refuse what a distributor would send back."""
    if millionths.shape != (len(cups), HOURS) or not cups:
        reason = f"have shape {millionths.shape}, not {len(cups)} supply points by {HOURS} hours"
        raise UnfitCoefficientsError(cau, int(millionths.sum()), reason)
    if len(set(cups)) < len(cups):
        raise UnfitCoefficientsError(cau, int(millionths.sum()), "name a supply point twice")
    totals = millionths.sum(axis=0)
    wrong = np.flatnonzero(totals != MILLIONTHS)
    if wrong.size:
        total = int(totals[wrong[0]])
        reason = f"sum to {total} millionths in hour {wrong[0] + 1}, not {MILLIONTHS}"
        raise UnfitCoefficientsError(cau, total, f"{reason}; {wrong.size} hours are wrong")
    outside = np.flatnonzero((millionths < 0).any(axis=1))
    if outside.size:
        raise InvalidDataError(f"coefficients of {cups[outside[0]]} fall below 0")


def _repeat(text: str) -> NDArray[np.uint8]:
    """Write the same bytes into every hour, shape (8760, length)."""
    return np.broadcast_to(np.frombuffer(text.encode("ascii"), np.uint8), (HOURS, len(text)))


def _write_digits(numbers: NDArray[np.int64], count: int) -> NDArray[np.uint8]:
    """Write whole numbers in so many digits, shape (8760, count)."""
    places = 10 ** np.arange(count - 1, -1, -1)
    return (numbers[:, np.newaxis] // places % 10 + _ZERO).astype(np.uint8)


def read_hourly_file(
    path: Path, *, members: Sequence[Cups] | None = None, cau: Cau | None = None
) -> HourlyCoefficients:
    """Read a distributor's file of hourly coefficients that has no fault.

    Parameters
    ----------
    path : Path
        The file, LF or CRLF, its lines in any order.
    members : sequence of Cups, optional
        Supply points that must stand in it, and no others.
    cau : Cau, optional
        Installation that its name must carry.

    Returns
    -------
    HourlyCoefficients
        Coefficients in every hour.

    Raises
    ------
    MissingInputError
        If there is no such file.
    FaultyInputError
        If it has a fault, with all of them.
    NotHourlyError
        If it is sound, but holds constant coefficients.
    """
    lines = read_distributor_lines(path)
    faults = judge_distributor_lines(lines, path.name, members=members, cau=cau)
    if faults:
        raise FaultyInputError(
            tuple(Fault(path.name, _place_of(fault), fault.message) for fault in faults)
        )
    if not lines.is_hourly:
        raise NotHourlyError(path.name)
    row_of = {cups: row for row, cups in enumerate(lines.supplies)}
    millionths = np.empty((len(row_of), HOURS), dtype=np.int64)
    rows = [row_of[entry.cups] for entry in lines.entries]
    columns = [entry.hour - 1 for entry in lines.entries]
    millionths[rows, columns] = [int(entry.millionths) for entry in lines.entries]
    return HourlyCoefficients(tuple(Cups(each) for each in row_of), millionths)


def _place_of(fault: FileFault) -> str | None:
    return None if fault.line is None else f"line {fault.line}"
