"""``reparto agency``: what a person at a terminal sees."""

import json

import pytest

from tests.support.agency_sending import PASSWORD
from tests.support.command_line import reparto
from tests.support.databases import on_sqlite
from tests.support.tax_agency import Failure

__all__ = ["reparto"]
pytestmark = on_sqlite


@pytest.fixture
def agency_command(reparto, sender, agency, credentials, database_url, monkeypatch):
    for name, value in {
        "DATABASE_URL": database_url,
        "TAX_AGENCY_URL": agency.url,
        "TAX_AGENCY_CERTIFICATE": str(credentials / "ours.p12"),
        "TAX_AGENCY_CERTIFICATE_PASSWORD": PASSWORD,
        "TAX_AGENCY_SENDS": "true",
        "BILLING_INSTALLATION": "1",
        "BILLING_PRODUCER_NAME": "Cooperativa",
        "BILLING_PRODUCER_NIF": "F12345674",
    }.items():
        monkeypatch.setenv(f"REPARTO_{name}", value)
    return lambda *words: reparto("agency", *words, "--promoter", "Ajuntament de la Peña")


def test_records_are_sent_and_told_of(agency_command, agency):
    ran = agency_command("status")
    issuer = "F12345674 Comunitat de la Vall, SCCL"
    assert ran.out == f"{issuer}, waiting=3, accepted=0, accepted_with_errors=0, refused=0\n"
    ran = agency_command("send")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("F12345674, outcome=answered, records=3, counts: accepted=3, id=")
    assert agency.has_incident() == [True], "they are of 2023"
    ran = agency_command("send", "--tax-number", "F12345674", "--json")
    assert [each["outcome"] for each in json.loads(ran.out)] == ["nothing_waits"]
    (issuer,) = json.loads(agency_command("status", "--json").out)["issuers"]
    assert (issuer["accepted"], issuer["last"]["state"]) == (3, "answered")


def test_a_failure_ends_the_command(agency_command, agency):
    agency.failures = [Failure.CLIENT_FAULT]
    ran = agency_command("send")
    assert ran.code == 5
    assert "El NIF no está autorizado" in ran.err
    assert "outcome=failed" in ran.out
    assert "state=refused" in agency_command("status").out


def test_without_the_switch_it_is_said(agency_command, agency, monkeypatch, tmp_path):
    monkeypatch.setenv("REPARTO_TAX_AGENCY_SENDS", "false")
    ran = agency_command("send", "--json")
    (report,) = json.loads(ran.out)
    assert (report["outcome"], report["records"]) == ("stored", 3)
    assert agency_command("status").out.splitlines()[-1].startswith("sending is off: set REPARTO_")
    path = tmp_path / "message.xml"
    assert agency_command("message", report["id"], "--output", str(path)).code == 0
    assert b"RegFactuSistemaFacturacion" in path.read_bytes()
    agency_command("message", report["id"], "--output", str(path), "--answer")
    assert path.read_bytes() == b""
    assert agency.messages == []


def test_a_refused_record_is_mended(agency_command, agency):
    agency.refused = {"2023-000002"}
    agency_command("send")
    assert agency_command("faults").out == (
        "2023-000002, registration, refused: 1100 Error 1100 <ñ>\n"
        "2023-000003, registration, accepted_with_errors: 2000 Error 2000 <ñ>\n"
    )
    ran = agency_command("mend", "2023-000002", "--json")
    assert (ran.code, ran.err) == (0, "")
    records = json.loads(ran.out)["records"]
    assert [(each["attempt"], each["position"]) for each in records] == [(1, 2), (2, 4)]
    (left,) = json.loads(agency_command("faults", "--json").out)
    assert (left["number"], left["state"]) == ("2023-000003", "accepted_with_errors")
    ran = agency_command("mend", "2023-000001")
    assert ran.code == 2
    assert "the newest record of invoice 2023-000001 needs no mending" in ran.err
