"""Tables of energy and of the CO2 that it avoids, by interval."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date
from typing import Any

import numpy as np
from sqlmodel import Session

from api.services.exports.export_wish import ExportWish
from api.services.exports.month_energy import KnownEnergy, MonthEnergy, iterate_months
from loaders.account_tables import AccountColumn, AccountTable, Cell, CellKind
from models.regulation.dated_figures import Figure
from models.regulation.emission_factors import emission_factor_on
from models.tables import Community
from models.values.calendar import Step
from models.values.resolution import FinerThanMeteredError, Resolution

Codes = dict[Any, str]
"""Codes of members by id."""

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

    def lay_out(energy: MonthEnergy, intervals: _Intervals) -> Iterator[Sequence[Cell]]:
        held = (
            energy.consumption,
            energy.allocated,
            energy.self_consumed,
            energy.allocated - energy.self_consumed,
            energy.consumption - energy.self_consumed,
        )
        if wish.is_per_member:
            yield from _lay_out_points(energy, intervals, codes, held)
            return
        sums = [_list_sums(energy.generation, intervals)]
        sums += [_sum_together(each, energy, intervals, wish.fewest) for each in held]
        code = energy.community.code
        for head, *cells in zip(intervals.heads, *sums, strict=True):
            yield (*head, code, *cells)

    return AccountTable("energy", columns, _reader(session, wish, communities, lay_out))


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

    def lay_out(energy: MonthEnergy, intervals: _Intervals) -> Iterator[Sequence[Cell]]:
        factors = [emission_factor_on(day, energy.community.zone) for day in intervals.days]
        if wish.is_per_member:
            rows = _lay_out_points(energy, intervals, codes, [energy.self_consumed])
        else:
            used = _sum_together(energy.self_consumed, energy, intervals, wish.fewest)
            code = energy.community.code
            rows = ((*head, code, cell) for head, cell in zip(intervals.heads, used, strict=True))
        for number, row in enumerate(rows):
            yield _add_carbon(row, factors[number % len(factors)])

    columns = (*_head_columns(wish), *_CARBON)
    return AccountTable("environment", columns, _reader(session, wish, communities, lay_out))


def _head_columns(wish: ExportWish) -> tuple[AccountColumn, ...]:
    time = _INSTANTS if wish.resolution in _BY_CLOCK else _DAY
    return (*time, _COMMUNITY, *(WHO if wish.is_per_member else ()))


def _reader(
    session: Session,
    wish: ExportWish,
    communities: Sequence[Community],
    lay_out: Callable[[MonthEnergy, _Intervals], Iterator[Sequence[Cell]]],
) -> Callable[[], Iterator[Sequence[Cell]]]:
    """Read rows month by month."""

    def read_rows() -> Iterator[Sequence[Cell]]:
        for community in communities:
            for energy in iterate_months(session, community=community, days=wish.days):
                yield from lay_out(energy, _find_intervals(energy, wish.resolution))

    return read_rows


def _find_intervals(energy: MonthEnergy, resolution: Resolution) -> _Intervals:
    """Find over what is summed; a local day has 23, 24 or 25 hours."""
    local = energy.month.local(energy.step)[energy.span]
    starts = energy.month.starts(energy.step)[energy.span]
    days = local.astype("datetime64[D]")
    if resolution is Resolution.QUARTER_HOUR and energy.step is Step.HOUR:
        raise FinerThanMeteredError(resolution)
    if resolution in _BY_CLOCK:
        each = energy.step.per_hour if resolution is Resolution.HOUR else 1
        places = np.arange(0, local.size, each)
    elif resolution is Resolution.DAY:
        places = np.flatnonzero(np.r_[True, days[1:] != days[:-1]])
    else:
        places = np.zeros(1, np.intp)
    first_days: list[date] = days[places].astype(object).tolist()
    heads: list[tuple[Cell, ...]] = [(day,) for day in first_days]
    if resolution in _BY_CLOCK:
        instants = [each.replace(tzinfo=UTC) for each in starts[places].astype(object).tolist()]
        heads = list(zip(instants, local[places].astype(object).tolist(), strict=True))
    return _Intervals(places.tolist(), heads, first_days)


def _lay_out_points(
    energy: MonthEnergy, intervals: _Intervals, codes: Codes, held: Sequence[KnownEnergy]
) -> Iterator[Sequence[Cell]]:
    """Lay out each supply point's rows."""
    kwh = [each.sum_intervals(intervals.places).to_kwh() for each in held]
    community = energy.community.code
    for row, point in enumerate(energy.points):
        who = (community, codes[point.member_id], point.cups)
        sums = [_to_cells(measure[row]) for measure in kwh]
        for head, *cells in zip(intervals.heads, *sums, strict=True):
            yield (*head, *who, *cells)


def _sum_together(
    each: KnownEnergy, energy: MonthEnergy, intervals: _Intervals, fewest: int
) -> list[float | None]:
    """Sum all supply points; nothing is told of fewer members than may be told together."""
    if energy.member_count < fewest:
        return [None] * len(intervals.places)
    return _list_sums(each.sum_rows(), intervals)


def _list_sums(energy: KnownEnergy, intervals: _Intervals) -> list[float | None]:
    return _to_cells(energy.sum_intervals(intervals.places).to_kwh())


def _to_cells(kwh: Any) -> list[float | None]:
    """Leave cells empty that are not known."""
    if not np.isnan(kwh).any():
        known: list[float | None] = kwh.tolist()
        return known
    return [None if np.isnan(each) else float(each) for each in kwh]


def _add_carbon(row: Sequence[Cell], factor: Figure) -> Sequence[Cell]:
    """Add what the energy at the end of a row avoids."""
    used_kwh = row[-1]
    assert used_kwh is None or isinstance(used_kwh, float)
    avoided = None if used_kwh is None else round(used_kwh * float(factor.value), 9)
    return (*row, factor.value, avoided, factor.source, factor.certainty.value)
