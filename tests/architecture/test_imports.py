"""The import rules of the architecture, and what a value may not load."""

import subprocess
import sys

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

from tests.support.source_code import ROOT


def test_every_import_contract_holds(capsys: pytest.CaptureFixture[str]) -> None:
    status = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True, no_logo=True)
    assert status == EXIT_STATUS_SUCCESS, capsys.readouterr().out


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
