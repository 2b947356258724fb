"""How much callers may ask for: of one document, and in a minute; what of it is charged to whom."""

import pytest

from api.app import create_app
from api.graphql.limits import DEFAULT_LIMITS, PUBLIC_LIMITS
from tests.support.api import bearer, connect
from tests.support.databases import on_sqlite

# No database can change what is counted here.
pytestmark = on_sqlite

PAGE = "{ communities { edges { node { id } } } }"
PAGE_COST = 1 + 25 * 2


@pytest.fixture
def stingy(api):
    """Serve a server where a minute holds five small pages, or three requests of nobody."""
    less = {"cost_per_minute": 5 * (100 + PAGE_COST), "public_cost_per_minute": 310}
    with connect(create_app(api.settings.model_copy(update=less))) as client:
        yield client


def ask(client, query, token="", **headers):
    """Send a query as somebody."""
    shown = bearer(token) | headers
    return client.request("POST", "/graphql", json={"query": query}, headers=shown)


def told(answer):
    """Give status, code, and whether a time is told when to ask again."""
    (error,) = answer.json()["errors"]
    return answer.status_code, error["extensions"]["code"], int(answer.headers["retry-after"]) > 0


def test_documents_are_charged_at_their_cost(api, stingy):
    for _ in range(5):
        assert ask(stingy, PAGE, api.own).status_code == 200
    assert told(ask(stingy, PAGE, api.own)) == (429, "RATE_LIMITED", True)
    # Somebody else has a bucket of its own, and so does who does not say who it is.
    assert ask(stingy, PAGE, api.other).status_code == 200
    assert ask(stingy, "{ __typename }").status_code == 200


def test_what_a_document_costs_is_asked_before_it_runs(api, stingy):
    dear = "{ communities(first: 100) { edges { node { id } } } }"
    for _ in range(2):
        assert ask(stingy, dear, api.own).status_code == 200
    answer = ask(stingy, dear, api.own)
    assert told(answer) == (429, "RATE_LIMITED", True)
    assert answer.json()["data"] is None


def test_the_public_is_charged_by_its_address(stingy):
    for _ in range(3):
        assert ask(stingy, "{ __typename }").status_code == 200
    answer = ask(stingy, "{ __typename }", **{"accept-language": "ca"})
    assert told(answer) == (429, "RATE_LIMITED", True)
    assert "torneu-ho a provar" in answer.json()["errors"][0]["message"]
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_an_address_that_shows_tokens_of_nobody_is_not_listened_to(api, stingy):
    for _ in range(4):
        assert ask(stingy, PAGE, "rp_nobody").status_code == 401
    assert told(ask(stingy, PAGE, "rp_nobody")) == (429, "RATE_LIMITED", True)
    assert told(stingy.request("GET", "/files/x", headers=bearer(api.own)))[0] == 429


@pytest.mark.parametrize(("method", "path"), [("POST", "/uploads"), ("GET", "/files/x")])
def test_files_are_charged(api, stingy, method, path):
    headers = bearer(api.own) | {"content-type": "application/zip"}
    first = stingy.request(method, path, headers=headers, content=b"")
    assert first.status_code in (400, 404)
    assert told(stingy.request(method, path, headers=headers, content=b""))[:2] == (
        429,
        "RATE_LIMITED",
    )


def test_websockets_are_closed_to_an_address_that_is_not_listened_to(api, stingy):
    for _ in range(4):
        ask(stingy, PAGE, "rp_nobody")
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "websocket.connect"}

    app = stingy.session._transport.app
    scope = {"type": "websocket", "path": "/graphql", "headers": [], "client": ("127.0.0.1", 123)}
    stingy.portal.call(app, scope, receive, send)
    assert sent == [{"type": "websocket.close", "code": 1013}]


def test_documents_of_the_public_are_smaller(api):
    aliases = " ".join(f"a{i}: __typename" for i in range(PUBLIC_LIMITS.aliases + 1))
    assert api.ask(f"{{ {aliases} }}")
    error = api.error(f"{{ {aliases} }}", token="")
    assert (error["extensions"]["code"], PUBLIC_LIMITS.aliases) == ("TOO_LARGE", 5)
    many = "{ " + "__typename " * PUBLIC_LIMITS.tokens + "}"
    assert f"{PUBLIC_LIMITS.tokens} tokens" in api.error(many, token="")["message"]
    assert "tokens" not in api.error(many)["message"]


def test_no_limit_of_the_public_is_larger(database_kind):
    for name in DEFAULT_LIMITS.__slots__:
        assert getattr(PUBLIC_LIMITS, name) < getattr(DEFAULT_LIMITS, name)
