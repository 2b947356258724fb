"""A community with several plants: who shares where, the proof, and what is handed out."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import product
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from api.services.communities.narrow_community import narrow_community
from api.services.proposals.describe_proposal import describe_proposal
from api.services.proposals.limits_document import FloorWish, LimitsDocument
from api.services.proposals.plan_coefficients import plan_coefficients
from api.services.proposals.plan_request import PlanRequest, Robust
from api.services.studies.describe_several import describe_several
from api.services.studies.find_reach import TooFarError, find_reach
from api.services.studies.plan_several import NoRoomError, OnePlantOnlyError, plan_several
from api.services.studies.warn_of_several import warn_of_several
from loaders.community_folder_writer import write_community_folder
from loaders.distributor_file_check import validate_distributor_file
from loaders.records import CommunityYear, MemberRole
from models.regulation.dated_figures import UnknownFigureError
from planner.coefficients.rules import Rule
from planner.goal import Objective
from tests.support.command_line import Reparto
from tests.support.community_folders import build_community_year

DAY = date(2026, 4, 1)
METRES_A_DEGREE = 111_000  # of latitude, nearly


@pytest.fixture
def community() -> CommunityYear:
    """Two plants whose sun comes at other hours, five who share, one who waits."""
    plain = build_community_year(n_members=5, n_reserve=1, n_installations=2)
    generation_kwh = np.stack([plain.generation_kwh[0], np.roll(plain.generation_kwh[1], 3)])
    return replace(plain, generation_kwh=generation_kwh)


def place(
    community: CommunityYear, metres: dict[str, float], apart: float = 10_000.0
) -> CommunityYear:
    """Place members so far to the north of the first plant, and the second plant there too."""
    first, second = community.installations
    at = {"lat": 39.0, "lon": -0.4}
    north = {"lat": 39.0 + apart / METRES_A_DEGREE, "lon": -0.4}
    return replace(
        community,
        installations=(replace(first, **at), replace(second, **north)),
        members=tuple(
            replace(member, lat=39.0 + metres[member.member_id] / METRES_A_DEGREE, lon=-0.4)
            if member.member_id in metres
            else member
            for member in community.members
        ),
    )


def best_by_trying(community: CommunityYear) -> float:
    """Plan every assignment of the members to two plants."""
    rows = community.positions(MemberRole.MEMBER).tolist()
    totals = []
    for cau_of in product((0, 1), repeat=len(rows)):
        if len(set(cau_of)) == 2:
            groups = [
                [row for row, at in zip(rows, cau_of, strict=True) if at == k] for k in (0, 1)
            ]
            totals.append(
                sum(
                    plan_coefficients(
                        community=narrow_community(community, plant, group), request=PlanRequest()
                    ).choice.value
                    for plant, group in enumerate(groups)
                )
            )
    return max(totals)


def test_no_assignment_uses_more_energy(community: CommunityYear) -> None:
    planned = plan_several(community=community, request=PlanRequest(), day=DAY)
    best = best_by_trying(community)

    assert planned.value == pytest.approx(best, rel=1e-6)
    assert planned.upper_bound >= best
    assert planned.gap <= 1e-6


def test_the_whole_is_the_sum_of_its_plants(community: CommunityYear) -> None:
    planned = plan_several(community=community, request=PlanRequest(), day=DAY)
    whole = describe_several(planned)
    parts = [describe_proposal(plan) for plan in planned.plans]

    assert whole["caus"] == parts
    assert [part["cau"] for part in parts] == [str(i.cau) for i in community.installations]
    for name in ("self_consumed_kwh", "generation_kwh", "consumption_kwh", "surplus_kwh"):
        assert whole[name] == pytest.approx(sum(part[name] for part in parts), abs=1e-6)
    assert float(whole["savings_eur"]) == pytest.approx(
        sum(float(part["savings_eur"]) for part in parts), abs=0.0101
    )
    assert whole["n_members"] == 5
    assert sorted(whole["assignment"]) == ["M1", "M2", "M3", "M4", "M5"]
    for part in parts:
        shared = {member["member_id"] for member in part["members"]}
        assert shared == {who for who, cau in whole["assignment"].items() if cau == part["cau"]}
        assert sum(map(Decimal, part["betas"].values())) == 1
    bound = whole["upper_bound_kwh"]
    assert whole["gap"] == pytest.approx((bound - whole["self_consumed_kwh"]) / bound, abs=1e-12)
    used = sum(part["upper_bound_kwh"] for part in parts)
    assert bound >= used - 1e-6
    assert whole["dual_prices"].keys() == {part["cau"] for part in parts}


def test_the_dual_price_is_what_a_little_more_would_bring(community: CommunityYear) -> None:
    planned = plan_several(community=community, request=PlanRequest(), day=DAY)

    for plan, price in zip(planned.plans, planned.assignment.prices.tolist(), strict=True):
        assert plan.choice.price == pytest.approx(price, rel=1e-6)


def test_the_order_of_the_list_changes_nothing(community: CommunityYear) -> None:
    turned = replace(
        community,
        members=community.members[::-1],
        consumption_kwh=np.ascontiguousarray(community.consumption_kwh[::-1]),
    )
    first, second = (
        describe_several(plan_several(community=each, request=PlanRequest(), day=DAY))
        for each in (community, turned)
    )

    assert first["assignment"] == second["assignment"]
    assert [part["betas"] for part in first["caus"]] == [part["betas"] for part in second["caus"]]


def test_floors_and_bounds_hold_in_every_plant(community: CommunityYear) -> None:
    request = PlanRequest(
        objective=Objective.SAVINGS, floor_share=Decimal("0.95"), min_beta=Decimal("0.1")
    )
    planned = plan_several(community=community, request=request, day=DAY)
    described = describe_several(planned)

    assert float(described["upper_bound_eur"]) >= float(described["savings_eur"]) - 0.005
    for plan in planned.plans:
        by_consumption = plan.scenarios["consumption"].self_consumed_kwh.sum(axis=1)
        assert (plan.millionths >= 100_000).all()
        assert (plan.proposal.self_consumed_kwh.sum(axis=1) >= 0.9499 * by_consumption).all()


def test_members_share_only_within_reach(community: CommunityYear) -> None:
    metres = {"M1": 9_900.0, "M2": 100.0, "M3": 5_100.0, "M4": 4_900.0}
    planned = plan_several(community=place(community, metres), request=PlanRequest(), day=DAY)
    first, second = (str(plant.cau) for plant in community.installations)
    described = describe_several(planned)

    assert described["assignment"] | {"M5": None} == {
        "M1": second, "M2": first, "M3": second, "M4": first, "M5": None,
    }  # fmt: skip
    assert described["distance_limit_m"] == 5000.0
    assert described["distances_m"]["M2"] == pytest.approx([100, 9_900], rel=0.01)
    assert described["distances_m"]["M5"] == [None, None]


def test_the_limit_is_that_of_the_day_and_strict(community: CommunityYear) -> None:
    placed = place(community, {"M1": 1_990.0, "M2": 2_010.0})
    members = placed.members[:2]
    before = find_reach(replace(placed, members=members), members[:1], date(2026, 3, 21))

    assert before.allowed.tolist() == [[True, False]]
    with pytest.raises(TooFarError, match=r"M2 \(2,0\d\d m\).*less than 2000 m"):
        find_reach(placed, members, date(2026, 3, 21))
    after = find_reach(placed, members, date(2026, 3, 22))
    assert after.allowed.tolist() == [[True, False], [True, False]]
    edge = replace(after, distances_m=np.array([[5000.0, np.nextafter(5000.0, 0), np.nan]]))
    assert edge.allowed.tolist() == [[False, True, True]]


def test_who_is_out_of_reach_is_named(community: CommunityYear) -> None:
    with pytest.raises(TooFarError, match="M3") as caught:
        plan_several(
            community=place(community, {"M1": 0.0, "M3": -50_000.0}),
            request=PlanRequest(),
            day=DAY,
        )

    assert list(caught.value.distances_m) == ["M3"]
    assert caught.value.distances_m["M3"] == pytest.approx(50_000, rel=0.01)
    assert caught.value.limit_m == 5000.0


def test_a_day_before_the_table_is_refused(community: CommunityYear) -> None:
    with pytest.raises(UnknownFigureError):
        plan_several(community=community, request=PlanRequest(), day=date(1990, 1, 1))


def test_capacities_hold_or_say_what_is_missing(community: CommunityYear) -> None:
    planned = plan_several(community=community, request=PlanRequest(), day=DAY, most_members=3)

    assert sorted(len(plan.members) for plan in planned.plans) == [2, 3]
    with pytest.raises(NoRoomError, match="1 members find no room") as caught:
        plan_several(community=community, request=PlanRequest(), day=DAY, most_members=2)
    assert (caught.value.missing, caught.value.shortfalls) == (1, {})


def test_coefficients_too_large_for_all_leave_somebody_out(community: CommunityYear) -> None:
    with pytest.raises(NoRoomError, match="1 members find no room"):
        plan_several(community=community, request=PlanRequest(min_beta=Decimal("0.4")), day=DAY)


def test_more_plants_than_members_are_refused() -> None:
    crowded = build_community_year(n_members=2, n_installations=3)
    with pytest.raises(NoRoomError, match="is short of 1 members") as caught:
        plan_several(community=crowded, request=PlanRequest(), day=DAY)

    assert list(caught.value.shortfalls.values()) == [1.0]


def test_one_plant_is_planned_as_ever() -> None:
    community = build_community_year(n_members=4)
    several = plan_several(community=community, request=PlanRequest(), day=DAY)
    alone = plan_coefficients(community=community, request=PlanRequest())

    assert several.plans[0].millionths.tolist() == alone.millionths.tolist()
    assert several.upper_bound == pytest.approx(alone.choice.upper_bound, rel=1e-6)


def test_a_plant_without_sun_is_shared_all_the_same(community: CommunityYear) -> None:
    dark = replace(community, generation_kwh=community.generation_kwh * [[1.0], [0.0]])
    planned = plan_several(community=dark, request=PlanRequest(), day=DAY)

    assert planned.gap <= 1e-6
    assert planned.plans[1].choice.value == 0.0
    assert len(planned.plans[1].members) >= 1
    warnings = warn_of_several(planned)
    assert any("generated nothing all year" in warning for warning in warnings)


@pytest.mark.parametrize(
    ("request_", "wish"),
    [
        (PlanRequest(objective=Objective.LEAST_SAVINGS), "the objective least-savings"),
        (
            PlanRequest(limits=LimitsDocument(floor=[FloorWish(share=Decimal("0.5"))])),
            "a file of limits",
        ),
        (PlanRequest(robust=Robust.MEAN), "a robust plan"),
    ],
)
def test_what_only_one_plant_can_keep_is_refused(
    community: CommunityYear, request_: PlanRequest, wish: str
) -> None:
    with pytest.raises(OnePlantOnlyError) as caught:
        plan_several(community=community, request=request_, day=DAY)

    assert caught.value.wish == wish


def test_money_that_is_not_concave_is_bounded(community: CommunityYear) -> None:
    assert community.energy_eur_per_kwh is not None
    odd = replace(community, surplus_eur_per_kwh=community.energy_eur_per_kwh * 1.5)
    planned = plan_several(community=odd, request=PlanRequest(objective=Objective.SAVINGS), day=DAY)

    assert all(plan.choice.convex_steps.size for plan in planned.plans)
    assert planned.upper_bound >= planned.value
    for plan in planned.plans:
        assert planned.assignment.upper_bound >= plan.choice.value


def test_floors_that_cost_much_leave_a_gap_that_is_told(community: CommunityYear) -> None:
    placed = place(community, {f"M{number}": 0.0 for number in range(1, 6)}, apart=100.0)
    request = PlanRequest(floor_share=Decimal(1), reference=Rule.EQUAL)
    planned = plan_several(community=placed, request=request, day=DAY)

    assert planned.gap > 1e-6
    (told,) = warn_of_several(planned)
    assert f"up to {planned.gap:.1e} of the bound" in told


def test_the_command_hands_out_every_plant(
    reparto: Reparto, community: CommunityYear, tmp_path: Path
) -> None:
    write_community_folder(community, tmp_path / "community")
    out = tmp_path / "out"
    run = reparto("plan", tmp_path / "community", "--output", out, "--file-year", 2027)
    caus = [str(plant.cau) for plant in community.installations]
    described = json.loads((out / "proposal.json").read_bytes())

    assert run.code == 0
    assert sorted(path.name for path in out.iterdir()) == sorted(
        ["proposal.json"]
        + [f"{cau}_2027.txt" for cau in caus]
        + [f"report_{cau}.xlsx" for cau in caus]
    )
    for cau, part in zip(caus, described["caus"], strict=True):
        file = out / f"{cau}_2027.txt"
        assert validate_distributor_file(file, members=list(part["betas"]), cau=cau) == []
        summary = openpyxl.load_workbook(out / f"report_{cau}.xlsx")["Summary"]
        assert any(cau in str(cell.value) for row in summary.iter_rows() for cell in row)
        assert cau in run.out
    assert "no assignment of members" in run.out
    assert "distance to some installation is not known for 5 members" in run.err
    assert f"wrote {out / 'proposal.json'}" in run.err


def test_the_command_prints_the_document(
    reparto: Reparto, community: CommunityYear, tmp_path: Path
) -> None:
    unpriced = replace(community, energy_eur_per_kwh=None, surplus_eur_per_kwh=None)
    write_community_folder(unpriced, tmp_path / "community")
    run = reparto("plan", tmp_path / "community", "--output", tmp_path / "out", "--json")
    described = json.loads(run.out)

    assert described == json.loads((tmp_path / "out/proposal.json").read_bytes())
    assert described["savings_eur"] is None
    assert described["gap"] <= 1e-6


def test_the_command_refuses_what_does_not_fit(
    reparto: Reparto, community: CommunityYear, tmp_path: Path
) -> None:
    write_community_folder(community, tmp_path / "community")
    run = reparto("plan", tmp_path / "community", "--output", tmp_path / "out", "--min-beta", "0.4")

    assert run.code == 4
    assert "1 members find no room" in run.err
    assert not (tmp_path / "out").exists()


def test_each_plant_gets_its_hourly_file_and_none_the_agreement_of_another(
    reparto: Reparto, community: CommunityYear, tmp_path: Path
) -> None:
    agreed = tuple(replace(member, current_beta=0.1) for member in community.members)
    write_community_folder(replace(community, members=agreed), tmp_path / "community")
    out = tmp_path / "out"
    run = reparto("plan", tmp_path / "community", "--output", out, "--classes", "month", "--curve")
    proposal = json.loads((out / "proposal.json").read_bytes())

    assert run.code == 0
    assert "stand in proposal.json" in run.out
    for plan in proposal["caus"]:
        assert "current" not in plan["rules"]
        assert reparto("validate", out / "month" / f"{plan['cau']}_2023.txt").code == 0
