"""Settle communities' months: what sharing saved each supply point, at the prices stored."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, fields
from uuid import UUID

import numpy as np
from sqlmodel import Session

from api.services.energy.month_energy import Known, KnownAmounts, MonthEnergy
from api.services.energy.month_prices import (
    MonthPrices,
    PricedYears,
    Stored,
    find_surplus_years,
    fit_prices,
    read_stored_prices_of,
)
from api.services.energy.read_months import iterate_months
from models.tables import Community
from models.values.local_month import LocalMonth
from models.values.period import Period
from models.values.resolution import Resolution
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
    finer : SettledMonth or None
        Those of the supply points that are reckoned by shorter intervals, by these.
    """

    energy: MonthEnergy
    prices: MonthPrices
    settlement: Settlement
    finer: "SettledMonth | None" = None

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

    def tells_money(self, fewest: int, asking: Collection[UUID] = frozenset()) -> bool:
        """Tell whether what all paid, earned and saved may be told beside sums of their energy.

        Of whom the month's cap binds, every interval saves what its consumption would have cost;
        of the others, what they used and what they left over. Where prices change within the hour,
        those who are reckoned by shorter intervals pay others than the mean. So it tells these
        apart.
        """
        groups = [self.settlement.is_capped & ~self.energy.is_idle]
        if self.finer is not None and self.prices.differ_within(self.finer.prices):
            is_finer = np.zeros(len(self.energy.points), np.bool_)
            is_finer[self.energy.finer_rows] = True
            groups.append(is_finer)
        return self.energy.tells_apart(groups, fewest, asking)

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
        yield settle_month(energy, of_month[1], surplus_years)


def settle_month(energy: MonthEnergy, stored: Stored, surplus_years: PricedYears) -> SettledMonth:
    """Settle one community's month.

    Parameters
    ----------
    energy : MonthEnergy
        Its energy.
    stored : mapping of (UUID, PriceKind) to Price
        What is stored of the month's prices.
    surplus_years : PricedYears
        Years in which surplus is paid for.

    Returns
    -------
    SettledMonth
        Each supply point by itself and by its own intervals, as its retailer does.
    """
    prices = fit_prices(stored, surplus_years, energy)
    settlement = settle_exactly(
        consumption_micro_wh=energy.consumption.where(energy.is_sharing).nano,
        self_consumed_micro_wh=energy.self_consumed.nano,
        surplus_micro_wh=energy.surplus.nano,
        energy_nano_eur=prices.energy.nano_eur,
        surplus_nano_eur=prices.surplus.nano_eur,
    )
    if energy.finer is None:
        return SettledMonth(energy, prices, settlement)
    finer = settle_month(energy.finer, stored, surplus_years)
    return SettledMonth(energy, prices, _refine(energy, settlement, finer), finer)


def _refine(energy: MonthEnergy, settlement: Settlement, finer: SettledMonth) -> Settlement:
    """Put in place what some paid, earned and saved by shorter intervals."""
    rows, exact = energy.finer_rows, finer.settlement
    starts = finer.energy.find_starts(Resolution.HOUR)
    amounts = {each.name: getattr(settlement, each.name).copy() for each in fields(Settlement)}
    for name, held in amounts.items():
        own = getattr(exact, name)
        held[rows] = own if own.ndim == 1 else np.add.reduceat(own, starts, axis=-1)
    return Settlement(**amounts)
