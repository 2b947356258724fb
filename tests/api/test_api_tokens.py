"""Tokens through the API: made by those who administer, never beyond what they may, taken back."""

from datetime import timedelta

import pytest
from sqlmodel import select

from api.clock import now
from models.session import read_session, write_session
from models.tables import ApiToken
from models.values.access import Capability, Role
from tests.support.accounts_of_roles import call_as
from tests.support.api import add_token
from tests.support.databases import on_sqlite

# No database can change what is said here.
pytestmark = on_sqlite

OWNER = "Ajuntament de la Peña"
CREATE = """mutation ($input: CreateApiTokenInput!) { createApiToken(input: $input) {
  token { id name prefix expiresAt revokedAt lastUsedAt scopes { edges { node } } } secret
  userErrors { code message path }
} }"""
REVOKE = """mutation ($input: RevokeApiTokenInput!) { revokeApiToken(input: $input) {
  token { revokedAt } userErrors { code path }
} }"""
LIST = "{ apiTokens { totalCount edges { node { id name prefix revokedAt lastUsedAt } } } }"


def create(caller, **wish):
    wish = {"name": "inverter", "scopes": ["READ", "PLAN"]} | wish
    return caller.ask(CREATE, input=wish)["createApiToken"]


def test_a_token_is_made_used_and_taken_back(api):
    admin = call_as(api, Role.PROMOTER_ADMIN)
    made = create(admin)
    assert made["userErrors"] == []
    token, secret = made["token"], made["secret"]
    assert secret.startswith(token["prefix"])
    assert [edge["node"] for edge in token["scopes"]["edges"]] == ["PLAN", "READ"]
    assert token["lastUsedAt"] is None
    assert api.ask("{ communities { totalCount } }", token=secret)
    error = api.error("{ invoices { totalCount } }", token=secret)
    assert error["extensions"] == {"code": "FORBIDDEN"}

    listed = admin.ask(LIST)["apiTokens"]
    newest = listed["edges"][0]["node"]
    assert (newest["id"], newest["name"]) == (token["id"], "inverter")
    assert newest["lastUsedAt"] is not None
    assert listed["totalCount"] == len(listed["edges"]) == 4
    assert secret not in str(listed)

    done = admin.ask(REVOKE, input={"tokenId": token["id"]})["revokeApiToken"]
    assert done["userErrors"] == []
    again = admin.ask(REVOKE, input={"tokenId": token["id"]})["revokeApiToken"]
    assert again["token"] == done["token"] != {"revokedAt": None}
    assert api.post("{ __typename }", token=secret).status_code == 401


@pytest.mark.parametrize(
    ("wish", "path"),
    [
        ({"name": " "}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["OPERATE"]}, "scopes"),
        ({"scopes": ["READ", "ACCOUNT"]}, "scopes"),
        ({"expiresAt": "2024-03-01T10:00:00+01:00"}, "expiresAt"),
    ],
)
def test_what_no_token_can_be_is_told(api, wish, path):
    made = create(call_as(api, Role.PROMOTER_ADMIN), **wish)
    assert (made["token"], made["secret"]) == (None, None)
    [error] = made["userErrors"]
    assert (error["code"], error["path"]) == ("INVALID_ARGUMENT", ["input", path])


def test_a_token_gives_no_more_than_it_has(api):
    narrow = add_token(api.engine, OWNER, scopes=[Capability.ADMINISTER, Capability.READ])
    made = api.ask(CREATE, token=narrow.text, input={"name": "x", "scopes": ["READ", "BILL"]})
    [error] = made["createApiToken"]["userErrors"]
    assert error["message"] == "no token may do bill: choose of administer, read"
    made = api.ask(CREATE, token=narrow.text, input={"name": "x", "scopes": ["READ"]})
    assert made["createApiToken"]["userErrors"] == []


def test_a_token_ends_when_it_was_said_to(api):
    expires_at = (now() + timedelta(days=1)).replace(microsecond=0)
    made = create(call_as(api, Role.PROMOTER_ADMIN), expiresAt=expires_at.isoformat())
    assert made["token"]["expiresAt"].startswith(f"{expires_at:%Y-%m-%dT%H:%M:%S}")
    assert api.ask("{ __typename }", token=made["secret"])
    with write_session(api.engine) as session:
        row = session.exec(select(ApiToken).where(ApiToken.name == "inverter")).one()
        row.expires_at = now()
    assert api.post("{ __typename }", token=made["secret"]).status_code == 401


def test_only_a_token_that_is_there_is_taken_back(api):
    admin = call_as(api, Role.PROMOTER_ADMIN)
    [foreign] = [
        edge["node"]["id"] for edge in api.ask(LIST, token=api.other)["apiTokens"]["edges"]
    ]
    for token_id in (foreign, "x"):
        done = admin.ask(REVOKE, input={"tokenId": token_id})["revokeApiToken"]
        error = {"code": "NOT_FOUND", "path": ["input", "tokenId"]}
        assert done == {"token": None, "userErrors": [error]}
    assert api.ask("{ __typename }", token=api.other)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.PROMOTER_ADMIN])
def test_only_those_who_administer_see_and_make_tokens(api, role):
    caller = call_as(api, role)
    if role is Role.INTEGRATOR:
        assert caller.ask("{ apiTokens { totalCount } }")
        return
    code = "UNAUTHENTICATED" if role is Role.PUBLIC else "FORBIDDEN"
    for query in ("{ apiTokens { totalCount } }", CREATE, REVOKE):
        answer = caller.post(query, input={}).json()
        assert {error["extensions"]["code"] for error in answer["errors"]} <= {
            code,
            "INVALID_ARGUMENT",
        }
        assert answer["data"] is None


def test_use_is_written_down_every_hour(api):
    def read():
        with read_session(api.engine) as session:
            row = session.exec(select(ApiToken).where(ApiToken.prefix == api.own[:11])).one()
        return row.last_used_at

    def write(instant):
        with write_session(api.engine) as session:
            row = session.exec(select(ApiToken).where(ApiToken.prefix == api.own[:11])).one()
            row.last_used_at = instant

    before = now()
    write(None)
    assert api.ask("{ __typename }")
    assert read() >= before
    fresh, late = before - timedelta(minutes=59), before - timedelta(minutes=60)
    for used_at, is_noted in ((fresh, False), (late, True)):
        write(used_at)
        assert api.ask("{ __typename }")
        assert (read() >= before) is is_noted
