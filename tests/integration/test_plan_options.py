"""``reparto plan`` with limits, objectives, curve, unseen data and robust plans."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from api.services.proposals.sharing_year import build_sharing_year
from loaders.community_folder_writer import write_community_folder
from loaders.records import CommunityYear, MemberRole
from planner.coefficients.choose import choose_coefficients
from planner.coefficients.limits import Blocks, Floor, Group
from planner.coefficients.rules import Rule
from planner.goal import CarbonFactor, Goal, Objective, Weights
from planner.sharing_year import SharingYear
from tests.support.command_line import Reparto
from tests.support.community_folders import build_community_year, write_folder


@pytest.fixture
def community() -> CommunityYear:
    """Four members with an agreement and investments."""
    plain = build_community_year(n_members=4, n_reserve=0)
    shares, paid = (0.4, 0.3, 0.2, 0.1), (3000.0, 2000.0, 2500.0, 1500.0)
    members = tuple(
        replace(member, current_beta=beta, investment_eur=eur)
        for member, beta, eur in zip(plain.members, shares, paid, strict=True)
    )
    return replace(plain, members=members)


@pytest.fixture
def folder(community: CommunityYear, tmp_path: Path) -> Path:
    write_community_folder(community, tmp_path / "community")
    return tmp_path / "community"


@pytest.fixture
def year(community: CommunityYear) -> SharingYear:
    return build_sharing_year(community, community.positions(MemberRole.MEMBER))


def plan(reparto: Reparto, folder: Path, out: Path, *options: str) -> dict[str, Any]:
    """Plan, and read what was proposed."""
    run = reparto("plan", folder, "--output", out, *options)
    assert run.code == 0, run.err
    proposal: dict[str, Any] = json.loads((out / "proposal.json").read_bytes())
    return proposal


def test_limits_from_a_file_are_kept_and_stated(
    reparto: Reparto, folder: Path, tmp_path: Path, year: SharingYear
) -> None:
    limits = tmp_path / "limits.toml"
    limits.write_text(
        'floor = [{share = 0.7, reference = "current"}]\n'
        'group = [{name = "north", members = ["M1", "M4"], at_most = 0.45}]\n'
        "blocks = {kw = 0.5}\n"
    )
    proposal = plan(reparto, folder, tmp_path / "out", "--constraint", str(limits))
    expected = choose_coefficients(
        year,
        limits=[Floor(0.7, Rule.CURRENT), Group("north", (0, 3), greatest=450_000), Blocks(20)],
    )

    assert list(proposal["betas"].values()) == [f"{k / 1e6:.6f}" for k in expected.millionths]
    assert proposal["limits"] == {
        "floor": [{"share": "0.7", "reference": "current"}],
        "group": [{"name": "north", "members": ["M1", "M4"], "at_most": "0.45"}],
        "blocks": {"kw": "0.5"},
    }
    assert proposal["certificate"]["groups"]["group_greatest_north"] > 0
    assert proposal["certificate"]["rechecked"] == [
        "sum",
        "least",
        "greatest",
        "blocks",
        "group_greatest_north",
        "value",
        "upper_bound",
        "bound_over_value",
    ]


@pytest.mark.parametrize(
    ("options", "goal"),
    [
        (["--objective", "co2"], Goal(Objective.CO2, carbon=CarbonFactor(0.331, "any"))),
        (
            ["--objective", "co2", "--carbon-factor", "0.1 operator, 2023"],
            Goal(Objective.CO2, carbon=CarbonFactor(0.1, "any")),
        ),
        (
            ["--objective", "mix", "--mix", "kwh=0.1,eur=1"],
            Goal(Objective.MIX, Weights(kwh=0.1, eur=1.0)),
        ),
        (["--objective", "least-self-sufficiency"], Goal(Objective.LEAST_SELF_SUFFICIENCY)),
        (["--objective", "least-savings"], Goal(Objective.LEAST_SAVINGS)),
    ],
)
def test_every_objective_is_planned(
    reparto: Reparto,
    folder: Path,
    tmp_path: Path,
    year: SharingYear,
    options: list[str],
    goal: Goal,
) -> None:
    proposal = plan(reparto, folder, tmp_path / "out", *options)
    expected = choose_coefficients(year, goal)

    assert list(proposal["betas"].values()) == [f"{k / 1e6:.6f}" for k in expected.millionths]
    assert proposal["certificate"]["value"] == pytest.approx(expected.value, rel=1e-12)
    assert proposal["certificate"]["upper_bound"] == pytest.approx(expected.upper_bound, rel=1e-12)
    assert proposal["certificate"]["unit"] == goal.objective.unit
    assert "upper_bound_kwh" not in proposal
    assert "upper_bound_eur" not in proposal


def test_the_factor_of_co2_is_labelled(reparto: Reparto, folder: Path, tmp_path: Path) -> None:
    by_law = plan(reparto, folder, tmp_path / "a", "--objective", "co2")["goal"]["carbon"]
    own = plan(
        reparto, folder, tmp_path / "b", "--objective", "co2", "--carbon-factor", "0.1 REE 2023"
    )["goal"]["carbon"]

    assert by_law["kg_per_kwh"] == 0.331
    assert "RITE" in by_law["label"]
    assert own == {"kg_per_kwh": 0.1, "label": "REE 2023"}


def test_winners_and_losers_are_told_against_every_rule(
    reparto: Reparto, folder: Path, tmp_path: Path
) -> None:
    proposal = plan(reparto, folder, tmp_path / "out")
    rules = ["equal", "contracted_power", "consumption", "investment", "current"]

    assert list(proposal["rules"]) == [*rules, "hourly_bound"]
    assert list(proposal["fairness"]["against"]) == rules
    for rule in rules:
        changes = [member["changes"][rule] for member in proposal["members"]]
        total = proposal["fairness"]["against"][rule]["change"]["self_consumed_kwh"]
        gained = proposal["self_consumed_kwh"] - proposal["rules"][rule]["self_consumed_kwh"]
        assert total == pytest.approx(gained, abs=1e-6)
        assert sum(change["self_consumed_kwh"] for change in changes) == pytest.approx(total)
        winners = sum(change["self_consumed_kwh"] > 0.0005 for change in changes)
        assert proposal["fairness"]["against"][rule]["by_energy"]["winners"] == winners


def test_the_curve_falls_from_the_optimum_to_the_reference(
    reparto: Reparto, folder: Path, tmp_path: Path
) -> None:
    proposal = plan(reparto, folder, tmp_path / "out", "--curve", "--reference", "equal")
    points = proposal["curve"]["points"]
    values = [point["value"] for point in points]

    assert [point["floor"] for point in points] == [step / 20 for step in range(21)]
    assert values == sorted(values, reverse=True)
    assert values[0] == pytest.approx(proposal["self_consumed_kwh"], abs=1e-6)
    assert values[-1] >= proposal["rules"]["equal"]["self_consumed_kwh"] - 1e-2
    assert list(points[0]["betas"].values()) == list(proposal["betas"].values())


def test_a_plan_is_judged_on_data_that_it_did_not_see(
    reparto: Reparto, folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    run = reparto("plan", folder, "--output", out, "--out-of-sample")
    checks = json.loads((out / "proposal.json").read_bytes())["unseen"]

    assert run.code == 0
    assert [check["n_trials"] for check in checks] == [200, 12, 200]
    for check in checks:
        assert check["share"] == pytest.approx(check["kept_gain"] / check["promised_gain"])
        assert check["kept_interval"]["low"] <= check["kept_interval"]["high"]
    assert "On unseen data" in run.out


@pytest.mark.parametrize("kind", ["mean", "worst-tenth"])
def test_a_robust_plan_is_best_in_drawn_years_and_states_what_it_costs_in_this_one(
    reparto: Reparto, folder: Path, tmp_path: Path, kind: str
) -> None:
    plain = plan(reparto, folder, tmp_path / "plain")
    robust = plan(reparto, folder, tmp_path / "robust", "--robust", kind)
    drawn = robust["robust"]

    assert robust["betas"] != plain["betas"]
    assert robust["self_consumed_kwh"] < plain["self_consumed_kwh"]
    assert robust["upper_bound_kwh"] == plain["upper_bound_kwh"]
    assert drawn["kind"] == kind
    assert drawn["n_years"] == 20
    expected = {
        "mean": np.mean(drawn["values"]),
        "worst-tenth": np.sort(drawn["values"])[:2].mean(),
    }
    assert drawn["value"] == pytest.approx(expected[kind])
    assert drawn["value"] <= drawn["upper_bound"]
    assert drawn["gap"] < 1e-5


@pytest.mark.parametrize(
    ("limits", "options", "code", "says"),
    [
        ("x = 1", [], 2, "limits: x: is no key that is known here"),
        ('floor = [{share = 0.5, members = ["M9"]}]', [], 2, "id, CUPS or kind M9"),
        ("blocks = {kw = 3}", [], 2, "10 kW are not whole blocks of 3 kW"),
        ("coefficient = [{at_most = 0.2}]", [], 4, "greatest_coefficient cannot hold"),
        (
            """
            floor = [{share = 1, reference = "equal"}]
            coefficient = [{at_most = 0.25}]
            group = [{name = "g", kinds = ["home"], at_most = 0.9}]
            """,
            [],
            4,
            "group_greatest_g cannot hold",
        ),
        (
            """
            floor = [{share = 1, members = ["M1"]}]
            coefficient = [{at_most = 0.1, members = ["M1"]}]
            """,
            [],
            4,
            "M1 needs",
        ),
        ("change = {total = 0.1}", ["--classes", "hour"], 2, "classes of hours cannot keep"),
        ("change = {total = 0.1}", ["--robust", "worst-tenth"], 2, "keeps no groups"),
        ("blocks = {kw = 1}", ["--objective", "least-savings"], 2, "limit whole_blocks"),
        ("", ["--objective", "mix"], 2, "needs its weights"),
        ("", ["--mix", "eur=1"], 2, "takes no weights"),
        ("", ["--objective", "least-savings", "--curve"], 2, "is no sum"),
        ("", ["--classes", "weekday"], 2, "is not one of"),
    ],
)
def test_what_cannot_be_planned_says_why_and_writes_nothing(
    reparto: Reparto,
    folder: Path,
    tmp_path: Path,
    limits: str,
    options: list[str],
    code: int,
    says: str,
) -> None:
    path = tmp_path / "limits.toml"
    path.write_text(limits)
    run = reparto("plan", folder, "--output", tmp_path / "out", "--constraint", path, *options)

    assert run.code == code
    assert says in " ".join(run.err.replace("│", " ").split())
    assert not (tmp_path / "out").exists()


def test_savings_of_the_worst_off_need_prices(reparto: Reparto, tmp_path: Path) -> None:
    folder = write_folder(build_community_year(with_prices=False), tmp_path / "community")
    run = reparto("plan", folder, "--output", tmp_path / "out", "--objective", "least-savings")

    assert run.code == 2
    assert "savings need prices" in run.err


@pytest.mark.parametrize("kind", ["month", "hourly"])
@pytest.mark.parametrize("objective", ["self-consumption", "savings"])
def test_classes_of_hours_bring_more_and_are_filed_by_the_hour(
    reparto: Reparto, folder: Path, tmp_path: Path, kind: str, objective: str
) -> None:
    options = ("--classes", kind, "--objective", objective, "--file-year", "2024")
    proposal = plan(reparto, folder, tmp_path / "out", *options)
    by_class = proposal["classes"]
    file = tmp_path / "out" / kind / f"{proposal['cau']}_2024.txt"

    assert by_class["kind"] == kind
    assert by_class["n_classes"] == {"month": 12, "hourly": 8760}[kind]
    assert by_class["gain_over_constant"] > 0
    assert by_class["value"] <= by_class["upper_bound"] <= by_class["value"] * 1.0001
    assert reparto("validate", file, "--members", folder / "members.csv").code == 0
    assert file.read_bytes().count(b"\r\n") == 4 * 8760
    if kind == "month":
        january = by_class["betas"]["month 1"]
        first = {cups: f"{cups};0001;{beta}".replace(".", ",") for cups, beta in january.items()}
        assert file.read_text("ascii").splitlines()[:4] == list(first.values())
    else:
        assert by_class["betas"] is None
        assert (
            by_class["self_consumed_kwh"] <= proposal["rules"]["hourly_bound"]["self_consumed_kwh"]
        )


def test_hourly_files_of_an_earlier_plan_do_not_stay_beside_a_new_one(
    reparto: Reparto, folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    proposal = plan(reparto, folder, out, "--classes", "month")
    name = f"{proposal['cau']}_2023.txt"
    (out / "month" / "notes.txt").write_text("mine")
    assert (out / "month" / name).exists()

    plan(reparto, folder, out, "--classes", "hour")
    assert not (out / "month" / name).exists()
    assert (out / "hour" / name).exists()
    assert (out / "month" / "notes.txt").read_text() == "mine"


def test_an_hourly_file_that_cannot_be_removed_is_told(
    reparto: Reparto, folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    cau = plan(reparto, folder, out)["cau"]
    (out / "month" / f"{cau}_2023.txt").mkdir(parents=True)
    run = reparto("plan", folder, "--output", out)

    assert run.code == 2
    assert f"{cau}_2023.txt" in run.err


def test_a_robust_plan_says_at_the_terminal_what_it_was_chosen_for(
    reparto: Reparto, folder: Path, tmp_path: Path
) -> None:
    run = reparto("plan", folder, "--output", tmp_path / "out", "--robust", "worst-tenth")

    assert "Chosen for the worst tenth of 20 drawn years:" in run.out


def test_an_agreement_that_leaves_a_part_to_nobody_is_warned_of(
    reparto: Reparto, community: CommunityYear, tmp_path: Path
) -> None:
    left = tuple(replace(member, current_beta=0.2) for member in community.members)
    write_community_folder(replace(community, members=left), tmp_path / "left")
    twice = tuple(replace(member, current_beta=0.5) for member in community.members)
    write_community_folder(replace(community, members=twice), tmp_path / "twice")
    warned = reparto("plan", tmp_path / "left", "--output", tmp_path / "out")
    refused = reparto("plan", tmp_path / "twice", "--output", tmp_path / "none")

    assert warned.code == 0
    assert "the current coefficients sum to 0.800000" in warned.err
    assert refused.code == 3
    assert "current_beta sums to 2.000000, more than 1" in refused.err
