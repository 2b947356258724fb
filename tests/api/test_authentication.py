"""Whose token opens what: strangers, malformed headers, health, and tokens that end."""

from datetime import timedelta
from uuid import UUID

import pytest

from tests.support.api import CAU, NOW, add_token, bearer
from tests.support.databases import on_sqlite

# No database can change what is said here.
pytestmark = on_sqlite

NOTHING = UUID(int=1)
STRANGERS = ["rp_guessed", "expired", "revoked"]
PATHS = [
    ("POST", "/graphql"),
    ("POST", "/uploads"),
    ("GET", f"/proposals/{NOTHING}/report.xlsx"),
    ("GET", f"/proposals/{NOTHING}/distributor.txt"),
    ("GET", f"/proposals/{NOTHING}/hourly.txt"),
    ("GET", f"/proposals/{NOTHING}/members.csv"),
    ("GET", f"/proposals/{NOTHING}/proposal.json"),
    ("GET", f"/agreements/{NOTHING}/distributor.txt"),
    ("GET", f"/files/{NOTHING}"),
    ("GET", f"/vacancy-fillings/{NOTHING}/admission.json"),
    ("GET", f"/vacancy-fillings/{NOTHING}/distributor.txt"),
    ("GET", f"/capacity-sharings/{NOTHING}/distributor.txt"),
    ("GET", f"/member-assignments/{NOTHING}/proposal.json"),
    ("GET", f"/member-assignments/{NOTHING}/{CAU}/distributor.txt"),
    ("GET", "/graphql"),
    ("GET", "/nowhere"),
]


@pytest.mark.parametrize("stranger", STRANGERS)
@pytest.mark.parametrize(("method", "path"), PATHS)
def test_strangers_are_challenged_everywhere(api, stranger, method, path):
    token = {"expired": api.expired, "revoked": api.revoked}.get(stranger, stranger)
    answer = api.client.request(method, path, headers=bearer(token), content=b"{}")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="reparto"'
    assert answer.json()["errors"][0]["extensions"] == {"code": "UNAUTHENTICATED"}


@pytest.mark.parametrize(("method", "path"), [one for one in PATHS if one[1] != "/graphql"])
def test_only_the_api_itself_talks_to_those_who_say_nothing(api, method, path):
    answer = api.client.request(method, path, content=b"{}")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="reparto"'


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic {}", "{}", "Bearer {}x", "Bearer " + "x" * 9_000]
)
def test_malformed_headers_are_challenged(api, header):
    headers = {"authorization": header.format(api.own)}
    assert api.client.request("POST", "/graphql", headers=headers).status_code == 401


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_is_read_in_any_case(api, scheme):
    answer = api.client.request(
        "POST",
        "/graphql",
        json={"query": "{ __typename }"},
        headers={"authorization": f"{scheme} {api.own}"},
    )
    assert answer.json() == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_needs_no_token(api, path):
    assert api.client.request("GET", path).status_code == 200


def test_a_token_ends_at_its_instant(api):
    lasting = add_token(api.engine, "Ajuntament de la Peña", expires_at=NOW + timedelta(days=9999))
    assert api.ask("{ __typename }", token=lasting.text) == {"__typename": "Query"}
