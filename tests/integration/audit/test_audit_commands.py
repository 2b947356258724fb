"""The audit trail at the command line: what commands write of themselves, and how it is read."""

import json

import pytest

from models.values.audit import AuditChannel
from tests.support.audit_trail import is_sound, list_all_entries, list_entries
from tests.support.command_line import Reparto, reparto
from tests.support.databases import on_sqlite
from tests.support.whole_databases import break_rows

__all__ = ["reparto"]

pytestmark = on_sqlite

OWNER = "Ajuntament de la Peña"


@pytest.fixture
def run(engine, promoter, reparto: Reparto, monkeypatch: pytest.MonkeyPatch) -> Reparto:
    monkeypatch.setenv("REPARTO_DATABASE_URL", engine.url.render_as_string(hide_password=False))
    for name in ("a", "b"):
        assert reparto("token", "create", "--promoter", OWNER, "--name", name).code == 0
    return reparto


def test_a_command_names_itself_and_what_it_changed(run, engine, promoter):
    entries = list_entries(engine, promoter.id)
    assert [(each.channel, each.action) for each in entries] == [
        (AuditChannel.COMMAND_LINE, "token create")
    ] * 2
    assert {each.subjects.partition(":")[0] for each in entries} == {"api_token"}
    assert {each.actor_role for each in entries} == {None}
    assert entries[0].correlation_id != entries[1].correlation_id
    assert is_sound(entries)
    assert run("token", "list").code == 0
    assert run("token", "revoke", "rp_unknown").code == 2
    assert len(list_all_entries(engine)) == 2


def test_the_newest_entries_are_listed_first(run, engine, promoter):
    run("token", "revoke", run("token", "list", "--json").out.split('"prefix": "')[1][:11])
    listed = json.loads(run("audit", "list", "--json").out)
    kept = list_entries(engine, promoter.id)
    assert [each["hash"] for each in listed] == [each.hash for each in reversed(kept)]
    assert [each["action"] for each in listed] == ["token revoke", "token create", "token create"]
    for options, count in [
        (("--action", "token create"), 2),
        (("--since", "2100-01-01"), 0),
        (("--until", "2100-01-01"), 3),
        (("--actor", "00000000-0000-0000-0000-000000000001"), 0),
        (("--outcome", "refused"), 0),
        (("--most", "1"), 1),
        (("--installation",), 0),
    ]:
        assert len(json.loads(run("audit", "list", "--json", *options).out)) == count
    shown = run("audit", "list").out
    assert "token revoke" in shown
    assert "api_token:" in shown
    assert run("audit", "list", "--installation").out == "no entries\n"


def test_a_noted_head_is_asked_for_later(run, engine, promoter):
    [_, own] = json.loads(run("audit", "head", "--json").out)
    assert own == {
        "owner": OWNER,
        "promoter_id": str(promoter.id),
        "entry_count": 2,
        "head": list_entries(engine, promoter.id)[-1].hash,
        "fault": None,
    }
    noted = own["head"]
    run("token", "create", "--promoter", OWNER, "--name", "c")
    assert run("audit", "verify", "--expects-head", noted).code == 0
    assert noted[:8] not in run("audit", "verify", "--only", OWNER).out
    break_rows(engine, "audit_entry", "DELETE FROM audit_entry WHERE position >= 2")
    assert run("audit", "verify").code == 0
    found = run("audit", "verify", "--expects-head", noted)
    assert found.code == 3
    assert noted in found.err


def test_the_first_change_of_a_chain_is_named(run, engine, promoter):
    break_rows(engine, "audit_entry", "UPDATE audit_entry SET action = 'x' WHERE position = 1")
    found = run("--language", "es", "audit", "verify")
    assert found.code == 3
    assert f"{OWNER}: entry 1 was changed" in found.err
    assert "registro de auditoría" in found.err
    checked = run("db", "check")
    assert checked.code == 3
    assert f"audit trail of promoter {promoter.id}: entry 1 was changed" in checked.err


def test_what_is_handed_out_is_told_before_it_is_read(run, engine, promoter, tmp_path):
    days = ("--from", "2024-01-01", "--until", "2024-02-01")
    asked = run("export-data", "invoices", *days, "--output", tmp_path)
    assert asked.code in (0, 2)
    assert run("accounts", "export", *days, "--output", tmp_path / "b").code in (0, 2)
    assert run("export", "none", "--year", 2024, "--output", tmp_path / "c").code == 2
    told = [(each.action, each.subjects) for each in list_entries(engine, promoter.id)[2:]]
    named = f"promoter:{promoter.id}"
    assert told == [("export-data", named), ("accounts export", named), ("export", named)]
