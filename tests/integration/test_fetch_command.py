"""``reparto fetch``, against services that a test plays."""

import json
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
import structlog

from api.clock import now
from api.jobs.work import Worker
from models.session import write_session
from models.tables import JobRun, JobState
from models.values.calendar import LAW_CLOCK, local_day
from models.values.errors import ErrorCode
from tests.support.community_folders import make_cau
from tests.support.databases import on_sqlite
from tests.support.datadis import API, CURVE, SUPPLIES, let_log_in, make_token
from tests.support.price_texts import marginalpdbc, pvpc_archive
from tests.support.remote_services import RemoteService, Reply, run_remote_service

# No database can change what is said here.
pytestmark = on_sqlite

CUPS = SUPPLIES[0]["cups"]
DATADIS = ("fetch", "datadis", "mayor", "--from", "2026-03", "--to", "2026-03")
OMIE = "/es/file-download"


@pytest.fixture
def remote(reparto, database_url, monkeypatch, tmp_path) -> Iterator[RemoteService]:
    """Begin a community of one supply point, beside a service that plays all others."""
    monkeypatch.chdir(tmp_path)
    people = f"Nombre;Rol;CUPS;Tarifa;Potencia\nAna;socia;{CUPS};2.0TD;4,6\n"
    (tmp_path / "vecinos.csv").write_text(people)
    with run_remote_service() as service:
        settings = {
            "DATABASE_URL": database_url,
            "DATADIS_URL": service.url,
            "ESIOS_URL": service.url,
            "OMIE_URL": service.url,
            "DATADIS_USERNAME": "00000000T",
            "DATADIS_PASSWORD": "secret",
        }
        for name, value in settings.items():
            monkeypatch.setenv(f"REPARTO_{name}", value)
        plant = ("--cau", make_cau(5), "--kw", 10)
        reparto("community", "create", "mayor", "--name", "Calle Mayor", *plant)
        assert reparto("import", "vecinos.csv", "--community", "mayor").code == 0
        yield service
    structlog.reset_defaults()


def play_datadis(remote: RemoteService) -> None:
    expires_at = int((now() + timedelta(hours=1)).timestamp())
    let_log_in(remote, make_token("first", exp=expires_at))
    supplies = json.dumps({"supplies": SUPPLIES, "distributorError": []}).encode()
    curve = json.dumps({"timeCurve": CURVE, "distributorError": []}).encode()
    remote.answer(f"{API}get-supplies-v2", Reply(supplies))
    remote.answer(f"{API}get-consumption-data-v2", Reply(curve))


def test_readings_come_from_datadis_once_a_day(reparto, remote):
    play_datadis(remote)
    ran = reparto(*DATADIS)
    assert (ran.code, ran.out) == (0, f"{CUPS}: stored, 4 values\n")
    again = json.loads(reparto(*DATADIS, "--json").out)
    assert (again["stored_count"], again["asked_before_count"]) == (0, 1)
    assert f"{CUPS}: asked before, Datadis answered" in reparto(*DATADIS).out
    assert "1 real, 742 missing" in reparto("versions", CUPS, "--year", 2026).out


def test_a_fetch_without_an_account_says_what_to_set(reparto, remote, monkeypatch):
    monkeypatch.delenv("REPARTO_DATADIS_PASSWORD")
    ran = reparto(*DATADIS)
    assert (ran.code, "REPARTO_DATADIS_PASSWORD" in ran.err) == (2, True)


@pytest.mark.parametrize("month", ["2026", "2026-13"])
def test_months_are_checked(reparto, remote, month):
    ran = reparto("fetch", "datadis", "mayor", "--from", month, "--to", "2026-03")
    assert (ran.code, "is not a month such as 2026-11" in ran.err) == (2, True)


def test_prices_come_from_esios(reparto, remote):
    today = local_day(now(), LAW_CLOCK)
    hours = [(f"{hour:02d}-{hour + 1:02d}", "100,00", "100,00") for hour in range(24)]
    remote.answer(
        f"/archives/70/download_json?locale=es&date={today}",
        Reply(pvpc_archive(f"{today:%d/%m/%Y}", hours)),
    )
    remote.answer("/archives/70/download_json", Reply(b'{"message": "no values"}'))
    ran = reparto("fetch", "esios", "mayor")
    tomorrow = today + timedelta(days=1)
    assert (ran.code, ran.out) == (
        0,
        f"pvpc {today}: 24 prices\npvpc {tomorrow}: not published yet\n",
    )
    days = json.loads(reparto("fetch", "esios", "mayor", "--json").out)["days"]
    assert [day["unchanged"] for day in days] == [True, True]


def test_market_days_come_from_omie(reparto, remote):
    body = marginalpdbc("2026-03-29", [("1.00", "2.00")] * 92)
    name = "marginalpdbc_20260329.1"
    remote.answer(f"{OMIE}?parents=marginalpdbc&filename={name}", Reply(body))
    ran = reparto("fetch", "omie", "mayor", "--from", "2026-03-29", "--to", "2026-03-30", "--json")
    told = json.loads(ran.out)
    assert (told["accepted_count"], told["unpublished_on"]) == (92, ["2026-03-30"])
    ran = reparto("fetch", "omie", "mayor", "--from", "2026-03-29", "--to", "2026-03-30")
    assert f"{name} (stored before)" in ran.out
    assert ran.out.endswith("2026-03-30: not published\n")


@pytest.mark.parametrize(
    ("first", "last"), [("2026-03-30", "2026-03-29"), ("2020-01-01", "2026-01-01")]
)
def test_days_are_checked(reparto, remote, first, last):
    ran = reparto("fetch", "omie", "mayor", "--from", first, "--to", last)
    assert (ran.code, "ask for 1 to 400" in ran.err) == (2, True)


def test_a_job_in_other_hands_is_told(reparto, remote, monkeypatch):
    monkeypatch.setattr("scripts.commands.fetch.Worker.take_job", lambda *_: False)
    ran = reparto("fetch", "esios", "mayor")
    assert (ran.code, "another worker fetches it" in ran.err) == (5, True)


def test_a_service_that_cannot_be_reached_has_a_code_of_its_own(reparto, remote, monkeypatch):
    monkeypatch.setattr("scripts.commands.fetch.Worker.take_job", _lose_the_service)
    ran = reparto("fetch", "esios", "mayor")
    assert (ran.code, ran.err) == (5, "error: e·sios cannot be reached: gone; ask again later\n")


def _lose_the_service(worker: Worker, job_id: UUID) -> None:
    with write_session(worker.engine) as session:
        job = session.get_one(JobRun, job_id)
        job.state, job.finished_at = JobState.FAILED, now()
        job.error_code = ErrorCode.UNAVAILABLE.value
        job.error_message = "e·sios cannot be reached: gone; ask again later"
