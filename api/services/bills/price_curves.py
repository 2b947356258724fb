"""Stored prices of the billed days, by the step of the readings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session

from api.services.bills.billed_days import BilledDays
from models.repositories.packed_months import NANO_PER_EUR, unpack_prices
from models.repositories.prices import MissingPricesError, list_latest_prices
from models.tables import MISSING_PRICE, Community, Price, PriceKind
from models.values.calendar import Step
from models.values.local_month import LocalMonth

Prices = NDArray[np.float64]


class PriceCurves(Protocol):
    """What is known of hourly prices on the billed days."""

    def curve(self, kind: PriceKind, step: Step) -> Prices:
        """Give the price of every billed interval, or raise ``MissingPricesError``."""

    def has(self, kind: PriceKind) -> bool:
        """Tell whether the price of every billed hour is known."""


@dataclass(slots=True, eq=False)
class StoredPrices:
    """What is stored of a community's prices in the months of the billed days.

    Attributes
    ----------
    days : BilledDays
        The days.
    months : mapping of (PriceKind, datetime) to Price
        Newest version of each month, by its first instant.
    """

    days: BilledDays
    months: Mapping[tuple[PriceKind, object], Price]
    _curves: dict[tuple[PriceKind, Step], Prices] = field(default_factory=dict)

    def curve(self, kind: PriceKind, step: Step) -> Prices:
        """Give the price of every billed interval.

        Parameters
        ----------
        kind : PriceKind
            What it is paid for.
        step : Step
            Length of an interval. Hourly prices serve quarter-hours; of prices by the quarter of
            an hour an hour has the mean.

        Returns
        -------
        ndarray, shape (n_steps,)
            Prices [EUR/kWh].

        Raises
        ------
        MissingPricesError
            If the price of an interval is not known.
        DamagedMonthError
            If a stored month differs from its check value.
        """
        if (kind, step) not in self._curves:
            self._curves[kind, step] = self._join_months(kind, step)
        return self._curves[kind, step]

    def has(self, kind: PriceKind) -> bool:
        """Tell whether the price of every billed hour is known."""
        try:
            self.curve(kind, Step.HOUR)
        except MissingPricesError:
            return False
        return True

    def _join_months(self, kind: PriceKind, step: Step) -> Prices:
        """Put the months in a row and cut out the days, of which nothing may be missing."""
        laid = [self._lay_out(kind, month, step) for month in self.days.months]
        span = self.days.span(step)
        borders = np.cumsum([0, *(each.size for each in laid)]).tolist()
        lacking = [
            month
            for month, prices, first in zip(self.days.months, laid, borders, strict=False)
            if np.isnan(prices[max(span.start - first, 0) : max(span.stop - first, 0)]).any()
        ]
        if lacking:
            year = lacking[0].year
            numbers = tuple(month.number for month in lacking if month.year == year)
            raise MissingPricesError(kind, year, numbers)
        return np.concatenate(laid)[span]

    def _lay_out(self, kind: PriceKind, month: LocalMonth, step: Step) -> Prices:
        """Give a month by the step asked for, NaN where nothing is known."""
        price = self.months.get((kind, month.starts_at))
        if price is None:
            return np.full(month.count(step), np.nan)
        own = Step.HOUR if price.step_seconds == Step.HOUR.seconds else Step.QUARTER_HOUR
        nano_eur = unpack_prices(price, month.count(own))
        eur = np.where(nano_eur == MISSING_PRICE, np.nan, nano_eur / NANO_PER_EUR)
        if own is Step.QUARTER_HOUR and step is Step.HOUR:
            means: Prices = eur.reshape(-1, step.seconds // own.seconds).mean(axis=1)
            return means
        return np.repeat(eur, own.seconds // step.seconds)


def read_stored_prices(session: Session, *, community: Community, days: BilledDays) -> StoredPrices:
    """Read a community's prices of the billed days.

    Parameters
    ----------
    session : Session
        Open transaction.
    community : Community
        Whose prices.
    days : BilledDays
        The days.

    Returns
    -------
    StoredPrices
        What there is.
    """
    stored = list_latest_prices(
        session,
        promoter_id=community.promoter_id,
        community_id=community.id,
        since=days.months[0].starts_at,
        until=days.months[-1].ends_at,
    )
    return StoredPrices(days, {(price.kind, price.starts_at): price for price in stored})
