"""``reparto plan`` where meters did not measure everything, and with other years of sun."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from api.services.proposals.plan_coefficients import plan_coefficients
from api.services.proposals.plan_request import PlanRequest
from api.services.proposals.warn_of_plan import warn_of_plan
from loaders.community_folder_writer import write_community_folder
from loaders.records import CommunityYear, InstallationRecord
from tests.support.command_line import Reparto
from tests.support.community_folders import (
    build_community_year,
    make_cau,
    write_folder,
    write_series,
)
from tests.support.consumption_gaps import drop_column, empty_cells, with_gap
from tests.support.imports import change_member

HALF_A_YEAR = slice(4380, None)
LABEL = "mean of 3 members of 2.0TD"


@pytest.fixture
def community() -> CommunityYear:
    return change_member(build_community_year(n_members=4, n_reserve=1), 3, yearly_kwh=2450.0)


@pytest.fixture
def folder(community: CommunityYear, tmp_path: Path) -> Path:
    """Write a folder in which M2 has half a year and M4, which declares its own, nothing."""
    folder = write_folder(community, tmp_path / "community")
    members = (folder / "members.csv").read_text().splitlines()
    cells = ["yearly_kwh", "", "", "", "2450", ""]
    lines = [f"{line},{cell}" for line, cell in zip(members, cells, strict=True)]
    (folder / "members.csv").write_text("\n".join(lines))
    empty_cells(folder, "M2", HALF_A_YEAR)
    drop_column(folder, "M4")
    return folder


def test_gaps_are_faults_unless_they_are_to_be_filled(
    reparto: Reparto, folder: Path, tmp_path: Path
) -> None:
    run = reparto("plan", folder, "--output", tmp_path / "out")

    assert run.code == 3
    assert "consumption.csv, column M4: is missing" in run.err
    assert "column M2 is empty" in run.err
    assert not (tmp_path / "out").exists()


def test_the_proposal_marks_those_who_were_completed(
    reparto: Reparto, folder: Path, community: CommunityYear, tmp_path: Path
) -> None:
    run = reparto("plan", folder, "--output", tmp_path / "out", "--fill-gaps", "--json")
    proposal = json.loads(run.out)
    marks = [
        (member["member_id"], member["known_share"], member["profile"], member["profile_scale"])
        for member in proposal["members"]
    ]
    whole = community.consumption_kwh[[0, 2, 4]]
    shape = np.mean([row / row.sum() for row in whole], axis=0)
    half = community.consumption_kwh[1, :4380].sum()

    assert run.code == 0
    assert json.loads((tmp_path / "out/proposal.json").read_bytes()) == proposal
    assert marks == [
        ("M1", 1.0, None, None),
        ("M2", 0.5, LABEL, "measured energy"),
        ("M3", 1.0, None, None),
        ("M4", 0.0, LABEL, "declared yearly consumption"),
    ]
    wanted = [
        member["self_consumed_kwh"] + member["grid_import_kwh"] for member in proposal["members"]
    ]
    assert wanted[1] == pytest.approx(half / shape[:4380].sum() * shape[4380:].sum() + half)
    assert wanted[3] == pytest.approx(2450.0)
    assert wanted[0] == pytest.approx(whole[0].sum())


def test_the_terminal_marks_them_and_says_what_the_mark_means(
    reparto: Reparto, folder: Path, tmp_path: Path
) -> None:
    run = reparto("plan", folder, "--output", tmp_path / "out", "--fill-gaps")
    named = [line.split("ES")[0].strip() for line in run.out.splitlines() if " ES" in line]

    assert named[-4:] == ["M1", "M2 *", "M3", "M4 *"]
    assert "*: partly or wholly a profile, not measured" in run.out
    assert (
        "warning: of 2 of 4 members part of the year is not measured, profiles of others stand in;"
        " measured: M2 (50%), M4 (0%)\n"
    ) in run.err


@pytest.mark.parametrize(
    ("language", "sheets", "headings", "fillings", "topic"),
    [
        (
            "en",
            ("Members", "Notes"),
            ["Measured part of the year", "Rest of the year filled from"],
            ("scaled to the measured energy", "scaled to the declared yearly consumption"),
            "Part of a year or none",
        ),
        (
            "es",
            ("Participantes", "Notas"),
            ["Parte medida del año", "El resto del año, según"],
            ("ajustada a la energía medida", "ajustada al consumo anual declarado"),
            "Parte de un año o nada",
        ),
    ],
)
def test_the_workbook_marks_them_in_both_languages(
    reparto: Reparto,
    folder: Path,
    tmp_path: Path,
    language: str,
    sheets: tuple[str, str],
    headings: list[str],
    fillings: tuple[str, str],
    topic: str,
) -> None:
    reparto("plan", folder, "--output", tmp_path, "--fill-gaps", "--language", language)
    book = openpyxl.load_workbook(tmp_path / "report.xlsx")
    members, notes = (book[name] for name in sheets)
    header, *lines = [row[-2:] for row in members.iter_rows(values_only=True)]
    mean = {"en": f"{LABEL}, ", "es": "media de 3 participantes de 2.0TD, "}[language]

    assert list(header) == headings
    assert lines[:4] == [
        (1.0, None),
        (0.5, mean + fillings[0]),
        (1.0, None),
        (0.0, mean + fillings[1]),
    ]
    assert topic in [row[0] for row in notes.iter_rows(values_only=True)]


def test_nothing_is_marked_where_all_was_measured(
    reparto: Reparto, community: CommunityYear, tmp_path: Path
) -> None:
    folder = write_folder(community, tmp_path / "community")
    plain = reparto("plan", folder, "--output", tmp_path / "a")
    filled = reparto("plan", folder, "--output", tmp_path / "b", "--fill-gaps")
    book = openpyxl.load_workbook(tmp_path / "b/report.xlsx")
    headings = next(book["Members"].iter_rows(max_row=1, values_only=True))

    assert "*" not in filled.out
    assert "warning" not in filled.err
    assert plain.code == filled.code == 0
    assert "Measured part of the year" not in headings
    assert "Part of a year or none" not in [cell.value for cell in book["Notes"]["A"]]


def test_gaps_of_everybody_are_bad_data(
    reparto: Reparto, community: CommunityYear, tmp_path: Path
) -> None:
    folder = write_folder(community, tmp_path / "community")
    for member in community.members:
        empty_cells(folder, member.member_id, slice(0, 1))
    run = reparto("plan", folder, "--output", tmp_path / "out", "--fill-gaps")

    assert run.code == 3
    assert "M1 has part of a year or none, and nobody on the list a whole year" in run.err


def test_a_long_list_of_completed_members_is_cut() -> None:
    community = build_community_year(n_members=13)
    for row in range(12):
        community = with_gap(community, row, slice(0, 1))
    (warning,) = warn_of_plan(plan_coefficients(community=community, request=PlanRequest()))

    assert warning.startswith("of 12 of 13 members")
    assert warning.endswith("M10 (100%) and 2 more")


def test_several_plants_share_one_completion(
    reparto: Reparto, community: CommunityYear, tmp_path: Path
) -> None:
    plants = tuple(InstallationRecord(make_cau(number), 5.0) for number in (1, 2))
    halves = np.vstack([community.generation_kwh, 0.5 * community.generation_kwh])
    several = replace(community, installations=plants, generation_kwh=halves)
    folder = tmp_path / "several"
    write_community_folder(with_gap(several, 1, HALF_A_YEAR), folder)
    run = reparto("plan", folder, "--output", tmp_path / "out", "--fill-gaps")
    proposal = json.loads((tmp_path / "out/proposal.json").read_bytes())
    marks = {
        member["member_id"]: (member["known_share"], member["profile"])
        for plant in proposal["caus"]
        for member in plant["members"]
    }

    assert run.code == 0
    assert marks == {
        "M1": (1.0, None),
        "M2": (0.5, "mean of 4 members of 2.0TD"),
        "M3": (1.0, None),
        "M4": (1.0, None),
    }
    assert "M2 *" in run.out
    assert "*: partly or wholly a profile, not measured" in run.out
    assert run.err.count("part of the year is not measured") == 1


def write_production(path: Path, year: int) -> Path:
    other = build_community_year(year=year, seed=year)
    write_series(other, path, ["kwh"], other.generation_kwh)
    return path


def test_other_years_of_production_judge_the_plan(
    reparto: Reparto, community: CommunityYear, tmp_path: Path
) -> None:
    folder = write_folder(community, tmp_path / "community")
    files = [write_production(tmp_path / f"{year}.csv", year) for year in (2021, 2022)]
    options = [part for file in files for part in ("--production", file)]
    run = reparto(
        "plan", folder, "--output", tmp_path / "out", "--json", "--out-of-sample", *options
    )
    checks = {check["check"]: check["n_trials"] for check in json.loads(run.out)["unseen"]}

    assert run.code == 0
    assert checks["the proposal in other years of production"] == 2


def test_production_without_a_use_for_it_is_a_bad_argument(
    reparto: Reparto, community: CommunityYear, tmp_path: Path
) -> None:
    folder = write_folder(community, tmp_path / "community")
    file = write_production(tmp_path / "2021.csv", 2021)
    run = reparto("plan", folder, "--output", tmp_path / "out", "--production", file)

    assert run.code == 2
    assert "--production serves --out-of-sample or --robust" in run.err


def test_faulty_production_is_bad_data(
    reparto: Reparto, community: CommunityYear, tmp_path: Path
) -> None:
    folder = write_folder(community, tmp_path / "community")
    same = folder / "production.csv"
    run = reparto(
        "plan", folder, "--output", tmp_path / "out", "--out-of-sample", "--production", same
    )

    assert run.code == 3
    assert "is of 2023, which is there already; give another year" in run.err
    gone = tmp_path / "gone.csv"
    run = reparto(
        "plan", folder, "--output", tmp_path / "out", "--out-of-sample", "--production", gone
    )
    assert run.code == 2
