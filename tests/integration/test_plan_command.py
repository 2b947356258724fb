"""``reparto plan`` on small folders: what it writes, prints and refuses."""

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from loaders.community_folder_writer import write_community_folder
from loaders.distributor_file_check import validate_distributor_file
from loaders.records import CommunityYear, MemberRole
from models.values.calendar import Step
from models.values.cups import Cups
from tests.support.command_line import Reparto
from tests.support.community_folders import build_community_year, write_folder


@pytest.fixture
def community() -> CommunityYear:
    return build_community_year(n_members=4, n_reserve=2)


@pytest.fixture
def folder(community: CommunityYear, tmp_path: Path) -> Path:
    return write_folder(community, tmp_path / "community")


def settle(community: CommunityYear, beta: np.ndarray) -> dict[str, np.ndarray]:
    """Settle each sharing member's year from the definitions, month by month in a loop."""
    rows = community.positions(MemberRole.MEMBER)
    wanted = community.consumption_kwh[rows]
    got = beta[:, np.newaxis] * community.generation_kwh[0]
    used = np.minimum(got, wanted)
    result = {"allocated_kwh": got, "self_consumed_kwh": used}
    result |= {"surplus_kwh": got - used, "grid_import_kwh": wanted - used}
    sums = {name: values.sum(axis=1) for name, values in result.items()}
    energy, surplus = community.energy_eur_per_kwh, community.surplus_eur_per_kwh
    if energy is None or surplus is None:
        return sums
    saved = np.zeros(len(rows))
    for month in months_of(community):
        gain = (used * energy + (got - used) * surplus)[:, month].sum(axis=1)
        saved += np.minimum(gain, (wanted * energy)[:, month].sum(axis=1))
    return sums | {"savings_eur": saved}


def months_of(community: CommunityYear) -> list[slice]:
    """Cut the year at local midnights, by pandas instead of the project's calendar."""
    local = pd.DatetimeIndex(community.starts).tz_localize("UTC").tz_convert(community.timezone)
    borders = [*np.flatnonzero(np.diff(local.month)) + 1]
    return [slice(a, b) for a, b in zip([0, *borders], [*borders, len(local)], strict=True)]


@pytest.mark.parametrize("step", Step)
@pytest.mark.parametrize("timezone", ["Europe/Madrid", "Atlantic/Canary"])
def test_the_proposal_is_what_the_definitions_give(
    reparto: Reparto, tmp_path: Path, step: Step, timezone: str
) -> None:
    community = build_community_year(n_members=3, step=step, timezone=timezone)
    folder = write_folder(community, tmp_path / "community")
    run = reparto("plan", folder, "--output", tmp_path / "out", "--json")
    proposal = json.loads(run.out)

    assert run.code == 0
    assert json.loads((tmp_path / "out/proposal.json").read_bytes()) == proposal
    assert proposal["n_members"] == 3
    assert proposal["n_steps"] == community.starts.size
    assert sum(map(Decimal, proposal["betas"].values())) == Decimal("1.000000")
    beta = np.array([float(member["beta"]) for member in proposal["members"]])
    for name, values in settle(community, beta).items():
        for member, value in zip(proposal["members"], values, strict=True):
            assert float(member[name]) == pytest.approx(value, abs=5.1e-3)
        total = proposal["generation_kwh" if name == "allocated_kwh" else name]
        assert float(total) == pytest.approx(values.sum(), abs=5.1e-3)
    used = proposal["self_consumed_kwh"]
    assert proposal["gap"] == pytest.approx(
        (proposal["upper_bound_kwh"] - used) / proposal["upper_bound_kwh"], abs=1e-12
    )
    assert proposal["gap"] < 1e-6
    equal = settle(community, np.full(3, 1 / 3))
    assert proposal["rules"]["equal"]["self_consumed_kwh"] == pytest.approx(
        equal["self_consumed_kwh"].sum()
    )
    assert float(proposal["rules"]["equal"]["savings_eur"]) == pytest.approx(
        equal["savings_eur"].sum(), abs=5.1e-3
    )


def test_three_files_are_written_and_a_table_is_printed(
    reparto: Reparto, folder: Path, community: CommunityYear, tmp_path: Path
) -> None:
    run = reparto("plan", folder, "--output", tmp_path / "deep" / "out", "--file-year", 2027)
    cau = community.installations[0].cau
    names = sorted(path.name for path in (tmp_path / "deep/out").iterdir())

    assert run.code == 0
    assert names == [f"{cau}_2027.txt", "proposal.json", "report.xlsx"]
    assert "Proposal" in run.out
    assert "Proven" in run.out
    assert "wrote" in run.err
    text = (tmp_path / "deep/out" / f"{cau}_2027.txt").read_bytes().decode("ascii")
    listed = [member.cups for member in community.members if member.role is MemberRole.MEMBER]
    assert [line.split(";")[0] for line in text.split("\r\n")] == [*listed, ""]
    file = tmp_path / "deep/out" / f"{cau}_2027.txt"
    assert validate_distributor_file(file, members=listed, cau=cau) == []


def test_both_methods_hand_out_the_same_coefficients(
    reparto: Reparto, folder: Path, tmp_path: Path
) -> None:
    exact, program = (
        json.loads(reparto("plan", folder, "--output", tmp_path / m, "--method", m, "--json").out)
        for m in ("exact", "linear-program")
    )

    assert exact["betas"] == program["betas"]
    assert exact["solver"]["name"] == "reparto"
    assert program["solver"]["name"] == "HiGHS"
    assert program["gap"] <= 1e-6
    assert program["upper_bound_kwh"] >= exact["self_consumed_kwh"]


def test_savings_are_bounded_in_euros(reparto: Reparto, folder: Path, tmp_path: Path) -> None:
    by_energy = json.loads(reparto("plan", folder, "--output", tmp_path / "a", "--json").out)
    run = reparto("plan", folder, "--output", tmp_path / "b", "--objective", "savings", "--json")
    proposal = json.loads(run.out)

    assert "upper_bound_kwh" not in proposal
    assert float(proposal["upper_bound_eur"]) >= float(proposal["savings_eur"]) - 0.005
    assert float(proposal["savings_eur"]) >= float(by_energy["savings_eur"])
    assert proposal["gap"] < 1e-6


def test_the_current_agreement_is_compared_where_it_is_given(
    reparto: Reparto, community: CommunityYear, tmp_path: Path
) -> None:
    members = tuple(
        replace(member, current_beta=0.25 if member.role is MemberRole.MEMBER else None)
        for member in community.members
    )
    folder = tmp_path / "community"
    write_community_folder(replace(community, members=members), folder)
    rules = json.loads(reparto("plan", folder, "--output", tmp_path / "out", "--json").out)["rules"]

    assert list(rules) == ["equal", "contracted_power", "consumption", "current", "hourly_bound"]
    assert rules["current"] == rules["equal"]


def test_without_prices_there_is_no_money(reparto: Reparto, tmp_path: Path) -> None:
    folder = write_folder(build_community_year(with_prices=False), tmp_path / "community")
    run = reparto("plan", folder, "--output", tmp_path / "out", "--json")
    proposal = json.loads(run.out)

    assert proposal["savings_eur"] is None
    assert proposal["members"][0]["savings_eur"] is None
    assert proposal["rules"]["equal"]["savings_eur"] is None
    assert reparto("plan", folder, "--output", tmp_path / "out").code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["--floor", "1.2"], 2, "floor is 1.2: must be between 0 and 1"),
        (["--floor", "nan"], 2, "floor is NaN"),
        (["--floor", "many"], 2, "'many' is not a number"),
        (["--min-beta", "-0.1"], 2, "min-beta is -0.1"),
        (["--min-beta", "0.3", "--max-beta", "0.2"], 2, "min-beta is 0.3: above max-beta 0.2"),
        (["--reference", "current"], 2, "there is no current to refer to; choose another rule"),
        (["--objective", "profit"], 2, "profit"),
        (["--file-year", "26"], 2, "file-year"),
        (["--min-beta", "0.3"], 4, "sum to 1.200000, more than 1"),
        (["--min-beta", f"0.25{'0' * 40}1"], 4, "sum to 1.000004, more than 1"),
        (["--max-beta", f"0.2{'49' * 20}"], 4, "sum to 0.997976, less than 1"),
        (["--min-beta", "1e-99", "--max-beta", "0.2"], 4, "less than 1"),
        (["--min-beta", "1e-999999999", "--max-beta", "0.2"], 2, "is not a number such as 0.05"),
        (
            ["--max-beta", "0.2"],
            4,
            "greatest_coefficient cannot hold: the greatest coefficients sum to 0.800000",
        ),
        (["--floor", "1", "--max-beta", "0.25"], 4, "the largest feasible floor is 0.8945"),
    ],
)
def test_requests_that_cannot_be_met_say_why(
    reparto: Reparto, folder: Path, tmp_path: Path, arguments: list[str], code: int, says: str
) -> None:
    run = reparto("plan", folder, "--output", tmp_path / "out", *arguments)

    assert run.code == code
    assert says in " ".join(run.err.replace("│", " ").split())
    assert run.out == ""
    assert not (tmp_path / "out").exists()


def test_a_missing_folder_and_missing_prices_are_bad_arguments(
    reparto: Reparto, tmp_path: Path
) -> None:
    unpriced = write_folder(build_community_year(with_prices=False), tmp_path / "community")
    missing = reparto("plan", tmp_path / "nowhere", "--output", tmp_path / "out")
    savings = reparto("plan", unpriced, "--output", tmp_path / "out", "--objective", "savings")

    assert (missing.code, savings.code) == (2, 2)
    assert "nowhere" in missing.err
    assert "savings need prices" in savings.err
    assert not (tmp_path / "out").exists()


def test_every_fault_is_told_and_nothing_is_written(
    reparto: Reparto, folder: Path, tmp_path: Path
) -> None:
    lines = (folder / "members.csv").read_text().splitlines()
    lines[1] = lines[1].replace(",member,", ",owner,")
    (folder / "members.csv").write_text("\n".join(lines) + "\n")
    (folder / "community.json").write_text("{}")
    run = reparto("plan", folder, "--output", tmp_path / "out")

    assert run.code == 3
    assert "members.csv, line 2" in run.err
    assert "community.json" in run.err
    assert run.out == ""
    assert not (tmp_path / "out").exists()


def test_an_output_that_cannot_be_a_folder_is_refused(
    reparto: Reparto, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "out").write_text("a file")
    run = reparto("plan", folder, "--output", tmp_path / "out")

    assert run.code == 2
    assert "cannot write" in run.err


def test_codes_that_a_distributor_would_refuse_are_told(
    reparto: Reparto, community: CommunityYear, tmp_path: Path
) -> None:
    first = community.members[0]
    members = (replace(first, cups=Cups(first.cups[:20])), *community.members[1:])
    write_community_folder(replace(community, members=members), tmp_path / "community")
    run = reparto("plan", tmp_path / "community", "--output", tmp_path / "out")

    assert run.code == 0
    assert f"CUPS of 22 characters; 1 have fewer: {first.cups[:20]}\n" in run.err


def test_names_are_not_taken_for_markup(
    reparto: Reparto, community: CommunityYear, tmp_path: Path
) -> None:
    first = replace(community.members[0], member_id="[/]")
    hostile = replace(
        community, name="Foo [/red][link=x]y", members=(first, *community.members[1:])
    )
    write_community_folder(hostile, tmp_path / "community")
    run = reparto("plan", tmp_path / "community", "--output", tmp_path / "out")

    assert run.code == 0
    assert "Foo [/red][link=x]y" in run.out
    assert "[/]" in run.out


def test_odd_generation_is_warned_of(
    reparto: Reparto, community: CommunityYear, tmp_path: Path
) -> None:
    bright = replace(community, generation_kwh=community.generation_kwh * 1000)
    dark = replace(community, generation_kwh=community.generation_kwh * 0)
    runs = {}
    for name, year in (("bright", bright), ("dark", dark)):
        write_community_folder(year, tmp_path / name)
        runs[name] = reparto(
            "plan", tmp_path / name, "--output", tmp_path / "out", "--objective", "savings"
        )

    assert [run.code for run in runs.values()] == [0, 0]
    assert "check pv_kw and the unit of the production file" in runs["bright"].err
    assert "generated nothing all year" in runs["dark"].err
