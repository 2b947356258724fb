"""Spans of requests, operations, statements and jobs: what they tell, and what they never tell."""

import json
import sys
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from api.app import create_app
from api.jobs import work
from api.jobs.registry import build_registry
from api.settings import LogFormat, Settings
from api.telemetry import MissingTelemetryError, SpanKind, start_telemetry
from tests.support.api import CAU, PROPOSE, YEAR, bearer, connect
from tests.support.databases import on_sqlite
from tests.support.logs import written_log
from tests.support.sockets import connected
from tests.support.span_collectors import run_collector

# No database can change what is said here.
pytestmark = on_sqlite

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
SERVER, INTERNAL, CLIENT, CONSUMER = 2, 1, 3, 5
FAILED = 2
SEARCH = """query Secret($text: String) {
  communities(filter: {search: $text}) { totalCount edges { node { name } } }
  installation(cau: "%s") { cau }
  ...More
}
fragment More on Query { viewer { name } }
"""


@pytest.fixture
def collector():
    with run_collector() as collector:
        yield collector


@pytest.fixture
def settings(api, collector) -> Settings:
    return api.settings.model_copy(update={"telemetry_url": collector.url})


def read_lines(log):
    return [json.loads(line) for line in log.getvalue().splitlines()]


def ask(client, api, query, *, more=None, **variables):
    content = {"query": query, "variables": variables}
    headers = bearer(api.own) | (more or {})
    return client.request("POST", "/graphql", json=content, headers=headers)


def test_a_request_is_told_down_to_its_statements(api, settings, collector):
    parent = {"traceparent": f"00-{TRACE}-{PARENT}-01"}
    with written_log(LogFormat.JSON) as log, connect(create_app(settings)) as client:
        answer = ask(client, api, SEARCH % CAU, more=parent, text="Carrer Major 7")
        assert answer.json()["data"]["installation"] == {"cau": CAU}

    request = collector.find("POST /graphql")
    assert (request.trace_id, request.parent_id, request.kind) == (TRACE, PARENT, SERVER)
    assert request.facts == {
        "http.request.method": "POST",
        "http.route": "/graphql",
        "http.response.status_code": 200,
    }
    operation = collector.find("query ")
    assert operation.name == "query communities installation ..."
    assert (operation.parent_id, operation.kind) == (request.span_id, INTERNAL)
    assert operation.facts == {
        "graphql.operation.type": "query",
        "graphql.root_fields": "communities installation ...",
    }
    statements = [span for span in collector.spans if span.kind == CLIENT]
    read = [span for span in statements if span.parent_id == operation.span_id]
    assert any(
        span.name == "SELECT" and "FROM community" in span.facts["db.query.text"] for span in read
    )
    assert {span.facts["db.system.name"] for span in statements} == {"sqlite"}
    assert {span.trace_id for span in collector.spans} == {TRACE}
    assert {span.status for span in collector.spans} == {0}
    [line] = [line for line in read_lines(log) if line["event"] == "request"]
    assert line["trace_id"] == TRACE

    told = b"".join(collector.bodies)
    for private in ("Carrer Major", CAU, api.own, "Secret", "search", "Ajuntament"):
        assert private.encode() not in told


def test_what_goes_wrong_is_told_without_its_words(api, settings, collector, monkeypatch):
    def fail(*_, **__):
        raise ValueError("NIF 12345678Z")

    monkeypatch.setattr("api.graphql.viewer.read_viewer", fail)
    monkeypatch.setattr("api.http.health.is_current", fail)
    with written_log(LogFormat.JSON), connect(create_app(settings)) as client:
        assert ask(client, api, "{ viewer { name } }").json()["errors"]
        assert client.request("GET", "/readyz").status_code == 500
        assert client.request("GET", "/secret/12345678Z").status_code == 401
        assert client.request("BREW", "/graphql", headers=bearer(api.own)).status_code == 405
    operation, ready = collector.find("query viewer"), collector.find("GET /readyz")
    assert (operation.status, operation.facts["error.type"]) == (FAILED, "errors")
    assert (ready.status, ready.facts["error.type"]) == (FAILED, "ValueError")
    assert collector.find("GET unknown").status == 0
    assert collector.find("other ")
    assert b"12345678Z" not in b"".join(collector.bodies)


def test_a_connection_that_stays_is_no_span(api, settings, collector):
    app = create_app(settings)
    with connect(app) as client, connected(replace(api, app=app, client=client), api.own):
        pass
    assert [span for span in collector.spans if span.kind == SERVER] == []


@pytest.fixture
def worker(api, settings):
    telemetry = start_telemetry(settings)
    telemetry.watch(api.engine)
    yield work.Worker(settings, api.engine, build_registry(settings), telemetry=telemetry)
    telemetry.close()


def test_a_job_is_a_part_of_what_asked_for_it(api, settings, collector, worker):
    more = {"traceparent": f"00-{TRACE}-{PARENT}-01", "x-request-id": "our-proxy-17"}
    with connect(create_app(settings)) as client:
        asked = ask(client, api, PROPOSE, more=more, input={"cau": CAU, "year": YEAR})
        assert asked.json()["data"]["proposeCoefficients"]["userErrors"] == []
    with written_log(LogFormat.JSON) as log:
        assert worker.take_job()
    worker.telemetry.close()
    job, operation = collector.find("job "), collector.find("mutation ")
    assert (job.trace_id, job.parent_id) == (TRACE, operation.span_id)
    told = {(line["request_id"], line["trace_id"]) for line in read_lines(log) if "job" in line}
    assert told == {("our-proxy-17", TRACE)}


def test_a_job_that_nobody_traces_from_is_a_trace_of_its_own(api, settings, collector, worker):
    api.ask(PROPOSE, input={"cau": CAU, "year": YEAR})
    with written_log(LogFormat.JSON) as log:
        assert worker.take_job()
    worker.telemetry.close()
    job = collector.find("job ")
    assert (job.name, job.kind, job.parent_id) == ("job propose_coefficients", CONSUMER, "")
    assert sorted(job.facts) == ["job.attempt", "job.id"]
    assert {span.parent_id for span in collector.spans if span.kind == CLIENT} == {job.span_id}
    [line] = [line for line in read_lines(log) if line["event"] == "job finished"]
    assert line["trace_id"] == job.trace_id


def test_a_statement_that_fails_is_told_by_its_class(settings, collector, api):
    telemetry = start_telemetry(settings)
    telemetry.watch(api.engine)
    with api.engine.connect() as connection, telemetry.span("test", SpanKind.JOB):
        with pytest.raises(OperationalError):
            connection.execute(text("SELECT :who FROM nowhere"), {"who": "12345678Z"})
        connection.execute(text("SELECT 1"))
    telemetry.close()
    failed, fine = (span for span in collector.spans if span.name == "SELECT")
    assert (failed.status, failed.facts["error.type"]) == (FAILED, "OperationalError")
    assert (fine.status, fine.facts["db.query.text"]) == (0, "SELECT 1")
    assert b"12345678Z" not in b"".join(collector.bodies)


def test_nothing_is_loaded_where_no_collector_is_set(api):
    # That no module needs it is a contract of import-linter.
    assert start_telemetry(api.settings) is None


def test_what_is_missing_is_said(settings, monkeypatch):
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    monkeypatch.delitem(sys.modules, "api.traces", raising=False)
    with pytest.raises(MissingTelemetryError, match=r"pip install reparto\[telemetry\]"):
        start_telemetry(settings)


def test_another_fault_is_not_taken_for_it(settings, monkeypatch):
    monkeypatch.setattr("api.telemetry._MODULE", "api.nowhere")
    with pytest.raises(ModuleNotFoundError, match=r"api\.nowhere"):
        start_telemetry(settings)
