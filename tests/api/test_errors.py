"""What callers and the log see of faults, expected and not."""

import importlib
import io
import json
import logging
import time
from contextlib import redirect_stderr

import pytest
import structlog
from alembic.migration import MigrationContext
from graphql import parse, validate
from structlog.testing import capture_logs

from api.graphql.errors import USER_ERRORS
from api.graphql.input_paths import name_inputs
from api.graphql.schema import build_schema
from api.logs import configure_logs
from api.settings import LogFormat
from models.values.errors import ErrorCode
from tests.support.api import CAU, PROPOSE, YEAR, bearer

SECRET = "ES0021000000000001RK0F"


def break_down(*_arguments, **_more):
    """Fail as nobody expects."""
    raise ZeroDivisionError(f"about {SECRET}")


def test_a_fault_of_a_resolver_is_masked_and_can_be_found_again(api, monkeypatch):
    monkeypatch.setattr("api.graphql.dataloaders.page_records", break_down)
    with capture_logs() as log:
        answer = api.client.request(
            "POST",
            "/graphql",
            json={"query": "{ all: communities { totalCount } }"},
            headers=bearer(api.own) | {"x-request-id": "caller-chosen-id"},
        )
    assert answer.status_code == 200
    assert answer.json()["data"] is None
    assert answer.json()["errors"] == [
        {
            "message": "something went wrong; the operator finds it as caller-chosen-id",
            "extensions": {"code": "UNEXPECTED", "correlationId": "caller-chosen-id"},
            "locations": [{"line": 1, "column": 3}],
            "path": ["all"],
        }
    ]
    assert [entry["field"] for entry in log if entry["event"] == "unexpected"] == ["communities"]


def test_a_fault_of_a_mutation_is_masked_and_rolled_back(api, monkeypatch):
    monkeypatch.setattr("api.services.proposals.request_proposal.request_job", break_down)
    error = api.error(PROPOSE, input={"cau": CAU, "year": YEAR})
    assert error["extensions"]["code"] == "UNEXPECTED"
    assert SECRET not in str(error)
    assert api.drain() == 0


def test_a_fault_of_a_download_is_masked(api, monkeypatch):
    monkeypatch.setattr("api.services.proposals.find_proposal.map_proposals", break_down)
    with capture_logs() as log:
        answer = api.get("/proposals/00000000-0000-0000-0000-000000000001/proposal.json")
    assert answer.status_code == 500
    assert SECRET not in answer.text
    (error,) = answer.json()["errors"]
    assert error["extensions"] == {"code": "UNEXPECTED"}
    assert answer.headers["x-request-id"] in error["message"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert {entry["event"] for entry in log} == {"unexpected", "request"}
    (fault,) = [entry for entry in log if entry["event"] == "unexpected"]
    assert fault["request_id"] == answer.headers["x-request-id"]


def test_null_where_a_default_stands_is_a_fault_of_the_request(api):
    query = """mutation ($communities: [ID!]) { inviteAccount(input: {
      email: "a@vila.example", name: "A", role: MEMBER, communityIds: $communities
    }) { account { id } } }"""
    body = {"query": query, "variables": {"communities": None}}
    answer = api.client.request("POST", "/graphql", json=body, headers=bearer(api.own)).json()
    (error,) = answer["errors"]
    assert error["extensions"] == {"code": "INVALID_ARGUMENT"}
    assert ".communityIds" in error["message"]


def test_invalid_codes_are_named_as_such(api):
    query = "query ($cau: Cau!) { installation(cau: $cau) { id } }"
    for answer in (
        api.error(query, cau="ES00"),
        api.error('{ installation(cau: "ES00") { id } }'),
    ):
        assert answer["extensions"] == {"code": "INVALID_IDENTIFIER"}
        assert "has 4 characters, not 26" in answer["message"]


PLAN = (
    "mutation {{ proposeCoefficients(input: {{cau: {cau}, year: 2023{more}}}) {{ job {{ id }} }} }}"
)


@pytest.mark.parametrize(
    ("document", "variables", "code", "named", "expected"),
    [
        (
            PROPOSE,
            {"input": {"cau": CAU, "year": YEAR, "floor": 1.5}},
            "INVALID_ARGUMENT",
            "Variable '$input' has invalid value at .floor: ",
            "Share 1.5 is not a number from 0 to 1",
        ),
        (
            PLAN.format(cau=f'"{CAU}"', more=", floor: 1.5"),
            {},
            "INVALID_ARGUMENT",
            "at proposeCoefficients.input.floor: ",
            "Share 1.5 is not a number from 0 to 1",
        ),
        (
            PLAN.format(cau='"nonsense"', more=""),
            {},
            "INVALID_IDENTIFIER",
            "at proposeCoefficients.input.cau: ",
            "has 8 characters, not 26",
        ),
        (
            PLAN.format(cau=f'"{CAU}"', more=", roof: 1"),
            {},
            "INVALID_ARGUMENT",
            "at proposeCoefficients.input.roof: ",
            "not to include unknown field 'roof'",
        ),
        (
            'fragment F on Query { some: communities(first: "a") { totalCount } } { ...F }',
            {},
            "INVALID_ARGUMENT",
            "at some.first: ",
            "Int cannot represent non-integer value",
        ),
        (
            '{ nodes(ids: ["a", 1.5]) { id } }',
            {},
            "INVALID_ARGUMENT",
            "at nodes.ids: ",
            "ID cannot represent",
        ),
        (
            'query ($n: Int = "a") { communities(first: $n) { totalCount } }',
            {},
            "INVALID_ARGUMENT",
            "at $n: ",
            "Int cannot represent non-integer value",
        ),
        (
            "{ communities { totalCount @include(if: 1) } }",
            {},
            "INVALID_ARGUMENT",
            "at communities.totalCount.if: ",
            "Boolean cannot represent",
        ),
        (
            "{ communities(first: []) { totalCount } }",
            {},
            "INVALID_ARGUMENT",
            "at communities.first: ",
            "Int cannot represent non-integer value: []",
        ),
        (
            "{ nodes(ids: [[1]]) { id } }",
            {},
            "INVALID_ARGUMENT",
            "at nodes.ids: ",
            "ID cannot represent a non-string and non-integer value: [1]",
        ),
        (
            "query ($a: ID! = {b: 1}) { node(id: $a) { id } }",
            {},
            "INVALID_ARGUMENT",
            "at $a: ",
            "ID cannot represent",
        ),
        (
            "{ __typename @skip(if: [true]) }",
            {},
            "INVALID_ARGUMENT",
            "at __typename.if: ",
            "Boolean cannot represent",
        ),
    ],
)
def test_values_that_make_no_sense_are_named_by_their_path(
    api, document, variables, code, named, expected
):
    error = api.error(document, **variables)
    assert error["extensions"] == {"code": code}
    assert error["message"].startswith(named)
    assert expected in error["message"]
    assert error["locations"]
    again = api.error(document, **variables)
    assert again["message"] == error["message"]


@pytest.mark.parametrize(
    "document",
    [
        "query ($n: Int) { communities(first: [$n]) { totalCount } }",
        "query ($n: Int) { communities(first: {a: $n}) { totalCount } }",
        """mutation ($n: String) { signIn(input: {email: ["a", $n], password: {b: [[$n]]}}) {
          __typename } }""",
    ],
)
def test_variables_where_no_list_belongs_are_refused(api, document):
    for token in (None, api.own):
        headers = {} if token is None else bearer(token)
        answer = api.client.request("POST", "/graphql", json={"query": document}, headers=headers)
        assert answer.status_code == 200
        codes = {error["extensions"]["code"] for error in answer.json()["errors"]}
        assert codes <= {"INVALID_ARGUMENT", "UNAUTHENTICATED"}


def test_inputs_are_named_by_their_place_in_the_text():
    schema = build_schema()
    text = '{ communities(first: "a") { totalCount } }'
    errors = validate(schema, parse(text))
    (named,) = name_inputs(parse(text), errors)
    assert named.message.startswith("at communities.first: Int cannot")


def test_a_request_is_stopped_when_it_takes_too_long(api, monkeypatch):
    monkeypatch.setattr("api.graphql.view.SECONDS_ALLOWED", 0.0)
    error = api.error("{ communities { totalCount } }")
    assert error["extensions"] == {"code": "TOO_LARGE"}
    assert "takes longer than 0 s" in error["message"]


def test_what_is_read_for_a_request_that_was_stopped_ends_too(api, monkeypatch):
    monkeypatch.setattr("api.graphql.view.SECONDS_ALLOWED", 0.3)
    endless = "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT 1 FROM n) SELECT count(*) FROM n"

    def read_on(session, **_arguments):
        session.connection().exec_driver_sql(endless)

    monkeypatch.setattr("api.graphql.dataloaders.page_records", read_on)
    error = api.error("{ communities { totalCount } }")
    assert error["extensions"] == {"code": "TOO_LARGE"}
    ends_at = time.monotonic() + 5.0
    while api.engine.pool.checkedout() and time.monotonic() < ends_at:
        time.sleep(0.05)
    assert api.engine.pool.checkedout() == 0


CREATE = """mutation { createCommunity(input: {code: "new", name: "New", zone: PENINSULA}) {
  community { code } userErrors { message } } }"""


def late(monkeypatch, name: str, *, waits_first: bool) -> None:
    """Let a use case take longer than a request may, before or after what it does."""
    monkeypatch.setattr("api.graphql.view.SECONDS_ALLOWED", 0.3)
    module, _, function = name.rpartition(".")
    usual = getattr(importlib.import_module(module), function)

    def slow(*arguments, **more):
        time.sleep(0.6 if waits_first else 0)
        done = usual(*arguments, **more)
        time.sleep(0 if waits_first else 0.6)
        return done

    monkeypatch.setattr(name, slow)


def test_what_is_being_written_is_waited_for_and_told(api, monkeypatch):
    late(monkeypatch, "api.graphql.create_communities.create_community", waits_first=True)
    answer = api.ask(CREATE)["createCommunity"]
    assert answer == {"community": {"code": "new"}, "userErrors": []}


def test_an_answer_that_is_late_after_a_write_says_that_it_is_stored(api, monkeypatch):
    late(monkeypatch, "api.graphql.dataloaders.map_shared_months", waits_first=True)
    query = CREATE.replace("{ code }", "{ sharedMonths(year: 2023) { totalCount } }")
    assert api.error(query)["message"] == (
        "the answer takes longer than 0.3 s: it is stored: read it anew"
    )
    monkeypatch.undo()
    assert api.ask("{ communities { totalCount } }") == {"communities": {"totalCount": 2}}


def test_requests_are_logged_without_what_they_carry(api):
    with capture_logs() as log:
        api.client.request("GET", f"/proposals/{SECRET}/x?token={api.own}", headers=bearer(api.own))
        api.ask("query ($id: ID!) { node(id: $id) { id } }", id=SECRET)
    assert [entry["event"] for entry in log] == ["request", "request"]
    assert log[1]["route"] == "/graphql"
    assert log[1].keys() == {"event", "log_level", "method", "route", "status", "milliseconds"}
    assert SECRET not in str(log)
    assert api.own not in str(log)


def write_fault(log_format) -> str:
    """Log a fault among variables that nobody should read, and give the lines."""
    stream = io.StringIO()
    with redirect_stderr(stream):
        configure_logs(log_format)
        secret = SECRET
        try:
            len(secret) / 0
        except ZeroDivisionError as error:
            structlog.get_logger("test").error("unexpected", exc_info=error)
        logging.getLogger("uvicorn.error").warning("from a library")
        logging.getLogger("uvicorn.access").warning("GET /?token=%s", SECRET)
    return stream.getvalue()


def test_the_log_for_machines_is_json_without_variables():
    text = write_fault(LogFormat.JSON)
    fault, library = (json.loads(line) for line in text.splitlines())
    assert (fault["event"], fault["level"]) == ("unexpected", "error")
    assert fault["exception"][0]["exc_type"] == "ZeroDivisionError"
    assert library["event"] == "from a library"
    assert SECRET not in text


def test_the_log_for_people_has_no_variables_either():
    text = write_fault(LogFormat.CONSOLE)
    assert "ZeroDivisionError" in text
    assert SECRET not in text


def test_the_log_does_not_tell_how_migrations_look_at_the_database(engine):
    stream = io.StringIO()
    with redirect_stderr(stream):
        configure_logs(LogFormat.JSON)
        with engine.connect() as connection:
            MigrationContext.configure(connection)
        logging.getLogger("alembic.runtime.migration").warning("worth knowing")
    (line,) = stream.getvalue().splitlines()
    assert json.loads(line)["event"] == "worth knowing"


def test_every_code_has_a_user_error_or_never_reaches_one():
    refused_earlier = {
        ErrorCode.RATE_LIMITED,
        ErrorCode.PERSISTED_QUERY_NOT_FOUND,
        ErrorCode.PERSISTED_QUERY_NOT_SUPPORTED,
    }
    assert set(ErrorCode) - USER_ERRORS.keys() == refused_earlier
