import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from planner.profiles import (
    CompletedYear,
    Completion,
    ImpossibleConsumptionError,
    NoProfileError,
    Profile,
    Scale,
    StandardProfileError,
    complete_with_profile,
)

NAN = np.nan


def complete(
    rows: list[list[float]], groups: list[str] | None = None, **more: object
) -> CompletedYear:
    groups = groups or ["2.0TD"] * len(rows)
    power = np.array([2.0, 4.0, 8.0, 16.0])[: len(rows)]
    return complete_with_profile(np.array(rows), groups, power, **more)  # type: ignore[arg-type]


def test_a_whole_year_stays_as_it_is() -> None:
    completed = complete([[1.0, 2.0], [0.0, 0.0]])

    assert completed.consumption_kwh.tolist() == [[1.0, 2.0], [0.0, 0.0]]
    assert completed.completions == (Completion(1.0), Completion(1.0))


def test_the_rest_follows_the_mean_shape_scaled_to_what_was_measured() -> None:
    # shapes 1/8 3/8 4/8 and 3/8 1/8 4/8, mean 1/4 1/4 1/2; measured 3 kWh over the first two
    completed = complete([[1.0, 3.0, 4.0], [30.0, 10.0, 40.0], [2.0, 1.0, NAN]])

    assert completed.consumption_kwh[2].tolist() == [2.0, 1.0, 3.0]
    assert completed.completions[2] == Completion(
        pytest.approx(2 / 3), "mean of 2 members of 2.0TD", Scale.MEASURED, 2, ("2.0TD",)
    )


def test_members_of_the_same_tariff_go_before_others() -> None:
    groups = ["2.0TD", "3.0TD", "3.0TD"]
    completed = complete([[1.0, 3.0], [5.0, 5.0], [2.0, NAN]], groups)

    assert completed.consumption_kwh[2].tolist() == [2.0, 2.0]
    assert completed.completions[2].profile == "mean of 1 member of 3.0TD"


def test_without_any_of_the_same_tariff_all_others_serve() -> None:
    groups = ["2.0TD", "6.1TD", "3.0TD"]
    completed = complete([[1.0, 3.0], [5.0, 15.0], [2.0, NAN]], groups)

    assert completed.consumption_kwh[2].tolist() == [2.0, 6.0]
    assert completed.completions[2].profile == "mean of 2 members of 2.0TD and 6.1TD"
    assert completed.completions[2].classes == ("2.0TD", "6.1TD")


def test_an_empty_home_gives_no_shape() -> None:
    completed = complete([[0.0, 0.0], [1.0, 3.0], [2.0, NAN]])

    assert completed.consumption_kwh[2].tolist() == [2.0, 6.0]
    assert completed.completions[2].profile == "mean of 1 member of 2.0TD"


def test_who_measured_nothing_uses_what_it_declares() -> None:
    completed = complete([[1.0, 3.0], [NAN, NAN]], declared_kwh=np.array([NAN, 200.0]))

    assert completed.consumption_kwh[1].tolist() == [50.0, 150.0]
    assert completed.completions[1] == Completion(
        0.0, "mean of 1 member of 2.0TD", Scale.DECLARED, 1, ("2.0TD",)
    )


def test_what_is_measured_goes_before_what_is_declared() -> None:
    completed = complete([[1.0, 3.0], [2.0, NAN]], declared_kwh=np.array([9.0, 200.0]))

    assert completed.consumption_kwh.tolist() == [[1.0, 3.0], [2.0, 6.0]]


def test_who_says_nothing_uses_as_much_a_kw_as_the_others() -> None:
    # 4 + 8 kWh for 2 + 4 kW make 2 kWh/kW; 8 kW make 16 kWh, in the mean shape 5/8 3/8
    completed = complete([[1.0, 3.0], [8.0, 0.0], [NAN, NAN]])

    assert completed.consumption_kwh[2].tolist() == [10.0, 6.0]
    assert completed.completions[2] == Completion(
        0.0, "mean of 2 members of 2.0TD", Scale.CONTRACTED_POWER, 2, ("2.0TD",)
    )


def test_a_measured_zero_stays_zero() -> None:
    completed = complete([[1.0, 3.0], [0.0, NAN]], declared_kwh=np.array([NAN, 200.0]))

    assert completed.consumption_kwh[1].tolist() == [0.0, 0.0]
    assert completed.completions[1].scale is Scale.MEASURED


@pytest.mark.parametrize(("measured", "rest"), [(0.0, [50.0, 150.0]), (8.0, [48.0, 144.0])])
def test_where_the_profile_is_silent_the_year_is_scaled(measured: float, rest: list[float]) -> None:
    declared = np.array([NAN, 200.0])
    completed = complete([[0.0, 1.0, 3.0], [measured, NAN, NAN]], declared_kwh=declared)

    assert completed.consumption_kwh[1].tolist() == [measured, *rest]
    assert completed.completions[1].scale is Scale.DECLARED


def test_more_measured_than_the_whole_year_should_have_leaves_nothing_to_fill() -> None:
    completed = complete([[0.0, 1.0, 3.0], [900.0, NAN, NAN]])

    assert completed.consumption_kwh[1].tolist() == [900.0, 0.0, 0.0]
    assert completed.completions[1].scale is Scale.CONTRACTED_POWER


def test_a_standard_goes_before_the_mean_of_members() -> None:
    standards = {"2.0TD": Profile(np.array([1.0, 1.0]), "profile P2.0TD of 2023")}
    completed = complete(
        [[1.0, 3.0], [2.0, NAN], [NAN, NAN]], ["3.0TD", "2.0TD", "2.0TD"], standards=standards
    )

    # nobody else of 2.0TD: 4 kWh for 2 kW of all members, 8 kW make 16 kWh
    assert completed.consumption_kwh.tolist() == [[1.0, 3.0], [2.0, 2.0], [8.0, 8.0]]
    assert [each.profile for each in completed.completions[1:]] == ["profile P2.0TD of 2023"] * 2


def test_a_standard_and_a_declaration_need_nobody_else() -> None:
    standards = {"2.0TD": Profile(np.array([1.0, 3.0]), "standard")}
    completed = complete([[NAN, NAN]], standards=standards, declared_kwh=np.array([8.0]))

    assert completed.consumption_kwh.tolist() == [[2.0, 6.0]]


def test_without_any_whole_year_a_profile_is_asked_for() -> None:
    with pytest.raises(NoProfileError, match=r"number 1 .* give a standard profile") as caught:
        complete([[1.0, NAN], [NAN, NAN]])
    assert caught.value.member == 0


def test_without_anything_to_scale_to_a_declaration_is_asked_for() -> None:
    standards = {"2.0TD": Profile(np.array([1.0, 3.0]), "standard")}
    with pytest.raises(NoProfileError, match=r"number 2 .* declare its yearly") as caught:
        complete([[1.0, NAN], [NAN, NAN]], standards=standards)
    assert caught.value.member == 1


@pytest.mark.parametrize("bad", [-1.0, np.inf])
def test_what_no_meter_shows_is_refused(bad: float) -> None:
    with pytest.raises(ImpossibleConsumptionError, match="the consumption of member") as caught:
        complete([[1.0, 3.0], [NAN, bad]])
    assert (caught.value.member, caught.value.value) == (1, bad)
    with pytest.raises(ImpossibleConsumptionError, match="the declared consumption of member"):
        complete([[1.0, 3.0]], declared_kwh=np.array([bad]))


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ([1.0], "'odd' has 1 intervals, should have 2"),
        ([[1.0, 1.0]], "should have 2"),
        ([1.0, NAN], "no numbers of at least 0"),
        ([1.0, -1.0], "no numbers of at least 0"),
        ([1.0, np.inf], "no numbers of at least 0"),
        ([0.0, 0.0], "no energy at all"),
    ],
)
def test_a_standard_that_is_no_shape_is_refused(shape: list[float], message: str) -> None:
    with pytest.raises(StandardProfileError, match=message) as caught:
        complete([[1.0, NAN]], standards={"2.0TD": Profile(np.array(shape), "odd")})
    assert caught.value.label == "odd"


@given(
    hnp.arrays(float, (4, 12), elements=st.floats(0.5, 5)),
    hnp.arrays(bool, (2, 12)),
)
def test_the_profile_sums_to_what_was_measured_where_it_was(
    year: np.ndarray, known: np.ndarray
) -> None:
    known[:, 0] = False
    gappy = year.copy()
    gappy[2:][~known] = NAN
    groups, power = ["2.0TD"] * 4, np.ones(4)
    completed = complete_with_profile(gappy, groups, power)

    assert completed.consumption_kwh[:2].tolist() == year[:2].tolist()
    shape = (year[:2] / year[:2].sum(axis=1, keepdims=True)).sum(axis=0)
    for member, is_known in zip((2, 3), known, strict=True):
        row, completion = completed.consumption_kwh[member], completed.completions[member]
        assert row[is_known].tolist() == year[member, is_known].tolist()
        assert completion.known_share == pytest.approx(is_known.mean())
        if is_known.any():
            factor = year[member, is_known].sum() / shape[is_known].sum()
            np.testing.assert_allclose(row[~is_known], factor * shape[~is_known])


def test_a_hundredth_of_the_profile_is_needed_to_tell_by_what_was_measured() -> None:
    shape = np.array([0.5, 99.5, 100.0, 0.0])
    hardly = complete([shape, [7.0, np.nan, np.nan, np.nan]], declared_kwh=np.array([np.nan, 47.0]))
    enough = complete([[2.0, 98, 100, 0], [7.0, np.nan, np.nan, np.nan]])

    assert hardly.completions[1].scale is Scale.DECLARED
    assert hardly.consumption_kwh[1].sum() == pytest.approx(7 + 40 * 199.5 / 200)
    assert enough.completions[1].scale is Scale.MEASURED
    assert enough.consumption_kwh[1].sum() == pytest.approx(700.0)
