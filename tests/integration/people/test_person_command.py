"""``reparto person``: look, hand out, erase."""

import json
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.support.databases import on_sqlite
from tests.support.keyrings import SECRET_KEYS
from tests.support.marked_people import MarkedCommunity, mark

pytestmark = on_sqlite

WHO = ("c1", mark(0).code)


@pytest.fixture
def person(marked: MarkedCommunity, reparto, monkeypatch, tmp_path: Path):
    """Call the command on a marked community."""
    monkeypatch.setenv("REPARTO_DATABASE_URL", marked.billed.engine.url.render_as_string())
    monkeypatch.setenv("REPARTO_DATA_DIR", str(marked.data_dir))
    monkeypatch.setenv("REPARTO_SECRET_KEYS", SECRET_KEYS)
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str):
        return reparto("--language", "en", "person", *arguments)

    return call


def test_all_that_is_kept_is_written(person, tmp_path: Path):
    run = person("export", *WHO, "--output", str(tmp_path / "out" / "me.zip"))
    assert (run.code, run.err) == (0, f"wrote {tmp_path / 'out' / 'me.zip'}\n")
    with ZipFile(tmp_path / "out" / "me.zip") as archive:
        told = json.loads(archive.read("person.json"))["tables"]
        names = archive.namelist()
        held = b"".join(archive.read(name) for name in names if not name.endswith(".pdf"))
    (account,) = told["mandate_account"]
    assert (account["holder"], account["sealed_iban"]) == (mark(0).holder, mark(0).iban)
    assert told["payment"][0]["sealed_payer_iban"] == mark(0).iban
    assert [message["recipient"] for message in told["outbox_message"]] == [mark(0).email] * 2
    assert [name.rpartition(".")[2] for name in names] == ["json", "csv", "pdf", "xml"]
    theirs = {*mark(1).of_invoices, *mark(1).of_nothing_kept}
    assert {text for text in theirs if text.encode() in held} == set()


def test_one_looks_and_then_erases(person):
    looked = person("erase", *WHO)
    assert looked.code == 0
    assert f"say it again: --confirm {mark(0).code}" in looked.out
    assert looked.out == person("erase", *WHO).out
    refused = person("erase", *WHO, "--confirm", "x")
    assert (refused.code, "with the code of that very member" in refused.err) == (2, True)
    done = person("erase", *WHO, "--confirm", mark(0).code, "--json")
    erased = json.loads(done.out)
    assert (done.code, erased["counts"]["deleted"]["reading"]) == (0, 12)
    again = person("erase", "c1", erased["code"], "--confirm", "x")
    assert (again.code, again.out.split(":")[0]) == (0, f"erased; now {erased['code']}")


def test_what_stands_in_the_way_is_said(person):
    run = person("erase", "c1", mark(1).code)
    assert (run.code, run.out.count("not yet: ")) == (0, 2)
    document = json.loads(person("erase", "c1", mark(1).code, "--json").out)
    assert [each["code"] for each in document["hindrances"]] == ["conflict", "conflict"]
    refused = person("erase", "c1", mark(1).code, "--confirm", mark(1).code)
    assert (refused.code, "still shares" in refused.err) == (2, True)
