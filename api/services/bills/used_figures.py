"""The figures of law that a bill took: from where, how sure, and until when they hold."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TypeVar

from models.regulation.assumptions import Assumption
from models.regulation.dated_figures import Figure, PeriodFigures
from models.values.certainty import Certainty
from models.values.period import Period

FigureT = TypeVar("FigureT", Figure, PeriodFigures)

UNSURE = frozenset({Certainty.RECALLED, Certainty.OPEN})
"""Marks that whoever reads a bill is told of."""


@dataclass(frozen=True, slots=True)
class UsedFigure:
    """A figure of law as bills took it.

    Attributes
    ----------
    name : str
        What it is.
    values : tuple of Decimal
        The figure, or one by tariff period.
    unit, condition, source : str
        As its table says.
    period : Period
        Days on which it holds.
    certainty : Certainty
        How it is known.
    alternatives : tuple of (Assumption, Decimal)
        What it is instead if something is assumed.
    """

    name: str
    values: tuple[Decimal, ...]
    unit: str
    condition: str
    source: str
    period: Period
    certainty: Certainty
    alternatives: tuple[tuple[Assumption, Decimal], ...] = ()


def name_figures(figures: Iterable[UsedFigure]) -> list[str]:
    """Name figures with their marks of certainty, each once.

    Parameters
    ----------
    figures : iterable of UsedFigure
        As bills took them.

    Returns
    -------
    list of str
        Such as ``electricity tax (OPEN)``.
    """
    return list(dict.fromkeys(f"{each.name} ({each.certainty})" for each in figures))


@dataclass(slots=True)
class FigureBook:
    """Notes every figure as it is taken, and until when all of them hold.

    Attributes
    ----------
    figures : dict of UsedFigure to None
        Each once, in the order in which they were taken.
    end : date or None
        First day on which one of them holds no more; None while all are open.
    """

    figures: dict[UsedFigure, None] = field(default_factory=dict)
    end: date | None = None

    def take(self, name: str, dated: FigureT) -> FigureT:
        """Note a figure and give it back.

        Parameters
        ----------
        name : str
            What it is.
        dated : Figure or PeriodFigures
            As its table gives it.

        Returns
        -------
        Figure or PeriodFigures
            The same.
        """
        self._note(name, dated)
        end = dated.period.end
        if end is not None:
            self.end = end if self.end is None else min(self.end, end)
        return dated

    def _note(self, name: str, dated: Figure | PeriodFigures) -> None:
        used = UsedFigure(
            name=name,
            values=(dated.value,) if isinstance(dated, Figure) else dated.values,
            unit=dated.unit,
            condition=dated.condition,
            source=dated.source,
            period=dated.period,
            certainty=dated.certainty,
            alternatives=dated.alternatives if isinstance(dated, Figure) else (),
        )
        self.figures[used] = None
