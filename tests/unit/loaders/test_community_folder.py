from pathlib import Path

import numpy as np
import pytest

from loaders.community_folder import read_community_folder
from loaders.faults import MissingInputError
from loaders.records import CommunityYear, MemberRole
from models.values.calendar import Step
from models.values.errors import ErrorCode
from tests.support.community_folders import (
    assert_same_community,
    build_community_year,
    write_folder,
    write_series,
)
from tests.support.editing import replace_line
from tests.support.faults import faults_of


def test_a_sound_folder_is_read_as_it_stands(folder: Path, community: CommunityYear) -> None:
    read = read_community_folder(folder)
    assert_same_community(read, community)
    assert read.consumption_kwh.flags.c_contiguous
    assert read.positions(MemberRole.RESERVE).tolist() == [3]


def test_a_folder_without_prices(tmp_path: Path) -> None:
    community = build_community_year(with_prices=False)
    assert_same_community(read_community_folder(write_folder(community, tmp_path)), community)


@pytest.mark.parametrize("timezone", ["Europe/Madrid", "Atlantic/Canary", "Africa/Ceuta"])
@pytest.mark.parametrize(
    ("year", "step", "n_steps"),
    [
        (2023, Step.HOUR, 8760),
        (2024, Step.HOUR, 8784),
        (2024, Step.QUARTER_HOUR, 35136),
    ],
)
def test_years_steps_and_clocks(
    tmp_path: Path, timezone: str, year: int, step: Step, n_steps: int
) -> None:
    community = build_community_year(
        n_members=2, n_installations=2, year=year, step=step, timezone=timezone
    )
    read = read_community_folder(write_folder(community, tmp_path))
    assert_same_community(read, community)
    assert read.consumption_kwh.shape == (3, n_steps)


@pytest.mark.parametrize("timezone", ["Europe/Madrid", "Atlantic/Canary"])
@pytest.mark.parametrize("stamp", ["2023-03-26T01:00:00Z", "2023-10-29T01:00:00Z"])
def test_clocks_change_at_one_o_clock_utc_without_a_gap(
    tmp_path: Path, timezone: str, stamp: str
) -> None:
    folder = write_folder(build_community_year(timezone=timezone), tmp_path)
    path = folder / "production.csv"
    lines = path.read_text().splitlines()
    position = next(i for i, line in enumerate(lines, 1) if line.startswith(stamp))
    replace_line(path, position, None)
    assert faults_of(folder) == [f"production.csv, {stamp}: is missing"]


def test_the_year_is_that_of_the_local_clock(tmp_path: Path) -> None:
    madrid = write_folder(build_community_year(), tmp_path / "madrid")
    properties = (madrid / "community.json").read_text()
    canaries = properties.replace("Europe/Madrid", "Atlantic/Canary")
    (madrid / "community.json").write_text(canaries.replace("peninsula", "canarias"))
    assert [text for text in faults_of(madrid) if text.startswith("production")] == [
        "production.csv, 2022-12-31T23:00:00Z: lies outside 2023 in Atlantic/Canary (line 2)",
        "production.csv, 2023-12-31T23:00:00Z: is missing",
    ]


def test_hourly_prices_serve_quarter_hours(tmp_path: Path) -> None:
    quarters = build_community_year(n_members=1, n_reserve=0, step=Step.QUARTER_HOUR)
    hourly = build_community_year(n_members=1, n_reserve=0)
    folder = write_folder(quarters, tmp_path)
    assert hourly.energy_eur_per_kwh is not None
    prices = hourly.energy_eur_per_kwh[np.newaxis]
    write_series(hourly, folder / "prices.csv", ["energy_eur_kwh"], prices)
    read = read_community_folder(folder)
    assert read.energy_eur_per_kwh is not None
    assert read.energy_eur_per_kwh[:8].tolist() == [prices[0, 0]] * 4 + [prices[0, 1]] * 4
    assert read.energy_eur_per_kwh.shape == (35040,)
    replace_line(folder / "prices.csv", 3, None)
    assert faults_of(folder) == ["prices.csv, 2023-01-01T00:00:00Z: is missing"]


def test_hourly_energy_does_not_serve_quarter_hours(folder: Path) -> None:
    path = folder / "community.json"
    path.write_text(path.read_text().replace("PT1H", "PT15M"))
    faults = faults_of(folder)
    assert len(faults) == 2 * (1000 + 1)
    assert f"production.csv: and {3 * 8760 - 1000} more like it: is missing" in faults
    assert faults[0] == "consumption.csv, 2022-12-31T23:15:00Z: is missing"


def test_progress_names_each_part(folder: Path) -> None:
    parts: list[str] = []
    read_community_folder(folder, progress=parts.append)
    assert parts == ["community.json", "members.csv", "consumption", "production", "prices"]


def test_a_missing_folder_is_a_wrong_argument(folder: Path) -> None:
    for path in (folder / "none", folder / "members.csv"):
        with pytest.raises(MissingInputError) as caught:
            read_community_folder(path)
        assert caught.value.path == path
        assert caught.value.code is ErrorCode.INVALID_ARGUMENT


def test_an_empty_folder_names_every_file(tmp_path: Path) -> None:
    assert faults_of(tmp_path) == [
        "community.json: is missing",
        "consumption: is missing; give it as csv, csv.gz or parquet",
        "members.csv: is missing",
        "production: is missing; give it as csv, csv.gz or parquet",
    ]


def test_several_installations_need_a_column_each(tmp_path: Path) -> None:
    folder = write_folder(build_community_year(n_installations=2), tmp_path)
    first, second = (plant.cau for plant in build_community_year(n_installations=2).installations)
    path = folder / "production.csv"
    replace_line(path, 1, f"ts_utc,{first},kwh")
    assert faults_of(folder) == [
        f"production.csv, column {second}: is missing",
        "production.csv, column kwh: belongs to nothing that the folder lists",
    ]


def test_the_shared_community_is_read(shared_data: Path) -> None:
    read = read_community_folder(shared_data / "valencia")
    assert read.consumption_kwh.shape == (24, 8760)
    assert round(float(read.generation_kwh.sum()), 2) == 133740.11
    assert read.positions(MemberRole.MEMBER).size == 19
