"""Settle communities' months: what sharing saved each supply point, at the prices stored."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from sqlmodel import Session

from api.services.energy.month_energy import (
    Known,
    KnownAmounts,
    MonthEnergy,
    iterate_months,
)
from api.services.energy.month_prices import (
    MonthPrices,
    Stored,
    find_surplus_years,
    fit_prices,
    read_stored_prices_of,
)
from models.tables import Community
from models.values.local_month import LocalMonth
from models.values.period import Period
from planner.exact_savings import Settlement, settle_exactly


@dataclass(frozen=True, slots=True, eq=False)
class SettledMonth:
    """A community's month, or the part of it that is wanted, settled.

    Attributes
    ----------
    energy : MonthEnergy
        Its energy.
    prices : MonthPrices
        Its prices.
    settlement : Settlement
        What each supply point paid, earned and saved; meaningless where something is not known.
    """

    energy: MonthEnergy
    prices: MonthPrices
    settlement: Settlement

    @property
    def consumption(self) -> KnownAmounts:
        """What is settled of each supply point's consumption: that of the days on which it shares.

        Of who left, or had not come yet, nothing is expected.
        """
        return self.energy.consumption.where(self.energy.is_sharing)

    @property
    def has_prices(self) -> bool:
        """Whether every price is known."""
        return bool(self.prices.energy.is_known.all() and self.prices.surplus.is_known.all())

    @property
    def is_read(self) -> Known:
        """Of which supply points everything is read, shape (n_points,)."""
        is_known = self.consumption.is_known & self.energy.allocated.is_known
        read: Known = np.logical_and.reduce(is_known, axis=1)
        return read

    @property
    def saved(self) -> KnownAmounts:
        """What each supply point saved, shape (n_points, n_steps) [1e-9 EUR].

        The cap is the month's: where anything of it is not known, nothing of it is. Who was
        allocated nothing saved nothing.
        """
        is_idle = self.energy.is_idle
        is_known = is_idle | self.is_read if self.has_prices else is_idle
        nano = self.settlement.saved_nano_eur
        return KnownAmounts(
            np.where((is_known & ~is_idle)[:, np.newaxis], nano, 0),
            np.repeat(is_known[:, np.newaxis], nano.shape[1], axis=1),
        )


def iterate_settled_months(
    session: Session,
    *,
    communities: Collection[Community],
    days: Period,
    point_ids: Collection[UUID] | None = None,
) -> Iterator[SettledMonth]:
    """Settle communities' months, as little at a time.

    Parameters
    ----------
    session : Session
        Open transaction.
    communities : collection of Community
        Whose; of one promoter.
    days : Period
        Local days; it has an end.
    point_ids : collection of UUID, optional
        Supply points that matter; all who share when None.

    Yields
    ------
    SettledMonth
        Every month of which any reading is stored, all communities' of one before the next.

    Raises
    ------
    UnlikeStepsError
        If meters of a month are read by different steps.
    DamagedMonthError
        If a stored month differs from its check value.

    Notes
    -----
    RD 244/2019, article 14. Prices are asked for once a month and clock. Surplus that no month of
    a year has a price for earns nothing, as in a plan; a hole among such prices is not known.
    """
    if not communities:
        return
    surplus_years = find_surplus_years(session, communities=communities, days=days)
    of_month: tuple[LocalMonth, Stored] | None = None
    for energy in iterate_months(session, communities=communities, days=days, point_ids=point_ids):
        if of_month is None or of_month[0] != energy.month:
            stored = read_stored_prices_of(session, communities=communities, month=energy.month)
            of_month = energy.month, stored
        yield settle_month(energy, fit_prices(of_month[1], surplus_years, energy))


def settle_month(energy: MonthEnergy, prices: MonthPrices) -> SettledMonth:
    """Settle one community's month.

    Parameters
    ----------
    energy : MonthEnergy
        Its energy.
    prices : MonthPrices
        Its prices.

    Returns
    -------
    SettledMonth
        Each supply point by itself, as its retailer does.
    """
    settlement = settle_exactly(
        consumption_micro_wh=energy.consumption.where(energy.is_sharing).nano,
        self_consumed_micro_wh=energy.self_consumed.nano,
        surplus_micro_wh=energy.surplus.nano,
        energy_nano_eur=prices.energy.nano_eur,
        surplus_nano_eur=prices.surplus.nano_eur,
    )
    return SettledMonth(energy, prices, settlement)
