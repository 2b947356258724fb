"""``reparto export-data``: files for other programs in a folder."""

import csv

import pytest

from tests.support.agreements import random_year, shared, store_meters
from tests.support.databases import on_sqlite

__all__ = ["shared"]

pytestmark = on_sqlite

DAYS = ("--from", "2023-01-01", "--until", "2023-01-03")


@pytest.fixture
def export(engine, shared, promoter, reparto, database_url, monkeypatch, tmp_path):
    """Call the command, and give what it says and the folder that it wrote."""
    store_meters(engine, shared, *random_year(3), n_months=1)
    monkeypatch.setenv("REPARTO_DATABASE_URL", database_url)
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        command = ("--language", "es", "export-data", *arguments, "--promoter", promoter.name)
        return reparto(*command, "--output", tmp_path / "out"), tmp_path / "out"

    return call


def test_a_file_takes_its_name_from_what_it_holds(export):
    wish = ("--community", "c1", "--by", "hour", "--each", "--format", "csv-excel-es")
    run, folder = export("energy", *DAYS, *wish)
    file = folder / "energy_per_member_2023-01-01_2023-01-02.csv"
    assert (run.code, run.err) == (0, f"escrito {file}\n")
    with file.open(encoding="utf-8-sig", newline="") as text:
        rows = list(csv.reader(text, delimiter=";"))
    assert rows[0][:2] == ["Comienza (UTC)", "Comienza (hora local)"]
    assert rows[1][:2] == ["31/12/2022 23:00", "01/01/2023 00:00"]
    assert len(rows) == 1 + 3 * 48


def test_all_communities_and_a_workbook_by_default(export):
    run, folder = export("members", *DAYS)
    assert run.code == 0
    assert [path.name for path in folder.iterdir()] == ["members_2023-01-01_2023-01-02.xlsx"]


def test_what_makes_no_sense_is_refused(export):
    run, folder = export("economy", *DAYS, "--by", "day")
    assert (run.code, "economy se exporta solo por" in run.err) == (2, True)
    assert not folder.exists()
    run, _ = export("energy", *DAYS, "--community", "c9")
    assert (run.code, "c9" in run.err) == (2, True)
