"""Figures of the law, each with the days on which it holds, its source and how sure we are.

A table is a TOML file of this package. Each of its names has rows, and for every day and supply at
most one of them. A row has one ``value``, or ``values`` by tariff period. It may say for which
supplies it is (``scope``), and what would be true under an assumption (``assuming``).
"""

import tomllib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from itertools import combinations
from typing import Any, TypeVar

from models.regulation.assumptions import Assumption, Assumptions
from models.regulation.supply_scopes import EVERY_SUPPLY, Scope, Supply, SupplyUse
from models.values.certainty import Certainty
from models.values.errors import InvalidArgumentError, InvalidDataError
from models.values.period import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """What every row of a table says.

    Attributes
    ----------
    unit : str
        Unit of the figure.
    period : Period
        Days on which it holds.
    condition : str
        To what it applies, in words.
    source : str
        Where it stands.
    certainty : Certainty
        How it is known, its days included.
    scope : Scope
        For which supplies it is.
    """

    unit: str
    period: Period
    condition: str
    source: str
    certainty: Certainty
    scope: Scope = EVERY_SUPPLY


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure(Dated):
    """A figure of the law and the days on which it holds.

    Attributes
    ----------
    value : Decimal
        The figure.
    alternatives : tuple of (Assumption, Decimal)
        What it is instead under an assumption.
    """

    value: Decimal
    alternatives: tuple[tuple[Assumption, Decimal], ...] = ()

    def under(self, assumed: Assumptions) -> "Figure":
        """Give the figure under what is assumed; itself where that does not touch it."""
        for assumption, value in self.alternatives:
            if assumption in assumed:
                return replace(self, value=value)
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodFigures(Dated):
    """One figure for every tariff period.

    Attributes
    ----------
    values : tuple of Decimal
        The figures, of P1 first.
    """

    values: tuple[Decimal, ...]


DatedT = TypeVar("DatedT", bound=Dated)


class UnknownFigureError(InvalidArgumentError):
    """The table holds no figure for a day.

    Attributes
    ----------
    name : str
        What was looked up.
    day : date
        The day.
    """

    def __init__(self, name: str, day: date, first: date, end: date | None) -> None:
        known = f"the table begins on {first}"
        known += f" and ends before {end}" if end else ""
        super().__init__(f"no {name} is known for {day}; {known}")
        self.name = name
        self.day = day


class OverlappingFiguresError(InvalidDataError):
    """Two figures of one name claim the same day for the same supply."""


@cache
def read_figures(table: str) -> dict[str, tuple[Figure, ...]]:
    """Read a table of single figures.

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
        If two figures of one name share a day and a supply.
    """
    return _read(table, _parse_figure)


@cache
def read_period_figures(table: str) -> dict[str, tuple[PeriodFigures, ...]]:
    """Read a table of figures by tariff period.

    Parameters
    ----------
    table : str
        Name of the file, without its ending.

    Returns
    -------
    dict of str to tuple of PeriodFigures
        By name, in the order of their days.

    Raises
    ------
    OverlappingFiguresError
        If two rows of one name share a day and a supply.
    """
    return _read(table, _parse_period_figures)


def _read(table: str, parse: Callable[[dict[str, Any]], DatedT]) -> dict[str, tuple[DatedT, ...]]:
    text = files("models.regulation").joinpath(f"{table}.toml").read_text("utf-8")
    return {name: _order(name, map(parse, rows)) for name, rows in tomllib.loads(text).items()}


def _order(name: str, rows: Iterable[DatedT]) -> tuple[DatedT, ...]:
    """Put the figures of one name in the order of their days."""
    figures = sorted(rows, key=lambda figure: figure.period.start)
    for earlier, later in combinations(figures, 2):
        if earlier.period.overlaps(later.period) and earlier.scope.overlaps(later.scope):
            raise OverlappingFiguresError(f"two figures of {name} hold on {later.period.start}")
    return tuple(figures)


def _parse_figure(row: dict[str, Any]) -> Figure:
    assuming = row.get("assuming", {})
    return Figure(
        value=Decimal(row["value"]),
        alternatives=tuple((Assumption(name), Decimal(value)) for name, value in assuming.items()),
        **_parse_dated(row),
    )


def _parse_period_figures(row: dict[str, Any]) -> PeriodFigures:
    return PeriodFigures(values=tuple(map(Decimal, row["values"])), **_parse_dated(row))


def _parse_dated(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "unit": row["unit"],
        "period": Period(row["valid_from"], row.get("valid_until")),
        "condition": row["condition"],
        "source": row["source"],
        "certainty": Certainty(row["certainty"]),
        "scope": _parse_scope(row.get("scope", {})),
    }


def _parse_scope(row: dict[str, Any]) -> Scope:
    return Scope(
        above_kw=Decimal(row.get("above_kw", 0)),
        up_to_kw=Decimal(row.get("up_to_kw", "Infinity")),
        use=SupplyUse(row["use"]) if "use" in row else None,
        severely_vulnerable=row.get("severely_vulnerable"),
    )


def for_supply(figures: Sequence[DatedT], supply: Supply) -> tuple[DatedT, ...]:
    """Keep the figures that are for a supply.

    Parameters
    ----------
    figures : sequence of Dated
        Of one name.
    supply : Supply
        What the law asks about it.

    Returns
    -------
    tuple of Dated
        In the same order; at most one holds on each day.
    """
    return tuple(figure for figure in figures if figure.scope.covers(supply))


def figure_on(name: str, figures: Sequence[DatedT], day: date) -> DatedT:
    """Pick the figure that holds on a day.

    Parameters
    ----------
    name : str
        What is looked up, for the error.
    figures : sequence of Dated
        In the order of their days.
    day : date
        Local day.

    Returns
    -------
    Dated
        The one in force.

    Raises
    ------
    UnknownFigureError
        If none holds.
    """
    for figure in figures:
        if figure.period.contains(day):
            return figure
    raise UnknownFigureError(name, day, figures[0].period.start, figures[-1].period.end)
