"""``reparto agreement``: a manager's way from coefficients to what the distributor applies."""

import gzip
import hashlib
from uuid import uuid4

import numpy as np
import orjson
import pytest
from sqlmodel import select

from loaders.distributor_file import format_constant_file
from loaders.distributor_file_check import validate_distributor_file
from models import tables
from models.session import read_session, write_session
from tests.support.agreements import NOW, shared
from tests.support.community_folders import make_cau
from tests.support.databases import on_sqlite
from tests.support.imports import rows_of
from tests.support.stored_proposals import store_proposal
from tests.support.stored_records import StoredCommunity

__all__ = ["shared"]

# No database can change what is said here.
pytestmark = on_sqlite

CAU = make_cau(1)
OWNER = "Ajuntament de la Peña"


@pytest.fixture
def agreement(reparto, database_url, monkeypatch, shared: StoredCommunity):
    """Run ``reparto agreement`` on the stored community, and give its JSON where it is asked."""
    monkeypatch.setenv("REPARTO_DATABASE_URL", database_url)
    monkeypatch.setattr("scripts.commands.agreement.now", lambda: NOW)
    monkeypatch.setattr("scripts.commands.agreement_filings.now", lambda: NOW)

    def run(command, *arguments, code=0, owner=OWNER):
        options = [] if command == "profiles" else ["--promoter", owner]
        done = reparto("agreement", command, *arguments, *options)
        assert done.code == code, done.err
        return orjson.loads(done.out) if "--json" in arguments and code == 0 else done

    return run


@pytest.fixture
def drafted(agreement, table):
    """Draft an agreement of a table and give its id."""
    arguments = ("--table", table, "--cau", CAU, "--file-year", 2026)
    return agreement("draft", *arguments, "--json")["id"]


@pytest.fixture
def table(shared, tmp_path):
    """Write a table of coefficients as a spreadsheet in Spain would."""
    path = tmp_path / "coeficientes.csv"
    rows = zip(shared.points, ("50 %", "30 %", "20 %"), strict=True)
    lines = [f"{point.cups};{share}" for point, share in rows]
    path.write_text("\n".join(["CUPS;Coeficiente", *lines]))
    return path


def days(described):
    return [
        (each["cups"], each["valid_from"], each["valid_until"]) for each in described["applied"]
    ]


def test_from_a_table_to_what_is_applied(agreement, drafted, shared, tmp_path):
    cups = [point.cups for point in shared.points]
    draft = agreement("show", drafted, "--json")
    assert draft["coefficients"] == dict(
        zip(cups, ("0.500000", "0.300000", "0.200000"), strict=True)
    )
    assert (draft["state"], draft["cau"], draft["file_year"]) == ("draft", CAU, 2026)
    refused = agreement("check", drafted, "--on", "2026-11-09", code=2)
    assert "error: not-published" in refused.out

    assert agreement("publish", drafted, "--json")["state"] == "published"
    checked = agreement("check", drafted, "--on", "2026-11-09", "--json")
    assert (checked["can_be_filed"], checked["first_day_on"]) == (True, "2026-12-01")
    assert {each["code"] for each in checked["findings"]} == {
        "modality-unknown",
        "connection-unknown",
        "place-unknown",
    }
    entered = agreement(
        "plant", CAU, "--modality", "sold-surplus", "--through-grid", "--place", 39.47, -0.38
    )
    assert entered.out == f"{CAU}: is_internal, modality, place entered\n"
    filed = agreement("file", drafted, "--on", "2026-11-09", "--json")
    assert filed["filing"]["state"] == "in-flight"
    assert [each["code"] for each in filed["findings"]] == ["place-unknown"]

    agreement("apply", drafted, "--from", "2026-12-01", "--cups", cups[0], "--cups", cups[1])
    some = agreement("show", drafted, "--json")
    assert days(some) == [(code, "2026-12-01", None) for code in cups[:2]]
    everybody = agreement(
        "answer", filed["filing"]["id"], "--on", "2026-11-20", "--applied", "--json"
    )
    assert days(everybody) == [(code, "2026-12-01", None) for code in cups]
    assert everybody["filings"][0]["state"] == "applied"

    moved = agreement(
        "correct", drafted, "--from", "2027-01-01", "--cups", cups[2], "--reason", "Late", "--json"
    )
    assert days(moved)[2] == (cups[2], "2027-01-01", None)
    ended = agreement(
        "end", drafted, "--until", "2027-06-01", "--cups", cups[0], "--reason", "Left", "--json"
    )
    assert days(ended)[0] == (cups[0], "2026-12-01", "2027-06-01")
    rest = agreement("remove", drafted, "--cups", cups[1], "--reason", "Never", "--json")
    assert [code for code, *_ in days(rest)] == [cups[0], cups[2]]
    shown = agreement("show", drafted).out
    assert "from 2026-12-01 up to 2027-06-01" in shown
    assert "2026-11-20" in shown


def test_files_in_hand(agreement, drafted, shared, tmp_path):
    told = agreement("write", drafted, "--output", tmp_path / "out", "--profile", "lf").out
    text = tmp_path / "out" / f"{CAU}_2026.txt"
    digest = hashlib.sha256(text.read_bytes()).hexdigest()
    assert told == f"{text} SHA-256 {digest}\n"
    assert b"\r" not in text.read_bytes()
    assert validate_distributor_file(text, members=[point.cups for point in shared.points]) == []

    unknown = agreement("document", drafted, "--output", tmp_path, code=2)
    assert unknown.err.startswith(f"error: the modality of {CAU} is not known")
    agreement("plant", CAU, "--modality", "compensated-surplus")
    agreement("document", drafted, "--output", tmp_path, "--language", "ca")
    paper = tmp_path / f"{CAU}_2026_ca.pdf"
    assert paper.read_bytes().startswith(b"%PDF-")
    agreement("document", drafted, "--output", tmp_path)
    assert (tmp_path / f"{CAU}_2026_es.pdf").is_file()
    kept = agreement("show", drafted, "--json")["files"]
    assert {(each["file_name"], each["variant"]) for each in kept} == {
        (text.name, "lf"),
        (text.name, "default"),
        (paper.name, "ca"),
        (f"{CAU}_2026_es.pdf", "es"),
    }
    assert digest in agreement("show", drafted).out


def test_a_proposal_is_drafted_with_constant_or_hourly_coefficients(agreement, engine, shared):
    by_hour = np.array([np.full(24, 600_000), np.full(24, 300_000), np.full(24, 100_000)])
    by_hour[:2, 12] += (-100_000, 100_000)
    with write_session(engine) as session:
        proposal = store_proposal(session, shared, by_hour=by_hour)
    draft = agreement("draft", "--proposal", proposal.id, "--file-year", 2026, "--hourly", "--json")
    assert draft["mode"] == "hourly"
    first = shared.points[0].cups
    assert draft["hourly"][first] == {
        "least": "0.500000",
        "mean": "0.595833",
        "greatest": "0.600000",
    }
    assert "greatest" in agreement("show", draft["id"]).out
    again = agreement("draft", "--proposal", proposal.id, "--file-year", 2026, code=2)
    assert "a hourly agreement of the proposal for the file of 2026 is draft" in again.err
    agreement("withdraw", draft["id"], "--reason", "Constant ones will do")
    other = agreement("draft", "--proposal", proposal.id, "--file-year", 2026, "--json")
    assert (other["mode"], other["hourly"]) == ("constant", {})


def test_agreements_are_listed_newest_first(agreement, table):
    assert agreement("list").out == "no agreements\n"
    assert agreement("list", "--json") == []
    arguments = ("--table", table, "--cau", CAU, "--json")
    ids = [agreement("draft", *arguments, "--file-year", year)["id"] for year in (2026, 2027)]
    agreement("reject", ids[0], "--reason", "Falta una firma")
    listed = agreement("list", "--json")
    assert {each["id"]: each["state"] for each in listed} == dict(
        zip(ids, ("rejected", "draft"), strict=True)
    )
    assert agreement("list", "--cau", CAU, "--json") == listed
    assert all(each["id"] in agreement("list").out for each in listed)
    assert "because: Falta una firma" in agreement("show", ids[0]).out
    assert agreement("list", "--cau", make_cau(5), code=2).err == (
        f"error: there is no such installation: {make_cau(5)}\n"
    )


def test_profiles_are_listed_with_their_source(agreement):
    listed = agreement("profiles", "--json")
    assert listed[0]["name"] == "default"
    assert {each["certainty"] for each in listed} == {"V", "D", "R"}
    shown = agreement("profiles").out
    assert all(each["name"] in shown for each in listed)


def test_a_refused_filing_is_noted(agreement, drafted):
    agreement("publish", drafted)
    told = agreement("file", drafted, "--on", "2026-11-09").out
    first, second, *_ = told.splitlines()
    assert second == "can be filed; it could hold from 2026-12-01"
    filing = first.removeprefix("FILING ")
    again = agreement("file", drafted, "--on", "2026-11-10", code=2)
    assert "a change filed on 2026-11-09 waits" in again.err
    agreement("answer", filing, "--on", "2026-11-12", code=2)
    refused = agreement(
        "answer", filing, "--on", "2026-11-12", "--refused", "Orden de los CUPS", "--json"
    )
    assert refused["filings"][0]["refused_because"] == "Orden de los CUPS"
    assert "Orden de los CUPS" in agreement("show", drafted).out


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["draft", "--file-year", 2026], 2, "give --proposal, or --table and --cau"),
        (["draft", "--file-year", 2026, "--table", "x"], 2, "give --proposal, or --table"),
        (["draft", "--file-year", 2026, "--table", "x", "--cau", CAU], 2, "x"),
        (["draft", "--file-year", 2026, "--proposal", uuid4()], 2, "no such proposal"),
        (["show", uuid4()], 2, "no such agreement"),
        (["show", "x"], 2, "x"),
        (["publish", uuid4()], 2, "no such agreement"),
        (["answer", uuid4(), "--on", "2026-11-12", "--applied"], 2, "no such filing"),
        (["apply", uuid4(), "--from", "yesterday"], 2, "is not a date"),
        (["correct", uuid4(), "--from", "2026-12-01", "--reason", "x"], 2, "no such agreement"),
        (["write", uuid4(), "--output", "x", "--profile", "x"], 2, "profile 'x' is none of"),
        (["document", uuid4(), "--output", "x", "--language", "en"], 2, "'en' is none of es, ca"),
        (["plant", CAU, "--place", "91", "0"], 2, "there is no place at latitude 91"),
    ],
)
def test_what_makes_no_sense_is_told(agreement, engine, arguments, code, words):
    before = rows_of(engine, tables.DistributionAgreement)
    assert words in agreement(*arguments, code=code).err
    assert rows_of(engine, tables.DistributionAgreement) == before


def test_a_faulty_table_is_told_whole(agreement, engine, table, shared):
    table.write_text(table.read_text().replace("50 %", "51 %"))
    told = agreement("draft", "--table", table, "--cau", CAU, "--file-year", 2026, code=3).err
    assert "coefficients sum to 1,010000, should be 1,000000" in told
    assert rows_of(engine, tables.DistributionAgreement) == []


def test_a_distributors_file_is_drafted_as_a_table_is(agreement, shared, tmp_path):
    cups = [point.cups for point in shared.points]
    content = format_constant_file(CAU, 2027, cups, [500_000, 300_000, 200_000])
    path = tmp_path / f"{CAU}_2027.txt.gz"
    path.write_bytes(gzip.compress(content))
    arguments = ("--table", path, "--cau", CAU, "--file-year")
    drafted = agreement("draft", *arguments, 2027, "--json")
    assert (drafted["file_year"], drafted["coefficients"][cups[1]]) == (2027, "0.300000")
    told = agreement("draft", *arguments, 2026, code=2).err
    assert "is the file of 2027, not of 2026" in told


def test_another_promoters_agreements_are_not_there(agreement, drafted, other_promoter, engine):
    assert agreement("list", owner=other_promoter.name).out == "no agreements\n"
    for command, *options in (
        ["show"],
        ["publish"],
        ["withdraw", "--reason", "x"],
        ["check"],
        ["file"],
        ["apply", "--from", "2026-12-01"],
        ["remove", "--reason", "x"],
    ):
        told = agreement(command, drafted, *options, owner=other_promoter.name, code=2).err
        assert told == "error: there is no such agreement\n"
    with read_session(engine) as session:
        (row,) = session.exec(select(tables.DistributionAgreement)).all()
    assert row.state is tables.AgreementState.DRAFT


def test_corrections_are_of_what_was_applied(agreement, drafted, shared):
    agreement("publish", drafted)
    first, second, _ = (point.cups for point in shared.points)
    agreement("apply", drafted, "--from", "2026-12-01", "--cups", first)
    never = agreement("remove", drafted, "--cups", second, "--reason", "x", code=2)
    assert never.err == f"error: there is no {second} here\n"
    everybody = agreement("correct", drafted, "--from", "2027-01-01", "--reason", "Late", "--json")
    assert days(everybody) == [(first, "2027-01-01", None)]
