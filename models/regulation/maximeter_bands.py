"""The bands by which power was billed until May 2021 (RD 1164/2001, article 9.1.2)."""

from dataclasses import dataclass
from datetime import date

from models.regulation.dated_figures import Figure, figure_on, read_figures


@dataclass(frozen=True, slots=True)
class MaximeterBands:
    """What the power that is billed follows from.

    Below ``least_share`` of the contracted power, that share is billed; up to ``most_share``, the
    maximum itself; above it, the maximum and ``excess_factor`` times what exceeds that share.

    Attributes
    ----------
    least_share, most_share : Figure
        Of the contracted power [share].
    excess_factor : Figure
        How often the excess is added [times].
    """

    least_share: Figure
    most_share: Figure
    excess_factor: Figure


def maximeter_bands_on(day: date) -> MaximeterBands:
    """Give the bands on a day.

    Parameters
    ----------
    day : date
        Local day.

    Returns
    -------
    MaximeterBands
        Its three figures.

    Raises
    ------
    UnknownFigureError
        If the bands were not in force: they ended before 1 June 2021.

    Examples
    --------
    >>> maximeter_bands_on(date(2020, 6, 1)).least_share.value
    Decimal('0.85')
    """
    table = read_figures("maximeter_bands")
    return MaximeterBands(
        **{name: figure_on(f"maximeter band ({name})", rows, day) for name, rows in table.items()}
    )
