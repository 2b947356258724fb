"""Table of what sharing saved by month, at the prices that are stored."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session

from api.services.exports.energy_tables import WHO, Codes
from api.services.exports.export_wish import ExportWish
from api.services.exports.month_energy import MonthEnergy, iterate_months
from loaders.account_tables import AccountColumn, AccountTable, Cell, CellKind
from models.repositories.packed_months import NANO_PER_EUR, unpack_prices
from models.repositories.prices import list_latest_prices
from models.tables import Community, PriceKind
from models.tables.prices import MISSING_PRICE
from models.values.calendar import Step
from models.values.money import from_cents, to_cents

Prices = NDArray[np.float64]

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


@dataclass(frozen=True, slots=True)
class _Saving:
    """A supply point's month in whole cents."""

    without: int
    grid: int
    compensation: int

    def __add__(self, other: "_Saving") -> "_Saving":
        return _Saving(
            self.without + other.without,
            self.grid + other.grid,
            self.compensation + other.compensation,
        )

    def list_eur(self) -> list[Decimal]:
        """List the amounts in the order of their columns."""
        saved = self.without - self.grid + self.compensation
        return [from_cents(c) for c in (self.without, self.grid, self.compensation, saved)]


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

    def read_rows() -> Iterator[Sequence[Cell]]:
        for community in communities:
            for energy in iterate_months(session, community=community, days=wish.days):
                prices = _read_prices(session, energy)
                if wish.is_per_member:
                    yield from _lay_out_points(energy, prices, codes)
                else:
                    yield _lay_out_sum(energy, prices, wish.fewest)

    who = WHO if wish.is_per_member else ()
    return AccountTable("economy", (*_HEAD, *who, *_VALUES), read_rows)


def _lay_out_points(
    energy: MonthEnergy, prices: tuple[Prices, Prices], codes: Codes
) -> Iterator[Sequence[Cell]]:
    kwh = _list_kwh(energy)
    means = _average(prices)
    for row, (point, saving) in enumerate(zip(energy.points, _settle(energy, prices), strict=True)):
        who = (codes[point.member_id], point.cups)
        amounts = [None] * len(_EUR) if saving is None else saving.list_eur()
        own = [_show(each[row]) for each in kwh]
        yield (_first_day(energy), energy.community.code, *who, *own, *means, *amounts)


def _lay_out_sum(energy: MonthEnergy, prices: tuple[Prices, Prices], fewest: int) -> Sequence[Cell]:
    """Sum all supply points; nothing is told of fewer members than may be told together."""
    head = (_first_day(energy), energy.community.code)
    if energy.member_count < fewest:
        return (*head, *[None] * len(_KWH), *_average(prices), *[None] * len(_EUR))
    kwh = [_show(each.sum()) for each in _list_kwh(energy)]
    savings = _settle(energy, prices)
    known = [each for each in savings if each is not None]
    is_whole = len(known) == len(savings)
    amounts = sum(known, _Saving(0, 0, 0)).list_eur() if is_whole else [None] * len(_EUR)
    return (*head, *kwh, *_average(prices), *amounts)


def _list_kwh(energy: MonthEnergy) -> list[Prices]:
    """Sum each supply point's month [kWh]: consumption, self-consumed, surplus."""
    surplus = energy.allocated - energy.self_consumed
    held = (energy.consumption, energy.self_consumed, surplus)
    return [each.sum_intervals([0]).to_kwh()[:, 0] for each in held]


def _settle(energy: MonthEnergy, prices: tuple[Prices, Prices]) -> list[_Saving | None]:
    """Settle each supply point's month; None where a reading or a price is missing."""
    energy_price, surplus_price = prices
    consumption, used = energy.consumption.to_kwh(), energy.self_consumed.to_kwh()
    surplus = (energy.allocated - energy.self_consumed).to_kwh()
    without = consumption @ energy_price
    grid = (consumption - used) @ energy_price
    earned = np.minimum(surplus @ surplus_price, grid)
    return [
        None if np.isnan(amounts).any() else _Saving(*map(to_cents, map(float, amounts)))
        for amounts in np.stack([without, grid, earned], axis=1)
    ]


def _read_prices(session: Session, energy: MonthEnergy) -> tuple[Prices, Prices]:
    """Read the prices of energy and surplus by the meters' intervals, shape (n_steps,) each."""
    month = energy.month
    rows = list_latest_prices(
        session,
        promoter_id=energy.community.promoter_id,
        community_id=energy.community.id,
        since=month.starts_at,
        until=month.ends_at,
    )
    found = {}
    for row in rows:
        step = next(each for each in Step if each.seconds == row.step_seconds)
        nano_eur = unpack_prices(row, month.count(step))
        eur = np.where(nano_eur == MISSING_PRICE, np.nan, nano_eur / NANO_PER_EUR)
        found[row.kind] = _fit(eur, step, energy.step)
    count = month.count(energy.step)
    energy_price = found.get(PriceKind.ENERGY, np.full(count, np.nan))
    surplus_price = found.get(PriceKind.SURPLUS, np.zeros(count))
    return energy_price[energy.span], surplus_price[energy.span]


def _fit(eur: Prices, of_price: Step, of_meter: Step) -> Prices:
    """Give prices by a meter's intervals: hourly ones serve quarters, quarters an hour's mean."""
    if of_price.per_hour > of_meter.per_hour:
        means: Prices = eur.reshape(-1, of_price.per_hour).mean(axis=1)
        return means
    return np.repeat(eur, of_meter.per_hour // of_price.per_hour)


def _average(prices: tuple[Prices, Prices]) -> list[Cell]:
    return [_show(np.round(each.mean(), _PRICE_PLACES)) for each in prices]


def _show(value: np.floating) -> float | None:
    """Leave a cell empty that is not known."""
    return None if np.isnan(value) else round(float(value), 9)


def _first_day(energy: MonthEnergy) -> date:
    local = energy.month.local(energy.step)[energy.span]
    first: date = local[0].astype("datetime64[D]").item()
    return first
