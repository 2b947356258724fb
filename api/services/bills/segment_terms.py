"""Cut a supply's days wherever law or contract changes, and state both for each part."""

from calendar import isleap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from api.services.bills.contract_document import ContractWish
from api.services.bills.contract_terms import state_contract
from api.services.bills.law_terms import SupplyFacts, state_law
from api.services.bills.used_figures import FigureBook, UsedFigure
from models.regulation.assumptions import NOTHING, Assumptions
from models.regulation.dated_figures import UnknownFigureError
from models.values.errors import InvalidArgumentError
from planner.billing.retail.contract import Contract, RegulatedTerms

_DAY_BEFORE, _LEAP_DAY, _DAY_AFTER = (2, 28), (2, 29), (3, 1)


@dataclass(frozen=True, slots=True)
class LawChoice:
    """Which law is taken, and what is assumed where it is open.

    Attributes
    ----------
    assumed : frozenset of Assumption
        Readings that take another figure.
    year : int or None
        Year whose law is taken for the same days of every year; None for each day's own.
    """

    assumed: Assumptions = NOTHING
    year: int | None = None

    def day_of_law(self, day: date) -> date:
        """Tell the day whose law a day has.

        Parameters
        ----------
        day : date
            Local day that is billed.

        Returns
        -------
        date
            The same day of the chosen year; 28 February for a 29th that it does not have.

        Examples
        --------
        >>> LawChoice(year=2026).day_of_law(date(2024, 2, 29))
        datetime.date(2026, 2, 28)
        """
        if self.year is None:
            return day
        return _move(day, self.year, instead=_DAY_BEFORE)

    def end_of_terms(self, day: date, law_end: date | None) -> date:
        """Tell until when the terms of a day hold.

        Parameters
        ----------
        day : date
            Local day that is billed.
        law_end : date or None
            First day on which the law has others.

        Returns
        -------
        date
            First billed day with other terms, at the latest the next New Year's Day.

        Examples
        --------
        >>> LawChoice(year=2026).end_of_terms(date(2023, 2, 1), date(2026, 3, 22))
        datetime.date(2023, 3, 22)
        """
        if law_end is None or law_end.year > self.day_of_law(day).year:
            return date(day.year + 1, 1, 1)
        if self.year is None:
            return law_end
        return _move(law_end, day.year, instead=_DAY_AFTER)


def _move(day: date, year: int, *, instead: tuple[int, int]) -> date:
    """Give the same day of a year, or another where it has no 29 February."""
    if (day.month, day.day) == _LEAP_DAY and not isleap(year):
        return date(year, *instead)
    return day.replace(year=year)


@dataclass(frozen=True, slots=True)
class SegmentTerms:
    """What holds from a day on.

    Attributes
    ----------
    start : date
        First local day.
    contract : Contract
        The retailer's terms.
    regulated : RegulatedTerms
        The law's.
    """

    start: date
    contract: Contract
    regulated: RegulatedTerms


@dataclass(frozen=True, slots=True)
class SupplyTerms:
    """A supply's terms over some days.

    Attributes
    ----------
    segments : tuple of SegmentTerms
        In the order of their days, the first from the first day on.
    figures : tuple of UsedFigure
        Every figure of law behind them, once.
    """

    segments: tuple[SegmentTerms, ...]
    figures: tuple[UsedFigure, ...]

    def on(self, day: date) -> SegmentTerms:
        """Give what holds on one of the days."""
        return next(each for each in reversed(self.segments) if each.start <= day)


class UnknownLawError(InvalidArgumentError):
    """Figures of law are not known for a day that is billed.

    Attributes
    ----------
    day : date
        The day.
    """

    def __init__(self, day: date, error: UnknownFigureError) -> None:
        super().__init__(f"{error}: choose a year whose law is to be taken")
        self.day = day


def state_terms(
    start: date, end: date, *, facts: SupplyFacts, wish: ContractWish, choice: LawChoice
) -> SupplyTerms:
    """State law and contract of a supply, part by part.

    Parameters
    ----------
    start, end : date
        First local day to bill, and the day after the last.
    facts : SupplyFacts
        The supply.
    wish : ContractWish
        Its contract.
    choice : LawChoice
        Which law, and what is assumed.

    Returns
    -------
    SupplyTerms
        Terms, and the figures behind them.

    Raises
    ------
    UnknownLawError
        If a table does not reach to one of the days.
    UnfitContractError
        If the contract does not fit the tariff.
    NoExcessPriceError
        If a supply of 2.0TD has more than 50 kW.
    """
    book = FigureBook()
    segments = []
    while start < end:
        book.end = None
        segments.append(_state_segment(book, start, facts, wish, choice))
        start = choice.end_of_terms(start, book.end)
    return SupplyTerms(tuple(segments), tuple(book.figures))


def join_terms(parts: Sequence[SupplyTerms]) -> SupplyTerms:
    """Join terms of days that follow one another.

    Parameters
    ----------
    parts : sequence of SupplyTerms
        In the order of their days.

    Returns
    -------
    SupplyTerms
        All segments; each figure once.
    """
    figures = dict.fromkeys(figure for part in parts for figure in part.figures)
    return SupplyTerms(
        tuple(segment for part in parts for segment in part.segments), tuple(figures)
    )


def _state_segment(
    book: FigureBook, day: date, facts: SupplyFacts, wish: ContractWish, choice: LawChoice
) -> SegmentTerms:
    law_day, assumed = choice.day_of_law(day), choice.assumed
    try:
        regulated = state_law(book, day=day, law_day=law_day, facts=facts, assumed=assumed)
        contract = state_contract(book, law_day=law_day, wish=wish, facts=facts)
    except UnknownFigureError as error:
        raise UnknownLawError(day, error) from error
    return SegmentTerms(day, contract, regulated)
