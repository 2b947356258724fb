from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.claim import (
    Claim,
    MalformedClaimError,
    MeterData,
    StatedChange,
    StatedGroup,
    StatedRates,
)
from planner.coefficients.choose import Choice, choose_coefficients
from planner.coefficients.limits import Blocks, ChangeLimit, CoefficientRange, Floor, Group, Limit
from planner.goal import CarbonFactor, Goal, Objective, Weights
from planner.recheck import RefutedClaimError, recheck_proposal
from planner.sharing_year import SharingYear
from tests.support.priced_years import make_member_prices
from tests.support.sharing_years import make_year, years
from tests.support.source_code import ROOT

SAVINGS = Goal(Objective.SAVINGS)
MIX = Goal(Objective.MIX, Weights(0.1, 1.0, 0.5), CarbonFactor(0.2, "a grid"))


def read_meters(year: SharingYear) -> MeterData:
    return MeterData(year.generation_kwh, year.consumption_kwh, year.month_starts, year.prices)


def state(choice: Choice, goal: Goal = Goal()) -> Claim:  # noqa: B008
    """State what a choice claims, as a proposal on paper would."""
    region, priced = choice.region, choice.multipliers
    change = region.change
    return Claim(
        millionths=choice.millionths,
        lower=region.lower,
        upper=region.upper,
        value=choice.value,
        upper_bound=choice.upper_bound,
        price=priced.total,
        groups=tuple(
            StatedGroup(g.label, g.members, g.lower, g.upper, priced.groups[g.label])
            for g in region.groups
        ),
        change=None if change is None else StatedChange(change.around, change.most, priced.change),
        blocks=region.blocks,
        kwh_weight=goal.kwh_weight,
        eur_weight=goal.weights.eur,
    )


def failed(year: SharingYear, claim: Claim) -> list[str]:
    return [
        check.name for check in recheck_proposal(read_meters(year), claim).checks if not check.is_ok
    ]


LIMITS: list[list[Limit]] = [
    [],
    [Floor(0.95), CoefficientRange(50_000, 600_000)],
    [Group("homes", (0, 1), least=550_000), Group("holder", (2, 3), greatest=300_000)],
    [ChangeLimit(total=100_000)],
    [Blocks(7)],
    [Blocks(16), Group("holder", (0, 1), greatest=420_000)],
]


@pytest.mark.parametrize("goal", [Goal(), SAVINGS, MIX], ids=["kwh", "eur", "mix"])
@pytest.mark.parametrize(
    "limits", LIMITS, ids=["free", "floor", "groups", "change", "blocks", "both"]
)
@pytest.mark.parametrize("seed", range(4))
def test_every_proposal_is_proven_again(seed: int, limits: list[Limit], goal: Goal) -> None:
    year = make_year(seed=seed)
    year = replace(year, current_beta=np.array([0.4, 0.3, 0.2, 0.1]))
    claim = state(choose_coefficients(year, goal, limits), goal)

    assert failed(year, claim) == []
    recheck_proposal(read_meters(year), claim).require()


@settings(max_examples=60)
@given(years(), st.floats(0, 1))
def test_any_year_with_any_floor_is_proven_again(year: SharingYear, floor: float) -> None:
    assert failed(year, state(choose_coefficients(year, limits=[Floor(floor)]))) == []


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.floats(-0.5, 0.5))
def test_savings_are_proven_again_whatever_surplus_earns(seed: int, surplus: float) -> None:
    year = make_year(n_members=3, seed=seed)
    assert year.prices is not None
    year = replace(year, prices=(year.prices[0], np.full(72, surplus)))
    choice = choose_coefficients(year, SAVINGS)
    found = recheck_proposal(read_meters(year), state(choice, SAVINGS))

    assert found.is_proven
    if choice.is_optimum:
        (bound,) = [check for check in found.checks if check.name == "upper_bound"]
        assert bound.found == pytest.approx(choice.upper_bound, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_savings_at_prices_of_each_member_are_proven_again(seed: int) -> None:
    year = make_year(seed=seed)
    prices = make_member_prices(year, seed)
    rates = tuple(zip(prices.energy, prices.surplus, prices.ceiling, strict=True))
    meters = replace(read_meters(year), prices=StatedRates(rates, prices.rate_of))

    claim = state(choose_coefficients(replace(year, prices=prices), SAVINGS), SAVINGS)
    at_other_prices = replace(meters, prices=StatedRates(rates, 1 - prices.rate_of))

    assert recheck_proposal(meters, claim).is_proven
    assert not recheck_proposal(at_other_prices, claim).is_proven
    with pytest.raises(MalformedClaimError, match="4 members"):
        recheck_proposal(replace(meters, prices=StatedRates(rates, prices.rate_of[:3])), claim)


@pytest.mark.parametrize("goal", [Goal(), SAVINGS], ids=["kwh", "eur"])
@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_tampered_with_is_refuted(seed: int, goal: Goal) -> None:
    year = make_year(seed=seed)
    claim = state(choose_coefficients(year, goal, [Floor(0.9)]), goal)
    parts = claim.millionths
    one_more = np.array([1, 0, 0, 0])
    shifted = parts + np.array([-20_000, 20_000, 0, 0])
    tampered = {
        "value": replace(claim, value=claim.value * (1 + 3e-6)),
        "value upper_bound": replace(
            claim, value=claim.value * 1.01, upper_bound=claim.upper_bound * 1.01
        ),
        "upper_bound": replace(claim, upper_bound=claim.upper_bound * (1 + 3e-6)),
        "upper_bound bound_over_value": replace(claim, upper_bound=claim.upper_bound * 0.99),
        "sum": replace(claim, millionths=parts + np.array([0, 1, 0, 0])),
        "greatest": replace(
            claim, upper=claim.upper - (claim.upper - parts + 1) * (parts == parts.max())
        ),
    }

    for names, wrong in tampered.items():
        assert set(names.split()) <= set(failed(year, wrong)), names
    assert "value" in failed(year, replace(claim, millionths=shifted))
    assert "upper_bound" in failed(year, replace(claim, price=claim.price * 1.1))
    assert "least" in failed(year, replace(claim, lower=np.maximum(claim.lower, parts + one_more)))


def test_broken_group_change_and_block_limits_are_named() -> None:
    year = make_year()
    claim = state(choose_coefficients(year))
    pair = np.array([True, True, False, False])
    held = int(claim.millionths[pair].sum())
    around = claim.millionths - np.array([30.0, -30.0, 0, 0])
    kept = StatedGroup("kept", pair, held, held, 0.0)
    broken = StatedGroup("broken", pair, held + 1, held + 2, 0.0)

    assert failed(year, replace(claim, groups=(kept, broken))) == ["broken"]
    assert failed(year, replace(claim, change=StatedChange(around, 59.0, 0.0))) == ["change"]
    assert failed(year, replace(claim, change=StatedChange(around, 60.0, 0.0))) == []
    wrong_sign = StatedChange(around, 60.0, -1.0)
    assert "change_price" in failed(year, replace(claim, change=wrong_sign))
    assert "blocks" in failed(year, replace(claim, blocks=3))


def test_a_refutation_says_what_was_stated_and_found() -> None:
    year = SharingYear(
        np.array([4.0]), np.array([[1.0], [9.0]]), np.ones(2), np.arange(2), np.array([0])
    )
    claim = state(choose_coefficients(year))

    with pytest.raises(RefutedClaimError, match=r"value: stated 4\.5, found 4") as refuted:
        recheck_proposal(read_meters(year), replace(claim, value=4.5)).require()
    assert [check.name for check in refuted.value.failed] == ["value"]


def test_a_bound_is_sought_where_a_month_reaches_its_cap() -> None:
    # Two kWh by day and two by night: surplus pays for the night's at a coefficient of 0.6.
    data = MeterData(
        np.array([10.0, 0.0]),
        np.array([[2.0, 2.0], [0.5, 0.0]]),
        np.array([0]),
        (np.array([0.2, 0.2]), np.array([0.1, 0.1])),
    )
    limits = np.zeros(2, dtype=np.int64), np.full(2, 1_000_000)
    # At a price of 0.5 the first is worth 0.8 - 0.3 there, the second 0.1 - 0.025 at 0.05.
    parts = np.array([950_000, 50_000])
    claim = Claim(parts, *limits, 0.9, 1.075, 0.5, kwh_weight=0.0, eur_weight=1.0)

    recheck_proposal(data, claim).require()


def test_a_bound_above_the_prices_is_no_proof_but_where_savings_bend_up() -> None:
    year = make_year(seed=2)
    odd = replace(year, prices=(np.full(72, 0.1), np.full(72, 0.3)))
    for each, accepted in ((year, False), (odd, True)):
        claim = state(choose_coefficients(each, SAVINGS), SAVINGS)
        loose = replace(claim, upper_bound=claim.upper_bound * 1.5)
        assert ("upper_bound" not in failed(each, loose)) is accepted
        tight = replace(claim, upper_bound=claim.upper_bound * 0.7)
        assert "upper_bound" in failed(each, tight)


def test_what_has_no_form_cannot_be_checked() -> None:
    year = make_year()
    data, claim = read_meters(year), state(choose_coefficients(year))
    bad_data = [
        replace(data, generation_kwh=data.generation_kwh[1:]),
        replace(data, generation_kwh=data.generation_kwh * np.nan),
        replace(data, month_starts=np.array([1, 24])),
        replace(data, month_starts=np.array([0, 24, 24])),
    ]
    bad_claims = [
        replace(claim, millionths=claim.millionths[1:]),
        replace(claim, price=float("nan")),
        replace(claim, lower=claim.upper + 1),
        replace(claim, change=StatedChange(np.zeros(4), float("inf"), 0.0)),
        replace(claim, blocks=2, lower=np.full(4, 400_000), upper=np.full(4, 400_001)),
    ]

    for wrong in bad_data:
        with pytest.raises(MalformedClaimError):
            recheck_proposal(wrong, claim)
    for stated in bad_claims:
        with pytest.raises(MalformedClaimError):
            recheck_proposal(data, stated)
    with pytest.raises(MalformedClaimError, match="prices"):
        recheck_proposal(replace(data, prices=None), replace(claim, eur_weight=1.0))


def test_nothing_of_the_planner_is_used_but_the_form_of_a_claim() -> None:
    for name in ("recheck", "claim"):
        source = Path(ROOT / "planner" / f"{name}.py").read_text(encoding="utf-8")
        imported = [
            line
            for line in source.splitlines()
            if line.startswith(("from planner", "import planner"))
        ]
        assert all(line.startswith("from planner.claim ") for line in imported)
