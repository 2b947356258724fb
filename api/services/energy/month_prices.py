"""Prices of communities' months by their meters' intervals, and which of them are known."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session

from api.services.energy.month_energy import MonthEnergy
from models.repositories.packed_months import unpack_prices
from models.repositories.prices import list_priced_months, list_prices_of_communities
from models.tables import Community, Price, PriceKind
from models.tables.prices import MISSING_PRICE
from models.values.calendar import Step
from models.values.local_month import LocalMonth
from models.values.period import Period
from planner.exact_savings import NanoEur

_LARGEST_OFFSET = timedelta(days=1)
"""No clock is further from UTC."""


@dataclass(frozen=True, slots=True, eq=False)
class KnownPrices:
    """Prices by intervals, and which of them are known.

    Attributes
    ----------
    nano_eur : ndarray of int64, shape (n_steps,)
        Prices [1e-9 EUR/kWh]; zero where none is known.
    is_known : ndarray of bool, shape (n_steps,)
        Where one is.
    """

    nano_eur: NanoEur
    is_known: NDArray[np.bool_]

    @property
    def mean_nano_eur(self) -> float | None:
        """Their mean [1e-9 EUR/kWh]; None unless all are known."""
        return float(self.nano_eur.mean()) if self.is_known.all() else None


@dataclass(frozen=True, slots=True, eq=False)
class MonthPrices:
    """What energy costs and what surplus earns in a community's month.

    Attributes
    ----------
    energy, surplus : KnownPrices
        By the intervals of the meters. Of a year in which no price of surplus is stored it earns
        nothing; a hole among them is not known.
    """

    energy: KnownPrices
    surplus: KnownPrices

    def differ_within(self, finer: "MonthPrices") -> bool:
        """Tell whether the same by shorter intervals are others than these somewhere."""
        return any(
            np.any(_fit(each.nano_eur, other.nano_eur) != other.nano_eur)
            for each, other in ((self.energy, finer.energy), (self.surplus, finer.surplus))
        )


Stored = Mapping[tuple[UUID, PriceKind], Price]
"""Prices of one month, by community."""

PricedYears = frozenset[tuple[UUID, int]]
"""Communities and local years."""


def find_surplus_years(
    session: Session, *, communities: Collection[Community], days: Period
) -> PricedYears:
    """Find in which local years communities have any price of surplus, in one query.

    Parameters
    ----------
    session : Session
        Open transaction.
    communities : collection of Community
        Whose; at least one, of one promoter.
    days : Period
        Local days whose years matter; it has an end.

    Returns
    -------
    PricedYears
        Those in which surplus is paid for.
    """
    clocks = {community.id: ZoneInfo(community.timezone) for community in communities}
    last = (days.end or days.start).year
    months = list_priced_months(
        session,
        promoter_id=next(iter(communities)).promoter_id,
        community_ids=clocks,
        kind=PriceKind.SURPLUS,
        since=datetime(days.start.year, 1, 1, tzinfo=UTC) - _LARGEST_OFFSET,
        until=datetime(last + 1, 1, 1, tzinfo=UTC) + _LARGEST_OFFSET,
    )
    return frozenset((key, starts_at.astimezone(clocks[key]).year) for key, starts_at in months)


def read_stored_prices_of(
    session: Session, *, communities: Collection[Community], month: LocalMonth
) -> Stored:
    """Read what is stored of communities' prices of a month, in one query.

    Parameters
    ----------
    session : Session
        Open transaction.
    communities : collection of Community
        Whose; of one promoter.
    month : LocalMonth
        When.

    Returns
    -------
    mapping of (UUID, PriceKind) to Price
        Newest versions.
    """
    rows = list_prices_of_communities(
        session,
        promoter_id=next(iter(communities)).promoter_id,
        community_ids=[community.id for community in communities],
        since=month.starts_at,
        until=month.ends_at,
    )
    return {(row.community_id, row.kind): row for row in rows}


def fit_prices(stored: Stored, surplus_years: PricedYears, energy: MonthEnergy) -> MonthPrices:
    """Lay prices over the intervals of a community's meters.

    Parameters
    ----------
    stored : mapping of (UUID, PriceKind) to Price
        What is stored of the month.
    surplus_years : PricedYears
        Years in which surplus is paid for.
    energy : MonthEnergy
        The month.

    Returns
    -------
    MonthPrices
        Hourly prices serve quarter-hours; of prices by the quarter of an hour an hour has the mean.
    """
    is_paid = (energy.community.id, energy.month.year) in surplus_years
    return MonthPrices(
        energy=_lay_out(stored, PriceKind.ENERGY, energy, is_free=False),
        surplus=_lay_out(stored, PriceKind.SURPLUS, energy, is_free=not is_paid),
    )


def _lay_out(stored: Stored, kind: PriceKind, energy: MonthEnergy, *, is_free: bool) -> KnownPrices:
    """Cut out the wanted intervals; what is not stored is free, or not known."""
    row = stored.get((energy.community.id, kind))
    if row is None:
        count = energy.consumption.nano.shape[-1]
        return KnownPrices(np.zeros(count, np.int64), np.full(count, is_free))
    nano_eur, is_known = _unpack(row, energy)
    return KnownPrices(nano_eur[energy.span], is_known[energy.span])


def _unpack(row: Price, energy: MonthEnergy) -> tuple[NanoEur, NDArray[np.bool_]]:
    step = next(each for each in Step if each.seconds == row.step_seconds)
    nano_eur = unpack_prices(row, energy.month.count(step))
    is_known = nano_eur != MISSING_PRICE
    nano_eur = np.where(is_known, nano_eur, 0)
    if step.per_hour > energy.step.per_hour:
        sums = nano_eur.reshape(-1, step.per_hour).sum(axis=1)
        means = (sums + step.per_hour // 2) // step.per_hour
        return means, is_known.reshape(-1, step.per_hour).all(axis=1)
    each = energy.step.per_hour // step.per_hour
    return np.repeat(nano_eur, each), np.repeat(is_known, each)


def _fit(nano_eur: NanoEur, like: NanoEur) -> NanoEur:
    """Repeat prices of longer intervals for the shorter ones inside."""
    return np.repeat(nano_eur, like.size // nano_eur.size)
