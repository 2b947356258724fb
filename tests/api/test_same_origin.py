"""What a browser sends with its cookie must come from our own page."""

import pytest

from models.values.access import Role
from tests.support.accounts_of_roles import call_as
from tests.support.databases import on_sqlite

# No database can change what is said here.
pytestmark = on_sqlite

HOST = "reparto.test"
MARK = "x-reparto-request"
VIEWER = {"query": "{ viewer { role } }"}


@pytest.mark.parametrize(
    ("headers", "is_own"),
    [
        ({MARK: "1"}, True),
        ({}, False),
        ({MARK: ""}, False),
        ({MARK: "1", "origin": f"https://{HOST}"}, True),
        ({MARK: "1", "origin": f"https://{HOST}", "sec-fetch-site": "same-origin"}, True),
        ({"origin": f"https://{HOST}", "sec-fetch-site": "same-origin"}, False),
        ({MARK: "1", "origin": "https://evil.example"}, False),
        ({MARK: "1", "origin": f"https://{HOST}.evil.example"}, False),
        ({MARK: "1", "origin": f"https://{HOST}:8443"}, False),
        ({MARK: "1", "origin": "null"}, False),
        ({MARK: "1", "origin": ""}, False),
        ({MARK: "1", "origin": "http://["}, False),
        ({MARK: "1", "sec-fetch-site": "cross-site"}, False),
        ({MARK: "1", "sec-fetch-site": "same-site"}, False),
        ({MARK: "1", "sec-fetch-site": "none"}, False),
    ],
)
def test_a_session_changes_things_for_our_own_page_only(api, headers, is_own):
    cookie = {"cookie": call_as(api, Role.PROMOTER_ADMIN).headers["cookie"]}
    for path in ("/graphql", "/uploads"):
        answer = api.client.request("POST", path, json=VIEWER, headers=cookie | headers)
        assert answer.is_success is is_own
        if not is_own:
            assert answer.status_code == 403
            assert answer.json()["errors"][0]["extensions"] == {"code": "FORBIDDEN"}


def test_reading_needs_no_mark(api):
    cookie = {"cookie": call_as(api, Role.PROMOTER_ADMIN).headers["cookie"]}
    foreign = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    answer = api.client.request("GET", "/files/x", headers=cookie | foreign)
    assert answer.status_code == 404


def test_tokens_and_the_public_need_no_mark(api):
    foreign = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    for role, told in ((Role.INTEGRATOR, {"role": "INTEGRATOR"}), (Role.PUBLIC, None)):
        answer = call_as(api, role).post(VIEWER["query"], more=foreign)
        assert answer.json() == {"data": {"viewer": told}}
