"""Table of what sharing saved by month, at the prices that are stored."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

import numpy as np
from sqlmodel import Session

from api.services.energy.month_energy import KnownAmounts
from api.services.energy.settle_months import SettledMonth, iterate_settled_months
from api.services.exports.energy_tables import WHO, Codes, read_by_month
from api.services.exports.export_wish import ExportWish
from loaders.account_tables import AccountColumn, AccountTable, Cell, CellKind
from models.repositories.packed_months import NANO_PER_EUR
from models.tables import Community
from models.values.money import from_cents, from_nano_eur, to_cents

_KWH = ("consumption_kwh", "self_consumed_kwh", "surplus_kwh")
_EUR = ("cost_without_eur", "grid_cost_eur", "compensation_eur", "savings_eur")
_HEAD = (AccountColumn("first_day", CellKind.DAY, 12), AccountColumn("community", width=14))
_VALUES = (
    *(AccountColumn(key, CellKind.KWH, 18) for key in _KWH),
    AccountColumn("energy_price_eur", CellKind.NUMBER, 18),
    AccountColumn("surplus_price_eur", CellKind.NUMBER, 18),
    *(AccountColumn(key, CellKind.EUR, 18, is_summed=True) for key in _EUR),
)
_PRICE_PLACES = 6


_Cents = list[int | None]
"""A month's amounts in the order of their columns; None where one is not known."""


def list_economy_table(
    session: Session, wish: ExportWish, communities: Sequence[Community], codes: Codes
) -> AccountTable:
    """Lay out what sharing saved by month, of each supply point or of each community.

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
        By community, month and supply point; a sum is that of the supply points' cents.

    Notes
    -----
    Simplified compensation of RD 244/2019, article 14: in each month the surplus earns at most
    what the energy from the grid costs. Energy terms only, before taxes and tolls. Without any
    price of surplus it earns nothing.
    """

    def lay_out(month: SettledMonth) -> Iterator[Sequence[Cell]]:
        if wish.is_per_member:
            yield from _lay_out_points(month, codes)
        else:
            yield _lay_out_sum(month, wish.fewest)

    who = WHO if wish.is_per_member else ()
    rows = read_by_month(session, wish, communities, iterate_settled_months, lay_out)
    return AccountTable("economy", (*_HEAD, *who, *_VALUES), rows)


def _lay_out_points(month: SettledMonth, codes: Codes) -> Iterator[Sequence[Cell]]:
    energy = month.energy
    kwh = [_sum_kwh(each) for each in _list_energy(month)]
    means = _average(month)
    for row, (point, cents) in enumerate(zip(energy.points, _settle(month), strict=True)):
        who = (codes[point.member_id], point.cups)
        own = [each[row] for each in kwh]
        yield (_first_day(month), energy.community.code, *who, *own, *means, *_to_eur(cents))


def _lay_out_sum(month: SettledMonth, fewest: int) -> Sequence[Cell]:
    """Sum all supply points; nothing is told of fewer members than may be told together."""
    head = (_first_day(month), month.energy.community.code)
    kwh: list[float | None] = [None] * len(_KWH)
    eur: list[Decimal | None] = [None] * len(_EUR)
    if month.energy.tells_sums(fewest, [0]):
        kwh = [cell for each in _list_energy(month) for cell in _sum_kwh(each.sum_rows())]
    if month.tells_money(fewest):
        columns = [*zip(*_settle(month), strict=True)] or [()] * len(_EUR)
        eur = _to_eur([_sum_cents(column) for column in columns])
    return (*head, *kwh, *_average(month), *eur)


def _list_energy(month: SettledMonth) -> list[KnownAmounts]:
    """List each supply point's consumption while it shares, self-consumed energy and surplus."""
    return [month.consumption, month.energy.self_consumed, month.energy.surplus]


def _sum_kwh(energy: KnownAmounts) -> list[float | None]:
    """Sum over the month [kWh]; None where some of it is not known."""
    kwh = energy.sum_intervals([0]).to_units().ravel()
    return [None if np.isnan(each) else round(float(each), 9) for each in kwh]


def _settle(month: SettledMonth) -> list[_Cents]:
    """Settle each supply point; who was allocated nothing saved nothing, whatever is missing."""
    settled = month.settlement
    amounts = zip(
        *(
            each.tolist()
            for each in (
                month.is_read,
                month.energy.is_idle,
                settled.without_nano_eur,
                settled.grid_nano_eur,
                settled.compensation_nano_eur,
            )
        ),
        strict=True,
    )
    return [
        _list_cents(nano_eur)
        if is_read and month.has_prices
        else [None, None, *([0, 0] if is_idle else [None, None])]
        for is_read, is_idle, *nano_eur in amounts
    ]


def _list_cents(nano_eur: Sequence[int]) -> _Cents:
    without, grid, compensation = (to_cents(from_nano_eur(each)) for each in nano_eur)
    return [without, grid, compensation, without - grid + compensation]


def _sum_cents(amounts: Sequence[int | None]) -> int | None:
    known = [each for each in amounts if each is not None]
    return sum(known) if len(known) == len(amounts) else None


def _to_eur(cents: _Cents) -> list[Decimal | None]:
    return [None if each is None else from_cents(each) for each in cents]


def _average(month: SettledMonth) -> list[Cell]:
    """Give the mean prices [EUR/kWh]; None where one is not known."""
    means = (month.prices.energy.mean_nano_eur, month.prices.surplus.mean_nano_eur)
    return [None if each is None else round(each / NANO_PER_EUR, _PRICE_PLACES) for each in means]


def _first_day(month: SettledMonth) -> date:
    energy = month.energy
    local = energy.month.local(energy.step)[energy.span]
    first: date = local[0].astype("datetime64[D]").item()
    return first
