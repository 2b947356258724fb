"""Who lives in the country: communities with their members, codes, plants, energy and prices."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.random import Generator, SeedSequence, default_rng
from numpy.typing import NDArray

from loaders.records import CommunityYear, InstallationRecord, MemberRecord, MemberRole
from models.values.calendar import Step, Zone
from models.values.cau import Cau
from scripts.country.curves import CAST, Curves, draw_curves, mix_energy
from scripts.demo_community.clock import TIMEZONE, read_clock
from scripts.demo_community.community import invent_cups, tariff_of
from scripts.demo_community.plant import PV_KW
from scripts.demo_community.prices import draw_prices

YEAR = 2025
"""Whole year that every community has behind it."""
MONTH = date(YEAR + 1, 1, 1)
"""Month that arrives."""
SMALLEST, LARGEST = 10, 500
"""Supply points of a community."""

_FIRST_NUMBER = 1_000_000

Prices = tuple[NDArray[np.float64], NDArray[np.float64]]


@dataclass(frozen=True, slots=True, eq=False)
class InventedCommunity:
    """A community with a year behind it, and the month that its meters count next.

    Attributes
    ----------
    year : CommunityYear
        What is stored before anything is measured.
    month_kwh : ndarray, shape (n_members, n_steps)
        Consumption of the month that arrives [kWh].
    generation_kwh : ndarray, shape (n_steps,)
        Generation of that month [kWh].
    """

    year: CommunityYear
    month_kwh: NDArray[np.float64]
    generation_kwh: NDArray[np.float64]


def draw_sizes(n_points: int, seed: int) -> list[int]:
    """Cut supply points into communities, small ones more often than large ones."""
    rng = default_rng(SeedSequence([seed, 0]))
    sizes: list[int] = []
    left = n_points
    while left > LARGEST:
        drawn = round(float(np.exp(rng.uniform(np.log(SMALLEST), np.log(LARGEST)))))
        # What is left over must make a community too.
        sizes.append(min(drawn, left - SMALLEST))
        left -= sizes[-1]
    return [*sizes, left]


def invent_country(sizes: list[int], seed: int) -> Iterator[InventedCommunity]:
    """Invent communities one after the other, so that each can be forgotten before the next."""
    for_prices, *for_communities = (
        default_rng(child) for child in SeedSequence([seed, 1]).spawn(1 + len(sizes))
    )
    curves = draw_curves(YEAR, seed)
    prices = draw_prices(read_clock(YEAR), for_prices)
    number = _FIRST_NUMBER
    for place, (n_points, rng) in enumerate(zip(sizes, for_communities, strict=True)):
        yield _invent_community(curves, prices, rng, place=place, size=n_points, number=number)
        number += 1 + n_points


def _invent_community(
    curves: Curves, prices: Prices, rng: Generator, *, place: int, size: int, number: int
) -> InventedCommunity:
    """Invent one; the first of its numbers is its plant's."""
    kinds = rng.integers(len(CAST), size=size)
    energy = mix_energy(curves, kinds, rng)
    cau = Cau(f"{invent_cups(number)}A000")
    year = CommunityYear(
        community_id=f"C{place + 1:05}",
        name=f"Invented community {place + 1}",
        timezone=TIMEZONE,
        zone=Zone.PENINSULA,
        year=YEAR,
        step=Step.HOUR,
        installations=(InstallationRecord(cau, round(PV_KW * energy.plant_size, 1)),),
        members=_list_members(kinds, number + 1),
        consumption_kwh=energy.year_kwh,
        generation_kwh=energy.plant_year_kwh[np.newaxis, :],
        energy_eur_per_kwh=prices[0],
        surplus_eur_per_kwh=prices[1],
    )
    return InventedCommunity(year, energy.month_kwh, energy.plant_month_kwh)


def _list_members(kinds: NDArray[np.intp], first_number: int) -> tuple[MemberRecord, ...]:
    """Give everybody codes, and a share by contracted power, as most communities start."""
    neighbours = [CAST[kind] for kind in kinds.tolist()]
    total_kw = sum(neighbour.contracted_kw for neighbour in neighbours)
    return tuple(
        MemberRecord(
            member_id=f"M{place + 1:03}",
            role=MemberRole.MEMBER,
            cups=invent_cups(first_number + place),
            tariff=tariff_of(neighbour),
            contracted_kw=neighbour.contracted_kw,
            kind=neighbour.kind,
            current_beta=neighbour.contracted_kw / total_kw,
            joined_on=date(YEAR, 1, 1),
        )
        for place, neighbour in enumerate(neighbours)
    )
