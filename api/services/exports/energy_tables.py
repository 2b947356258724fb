"""Tables of energy and of the CO2 that it avoids, by interval."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date
from typing import Any, TypeVar

import numpy as np
from sqlmodel import Session

from api.services.energy.avoided_co2 import weigh_avoided_co2
from api.services.energy.month_energy import KnownAmounts, MonthEnergy
from api.services.energy.read_months import iterate_months
from api.services.exports.export_wish import ExportWish
from loaders.account_tables import AccountColumn, AccountTable, Cell, CellKind
from models.regulation.emission_factors import emission_factor_on
from models.tables import Community
from models.values.resolution import Resolution

Codes = dict[Any, str]
"""Codes of members by id."""

MonthT = TypeVar("MonthT")

_BY_CLOCK = (Resolution.QUARTER_HOUR, Resolution.HOUR)
_COMMUNITY = AccountColumn("community", width=14)
WHO = (AccountColumn("member", width=14), AccountColumn("cups", width=24))
"""Whose row it is, where each supply point has its own."""

_INSTANTS = (
    AccountColumn("start_utc", CellKind.INSTANT, 17),
    AccountColumn("start_local", CellKind.INSTANT, 17),
)
_DAY = (AccountColumn("first_day", CellKind.DAY, 12),)
_USED = AccountColumn("self_consumed_kwh", CellKind.KWH, 18)
_GENERATION = AccountColumn("generation_kwh", CellKind.KWH, 18)
_MEASURES = (
    AccountColumn("consumption_kwh", CellKind.KWH, 18),
    AccountColumn("allocated_kwh", CellKind.KWH, 18),
    _USED,
    AccountColumn("surplus_kwh", CellKind.KWH, 18),
    AccountColumn("grid_import_kwh", CellKind.KWH, 18),
)
_CARBON = (
    _USED,
    AccountColumn("co2_factor", CellKind.NUMBER, 16),
    AccountColumn("co2_avoided_kg", CellKind.KWH, 16),
    AccountColumn("factor_source", width=60),
    AccountColumn("certainty", width=10),
)


@dataclass(frozen=True, slots=True, eq=False)
class _Intervals:
    """The intervals of a month over which is summed: where they begin, and how that is shown."""

    places: Sequence[int]
    heads: Sequence[tuple[Cell, ...]]
    days: Sequence[date]


def list_energy_table(
    session: Session, wish: ExportWish, communities: Sequence[Community], codes: Codes
) -> AccountTable:
    """Lay out all measures of energy, of each supply point or of each community.

    Parameters
    ----------
    session : Session
        Open transaction, from which rows are read month by month.
    wish : ExportWish
        What is wanted.
    communities : sequence of Community
        Whose.
    codes : dict of UUID to str
        Codes of the members.

    Returns
    -------
    AccountTable
        By community, month, supply point and time.
    """
    measures = _MEASURES if wish.is_per_member else (_GENERATION, *_MEASURES)
    columns = (*_head_columns(wish), *measures)

    def lay_out(energy: MonthEnergy) -> Iterator[Sequence[Cell]]:
        intervals = _find_intervals(energy, wish.resolution)
        held = (
            energy.consumption,
            energy.allocated,
            energy.self_consumed,
            energy.surplus,
            energy.grid_import,
        )
        if wish.is_per_member:
            yield from _lay_out_points(energy, intervals, codes, held)
            return
        sums = [_list_sums(energy.generation.sum_rows(), intervals)]
        is_told = energy.tells_sums(wish.fewest, intervals.places)
        sums += [_sum_together(each, energy, intervals, is_told=is_told) for each in held]
        code = energy.community.code
        for head, *cells in zip(intervals.heads, *sums, strict=True):
            yield (*head, code, *cells)

    return AccountTable(
        "energy", columns, read_by_month(session, wish, communities, iterate_months, lay_out)
    )


def list_environment_table(
    session: Session, wish: ExportWish, communities: Sequence[Community], codes: Codes
) -> AccountTable:
    """Lay out the CO2 that was avoided, with the factor by which it is reckoned.

    Parameters
    ----------
    session : Session
        Open transaction, from which rows are read month by month.
    wish : ExportWish
        What is wanted.
    communities : sequence of Community
        Whose.
    codes : dict of UUID to str
        Codes of the members.

    Returns
    -------
    AccountTable
        By community, month, supply point and time.

    Raises
    ------
    UnknownFigureError
        If the table of factors does not reach back to a day, once its rows are read.

    Notes
    -----
    Self-consumed energy times the factor of the tariff zone, as the planner counts it
    (docs/formulation.md).
    """

    def lay_out(energy: MonthEnergy) -> Iterator[Sequence[Cell]]:
        intervals = _find_intervals(energy, wish.resolution)
        factors = [emission_factor_on(day, energy.community.zone) for day in intervals.days]
        held = (energy.self_consumed, weigh_avoided_co2(energy))
        if wish.is_per_member:
            laid = _lay_out_points(energy, intervals, codes, held)
        else:
            is_told = energy.tells_weighed_sums(wish.fewest)
            sums = [_sum_together(each, energy, intervals, is_told=is_told) for each in held]
            code = energy.community.code
            cells = zip(intervals.heads, *sums, strict=True)
            laid = ((*head, code, used, avoided) for head, used, avoided in cells)
        for number, (*head, avoided) in enumerate(laid):
            factor = factors[number % len(factors)]
            yield (*head, factor.value, avoided, factor.source, factor.certainty.value)

    columns = (*_head_columns(wish), *_CARBON)
    return AccountTable(
        "environment", columns, read_by_month(session, wish, communities, iterate_months, lay_out)
    )


def _head_columns(wish: ExportWish) -> tuple[AccountColumn, ...]:
    time = _INSTANTS if wish.resolution in _BY_CLOCK else _DAY
    return (*time, _COMMUNITY, *(WHO if wish.is_per_member else ()))


def read_by_month(
    session: Session,
    wish: ExportWish,
    communities: Sequence[Community],
    iterate: Callable[..., Iterator[MonthT]],
    lay_out: Callable[[MonthT], Iterator[Sequence[Cell]]],
) -> Callable[[], Iterator[Sequence[Cell]]]:
    """Lay out community after community, month after month, as little at a time.

    Parameters
    ----------
    session : Session
        Open transaction.
    wish : ExportWish
        What is wanted.
    communities : sequence of Community
        Whose.
    iterate : callable
        Reads a community's months.
    lay_out : callable
        Gives the rows of one of them.

    Returns
    -------
    callable
        Reads the rows when it is called.
    """

    def read_rows() -> Iterator[Sequence[Cell]]:
        for community in communities:
            for month in iterate(session, communities=[community], days=wish.days):
                yield from lay_out(month)

    return read_rows


def _find_intervals(energy: MonthEnergy, resolution: Resolution) -> _Intervals:
    """Find over what is summed, and how that is shown."""
    places = energy.find_starts(resolution)
    local = energy.month.local(energy.step)[energy.span][places]
    first_days: list[date] = local.astype("datetime64[D]").astype(object).tolist()
    heads: list[tuple[Cell, ...]] = [(day,) for day in first_days]
    if resolution in _BY_CLOCK:
        starts = energy.month.starts(energy.step)[energy.span][places].astype(object).tolist()
        instants = [each.replace(tzinfo=UTC) for each in starts]
        heads = list(zip(instants, local.astype(object).tolist(), strict=True))
    return _Intervals(places.tolist(), heads, first_days)


def _lay_out_points(
    energy: MonthEnergy, intervals: _Intervals, codes: Codes, held: Sequence[KnownAmounts]
) -> Iterator[Sequence[Cell]]:
    """Lay out each supply point's rows."""
    kwh = [each.sum_intervals(intervals.places).to_units() for each in held]
    community = energy.community.code
    for row, point in enumerate(energy.points):
        who = (community, codes[point.member_id], point.cups)
        sums = [_to_cells(measure[row]) for measure in kwh]
        for head, *cells in zip(intervals.heads, *sums, strict=True):
            yield (*head, *who, *cells)


def _sum_together(
    each: KnownAmounts, energy: MonthEnergy, intervals: _Intervals, *, is_told: bool
) -> list[float | None]:
    """Sum all who share, unless they are fewer members than may be told together."""
    if not is_told:
        return [None] * len(intervals.places)
    return _list_sums(each.where(energy.is_sharing).sum_rows(), intervals)


def _list_sums(energy: KnownAmounts, intervals: _Intervals) -> list[float | None]:
    return _to_cells(energy.sum_intervals(intervals.places).to_units())


def _to_cells(kwh: Any) -> list[float | None]:
    """Leave cells empty that are not known."""
    if not np.isnan(kwh).any():
        known: list[float | None] = kwh.tolist()
        return known
    return [None if np.isnan(each) else float(each) for each in kwh]
