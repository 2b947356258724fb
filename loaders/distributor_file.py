"""The distributor's file of coefficients (RD 244/2019, Annex I): ``CAU_YYYY.txt``."""

from collections.abc import Sequence

from models.values.cau import Cau
from models.values.coefficient import MILLIONTHS, format_coefficient
from models.values.cups import Cups
from models.values.errors import InvalidArgumentError, InvalidDataError


class UnfitCoefficientsError(InvalidDataError):
    """Coefficients that a distributor would send back.

    Attributes
    ----------
    cau : Cau
        The installation.
    total_millionths : int
        What they sum to [millionths].
    """

    def __init__(self, cau: Cau, total_millionths: int, reason: str) -> None:
        super().__init__(f"coefficients of {cau} {reason}")
        self.cau = cau
        self.total_millionths = total_millionths


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


def format_distributor_file(cau: Cau, year: int, coefficients: Sequence[tuple[Cups, int]]) -> bytes:
    r"""Give the bytes of a file of constant coefficients.

    Parameters
    ----------
    cau : Cau
        The installation.
    year : int
        Year from which they hold.
    coefficients : sequence of (Cups, int)
        Supply points and their coefficients [millionths], in the order of the file.

    Returns
    -------
    bytes
        ASCII without a mark, lines ``CUPS;0,123456`` that end in CRLF, the last one too.

    Raises
    ------
    InvalidArgumentError
        If the year does not have four digits.
    UnfitCoefficientsError
        If they do not sum to exactly one or a supply point stands twice.
    InvalidDataError
        If a coefficient is not between zero and one.

    Notes
    -----
    The law fixes the separator, the decimal comma and the sum; the line ends are what most
    distributors are known to take. A CUPS of 20 characters is written as it is.

    Examples
    --------
    >>> cau = Cau("ES0021000000000001RK0FA000")
    >>> format_distributor_file(cau, 2026, [(Cups("ES0021000000000001RK0F"), 1_000_000)])
    b'ES0021000000000001RK0F;1,000000\r\n'
    """
    name_distributor_file(cau, year)
    total = sum(millionths for _, millionths in coefficients)
    if total != MILLIONTHS:
        raise UnfitCoefficientsError(cau, total, f"sum to {total} millionths, not {MILLIONTHS}")
    if len({cups for cups, _ in coefficients}) < len(coefficients):
        raise UnfitCoefficientsError(cau, total, "name a supply point twice")
    lines = (f"{cups};{format_coefficient(share, ',')}\r\n" for cups, share in coefficients)
    return "".join(lines).encode("ascii")
