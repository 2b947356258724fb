"""The invented community: the same every time, well formed, and believable."""

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from loaders.records import CommunityYear, MemberRole
from models.values.cau import Cau
from models.values.coefficient import MILLIONTHS
from models.values.cups import Cups
from models.values.tariff import Tariff
from scripts.demo_community import generate_demo_community
from scripts.demo_community.plant import PEAK_KW

ARRAYS = ("consumption_kwh", "generation_kwh", "energy_eur_per_kwh", "surplus_eur_per_kwh")


@pytest.fixture(scope="session")
def local(demo: CommunityYear) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(demo.starts, tz="UTC").tz_convert("Europe/Madrid")


@pytest.fixture(scope="session")
def members_kwh(demo: CommunityYear) -> NDArray[np.float64]:
    return demo.consumption_kwh[demo.positions(MemberRole.MEMBER)]


def of_kind(demo: CommunityYear, kind: str) -> NDArray[np.float64]:
    position = next(i for i, member in enumerate(demo.members) if member.kind == kind)
    return demo.consumption_kwh[position]


def share_at(energy_kwh: NDArray[np.float64], hours: NDArray[np.bool_]) -> float:
    return float(energy_kwh[hours].sum() / energy_kwh.sum())


class TestSameEveryTime:
    @pytest.mark.parametrize("name", ARRAYS)
    def test_the_same_seed_gives_the_same_bits(self, demo: CommunityYear, name: str) -> None:
        again = generate_demo_community(2025)
        assert getattr(again, name).tobytes() == getattr(demo, name).tobytes()

    def test_the_same_seed_gives_the_same_people(self, demo: CommunityYear) -> None:
        assert generate_demo_community(2025).members == demo.members

    def test_another_seed_gives_other_energy_but_the_same_codes(self, demo: CommunityYear) -> None:
        other = generate_demo_community(2025, seed=7)
        for name in ARRAYS:
            assert not np.array_equal(getattr(other, name), getattr(demo, name))
        assert [m.cups for m in other.members] == [m.cups for m in demo.members]


class TestForm:
    @pytest.mark.parametrize(("year", "n_hours"), [(2023, 8760), (2024, 8784), (2025, 8760)])
    def test_every_hour_of_the_local_year_is_there(self, year: int, n_hours: int) -> None:
        community = generate_demo_community(year)
        assert community.starts.size == n_hours
        assert community.consumption_kwh.shape == (28, n_hours)
        assert community.generation_kwh.shape == (1, n_hours)
        assert community.energy_eur_per_kwh is not None
        assert community.surplus_eur_per_kwh is not None
        assert community.energy_eur_per_kwh.shape == (n_hours,)
        assert community.surplus_eur_per_kwh.shape == (n_hours,)

    def test_energy_has_three_decimals_and_is_never_negative(self, demo: CommunityYear) -> None:
        for energy_kwh in (demo.consumption_kwh, demo.generation_kwh):
            assert np.isfinite(energy_kwh).all()
            assert energy_kwh.min() >= 0
            np.testing.assert_array_equal(energy_kwh, np.round(energy_kwh, 3))

    def test_twenty_share_and_eight_wait(self, demo: CommunityYear) -> None:
        assert demo.positions(MemberRole.MEMBER).tolist() == list(range(20))
        assert demo.positions(MemberRole.RESERVE).tolist() == list(range(20, 28))

    def test_every_code_is_valid_unique_and_of_no_real_distributor(
        self, demo: CommunityYear
    ) -> None:
        codes = [str(member.cups) for member in demo.members]
        assert len({*codes, demo.installations[0].cau.cups}) == 29
        assert all(Cups(code).startswith("ES0000") and len(code) == 22 for code in codes)
        assert Cau(str(demo.installations[0].cau)) == "ES0000000000000001TR0FA000"
        assert len({member.member_id for member in demo.members}) == 28

    def test_the_tariff_follows_the_contracted_power(self, demo: CommunityYear) -> None:
        for member in demo.members:
            assert (member.tariff is Tariff.LOW_VOLTAGE_ABOVE_15_KW) == (member.contracted_kw > 15)
        school = next(member for member in demo.members if member.kind == "school")
        assert school.tariff is Tariff.LOW_VOLTAGE_ABOVE_15_KW

    def test_nobody_draws_more_than_was_contracted(self, demo: CommunityYear) -> None:
        contracted_kw = np.array([member.contracted_kw for member in demo.members])
        assert (demo.consumption_kwh.max(axis=1) <= contracted_kw).all()

    def test_current_shares_follow_contracted_power_and_sum_to_one(
        self, demo: CommunityYear
    ) -> None:
        sharing = [demo.members[i] for i in demo.positions(MemberRole.MEMBER)]
        total_kw = sum(member.contracted_kw for member in sharing)
        betas = [member.current_beta for member in sharing]
        assert sum(round(beta * MILLIONTHS) for beta in betas if beta is not None) == MILLIONTHS
        for member, beta in zip(sharing, betas, strict=True):
            assert beta == pytest.approx(member.contracted_kw / total_kw, abs=1e-6)
            assert beta is not None
            assert round(beta, 6) == beta

    def test_those_who_wait_have_no_share_and_paid_nothing(self, demo: CommunityYear) -> None:
        waiting = [demo.members[i] for i in demo.positions(MemberRole.RESERVE)]
        assert {(member.current_beta, member.investment_eur) for member in waiting} == {
            (None, None)
        }

    def test_everybody_lives_near_the_plant_and_joined_before_the_year(
        self, demo: CommunityYear
    ) -> None:
        plant = demo.installations[0]
        assert plant.lat is not None
        assert plant.lon is not None
        for member in demo.members:
            assert member.lat == pytest.approx(plant.lat, abs=0.007)
            assert member.lon == pytest.approx(plant.lon, abs=0.007)
            assert member.joined_on is not None
            assert member.joined_on.year == 2024


class TestEnergy:
    def test_the_plant_yields_as_much_as_a_roof_in_valencia(self, demo: CommunityYear) -> None:
        year_kwh = demo.generation_kwh.sum()
        assert 1450 <= year_kwh / PEAK_KW <= 1650
        assert 1450 <= year_kwh / demo.installations[0].pv_kw <= 1650

    def test_the_plant_rests_at_night(self, demo: CommunityYear, local: pd.DatetimeIndex) -> None:
        night = (local.hour >= 22) | (local.hour < 6)
        assert demo.generation_kwh[0, night].sum() == 0

    def test_the_plant_never_passes_its_inverter(self, demo: CommunityYear) -> None:
        assert demo.generation_kwh.max() <= demo.installations[0].pv_kw

    def test_homes_consume_what_homes_consume(self, demo: CommunityYear) -> None:
        homes = [i for i, m in enumerate(demo.members) if (m.kind or "").startswith("home")]
        years_kwh = demo.consumption_kwh[homes].sum(axis=1)
        assert len(homes) == 17
        assert years_kwh.min() >= 1800
        assert years_kwh.max() <= 6500

    def test_members_consume_more_than_the_plant_gives(
        self, demo: CommunityYear, members_kwh: NDArray[np.float64]
    ) -> None:
        assert 1.2 <= members_kwh.sum() / demo.generation_kwh.sum() <= 2.0

    def test_coefficients_matter(
        self, demo: CommunityYear, members_kwh: NDArray[np.float64]
    ) -> None:
        generation_kwh = demo.generation_kwh[0]
        equal = np.minimum(generation_kwh / 20, members_kwh).sum()
        by_consumption = members_kwh.sum(axis=1, keepdims=True) / members_kwh.sum()
        fair = np.minimum(by_consumption * generation_kwh, members_kwh).sum()
        bound = np.minimum(members_kwh.sum(axis=0), generation_kwh).sum()
        assert equal < 0.9 * fair < 0.9 * bound

    @pytest.mark.parametrize("first", ["2025-03-30", "2025-10-26"])
    def test_days_of_clock_changes_are_lived_like_other_days(
        self, demo: CommunityYear, local: pd.DatetimeIndex, first: str
    ) -> None:
        day = local.strftime("%Y-%m-%d") == first
        assert day.sum() == (23 if first == "2025-03-30" else 25)
        bakery = of_kind(demo, "bakery")
        by_hour = pd.Series(bakery[day], local[day]).groupby(local[day].hour).mean()
        assert by_hour.loc[4:7].min() > 3 * by_hour.loc[15:23].max()


class TestHabits:
    @pytest.mark.parametrize(
        "closed",
        [
            ("2025-07-15", "2025-08-31"),
            ("2025-12-23", "2025-12-31"),
            ("2025-04-18", "2025-04-18"),
            ("2025-10-09", "2025-10-09"),
        ],
    )
    def test_the_school_closes_in_summer_and_on_holidays(
        self, demo: CommunityYear, local: pd.DatetimeIndex, closed: tuple[str, str]
    ) -> None:
        school = pd.Series(of_kind(demo, "school"), local)
        assert school.loc[closed[0] : closed[1]].max() < 2.5
        assert school.loc["2025-05-13"].max() > 10

    def test_the_car_charged_at_night_and_the_one_charged_at_noon_differ(
        self, demo: CommunityYear, local: pd.DatetimeIndex
    ) -> None:
        night, noon = (np.asarray(local.hour // 6 == quarter) for quarter in (0, 2))
        charged_at_night = of_kind(demo, "home: electric car, charged at night")
        charged_at_noon = of_kind(demo, "home: electric car, charged at noon")
        assert share_at(charged_at_night, night) > 2 * share_at(charged_at_noon, night)
        assert share_at(charged_at_noon, noon) > 2 * share_at(charged_at_night, noon)

    def test_the_bakery_bakes_before_dawn(
        self, demo: CommunityYear, local: pd.DatetimeIndex
    ) -> None:
        before_dawn = np.asarray((local.hour >= 3) & (local.hour < 8))
        assert share_at(of_kind(demo, "bakery"), before_dawn) > 0.5

    def test_warmth_is_wanted_in_winter_and_cold_in_summer(
        self, demo: CommunityYear, local: pd.DatetimeIndex
    ) -> None:
        winter, summer = np.asarray(local.month <= 2), np.asarray(local.month.isin([7, 8]))
        heated, cooled = (of_kind(demo, f"home: {k}") for k in ("heat pump", "air conditioning"))
        assert share_at(heated, winter) > 1.3 * share_at(cooled, winter)
        assert share_at(cooled, summer) > 1.3 * share_at(heated, summer)

    def test_the_carpenter_keeps_the_week(
        self, demo: CommunityYear, local: pd.DatetimeIndex
    ) -> None:
        carpenter = of_kind(demo, "carpenter")
        open_hours, weekend = local.hour.isin(range(8, 18)), local.day_of_week >= 5
        working = carpenter[open_hours & ~weekend & (local.month == 5)].mean()
        assert working > 8 * carpenter[open_hours & weekend].mean()
