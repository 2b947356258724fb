from itertools import islice

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.records import MemberRole
from scripts.country.curves import CAST
from scripts.country.population import (
    LARGEST,
    SMALLEST,
    YEAR,
    InventedCommunity,
    draw_sizes,
    invent_country,
)

SIZES = [10, 60]


@pytest.fixture(scope="module")
def country() -> list[InventedCommunity]:
    return list(invent_country(SIZES, 5))


@given(n_points=st.integers(SMALLEST, 30_000), seed=st.integers(0, 2**32))
def test_every_supply_point_is_in_a_community_of_a_size_that_there_is(
    n_points: int, seed: int
) -> None:
    sizes = draw_sizes(n_points, seed)

    assert sum(sizes) == n_points
    assert all(SMALLEST <= size <= LARGEST for size in sizes)


def test_small_communities_are_more_common_than_large_ones() -> None:
    sizes = np.array(draw_sizes(100_000, 1))

    # By logarithms half of them lie below the geometric mean of 10 and 500.
    assert 0.45 < (sizes < 71).mean() < 0.55


def test_the_same_seed_invents_the_same_country(country: list[InventedCommunity]) -> None:
    (again,) = islice(invent_country(SIZES, 5), 1)
    (other,) = islice(invent_country(SIZES, 6), 1)

    assert again.year.members == country[0].year.members
    np.testing.assert_array_equal(again.year.consumption_kwh, country[0].year.consumption_kwh)
    np.testing.assert_array_equal(again.month_kwh, country[0].month_kwh)
    assert not np.array_equal(again.month_kwh, other.month_kwh)


def test_nobody_shares_a_code_with_another(country: list[InventedCommunity]) -> None:
    cups = [member.cups for each in country for member in each.year.members]
    plants = [each.year.installations[0].cau for each in country]

    assert len(set(cups)) == sum(SIZES)
    assert len({*cups, *(cau[:22] for cau in plants)}) == sum(SIZES) + len(SIZES)
    assert len({each.year.community_id for each in country}) == len(SIZES)


def test_a_community_has_a_whole_year_and_the_january_after_it(
    country: list[InventedCommunity],
) -> None:
    for size, each in zip(SIZES, country, strict=True):
        assert each.year.year == YEAR
        assert each.year.consumption_kwh.shape == (size, 8760)
        assert each.year.generation_kwh.shape == (1, 8760)
        assert each.month_kwh.shape == (size, 744)
        assert each.generation_kwh.shape == (744,)
        assert each.year.energy_eur_per_kwh is not None
        assert each.year.energy_eur_per_kwh.shape == (8760,)
        assert (each.year.positions(MemberRole.MEMBER) == np.arange(size)).all()


def test_nobody_draws_more_than_it_contracted(country: list[InventedCommunity]) -> None:
    for each in country:
        limits_kw = np.array([[member.contracted_kw] for member in each.year.members])
        for energy in (each.year.consumption_kwh, each.month_kwh):
            assert ((energy > 0) & (energy <= limits_kw)).all()
            np.testing.assert_array_equal(energy, np.round(energy, 3))


def test_current_coefficients_share_by_contracted_power(country: list[InventedCommunity]) -> None:
    for each in country:
        members = each.year.members
        total = sum(member.contracted_kw for member in members)
        shares = [member.current_beta for member in members]
        assert shares == [member.contracted_kw / total for member in members]


def test_a_plant_is_as_large_as_its_community(country: list[InventedCommunity]) -> None:
    for size, each in zip(SIZES, country, strict=True):
        (plant,) = each.year.installations
        assert 0.7 * 60 * size / 20 - 0.05 <= plant.pv_kw <= 60 * size / 20 + 0.05
        assert 0.8 * plant.pv_kw < each.year.generation_kwh.max() <= plant.pv_kw + 0.05


def test_neighbours_of_one_kind_are_alike_and_not_the_same(
    country: list[InventedCommunity],
) -> None:
    year = country[1].year
    kinds = [member.kind for member in year.members]
    twins = next(kind for kind in kinds if kinds.count(kind) > 1)
    first, second = (
        row
        for row, kind in islice(((row, kind) for row, kind in enumerate(kinds) if kind == twins), 2)
    )

    assert {neighbour.kind for neighbour in CAST} >= set(kinds)
    assert not np.array_equal(year.consumption_kwh[first], year.consumption_kwh[second])
