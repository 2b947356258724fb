"""``prices.*``: what a kWh costs, earns as surplus and is worth on the market, by hour or step."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from loaders.faults import FaultLog
from loaders.records import Energy
from loaders.series_files import (
    Limits,
    check_columns,
    find_series_file,
    read_series_table,
    read_values,
)
from loaders.series_steps import LocalYear, check_readable, check_steps
from loaders.series_table import SeriesTable
from models.values.calendar import Step

ENERGY_COLUMN, SURPLUS_COLUMN = "energy_eur_kwh", "surplus_eur_kwh"
MARKET_COLUMN = "day_ahead_eur_kwh"

PRICE_EUR_PER_KWH = Limits(-1e6, 1e6)
"""Prices may be negative; the bounds only keep sums finite."""


class Prices(NamedTuple):
    """Prices of each interval [EUR/kWh], shape (n_steps,); None without prices.

    The market's may be left out where there are others.
    """

    energy_eur_per_kwh: Energy | None = None
    surplus_eur_per_kwh: Energy | None = None
    day_ahead_eur_per_kwh: Energy | None = None


def read_prices(folder: Path, year: LocalYear | None, log: FaultLog) -> Prices:
    """Read the prices of a year, if the folder has any.

    Parameters
    ----------
    folder : Path
        A community folder.
    year : LocalYear or None
        Year that the rows must cover; None when the folder leaves it open.
    log : FaultLog
        Takes every fault.

    Returns
    -------
    Prices
        By the step of the year, hourly prices repeated within the hour; surplus earns zero when
        its column is missing. Not to be used when the log holds faults.
    """
    path = find_series_file(folder, "prices", log, is_required=False)
    table = None if path is None else read_series_table(path, log.of(path.name))
    if path is None or table is None:
        return Prices()
    faults = log.of(path.name)
    optional = [SURPLUS_COLUMN, MARKET_COLUMN]
    check_columns(table, [ENERGY_COLUMN], optional, faults)
    check_readable(table, faults)
    columns = [name for name in (ENERGY_COLUMN, *optional) if name in table.names]
    prices = read_values(table, columns, PRICE_EUR_PER_KWH, faults)
    if year is None:
        return Prices()
    step = _step_of(table, year)
    check_steps(table, year, step, faults)
    if ENERGY_COLUMN not in columns:
        return Prices()
    by_step = np.repeat(prices, year.step.per_hour // step.per_hour, axis=1)
    found = dict(zip(columns, by_step, strict=True))
    surplus = found.get(SURPLUS_COLUMN, np.zeros(by_step.shape[1]))
    return Prices(found[ENERGY_COLUMN], surplus, found.get(MARKET_COLUMN))


def _step_of(table: SeriesTable, year: LocalYear) -> Step:
    """Tell hourly prices from those by the step: all their instants are whole hours."""
    is_hourly = bool((table.instants.seconds % Step.HOUR.seconds == 0).all())
    return Step.HOUR if is_hourly else year.step
