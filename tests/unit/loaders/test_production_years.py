from datetime import date
from pathlib import Path

import numpy as np
import pytest

from loaders.community_folder import plant_columns
from loaders.faults import FaultyInputError, MissingInputError
from loaders.production_years import read_generation_profile, read_production_years
from loaders.series_steps import LocalYear
from models.values.calendar import Step, local_midnight, year_steps
from tests.support.community_folders import build_community_year, write_series

MADRID = "Europe/Madrid"


def planned(year: int, step: Step = Step.HOUR, timezone: str = MADRID) -> LocalYear:
    return LocalYear(year, timezone, step)


def write_year(path: Path, year: int, *, n_plants: int = 1, **options: object) -> np.ndarray:
    """Write a year's production file; return what it holds."""
    community = build_community_year(year=year, n_installations=n_plants, **options)  # type: ignore[arg-type]
    values = community.generation_kwh
    write_series(community, path, list(plant_columns(community.installations)), values)
    return values


def faults_of(
    paths: list[Path], year: int = 2023, columns: tuple[str, ...] = ("kwh",)
) -> list[str]:
    with pytest.raises(FaultyInputError) as caught:
        read_production_years(paths, columns, planned(year))
    return [str(fault).removeprefix(f"{paths[0].parent}/") for fault in caught.value.faults]


def test_years_of_the_same_length_are_taken_as_they_are(tmp_path: Path) -> None:
    wanted = [write_year(tmp_path / f"{year}.csv", year, seed=year) for year in (2019, 2021)]
    paths = [tmp_path / "2019.csv", tmp_path / "2021.csv"]
    read = read_production_years(paths, ["kwh"], planned(2023))

    assert [each.year for each in read] == [2019, 2021]
    for each, values in zip(read, wanted, strict=True):
        np.testing.assert_array_equal(each.generation_kwh, values, strict=True)


@pytest.mark.parametrize("step", Step)
@pytest.mark.parametrize("timezone", [MADRID, "Atlantic/Canary"])
def test_the_leap_day_is_dropped(tmp_path: Path, step: Step, timezone: str) -> None:
    values = write_year(tmp_path / "leap.csv", 2020, step=step, timezone=timezone)
    (read,) = read_production_years([tmp_path / "leap.csv"], ["kwh"], planned(2023, step, timezone))
    steps = year_steps(2020, timezone, step)
    begin, end = (local_midnight(date(2020, *day), timezone) for day in ((2, 29), (3, 1)))
    is_kept = (steps < begin) | (steps >= end)

    assert read.generation_kwh.tolist() == values[:, is_kept].tolist()
    assert read.generation_kwh.shape == (1, year_steps(2023, timezone, step).size)


def test_the_leap_day_has_the_sun_of_the_day_before(tmp_path: Path) -> None:
    values = write_year(tmp_path / "common.csv", 2023)
    (read,) = read_production_years([tmp_path / "common.csv"], ["kwh"], planned(2024))

    assert read.generation_kwh.shape == (1, 8784)
    steps = year_steps(2024, MADRID, Step.HOUR)
    leap = int(np.searchsorted(steps, local_midnight(date(2024, 2, 29), MADRID)))
    assert read.generation_kwh[0, :leap].tolist() == values[0, :leap].tolist()
    assert read.generation_kwh[0, leap : leap + 24].tolist() == values[0, leap - 24 : leap].tolist()
    assert read.generation_kwh[0, leap + 24 :].tolist() == values[0, leap:].tolist()


def test_several_plants_keep_their_order(tmp_path: Path) -> None:
    values = write_year(tmp_path / "2022.csv", 2022, n_plants=2)
    community = build_community_year(n_installations=2)
    columns = plant_columns(community.installations)[::-1]
    (read,) = read_production_years([tmp_path / "2022.csv"], columns, planned(2023))

    assert read.generation_kwh.tolist() == values[::-1].tolist()


def test_the_same_year_twice_and_the_planned_one_are_faults(tmp_path: Path) -> None:
    for name, year in (("a.csv", 2022), ("b.csv", 2022), ("c.csv", 2023)):
        write_year(tmp_path / name, year)

    assert faults_of([tmp_path / name for name in ("a.csv", "b.csv", "c.csv")]) == [
        "b.csv: is of 2022, which is there already; give another year",
        "c.csv: is of 2023, which is there already; give another year",
    ]


def test_all_faults_of_all_files_are_told(tmp_path: Path) -> None:
    write_year(tmp_path / "short.csv", 2022)
    lines = (tmp_path / "short.csv").read_text().splitlines()
    lines[5] = lines[5].rsplit(",", 1)[0] + ",-1"
    (tmp_path / "short.csv").write_text("\n".join(lines[:-1]) + "\n")
    (tmp_path / "named.csv").write_text("\n".join(lines).replace("kwh", "energy", 1))
    (tmp_path / "empty.csv").write_text("ts_utc,kwh\n")
    (tmp_path / "list.txt").write_text("ts_utc,kwh\n")
    names = ("short.csv", "named.csv", "empty.csv", "list.txt")

    assert faults_of([tmp_path / name for name in names]) == [
        "empty.csv: holds 0 rows of one interval",
        "list.txt: is none of csv, csv.gz, parquet",
        "named.csv, column energy: belongs to nothing that the folder lists",
        "named.csv, column kwh: is missing",
        "short.csv, 2022-01-01T03:00:00Z: column kwh is '-1', negative",
        "short.csv, 2022-12-31T22:00:00Z: is missing",
    ]


def test_years_out_of_all_bounds_and_unreadable_stamps_are_faults(tmp_path: Path) -> None:
    (tmp_path / "old.csv").write_text("ts_utc,kwh\n1821-06-30T22:00:00Z,1\n")
    (tmp_path / "torn.csv").write_text("ts_utc,kwh\n30/06/2022 22:00,1\n")

    old, torn = faults_of([tmp_path / "old.csv", tmp_path / "torn.csv"])
    assert old == "old.csv: is of 1821, not between 2000 and 2100"
    assert torn.startswith("torn.csv, column ts_utc: none of its 1 stamps is of the form")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError, match="there is no file"):
        read_production_years([tmp_path / "2022.csv"], ["kwh"], planned(2023))


def test_a_profile_is_laid_over_its_own_year_and_another(tmp_path: Path) -> None:
    path = tmp_path / "profile.csv"
    values = write_year(path, 2023)[0]
    own, other = (read_generation_profile(path, planned(year)) for year in (2023, 2024))

    np.testing.assert_allclose(own, values / values.sum())
    assert (own.sum(), other.size) == (pytest.approx(1), 8784)


def test_a_plant_that_stood_still_has_no_profile(tmp_path: Path) -> None:
    path = tmp_path / "still.csv"
    write_year(path, 2023)
    lines = path.read_text().splitlines()
    path.write_text(
        "\n".join([lines[0], *(f"{line.split(',')[0]},0" for line in lines[1:])]) + "\n"
    )
    with pytest.raises(FaultyInputError, match="no generation at all"):
        read_generation_profile(path, planned(2023))
