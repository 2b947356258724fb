"""``reparto fill-vacancies`` on small folders: what it writes, prints and refuses."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from api.services.proposals.sharing_year import build_sharing_year
from api.services.studies.describe_admission import describe_admission, warn_of_admission
from api.services.studies.fill_request import FillRequest, FillRequestError
from api.services.studies.fill_vacancies import fill_vacancies
from loaders.community_folder_writer import write_community_folder
from loaders.distributor_file_check import validate_distributor_file
from loaders.records import CommunityYear, MemberRecord, MemberRole
from planner.coefficients.choose import choose_coefficients
from planner.goal import Goal, Objective
from tests.support.command_line import Reparto
from tests.support.community_folders import build_community_year, write_folder

BETAS = {"M1": 0.4, "M2": 0.3, "M3": 0.1}


@pytest.fixture
def community() -> CommunityYear:
    return build_community_year(n_members=3, n_reserve=4)


@pytest.fixture
def folder(community: CommunityYear, tmp_path: Path) -> Path:
    return write_folder(community, tmp_path / "community")


def with_records(community: CommunityYear, **changes: dict[str, object]) -> CommunityYear:
    """Change fields of some records, named by their ids."""
    members = tuple(replace(m, **changes.get(m.member_id, {})) for m in community.members)
    return replace(community, members=members)


def with_current(community: CommunityYear) -> CommunityYear:
    return with_records(community, **{each: {"current_beta": b} for each, b in BETAS.items()})


def use(community: CommunityYear, shares: dict[str, float]) -> float:
    """Sum the self-consumed energy from its definition."""
    rows = {member.member_id: row for row, member in enumerate(community.members)}
    return sum(
        float(np.minimum(b * community.generation_kwh[0], community.consumption_kwh[rows[i]]).sum())
        for i, b in shares.items()
    )


def run_json(reparto: Reparto, folder: Path, out: Path, *options: object) -> dict[str, object]:
    run = reparto("fill-vacancies", folder, "--output", out, "--json", *options)
    assert run.code == 0, run.err
    answer: dict[str, object] = json.loads(run.out)
    assert json.loads((out / "admission.json").read_bytes()) == answer
    return answer


def shares_of(community: CommunityYear, admission: dict[str, object]) -> dict[str, float]:
    betas = admission["betas"]
    assert isinstance(betas, dict)
    return {m.member_id: float(betas[m.cups]) for m in community.members if m.cups in betas}


def test_the_admission_is_what_the_definitions_give(
    reparto: Reparto, community: CommunityYear, folder: Path, tmp_path: Path
) -> None:
    admission = run_json(reparto, folder, tmp_path / "out", "--vacancies", 2)
    shares = shares_of(community, admission)
    cau = community.installations[0].cau
    file = tmp_path / "out" / f"{cau}_2023.txt"
    group = [m.cups for m in community.members if m.member_id in shares]

    assert len(admission["admitted"]) == 2  # type: ignore[arg-type]
    assert set(shares) == {"M1", "M2", "M3", *admission["admitted"]}  # type: ignore[misc]
    assert sum(map(Decimal, admission["betas"].values())) == 1  # type: ignore[attr-defined]
    assert admission["self_consumed_kwh"] == pytest.approx(use(community, shares), abs=1e-6)
    assert admission["upper_bound_kwh"] >= admission["self_consumed_kwh"]  # type: ignore[operator]
    assert admission["gap"] < 1e-6  # type: ignore[operator]
    assert validate_distributor_file(file, members=group, cau=cau) == []
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(
        ["admission.json", file.name]
    )
    keys = {"member_id", "eligible", "admitted", "marginal_kwh", "reasons"}
    assert [set(each) for each in admission["candidates"]] == [keys] * 4  # type: ignore[attr-defined]


def test_the_group_is_the_best_of_all(
    reparto: Reparto, community: CommunityYear, folder: Path, tmp_path: Path
) -> None:
    admission = run_json(reparto, folder, tmp_path / "out", "--vacancies", 2)
    ids = ["R1", "R2", "R3", "R4"]
    values = {}
    for pair in combinations(ids, 2):
        rest = [option for each in ids if each not in pair for option in ("--exclude", each)]
        forced = run_json(reparto, folder, tmp_path / "o", "--vacancies", 2, *rest)
        values[pair] = forced["self_consumed_kwh"]

    assert tuple(admission["admitted"]) == max(values, key=values.__getitem__)  # type: ignore[arg-type]
    assert admission["self_consumed_kwh"] == max(values.values())  # type: ignore[type-var]


def test_freed_coefficients_go_to_whom_they_serve_most(
    reparto: Reparto, community: CommunityYear, tmp_path: Path
) -> None:
    current = with_current(community)
    write_community_folder(current, tmp_path / "community")
    admission = run_json(reparto, tmp_path / "community", tmp_path / "out", "--freed", "0.15,0.05")
    shares = shares_of(community, admission)
    best = max(
        use(community, BETAS | {one: 0.15, other: 0.05})
        for one in ("R1", "R2", "R3", "R4")
        for other in ("R1", "R2", "R3", "R4")
        if one != other
    )

    assert BETAS.items() <= shares.items()
    assert sorted(shares[each] for each in admission["admitted"]) == [0.05, 0.15]  # type: ignore[attr-defined]
    assert admission["self_consumed_kwh"] == pytest.approx(best, abs=1e-6)
    assert admission["upper_bound_kwh"] == pytest.approx(best, abs=1e-5)


def test_more_vacancies_than_candidates_admit_everybody(
    reparto: Reparto, folder: Path, tmp_path: Path
) -> None:
    run = reparto("fill-vacancies", folder, "--output", tmp_path, "--vacancies", 9, "--json")

    assert run.code == 0
    assert json.loads(run.out)["admitted"] == ["R1", "R2", "R3", "R4"]
    assert "9 vacancies, but only 4 eligible candidates" in run.err
    assert "there is a place for every eligible candidate" in run.out


def test_freed_coefficients_that_nobody_takes_leave_the_file_unwritten(
    reparto: Reparto, community: CommunityYear, tmp_path: Path
) -> None:
    write_community_folder(with_current(community), tmp_path / "community")
    exclude = [part for each in ("R1", "R2", "R3") for part in ("--exclude", each)]
    run = reparto(
        "fill-vacancies", tmp_path / "community", "--output", tmp_path / "out",
        "--freed", "0.05,0.15", *exclude,
    )  # fmt: skip
    admission = json.loads((tmp_path / "out/admission.json").read_bytes())

    assert run.code == 0
    assert "nobody takes the freed 0.050000" in run.err
    assert admission["unfilled"] == ["0.050000"]
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["admission.json"]


def test_who_is_too_far_on_the_day_is_not_eligible(
    reparto: Reparto, community: CommunityYear, tmp_path: Path
) -> None:
    # The plant stands at 39.47, -0.38; a hundredth of a degree of latitude is 1.1 km.
    near, far = {"lat": 39.48, "lon": -0.38}, {"lat": 39.50, "lon": -0.38}
    write_community_folder(with_records(community, R1=near, R2=far), tmp_path / "community")
    judged = {}
    for day in ("2026-03-21", "2026-03-22"):
        admission = run_json(
            reparto, tmp_path / "community", tmp_path / day, "--vacancies", 1, "--on", day
        )
        judged[day] = [each["eligible"] for each in admission["candidates"]]  # type: ignore[attr-defined]
        reason = admission["candidates"][1]["reasons"][0]  # type: ignore[index]

    assert judged == {
        "2026-03-21": [True, False, True, True],
        "2026-03-22": [True, True, True, True],
    }
    assert reason.startswith("The meter is 3,331 m from the plant, within the limit of 5,000 m")


def test_reasons_speak_spanish_on_request(reparto: Reparto, folder: Path, tmp_path: Path) -> None:
    admission = run_json(reparto, folder, tmp_path, "--vacancies", 1, "--language", "es")
    assert admission["candidates"][0]["reasons"][0].startswith("No se ha comprobado la distancia")  # type: ignore[index]


def test_wishes_are_granted(reparto: Reparto, folder: Path, tmp_path: Path) -> None:
    admission = run_json(
        reparto, folder, tmp_path, "--vacancies", 1, "--pin", "R2", "--exclude", "R1"
    )
    first, second = admission["candidates"][:2]  # type: ignore[index]

    assert admission["admitted"] == ["R2"]
    assert first["eligible"] is False
    assert "Excluded on request." in first["reasons"]
    assert "Its admission was asked for." in second["reasons"]


def test_seniority_settles_ties_or_counts(
    reparto: Reparto, community: CommunityYear, tmp_path: Path
) -> None:
    rows = {member.member_id: row for row, member in enumerate(community.members)}
    consumption = community.consumption_kwh.copy()
    consumption[rows["R2"]] = consumption[rows["R1"]]
    twins = replace(community, consumption_kwh=consumption)
    dated = with_records(
        twins, R1={"joined_on": date(2024, 1, 1)}, R2={"joined_on": date(2020, 1, 1)}
    )
    write_community_folder(dated, tmp_path / "community")
    others = ("--exclude", "R3", "--exclude", "R4", "--vacancies", 1)
    tied = run_json(reparto, tmp_path / "community", tmp_path / "a", *others)
    heavy = run_json(
        reparto, tmp_path / "community", tmp_path / "b",
        "--vacancies", 1, "--seniority", "1e6", "--on", "2026-11-21",
    )  # fmt: skip

    assert tied["admitted"] == heavy["admitted"] == ["R2"]
    assert heavy["gap"] < 1e-6  # type: ignore[operator]


def test_a_candidate_who_never_consumes_adds_nothing(
    reparto: Reparto, community: CommunityYear, tmp_path: Path
) -> None:
    consumption = community.consumption_kwh.copy()
    consumption[-1] = 0.0
    write_community_folder(replace(community, consumption_kwh=consumption), tmp_path / "community")
    idle = run_json(reparto, tmp_path / "community", tmp_path / "out", "--vacancies", 3)
    last = idle["candidates"][-1]  # type: ignore[index]

    assert (last["eligible"], last["admitted"]) == (True, False)
    assert last["marginal_kwh"] == pytest.approx(0.0, abs=1e-6)
    assert "It consumes nothing all year" in last["reasons"][1]


def test_a_plant_without_sun_gains_from_nobody(
    reparto: Reparto, community: CommunityYear, tmp_path: Path
) -> None:
    dark = replace(community, generation_kwh=community.generation_kwh * 0)
    write_community_folder(dark, tmp_path / "community")
    admission = run_json(reparto, tmp_path / "community", tmp_path / "out", "--vacancies", 2)

    assert admission["admitted"] == ["R1", "R2"]
    assert (admission["self_consumed_kwh"], admission["gap"]) == (0.0, 0.0)
    assert "it would add nothing" in admission["candidates"][0]["reasons"][1]  # type: ignore[index]


def test_savings_are_bounded_in_euros(reparto: Reparto, folder: Path, tmp_path: Path) -> None:
    admission = run_json(reparto, folder, tmp_path, "--vacancies", 2, "--objective", "savings")

    assert "upper_bound_kwh" not in admission
    assert float(admission["upper_bound_eur"]) >= float(admission["savings_eur"]) - 0.005  # type: ignore[arg-type]


def test_a_table_is_printed_with_the_proof(
    reparto: Reparto, community: CommunityYear, tmp_path: Path
) -> None:
    hostile = with_records(community, R1={"member_id": "[/]"})
    write_community_folder(hostile, tmp_path / "community")
    for objective, unit in (("self-consumption", "kWh"), ("savings", "EUR")):
        run = reparto(
            "fill-vacancies", tmp_path / "community", "--output", tmp_path / "out",
            "--vacancies", 1, "--objective", objective, "--exclude", "R4",
        )  # fmt: skip
        assert run.code == 0
        assert "[/]" in run.out
        assert "not eligible" in run.out
        assert "Proven: no other admission brings more than" in run.out
        assert unit in run.out
        assert "the distance of 3 candidates to the plant was not checked" in run.err


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        ([], 2, "either a number of vacancies or the freed coefficients"),
        (["--vacancies", "1", "--freed", "0.1"], 2, "either a number of vacancies"),
        (["--vacancies", "0"], 2, "there must be at least one to fill"),
        (["--vacancies", "-2"], 2, "there must be at least one to fill"),
        (["--vacancies", "two"], 2, "unable to parse string as an integer"),
        (["--freed", "a,b"], 2, "'a' is not a number"),
        (["--freed", ""], 2, "'' is not a number"),
        (["--freed", "nan"], 2, "freed is NaN"),
        (["--freed", "0"], 2, "freed is 0: must be above 0"),
        (["--freed", "0.0000001"], 2, "at most six decimals"),
        (["--freed", "0.1", "--min-beta", "0.01"], 2, "leave min-beta and max-beta out"),
        (["--freed", "0.1,0.2"], 2, "3 have no current_beta: M1, M2, M3"),
        (["--vacancies", "1", "--pin", "X9"], 2, "not in the reserve: X9"),
        (["--vacancies", "1", "--exclude", "M1"], 2, "not in the reserve: M1"),
        (["--vacancies", "1", "--pin", "R1", "--exclude", "R1"], 2, "both pinned and excluded"),
        (["--vacancies", "1", "--pin", "R1", "--pin", "R2"], 2, "2 candidates must be admitted"),
        (["--vacancies", "1", "--seniority", "often"], 2, "neither tie-break nor a number"),
        (["--vacancies", "9" * 26], 2, "vacancies are too many"),
        (["--vacancies", "1", "--seniority", "1e15"], 2, "cannot count for 1e+15"),
        (["--vacancies", "1", "--seniority", "-1"], 2, "a year of waiting cannot count for -1"),
        (["--vacancies", "1", "--seniority", "nan"], 2, "a year of waiting cannot count for nan"),
        (["--vacancies", "1", "--on", "yesterday"], 2, "is not a date such as"),
        (["--vacancies", "1", "--on", "2001-01-01"], 2, "the table begins on 2019-04-07"),
        (["--vacancies", "1", "--objective", "profit"], 2, "'profit' is not one of"),
        (["--vacancies", "1", "--max-beta", "1.5"], 2, "max-beta is 1.5"),
        (["--vacancies", "1", "--min-beta", "0.3", "--max-beta", "0.2"], 2, "above max-beta 0.2"),
        (["--vacancies", "1", "--min-beta", "0.3"], 4, "more than 1"),
        (["--vacancies", "1", "--max-beta", "0.2"], 4, "less than 1"),
    ],
)
def test_requests_that_cannot_be_met_say_why(
    reparto: Reparto, folder: Path, tmp_path: Path, arguments: list[str], code: int, says: str
) -> None:
    run = reparto("fill-vacancies", folder, "--output", tmp_path / "out", *arguments)

    assert run.code == code
    assert says in " ".join(run.err.replace("│", " ").split())
    assert run.out == ""
    assert not (tmp_path / "out").exists()


def test_freed_coefficients_must_make_one(
    reparto: Reparto, community: CommunityYear, tmp_path: Path
) -> None:
    write_community_folder(with_current(community), tmp_path / "community")
    run = reparto(
        "fill-vacancies", tmp_path / "community", "--output", tmp_path / "out", "--freed", "0.3"
    )

    assert run.code == 2
    assert "the members keep 0.800000 and 0.300000 are freed: 0.100000 too much" in run.err


def test_data_that_does_not_fit_is_refused(
    reparto: Reparto, community: CommunityYear, tmp_path: Path
) -> None:
    folders = {
        "savings need prices": build_community_year(n_reserve=1, with_prices=False),
        "nobody waits": build_community_year(n_reserve=0),
        "ES": build_community_year(n_installations=2),
    }
    for says, year in folders.items():
        folder = write_folder(year, tmp_path / says)
        run = reparto(
            "fill-vacancies", folder, "--output", tmp_path / "out",
            "--vacancies", 1, "--objective", "savings",
        )  # fmt: skip
        assert (run.code, says in run.err) == (2, True), run.err
    far = with_records(community, R1={"lat": -39.0, "lon": 0.0})
    write_community_folder(far, tmp_path / "far")
    run = reparto(
        "fill-vacancies", tmp_path / "far", "--output", tmp_path / "out",
        "--vacancies", 1, "--pin", "R1",
    )  # fmt: skip
    assert run.code == 2
    assert "pinned, but not eligible: R1" in run.err
    (tmp_path / "far/community.json").write_text("{}")
    run = reparto("fill-vacancies", tmp_path / "far", "--output", tmp_path, "--vacancies", 1)
    assert run.code == 3


def test_an_objective_that_is_not_a_sum_is_refused() -> None:
    with pytest.raises(FillRequestError, match="is not a sum"):
        FillRequest(on=date(2026, 1, 1), vacancies=1, goal=Goal(Objective.LEAST_SAVINGS))


def test_a_search_without_time_says_so() -> None:
    # Consumers that are on or off: a fraction of one more beats every whole group at the root.
    community = build_community_year(n_members=3, n_reserve=27)
    rng = np.random.default_rng(8)
    on = rng.random((30, 400)) < rng.uniform(0.2, 1, (30, 1))
    jagged = replace(
        community,
        consumption_kwh=np.tile(on * rng.uniform(0.05, 0.4, (30, 1)), 22)[:, :8760],
        generation_kwh=np.ones_like(community.generation_kwh),
    )
    request = FillRequest(on=date(2026, 11, 21), vacancies=4, time_limit_s=-1.0)
    filled = fill_vacancies(community=jagged, request=request)

    assert not filled.is_proven
    assert 0 < filled.gap < 0.01
    assert "the search ended by its time limit" in warn_of_admission(filled)[-1]
    assert "in the time allowed" in str(describe_admission(filled)["candidates"])


def test_without_prices_savings_are_not_known(reparto: Reparto, tmp_path: Path) -> None:
    folder = write_folder(build_community_year(with_prices=False), tmp_path / "community")
    options = ("--vacancies", 1, "--seniority", "tie-break")
    assert run_json(reparto, folder, tmp_path / "out", *options)["savings_eur"] is None


def test_nothing_is_warned_of_where_all_is_known(community: CommunityYear) -> None:
    place = {"lat": 39.47, "lon": -0.38}
    located = with_records(community, **{f"R{number}": place for number in range(1, 5)})
    request = FillRequest(on=date(2026, 11, 21), vacancies=1)

    assert warn_of_admission(fill_vacancies(community=located, request=request)) == []


def test_no_member_yet_is_no_obstacle(
    reparto: Reparto, community: CommunityYear, tmp_path: Path
) -> None:
    def waiting(member: MemberRecord) -> MemberRecord:
        return replace(member, role=MemberRole.RESERVE)

    empty = replace(community, members=tuple(map(waiting, community.members)))
    filled = fill_vacancies(
        community=empty, request=FillRequest(on=date(2026, 11, 21), vacancies=2)
    )

    assert len(filled.admitted_ids) == 2
    assert filled.millionths.sum() == 1_000_000


def test_a_candidate_with_part_of_a_year_is_filled_in_and_named(community: CommunityYear) -> None:
    consumption = community.consumption_kwh.copy()
    consumption[4, 2_190:] = np.nan
    request = FillRequest(on=date(2026, 4, 1), vacancies=1)
    filled = fill_vacancies(
        community=replace(community, consumption_kwh=consumption), request=request
    )
    assert [each.completion.known_share for each in filled.candidates] == [1.0, 0.25, 1.0, 1.0]
    assert (
        "part of the year of R2 is not measured; profiles of others stand in"
        in warn_of_admission(filled)
    )


def test_what_each_would_save_is_the_difference_of_two_optima(community: CommunityYear) -> None:
    filled = fill_vacancies(
        community=community, request=FillRequest(on=date(2026, 4, 1), vacancies=1)
    )
    goal = Goal(Objective.SAVINGS)
    for row, outcome in enumerate(filled.candidates, start=3):
        with_it, without = (
            choose_coefficients(build_sharing_year(community, np.array(rows)), goal).upper_bound
            for rows in ([0, 1, 2, row], [0, 1, 2])
        )
        assert outcome.marginal_eur == pytest.approx(with_it - without, rel=1e-6)
