"""The reference community by class: what finer coefficients bring, each with its proof."""

import numpy as np
import pytest

from loaders.community_folder import read_community_folder
from loaders.records import MemberRole
from models.values.calendar import Step, month_starts
from planner.allocation import bound_hourly
from planner.classes.choose import choose_by_class
from planner.classes.floors import YearlyFloors
from planner.classes.step_classes import Classes, StepClasses, classify_steps
from planner.coefficients.rules import Rule, round_by_largest_remainder
from planner.goal import Goal, Objective
from planner.sharing_year import SharingYear
from tests.support.shared_data import shared_data_folder

NONE, ALL = np.zeros(19, dtype=np.int64), np.full(19, 1_000_000)


@pytest.fixture(scope="module")
def valencia() -> SharingYear:
    community = read_community_folder(shared_data_folder() / "valencia")
    rows = community.positions(MemberRole.MEMBER)
    members = [community.members[row] for row in rows.tolist()]
    assert community.energy_eur_per_kwh is not None
    assert community.surplus_eur_per_kwh is not None
    return SharingYear(
        generation_kwh=community.generation_kwh.sum(axis=0),
        consumption_kwh=np.ascontiguousarray(community.consumption_kwh[rows]),
        contracted_power_kw=np.array([member.contracted_kw for member in members]),
        precedence=np.argsort(np.argsort([member.cups for member in members])),
        month_starts=month_starts(2023, "Europe/Madrid", Step.HOUR),
        prices=(community.energy_eur_per_kwh, community.surplus_eur_per_kwh),
    )


def classes_of(kind: Classes) -> StepClasses:
    return classify_steps(kind, 2023, "Europe/Madrid", Step.HOUR)


@pytest.mark.parametrize(
    ("kind", "kwh", "eur"),
    [
        (Classes.MONTH, 82_276.900, 15_019.63),
        (Classes.SEASON_DAY, 83_458.003, 15_061.38),
        (Classes.HOUR, 83_341.818, 15_120.35),
        (Classes.MONTH_HOUR_DAY, 86_570.232, 15_299.18),
        (Classes.HOURLY, 88_709.319, 15_450.91),
    ],
)
def test_what_each_kind_of_class_brings(
    valencia: SharingYear, kind: Classes, kwh: float, eur: float
) -> None:
    classes = classes_of(kind)
    energy = choose_by_class(valencia, classes, Goal(), NONE, ALL)
    savings = choose_by_class(valencia, classes, Goal(Objective.SAVINGS), NONE, ALL)

    assert energy.value == pytest.approx(kwh, abs=1e-3)
    assert savings.value == pytest.approx(eur, abs=0.02)
    assert max(energy.gap, savings.gap) <= 1e-6


def test_hour_by_hour_nothing_is_lost_even_with_floors(valencia: SharingYear) -> None:
    equal = round_by_largest_remainder(valencia.share_by(Rule.EQUAL), valencia.precedence)
    choice = choose_by_class(
        valencia, classes_of(Classes.HOURLY), Goal(), NONE, ALL, YearlyFloors(0.95, equal)
    )

    most = bound_hourly(valencia.generation_kwh, valencia.consumption_kwh)
    assert choice.upper_bound == pytest.approx(most, abs=1e-6)
    assert choice.gap <= 1e-6


@pytest.mark.parametrize(
    ("kind", "bound"), [(Classes.SEASON_DAY, 81_893.27), (Classes.HOUR, 82_185.14)]
)
def test_floors_cost_by_class(valencia: SharingYear, kind: Classes, bound: float) -> None:
    equal = round_by_largest_remainder(valencia.share_by(Rule.EQUAL), valencia.precedence)
    floors = YearlyFloors(0.95, equal)
    choice = choose_by_class(valencia, classes_of(kind), Goal(), NONE, ALL, floors)

    assert choice.upper_bound == pytest.approx(bound, abs=0.1)
    # A millionth of one of eight classes is worth up to 0.03 kWh: rounding is most of the gap.
    assert choice.gap <= 5e-6
