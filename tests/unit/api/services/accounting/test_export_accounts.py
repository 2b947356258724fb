"""Archives of accounts go when they are a week old."""

import os
from datetime import UTC, datetime, timedelta

from structlog.testing import capture_logs

from api.services.accounting.export_accounts import sweep_exports

NOW = datetime(2024, 1, 9, 9, 30, tzinfo=UTC)


def test_what_cannot_be_removed_is_told_and_left(tmp_path):
    old = tmp_path / "exports" / "folder"
    old.mkdir(parents=True)
    os.utime(old, (0, 0))
    with capture_logs() as logs:
        sweep_exports(tmp_path, now=NOW)
    assert [(log["event"], log["export"]) for log in logs] == [("export not removed", "folder")]
    assert old.exists()


def test_a_week_is_kept(tmp_path):
    folder = tmp_path / "exports"
    folder.mkdir()
    for name, age in (("old", timedelta(days=7, seconds=1)), ("new", timedelta(days=7))):
        (folder / name).write_bytes(b"x")
        moment = (NOW - age).timestamp()
        os.utime(folder / name, (moment, moment))
    sweep_exports(tmp_path, now=NOW)
    assert [path.name for path in folder.iterdir()] == ["new"]


def test_nothing_to_remove(tmp_path):
    sweep_exports(tmp_path, now=NOW)
    assert not (tmp_path / "exports").exists()
