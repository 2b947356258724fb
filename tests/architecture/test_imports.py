"""The import rules of the architecture, and what a value may not load."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.source_code import ROOT


def test_every_import_contract_holds() -> None:
    # In a process of its own: import-linter switches off every logger that it finds.
    linter = Path(sys.executable).with_name("lint-imports")
    told = subprocess.run(
        [linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stdout


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("models.values.calendar", "sqlalchemy"),
        ("models.values.cups", "pandas"),
        ("planner", "sqlalchemy"),
        ("loaders.records", "sqlalchemy"),
    ],
)
def test_a_module_does_not_load_what_it_does_not_need(module: str, unwanted: str) -> None:
    code = f"import sys, {module}; sys.exit({unwanted!r} in sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
