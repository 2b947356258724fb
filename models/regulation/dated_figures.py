"""Figures of the law, each with the days on which it holds, its source and how sure we are."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any

from models.values.certainty import Certainty
from models.values.errors import InvalidArgumentError, InvalidDataError
from models.values.period import Period


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of the law and the days on which it holds.

    Attributes
    ----------
    value : Decimal
        The figure.
    unit : str
        Its unit.
    period : Period
        Days on which it holds.
    condition : str
        To what it applies, in words.
    source : str
        Where it stands.
    certainty : Certainty
        How it is known, its days included.
    """

    value: Decimal
    unit: str
    period: Period
    condition: str
    source: str
    certainty: Certainty


class UnknownFigureError(InvalidArgumentError):
    """The table holds no figure for a day.

    Attributes
    ----------
    name : str
        What was looked up.
    day : date
        The day.
    """

    def __init__(self, name: str, day: date, first: date) -> None:
        super().__init__(f"no {name} is known for {day}; the table begins on {first}")
        self.name = name
        self.day = day


class OverlappingFiguresError(InvalidDataError):
    """Two figures of one name claim the same day."""


@cache
def read_figures(table: str) -> dict[str, tuple[Figure, ...]]:
    """Read a table of this package.

    Parameters
    ----------
    table : str
        Name of the file, without its ending.

    Returns
    -------
    dict of str to tuple of Figure
        By name, in the order of their days.

    Raises
    ------
    OverlappingFiguresError
        If two figures of one name share a day.
    """
    text = files("models.regulation").joinpath(f"{table}.toml").read_text("utf-8")
    return {name: _order(name, rows) for name, rows in tomllib.loads(text).items()}


def _order(name: str, rows: list[dict[str, Any]]) -> tuple[Figure, ...]:
    """Put the figures of one name in the order of their days."""
    figures = sorted(map(_parse_figure, rows), key=lambda figure: figure.period.start)
    for earlier, later in pairwise(figures):
        if earlier.period.overlaps(later.period):
            raise OverlappingFiguresError(f"two figures of {name} hold on {later.period.start}")
    return tuple(figures)


def _parse_figure(row: dict[str, Any]) -> Figure:
    return Figure(
        value=Decimal(row["value"]),
        unit=row["unit"],
        period=Period(row["valid_from"], row.get("valid_until")),
        condition=row["condition"],
        source=row["source"],
        certainty=Certainty(row["certainty"]),
    )


def figure_on(name: str, figures: Sequence[Figure], day: date) -> Figure:
    """Pick the figure that holds on a day.

    Parameters
    ----------
    name : str
        What is looked up, for the error.
    figures : sequence of Figure
        In the order of their days.
    day : date
        Local day.

    Returns
    -------
    Figure
        The one in force.

    Raises
    ------
    UnknownFigureError
        If none holds.
    """
    for figure in figures:
        if figure.period.contains(day):
            return figure
    raise UnknownFigureError(name, day, figures[0].period.start)
