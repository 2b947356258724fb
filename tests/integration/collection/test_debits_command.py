"""``reparto collection``: mandates and files of direct debits at a terminal."""

import json
from datetime import date, timedelta

import pytest

from api.clock import now
from models.values.calendar import LAW_CLOCK, local_day
from tests.support.databases import on_sqlite
from tests.support.direct_debits import collector, read_file

pytestmark = on_sqlite
__all__ = ["collector"]


@pytest.fixture
def desk(collector, promoter, reparto, database_url, monkeypatch, tmp_path):
    """Call a command that must succeed, for its JSON or its table."""
    monkeypatch.setenv("REPARTO_DATABASE_URL", database_url)
    monkeypatch.chdir(tmp_path)

    def call(*arguments, table=False):
        more = () if table else ("--json",)
        done = reparto("collection", *arguments, *more, "--promoter", promoter.name)
        assert (done.code, done.err) == (0, "")
        return done.out if table else json.loads(done.out)

    return call


def test_from_the_mandate_to_the_file(desk, collector, tmp_path):
    yesterday = local_day(now(), LAW_CLOCK) - timedelta(days=1)
    mandate = collector.sign(0, last_used_on=yesterday, now=now())
    (row,) = desk("mandates")
    assert (row["reference"], row["ended_on"]) == (mandate.reference, None)
    assert row["account"].startswith("ES…")
    assert mandate.reference[:8] in desk("mandates", table=True)
    due = ("--due-until", "2023-12-31")
    rows = desk("preview-debits", *due)
    assert [each["left_because"] for each in rows] == [None, "no-mandate", "no-mandate"]
    assert date.fromisoformat(rows[0]["collect_on"]) > yesterday
    shown = desk("preview-debits", *due, table=True)
    collected, left = shown.split("Not collected:")
    assert ("Payer 0" in collected, "Payer 1" in left) == (True, True)
    assert ["total", "24.20"] in [line.split() for line in left.splitlines()]
    made = desk("create-debits", "debits.xml", *due, "--key", "k")
    assert (made["debits"], made["notified"], made["unreachable"]) == (1, 0, 1)
    content = (tmp_path / "debits.xml").read_bytes()
    assert read_file(content).findtext(".//MsgId") == made["message_id"]
    assert "debits.xml" in desk("create-debits", "debits.xml", *due, "--key", "k", table=True)
    assert (tmp_path / "debits.xml").read_bytes() == content
