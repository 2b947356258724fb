"""What a GraphQL request over HTTP says: read strictly, and refused before anything is done."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request

JSON = "application/json"
GRAPHQL_JSON = "application/graphql-response+json"
EVENT_STREAM = "text/event-stream"
LARGEST_REQUEST = 100_000
"""Bytes of a body, or of a WebSocket message."""

_PARAMETERS = frozenset({"query", "variables", "operationName", "extensions"})


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """What a caller asks, checked to be of the right form."""

    query: str
    variables: dict[str, Any] | None
    operation_name: str | None
    sha256: str | None = None
    """Digest of a document that the server knows; the query is empty where only this is sent."""


async def receive_body(request: Request) -> bytes:
    """Read the body as far as it may go."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST_REQUEST:
            raise HTTPException(413, f"the body is larger than {LARGEST_REQUEST} bytes")
    return bytes(body)


def negotiate(accept: str | None) -> str:
    """Choose the media type of the answer; events only for callers who read nothing else of ours.

    Clients such as urql name the event stream in whatever they send, and mean it for subscriptions.
    """
    best, chosen, has_events = 0.0, None, False
    for part in (accept or JSON).split(","):
        kind, *parameters = [piece.strip().lower() for piece in part.split(";")]
        weight = _read_weight(parameters)
        has_events = has_events or (kind == EVENT_STREAM and weight > 0.0)
        if weight <= best:
            continue
        if kind in (GRAPHQL_JSON, JSON):
            best, chosen = weight, kind
        elif kind in ("*/*", "application/*"):
            best, chosen = weight, JSON
    if chosen is None and not has_events:
        raise HTTPException(406, f"accept {GRAPHQL_JSON}, {JSON} or {EVENT_STREAM}")
    return chosen or EVENT_STREAM


def _read_weight(parameters: list[str]) -> float:
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return float(parameter[2:])
            except ValueError:
                return 0.0
    return 1.0


def read_body(content_type: str | None, body: bytes) -> GraphQLRequest:
    """Read what was posted."""
    kind, *parameters = [piece.strip().lower() for piece in (content_type or "").split(";")]
    is_utf8 = all(piece in ("charset=utf-8", 'charset="utf-8"', "") for piece in parameters)
    if kind != JSON or not is_utf8:
        raise HTTPException(415, f"send {JSON} in UTF-8")
    return read_request(_parse(body, "the body"))


def read_query_string(query_string: bytes) -> GraphQLRequest:
    """Read what an address asks, whose ``variables`` and ``extensions`` are JSON."""
    try:
        found = parse_qs(query_string.decode("ascii"), keep_blank_values=True, errors="strict")
    except ValueError as error:
        raise HTTPException(400, "the address is not UTF-8, encoded for addresses") from error
    repeated = sorted(name for name in _PARAMETERS & found.keys() if len(found[name]) > 1)
    if repeated:
        raise HTTPException(400, f"the address says `{repeated[0]}` more than once")
    content: dict[str, Any] = {name: texts[0] for name, texts in found.items()}
    for name in ("variables", "extensions"):
        if name in content:
            content[name] = _parse(content[name].encode(), name)
    if not _has_right_form(content):
        raise HTTPException(
            400,
            "the address must hold a `query` and, if wanted, an `operationName` and objects of "
            "JSON as `variables` and `extensions`",
        )
    return _build(content)


def _parse(text: bytes, what: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise HTTPException(400, f"{what} is not JSON") from error


def read_request(content: object) -> GraphQLRequest:
    """Read an object of JSON, the same whichever way it came."""
    if not isinstance(content, dict) or not _has_right_form(content):
        raise HTTPException(
            400,
            "the body must be an object with a text `query` and, if wanted, an object "
            "`variables`, a text `operationName` and an object `extensions`",
        )
    return _build(content)


def _build(content: dict[str, Any]) -> GraphQLRequest:
    return GraphQLRequest(
        content.get("query", ""),
        content.get("variables"),
        content.get("operationName"),
        _find_digest(content),
    )


def _find_digest(content: dict[str, Any]) -> str | None:
    """Find what Apollo's clients send instead of a document that is known."""
    named = (content.get("extensions") or {}).get("persistedQuery")
    digest = named.get("sha256Hash") if isinstance(named, dict) else None
    return digest if isinstance(digest, str) else None


def _has_right_form(content: dict[str, Any]) -> bool:
    if not isinstance(content.get("extensions"), dict | None):
        return False
    is_named = "query" not in content and _find_digest(content) is not None
    return (
        (is_named or isinstance(content.get("query"), str))
        and isinstance(content.get("variables"), dict | None)
        and isinstance(content.get("operationName"), str | None)
    )
