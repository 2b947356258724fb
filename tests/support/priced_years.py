"""Members with contracts of every kind over two bills, for tests of prices by the member."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

import numpy as np

from planner.billing.retail.billing_grid import BillingGrid
from planner.billing.retail.bills import bill_supplies
from planner.billing.retail.contract import CapBase, ConstantPrice, Contract, IndexedPrice, Supply
from planner.billing.retail.energy_sums import stack_rows, sum_shared_energy
from planner.billing.retail.marginal_prices import price_marginal_kwh
from planner.member_prices import MemberPrices
from planner.sharing_year import SharingYear
from tests.support.retail_bills import HOME, LAW_2026, figures, make_grid, supply_home

DAYS = [date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)]

INDEXED = Contract(
    power_eur_per_kw=figures("27.704413 0.725423"),
    energy=IndexedPrice("market", figures("0.012")),
    energy_has_tolls=False,
    energy_discount_share=Decimal("0.05"),
    surplus=IndexedPrice("market", figures("-0.004")),
    cap_base=CapBase.WITHOUT_TOLLS,
)
"""Tolls apart and not in the cap, a discount, surplus that follows the hour."""

BONUS = replace(HOME, social_bonus_share=Decimal("0.425"))
LITTLE_FOR_MUCH = replace(
    HOME, energy=ConstantPrice(figures("0.13")), cap_base=CapBase.WITHOUT_TOLLS
)
"""A cap that binds soon: what is left of the price without tolls is little."""


@dataclass(frozen=True, slots=True, eq=False)
class PricedYear:
    """Two months of some members: as the planner sees them, and as their retailers bill them."""

    grid: BillingGrid
    supplies: tuple[Supply, ...]
    curves: dict[str, np.ndarray]
    year: SharingYear

    def save_exactly(self, betas: np.ndarray) -> np.ndarray:
        """Bill every row of coefficients; shape (n_rows, n_members, n_bills) [EUR]."""
        n_rows, n_members = betas.shape
        sums = sum_shared_energy(
            self.grid,
            betas.ravel(),
            self.year.generation_kwh,
            np.tile(self.year.consumption_kwh, (n_rows, 1)),
            self.curves,
        )
        rows = stack_rows([sums.without_sharing(), sums.with_sharing()])
        cents = bill_supplies(self.grid, self.supplies * (2 * n_rows), rows).total_cents()
        without, sharing = cents.reshape(2, n_rows, n_members, -1)
        return (without - sharing) / 100


def make_priced_year(
    contracts: tuple[Contract, ...] = (HOME, INDEXED, BONUS),
    *,
    seed: int = 1,
    sun_kwh: float = 3.0,
    law: object = LAW_2026,
    changes: tuple[date, ...] = (),
) -> PricedYear:
    """Make two months of sun and habits for members with these contracts."""
    rng = np.random.default_rng(seed)
    grid = make_grid(DAYS, changes)
    n_steps, hour = grid.tariff_periods.size, np.arange(grid.tariff_periods.size) % 24
    laws = law if isinstance(law, tuple) else (law,)
    supplies = tuple(replace(supply_home(each), regulated=laws) for each in contracts)
    curves = {"market": rng.uniform(0.01, 0.11, n_steps)}
    sun = np.clip(np.sin((hour - 7) / 11 * np.pi), 0, None) * (hour >= 7) * (hour <= 18)
    n_members = len(contracts)
    year = SharingYear(
        generation_kwh=np.round(sun_kwh * sun * rng.uniform(0.4, 1, n_steps), 3),
        consumption_kwh=np.round(rng.gamma(1.2, 0.4, (n_members, n_steps)), 3),
        contracted_power_kw=np.full(n_members, 4.6),
        precedence=np.arange(n_members),
        month_starts=grid.segment_borders[grid.bill_starts],
        prices=price_marginal_kwh(grid, supplies, curves),
    )
    return PricedYear(grid, supplies, curves, year)


def make_member_prices(year: SharingYear, seed: int = 1) -> MemberPrices:
    """Give half of a year's members other prices, under a ceiling of their own."""
    rng = np.random.default_rng(seed)
    n_steps = year.generation_kwh.size
    energy = rng.uniform(0.1, 0.3, (2, n_steps))
    ceiling = np.stack([energy[0], energy[1] * rng.uniform(0.2, 0.9, n_steps)])
    surplus = energy * rng.uniform(-0.2, 0.9, (2, n_steps))
    return MemberPrices(energy, surplus, ceiling, np.arange(year.n_members) % 2)
