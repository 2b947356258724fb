from dataclasses import replace

import numpy as np
import pytest

from api.services.proposals.complete_community import UnfillableGapsError, complete_community
from loaders.records import CommunityYear
from models.values.errors import ErrorCode
from models.values.tariff import Tariff
from planner.profiles import Completion, ImpossibleConsumptionError, Scale
from tests.support.community_folders import build_community_year
from tests.support.consumption_gaps import with_gap
from tests.support.imports import change_member

WHOLE_YEAR = slice(None)
M1, M2, M3, R1 = range(4)
OF_THREE = ("mean of 3 members of 2.0TD", 3, ("2.0TD",))


def complete(community: CommunityYear) -> tuple[np.ndarray, tuple[Completion, ...]]:
    completed, completions = complete_community(community)
    return completed.consumption_kwh, completions


def mean_shape(community: CommunityYear, rows: list[int]) -> np.ndarray:
    """Average shapes that each sum to one, from the definition."""
    return np.mean([row / row.sum() for row in community.consumption_kwh[rows]], axis=0)


def test_a_community_without_gaps_is_the_same_object() -> None:
    community = build_community_year()
    completed, completions = complete_community(community)

    assert completed is community
    assert completions == (Completion(1.0),) * 4


def test_part_of_a_year_is_filled_in_proportion_to_what_was_measured() -> None:
    whole = build_community_year()
    community = with_gap(whole, M2, slice(2190, None))
    consumption, completions = complete(community)
    shape = mean_shape(community, [M1, M3, R1])
    factor = whole.consumption_kwh[M2, :2190].sum() / shape[:2190].sum()

    np.testing.assert_allclose(consumption[M2, 2190:], factor * shape[2190:], rtol=1e-12)
    np.testing.assert_array_equal(consumption[M2, :2190], whole.consumption_kwh[M2, :2190])
    np.testing.assert_array_equal(consumption[[M1, M3, R1]], whole.consumption_kwh[[M1, M3, R1]])
    label, *peers = OF_THREE
    assert completions[M2] == Completion(0.25, label, Scale.MEASURED, *peers)
    assert [completions[row] for row in (M1, M3, R1)] == [Completion(1.0)] * 3
    assert np.isnan(community.consumption_kwh[M2, 2190:]).all()  # what was handed in stays


def test_the_declared_consumption_scales_who_measured_nothing() -> None:
    whole = build_community_year()
    community = change_member(with_gap(whole, R1, WHOLE_YEAR), R1, yearly_kwh=2450.0)
    consumption, completions = complete(community)

    np.testing.assert_allclose(consumption[R1], 2450 * mean_shape(whole, [M1, M2, M3]), rtol=1e-12)
    label, *peers = OF_THREE
    assert completions[R1] == Completion(0.0, label, Scale.DECLARED, *peers)


def test_without_a_declaration_the_contracted_power_does() -> None:
    whole = build_community_year()
    consumption, completions = complete(with_gap(whole, R1, WHOLE_YEAR))
    power = [member.contracted_kw for member in whole.members]
    yearly_kwh = whole.consumption_kwh[:3].sum() / sum(power[:3]) * power[R1]

    assert consumption[R1].sum() == pytest.approx(yearly_kwh, rel=1e-12)
    assert completions[R1].scale is Scale.CONTRACTED_POWER


def test_the_tariff_tells_whose_profile_serves() -> None:
    whole = build_community_year()
    for row in (M1, R1):
        whole = change_member(whole, row, tariff=Tariff.LOW_VOLTAGE_ABOVE_15_KW)
    consumption, completions = complete(with_gap(whole, R1, slice(100, None)))
    factor = whole.consumption_kwh[R1, :100].sum() / whole.consumption_kwh[M1, :100].sum()

    np.testing.assert_allclose(
        consumption[R1, 100:], factor * whole.consumption_kwh[M1, 100:], rtol=1e-12
    )
    assert completions[R1].profile == "mean of 1 member of 3.0TD"


def test_gaps_of_everybody_cannot_be_filled() -> None:
    community = build_community_year(n_members=2, n_reserve=0)
    community = with_gap(with_gap(community, 0, slice(0, 1)), 1, slice(5, 6))
    with pytest.raises(UnfillableGapsError) as caught:
        complete_community(community)

    assert str(caught.value) == (
        "M1 has part of a year or none, and nobody on the list a whole year with consumption to"
        " take a profile from: add the readings of somebody"
    )
    assert (caught.value.member_id, caught.value.code) == ("M1", ErrorCode.INVALID_DATA)


def test_what_no_meter_can_show_is_refused() -> None:
    community = with_gap(build_community_year(), M2, slice(0, 1))
    consumption = community.consumption_kwh.copy()
    consumption[M1, 7] = -1.0
    with pytest.raises(ImpossibleConsumptionError):
        complete_community(replace(community, consumption_kwh=consumption))
