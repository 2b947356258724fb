import csv
import json
import runpy
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from scripts.benchmark.command import app
from scripts.benchmark.communities import RECIPES, Recipe

TINY = ("--community", "hamlet-2", "--largest-program", "0", "--seed", "3")


@pytest.fixture(autouse=True)
def hamlet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(RECIPES, "hamlet-2", Recipe(2))


def test_it_prints_a_table_that_can_be_cited() -> None:
    run = CliRunner().invoke(app, TINY)
    lines = run.stdout.splitlines()

    assert run.exit_code == 0
    assert lines[0].startswith("Seed 3; python 3.")
    assert lines[2] == "**hamlet-2**: 2 members x 8,760 steps, kWh"
    assert lines[4] == "| method | value | proven bound | gap | seconds | of the sun |"
    assert lines[6].startswith("| ours, exact | ")
    assert lines[8].startswith("| hourly program, HiGHS | not run: ")
    assert lines[-1].startswith("| rule, consumption | ")


def test_it_writes_files_to_compute_with(tmp_path: Path) -> None:
    table, document = tmp_path / "lines.csv", tmp_path / "lines.json"
    for path in (table, document):
        assert CliRunner().invoke(app, [*TINY, "--output", str(path)]).exit_code == 0
    with table.open(newline="") as file:
        rows = list(csv.DictReader(file))
    read = json.loads(document.read_bytes())

    assert [row["method"] for row in rows] == [line["method"] for line in read["lines"]]
    assert read["seed"] == 3
    assert set(read["made_with"]) == {"python", "machine", "numpy", "highspy", "pulp"}
    assert float(rows[0]["value"]) == read["lines"][0]["value"]
    assert rows[2]["value"] == ""
    assert read["lines"][2]["note"].startswith("not run: ")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--community", "atlantis"], "'atlantis' is not one of"),
        (["--output", "lines.txt"], "ends neither in .csv nor"),
        (["--seed", "-1"], "'--seed'"),
    ],
)
def test_bad_arguments_are_named(arguments: list[str], says: str) -> None:
    run = CliRunner().invoke(app, arguments)

    assert run.exit_code == 2
    assert says in run.stderr


def test_it_runs_as_a_module(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["benchmark", "--help"])

    with pytest.raises(SystemExit) as stopped:
        runpy.run_module("scripts.benchmark", run_name="__main__")
    assert stopped.value.code == 0
