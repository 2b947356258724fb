"""Writes the distributor's file of coefficients (RD 244/2019, Annex I): ``CAU_YYYY.txt``."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from loaders.file_profile import DEFAULT_PROFILE, FileProfile, HourDigits, RowOrder
from models.values.calendar import CLOCK_HOURS
from models.values.cau import Cau
from models.values.coefficient import MILLIONTHS, format_coefficient
from models.values.cups import Cups
from models.values.errors import InvalidArgumentError, InvalidDataError

Millionths = NDArray[np.int64]

_DIGITS = 6
_ZERO = ord("0")
_HOURS_OF_FOUR_DIGITS = ((1, CLOCK_HOURS, 4),)
_HOURS_AS_NEEDED = ((1, 9, 1), (10, 99, 2), (100, 999, 3), (1000, CLOCK_HOURS, 4))


class UnfitCoefficientsError(InvalidDataError):
    """Coefficients that a distributor would send back.

    Attributes
    ----------
    cau : Cau
        The installation.
    total_millionths : int
        What they sum to [millionths].
    reason : str
        What is wrong with them.
    """

    def __init__(self, cau: Cau, total_millionths: int, reason: str) -> None:
        super().__init__(f"coefficients of {cau} {reason}")
        self.cau = cau
        self.total_millionths = total_millionths
        self.reason = reason


def name_distributor_file(cau: Cau, year: int) -> str:
    """Name the file of an installation and a year.

    Parameters
    ----------
    cau : Cau
        The installation.
    year : int
        Year from which the coefficients hold.

    Returns
    -------
    str
        ``CAU_YYYY.txt``.

    Raises
    ------
    InvalidArgumentError
        If the year does not have four digits.

    Examples
    --------
    >>> name_distributor_file(Cau("ES0021000000000001RK0FA000"), 2026)
    'ES0021000000000001RK0FA000_2026.txt'
    """
    if not 1000 <= year <= 9999:
        raise InvalidArgumentError(f"year {year} does not have four digits")
    return f"{cau}_{year}.txt"


def format_constant_file(
    cau: Cau,
    year: int,
    cups: Sequence[Cups],
    millionths: Sequence[int],
    profile: FileProfile = DEFAULT_PROFILE,
) -> bytes:
    r"""Give the bytes of a file of constant coefficients.

    Parameters
    ----------
    cau : Cau
        The installation.
    year : int
        Year from which they hold.
    cups : sequence of Cups, length n_members
        Supply points, in the order of the file.
    millionths : sequence of int, length n_members
        Their coefficients [millionths].
    profile : FileProfile
        Line ends.

    Returns
    -------
    bytes
        ASCII without a mark, lines ``CUPS;0,123456``.

    Raises
    ------
    InvalidArgumentError
        If the year does not have four digits.
    UnfitCoefficientsError
        If they do not sum to exactly one, a supply point stands twice, or there are not as many
        coefficients as supply points.
    InvalidDataError
        If a coefficient is not between zero and one.

    Notes
    -----
    The law fixes the separator, the decimal comma and the sum (RD 244/2019, Annex I); the rest is
    the profile's. A CUPS of 20 characters is written as it is.

    Examples
    --------
    >>> cau = Cau("ES0021000000000001RK0FA000")
    >>> format_constant_file(cau, 2026, [Cups("ES0021000000000001RK0F")], [1_000_000])
    b'ES0021000000000001RK0F;1,000000\r\n'
    """
    name_distributor_file(cau, year)
    total = sum(millionths)
    if len(millionths) != len(cups):
        reason = f"are {len(millionths)}, not one for each of {len(cups)} supply points"
        raise UnfitCoefficientsError(cau, total, reason)
    if total != MILLIONTHS:
        raise UnfitCoefficientsError(cau, total, f"sum to {total} millionths, not {MILLIONTHS}")
    _refuse_repeated(cau, cups, total)
    lines = (
        f"{each};{format_coefficient(share, ',')}{profile.line_end.text}"
        for each, share in zip(cups, millionths, strict=True)
    )
    return _end_file("".join(lines).encode("ascii"), profile)


def format_hourly_file(
    cau: Cau,
    year: int,
    cups: Sequence[Cups],
    millionths: Millionths,
    profile: FileProfile = DEFAULT_PROFILE,
) -> bytes:
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
        Their coefficients in the hours of the file [millionths], numbered as the profile's hour
        index says: see ``models.values.calendar.hours_of_file``.
    profile : FileProfile
        Line ends, digits of the hour, order of the lines.

    Returns
    -------
    bytes
        ASCII without a mark, lines ``CUPS;0001;0,123456``; who has no share in an hour stands in
        it with ``0,000000``.

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
    The law fixes the separators, the decimal comma and the sums (RD 244/2019, Annex I, as amended
    by TED/1247/2021); the rest is the profile's.

    Examples
    --------
    >>> cau, cups = Cau("ES0021000000000001RK0FA000"), [Cups("ES0021000000000001RK0F")]
    >>> content = format_hourly_file(cau, 2026, cups, np.full((1, 8760), 1_000_000))
    >>> content[:37], content[-6:]
    (b'ES0021000000000001RK0F;0001;1,000000\r', b'0000\r\n')
    """
    name_distributor_file(cau, year)
    _check_table(cau, cups, millionths)
    is_padded = profile.hour_digits is HourDigits.FOUR
    blocks = [
        [
            _write_lines(each, (first, last, digits), shares[first - 1 : last], profile)
            for each, shares in zip(cups, millionths, strict=True)
        ]
        for first, last, digits in (_HOURS_OF_FOUR_DIGITS if is_padded else _HOURS_AS_NEEDED)
    ]
    if profile.row_order is RowOrder.HOUR:
        parts = [np.concatenate(tables, axis=1).tobytes() for tables in blocks]
    else:
        parts = [table.tobytes() for tables in zip(*blocks, strict=True) for table in tables]
    return _end_file(b"".join(parts), profile)


def _refuse_repeated(cau: Cau, cups: Sequence[Cups], total: int) -> None:
    if len(set(cups)) < len(cups):
        raise UnfitCoefficientsError(cau, total, "name a supply point twice")


def _check_table(cau: Cau, cups: Sequence[Cups], millionths: Millionths) -> None:
    """Refuse what a distributor would send back."""
    if millionths.shape != (len(cups), CLOCK_HOURS) or not cups:
        shape = f"{len(cups)} supply points by {CLOCK_HOURS} hours"
        reason = f"have shape {millionths.shape}, not {shape}"
        raise UnfitCoefficientsError(cau, int(millionths.sum()), reason)
    _refuse_repeated(cau, cups, int(millionths.sum()))
    totals = millionths.sum(axis=0)
    wrong = np.flatnonzero(totals != MILLIONTHS)
    if wrong.size:
        total = int(totals[wrong[0]])
        reason = f"sum to {total} millionths in hour {wrong[0] + 1}, not {MILLIONTHS}"
        raise UnfitCoefficientsError(cau, total, f"{reason}; {wrong.size} hours are wrong")
    outside = np.flatnonzero((millionths < 0).any(axis=1))
    if outside.size:
        raise InvalidDataError(f"coefficients of {cups[outside[0]]} fall below 0")


def _write_lines(
    cups: Cups, hours: tuple[int, int, int], shares: Millionths, profile: FileProfile
) -> NDArray[np.uint8]:
    """Write a supply point's lines of hours with as many digits, a row of bytes each."""
    first, last, digits = hours
    wholes, fractions = np.divmod(shares, MILLIONTHS)
    columns = (
        _repeat(f"{cups};", shares.size),
        _write_digits(np.arange(first, last + 1), digits),
        _repeat(";", shares.size),
        _write_digits(wholes, 1),
        _repeat(",", shares.size),
        _write_digits(fractions, _DIGITS),
        _repeat(profile.line_end.text, shares.size),
    )
    return np.concatenate(columns, axis=1)


def _repeat(text: str, n_lines: int) -> NDArray[np.uint8]:
    """Write the same bytes into every line, shape (n_lines, length)."""
    return np.broadcast_to(np.frombuffer(text.encode("ascii"), np.uint8), (n_lines, len(text)))


def _write_digits(numbers: NDArray[np.int64], count: int) -> NDArray[np.uint8]:
    """Write whole numbers in so many digits, shape (n_lines, count)."""
    places = 10 ** np.arange(count - 1, -1, -1)
    return (numbers[:, np.newaxis] // places % 10 + _ZERO).astype(np.uint8)


def _end_file(content: bytes, profile: FileProfile) -> bytes:
    """Take the last line's end away where the profile has none."""
    end = profile.line_end.text.encode("ascii")
    return content if profile.has_final_line_end else content.removesuffix(end)
