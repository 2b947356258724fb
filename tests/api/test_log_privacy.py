"""Nothing of what callers send is logged: a NIF, an IBAN, a name, a token, wherever it stands."""

import json

import pytest
import structlog

from api.settings import LogFormat
from tests.support.api import bearer
from tests.support.databases import on_sqlite
from tests.support.logs import written_log

pytestmark = on_sqlite

NIF, IBAN = "12345678Z", "ES9121000418450200051332"
NAME, CUPS = "Xacobe", "ES0021000000000001RK0F"
SECRETS = (NIF, IBAN, NAME, CUPS)
RAW = " ".join(SECRETS)
WORD = "_".join((NAME, NIF, IBAN, CUPS))
"""The same where only a word may stand."""

DOCUMENTS = {
    "query": f'{{ installation(cau: "{RAW}") {{ id }} }}',
    "alias": f"{{ {WORD}: communities {{ totalCount }} }}",
    "field": f"{{ {WORD} }}",
    "comment": f"# {RAW}\n{{ __typename }}",
    "operation": f"query {WORD} {{ __typename }}",
    "fragment": f"{{ ...{WORD} }} fragment {WORD} on Query {{ __typename }}",
    "directive": f"{{ __typename @{WORD} }}",
    "syntax": f'{{ "{RAW}" }}',
    "node": f'{{ node(id: "{RAW}") {{ id }} }}',
}


def send_everywhere(api):
    """Put personal data into every place of a request that there is."""
    call, own = api.client.request, bearer(api.own)
    for query in DOCUMENTS.values():
        call("POST", "/graphql", json={"query": query}, headers=own)
    named = "query ($x: ID!, $y: String) { node(id: $x) { id } }"
    for body in (
        {"query": named, "variables": {"x": RAW, "y": RAW, WORD: RAW}},
        {"query": named, "variables": {"x": {"deep": [RAW]}}},
        {"query": "{ __typename }", "operationName": WORD},
        {"query": "{ __typename }", "extensions": {WORD: RAW}},
        {"query": 1, WORD: RAW},
    ):
        call("POST", "/graphql", json=body, headers=own)
    call("POST", "/graphql", content=RAW.encode(), headers=own)
    for path in (f"/{WORD}", f"/proposals/{WORD}/proposal.json", f"/files/{WORD}?a={WORD}"):
        call("GET", f"{path}?token={api.own}&name={WORD}", headers=own)
    call("GET", "/graphql", params={"query": DOCUMENTS["query"]}, headers=own)
    call("POST", f"/uploads?fileName={WORD}.csv", content=RAW.encode(), headers=own)
    zipped = own | {"content-type": "application/zip"}
    call("POST", f"/uploads?fileName={WORD}.csv", content=RAW.encode(), headers=zipped)
    call(WORD, "/graphql", headers=own)
    places = (
        "user-agent",
        "referer",
        "cookie",
        "x-request-id",
        "accept",
        "accept-language",
        "x-own",
    )
    for place in (*places, "origin", "host", "content-type", "x-forwarded-for"):
        call("POST", "/graphql", json={"query": "{ __typename }"}, headers=own | {place: RAW})
    for shown in (f"Bearer {RAW}", f"Basic {RAW}", WORD):
        call("GET", "/files/x", headers={"authorization": shown})


@pytest.mark.parametrize("log_format", LogFormat)
def test_no_personal_data_and_no_token_is_logged(api, log_format):
    with written_log(log_format) as log:
        send_everywhere(api)
    text = log.getvalue()
    assert text.count("request") > 30
    assert [secret for secret in (*SECRETS, api.own) if secret in text] == []


def break_down(*_arguments, **_more):
    """Fail as nobody expects, with what was sent in the message."""
    raise ZeroDivisionError(RAW)


def test_a_fault_is_logged_by_its_field_whatever_the_caller_calls_it(api, monkeypatch):
    monkeypatch.setattr("api.graphql.dataloaders.page_records", break_down)
    with written_log(LogFormat.JSON) as log:
        api.post(DOCUMENTS["alias"])
    fault = next(json.loads(line) for line in log.getvalue().splitlines() if "unexpected" in line)
    assert fault["field"] == "communities"
    assert [word for word in SECRETS if word in str(fault | {"exception": ""})] == []
    assert structlog.is_configured()
