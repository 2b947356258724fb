"""Requests that are made to hurt: each is refused, and none takes the server long."""

import base64
import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from anyio.from_thread import BlockingPortal
from starlette.types import ASGIApp, Message

from tests.support.api import CAU, YEAR, bearer
from tests.support.sign_ups import CONFIRM, PERSON, SIGN_UP

_JSON = {"content-type": "application/json"}
_ZIP = {"content-type": "application/zip"}
_LONG = 90_000


@dataclass(frozen=True, slots=True)
class HostileRequest:
    """A request as its bytes come, without a client that minds its manners."""

    path: str = "/graphql"
    body: bytes = b""
    method: str = "POST"
    headers: Mapping[str, str] = field(default_factory=lambda: _JSON)


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes


def send_raw(
    portal: BlockingPortal, app: ASGIApp, request: HostileRequest, token: str
) -> RawAnswer:
    """Speak ASGI to an application, and give its whole answer; without a token, as anybody."""
    path, _, query = request.path.partition("?")
    headers = bearer(token) | dict(request.headers)
    scope = {
        "type": "http",
        "http_version": "1.1",
        "scheme": "http",
        "method": request.method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode("latin-1"),
        "root_path": "",
        "client": ("192.0.2.1", 1),
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers.items()],
    }
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": request.body, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    portal.call(app, scope, receive, send)
    start, *rest = sent
    told = {name.decode(): value.decode("latin-1") for name, value in start["headers"]}
    return RawAnswer(start["status"], told, b"".join(each.get("body", b"") for each in rest))


def _ask(query: str, **variables: Any) -> HostileRequest:
    return HostileRequest(body=json.dumps({"query": query, "variables": variables}).encode())


def _bomb(n_fragments: int) -> str:
    """Spread each fragment twice in the one before it."""
    links = [f"fragment F{i} on Query {{ ...F{i + 1} ...F{i + 1} }}" for i in range(n_fragments)]
    last = f"fragment F{n_fragments} on Query {{ communities {{ totalCount }} }}"
    return " ".join(["{ ...F0 }", *links, last])


def _seal(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode()


_DOCUMENTS = {
    "bomb of 24 fragments": _bomb(24),
    "bomb of 60 fragments": _bomb(60),
    "fragments in a circle": "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
    "fragments side by side": "{ "
    + " ".join(f"...F{i}" for i in range(60))
    + " } "
    + " ".join(f"fragment F{i} on Query {{ __typename }}" for i in range(60)),
    "chain of fragments": "{ ...F0 } "
    + " ".join(f"fragment F{i} on Query {{ ...F{i + 1} }}" for i in range(130))
    + " fragment F130 on Query { __typename }",
    "flood of aliases": "{ " + " ".join(f"a{i}: __typename" for i in range(600)) + " }",
    "flood of fields": "{ " + "communities { totalCount } " * 480 + "}",
    "flood of directives": "{ __typename " + "@include(if: true) " * 330 + "}",
    "flood of tokens": "{ " + "__typename " * 8_000 + "}",
    "flood of operations": " ".join(f"query Q{i} {{ __typename }}" for i in range(400)),
    "flood of unknown fields": "{ " + " ".join(f"f{i}" for i in range(900)) + " }",
    "flood of unknown arguments": "{ communities("
    + " ".join(f"a{i}: 1" for i in range(600))
    + ") { totalCount } }",
    "deep selections": "{ a" * 900 + "}" * 900,
    "deep lists": "{ nodes(ids: " + "[" * 900 + "]" * 900 + ") { id } }",
    "deep objects": "mutation { createCommunity(input: "
    + "{a: " * 400
    + "1"
    + "}" * 400
    + ") { userErrors { code } } }",
    "deep types of variables": "query ($x: " + "[" * 600 + "Int" + "]" * 600 + ") { __typename }",
    "deep introspection": '{ __type(name: "Query") { '
    + "fields { type { " * 6
    + "name"
    + " } }" * 6
    + " } }",
    "pages of pages": "{ communities(first: 100) { edges { node { members(first: 100) { edges { "
    "node { community { members(first: 100) { edges { node { supplyPoints(first: 100) { edges { "
    "node { id } } } } } } } } } } } } } }",
    "many large pages": "{ "
    + " ".join(
        f"a{i}: communities(first: 100) {{ edges {{ node {{ members(first: 100) {{ edges {{ "
        "node { supplyPoints(first: 100) { edges { node { id } } } } } } } } }"
        for i in range(20)
    )
    + " }",
    "page of a million": "{ communities(first: 1000000) { totalCount } }",
    "page below none": "{ communities(first: -1) { totalCount } }",
    "number of many digits": "{ communities(first: " + "9" * _LONG + ") { totalCount } }",
    "fraction of many digits": "{ communities(first: 0." + "9" * _LONG + ") { totalCount } }",
    "text of many characters": '{ installation(cau: "' + "A" * _LONG + '") { id } }',
    "text like a phrase": '{ installation(cau: "'
    + " is , not between and ; which " * 33
    + '") { id } }',
    "text of escapes": '{ installation(cau: "' + "\\u0000" * 10_000 + '") { id } }',
    "half a surrogate": '{ installation(cau: "\\ud800") { id } }',
    "block without end": '{ installation(cau: """' + "\n" * _LONG,
    "control characters": "{ \x00\x01\x02 }",
    "comment without end": "#" * _LONG,
    "name of many characters": "{ " + "a" * _LONG + " }",
    "injection by order": '{ communities(after: "\' OR 1=1 --") { totalCount } }',
}

_CURSORS = {
    "cursor of nothing": "",
    "cursor of no base64": "\u00e9!",
    "cursor of no JSON": base64.urlsafe_b64encode(b"\xff\xfe").decode(),
    "cursor of another list": _seal(["members", "str", "a", "0" * 32]),
    "cursor of another kind": _seal(["communities", "int", 1, "0" * 32]),
    "cursor of a large number": _seal(["communities", "str", 10**30, "0" * 32]),
    "cursor of no id": _seal(["communities", "str", "a", "x" * 32]),
    "cursor of deep JSON": base64.urlsafe_b64encode(b"[" * 50_000).decode(),
    "cursor of objects": _seal({"a": {"b": []}}),
    "cursor of many characters": "A" * _LONG,
}

_BODIES = {
    "nothing": b"",
    "a number": b"1",
    "deep arrays": b"[" * _LONG,
    "deep objects": b'{"a":' * 15_000 + b"1" + b"}" * 15_000,
    "deep variables": b'{"query": "{ __typename }", "variables": '
    + b'{"a":' * 15_000
    + b"1"
    + b"}" * 15_001,
    "UTF-16": '{"query": "{ __typename }"}'.encode("utf-16"),
    "Latin-1": b'{"query": "{ \xff }"}',
    "overlong UTF-8": b'{"query": "{ \xc0\xae }"}',
    "a byte order mark": b'\xef\xbb\xbf{"query": "{ __typename }"}',
    "half a surrogate in JSON": b'{"query": "\\ud800"}',
    "NaN": b'{"query": "{ __typename }", "variables": {"a": NaN}}',
    "an infinite number": b'{"query": "{ __typename }", "variables": {"a": 1e999}}',
    "gzip of zeros": gzip.compress(bytes(10_000_000)),
    "too much": b'{"query": "' + b" " * 1_000_000 + b'"}',
    "a batch": b'[{"query": "{ __typename }"}]',
    "variables as a list": b'{"query": "{ __typename }", "variables": []}',
}

_PATHS = (
    "/files/../../../../etc/passwd",
    "/files/..%2f..%2f..%2fetc%2fpasswd",
    "/files/%2e%2e/%2e%2e/etc/passwd",
    "/files//etc/passwd",
    "/files/\x00",
    "/files/a\r\nset-cookie: b=c",
    "/files/" + "a" * _LONG,
    "/files/00000000-0000-0000-0000-000000000000",
    "/proposals/../../../etc/passwd/report.xlsx",
    "/data-exports/00000000-0000-0000-0000-000000000001/..%2f..%2fetc%2fpasswd",
    "/data-exports/00000000-0000-0000-0000-000000000001/../../etc/passwd",
    "/invoice-files/1 OR 1=1",
    "/agreements/'; DROP TABLE member; --/distributor.txt",
)

_HEADERS: dict[str, dict[str, str]] = {
    "authorization of many characters": {"authorization": "Bearer " + "a" * _LONG},
    "authorization of no scheme": {"authorization": "\xff\x00"},
    "content type of many parts": {"content-type": "application/json" + ";a=b" * 20_000},
    "accept of many parts": _JSON | {"accept": "a/b;q=0.1," * 9_000},
    "accept of nothing": _JSON | {"accept": ";;;,,,q="},
}


_SIGN_UPS: dict[str, dict[str, Any]] = {
    "a page like SQL": {"slug": "' OR 1=1 --"},
    "a name that steers terminals": {"name": "Ana\x1b[2J\r\nBcc: all@example.org"},
    "an address of two lines": {"email": "ana@example.org\r\nBcc: all@example.org"},
    "a telephone like a formula": {"phone": "=cmd|' /C calc'!A0"},
    "a consumption of many digits": {"yearlyConsumptionKwh": 10**400},
    "a notice of many digits": {"privacyVersion": 10**30},
    "a tax number of many characters": {"taxNumber": "1" * _LONG},
    "a place off the earth": {"place": {"lat": 1e300, "lon": -1e300}},
}

_SECRETS = {
    "nothing": "",
    "two lines": "a\r\nset-cookie: b=c",
    "SQL": "' OR 1=1 --",
    "no letters": "\x00\ufffd\u202e",
    "many characters": "A" * _LONG,
}


def list_public_requests() -> Iterator[tuple[str, HostileRequest]]:
    """Name what anybody may ask for, without an account."""
    for name, typed in _SIGN_UPS.items():
        yield f"sign-up: {name}", _ask(SIGN_UP, input=PERSON | typed)
    for name, secret in _SECRETS.items():
        yield f"link: {name}", _ask(CONFIRM, input={"secret": secret})


def list_hostile_requests() -> Iterator[tuple[str, HostileRequest]]:
    """Name every request."""
    for name, query in _DOCUMENTS.items():
        yield f"document: {name}", _ask(query)
    for name, cursor in _CURSORS.items():
        page = "query ($after: String) { communities(after: $after) { totalCount } }"
        yield f"document: {name}", _ask(page, after=cursor)
    yield (
        "document: too many ids",
        _ask("query ($i: [ID!]!) { nodes(ids: $i) { id } }", i=["a"] * 5_000),
    )
    wish = {"cau": CAU, "year": YEAR, "floor": 10**400}
    planning = (
        "mutation ($i: ProposeCoefficientsInput!) { proposeCoefficients(input: $i) { job { id } } }"
    )
    yield "document: a floor of many digits", _ask(planning, i=wish)
    yield "document: an unknown key", _ask(planning, i={"__proto__": {}, "constructor": 1})
    yield from list_public_requests()
    for name, body in _BODIES.items():
        yield f"body: {name}", HostileRequest(body=body)
    for path in _PATHS:
        yield f"path: {path[:60]!r}", HostileRequest(path, method="GET", headers={})
    for name, headers in _HEADERS.items():
        yield f"header: {name}", HostileRequest(body=b'{"query": "{ a }"}', headers=headers)
    like_ours = _ask(_DOCUMENTS["text like a phrase"]).body
    spanish = _JSON | {"accept-language": "es"}
    yield "document: text like a phrase in Spanish", HostileRequest(body=like_ours, headers=spanish)
    yield "upload: nothing", HostileRequest("/uploads?fileName=../../a", headers=_ZIP)
    yield "upload: too much", HostileRequest("/uploads?fileName=a", bytes(1_000_001), headers=_ZIP)
    yield "address: a query of bad UTF-8", HostileRequest("/graphql?query=%ff", method="GET")
    yield "address: a query twice", HostileRequest("/graphql?query=a&query=b", method="GET")
