"""A small OTLP receiver on a real socket, which keeps the spans that it is sent."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.support.remote_services import served


@dataclass(frozen=True, slots=True)
class ReceivedSpan:
    """One span, its ids in hexadecimal digits; ``kind`` and ``status`` are OTLP's numbers."""

    name: str
    trace_id: str
    span_id: str
    parent_id: str
    kind: int
    status: int
    facts: dict[str, Any]


@dataclass(slots=True)
class Collector:
    """What came in, as spans and as bytes."""

    url: str
    spans: list[ReceivedSpan] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    async def receive(self, request: Request) -> Response:
        """Take one batch."""
        body = await request.body()
        self.bodies.append(body)
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            for scope in resource.scope_spans:
                self.spans.extend(map(_read_span, scope.spans))
        return Response(b"", media_type="application/x-protobuf")

    def find(self, start: str) -> ReceivedSpan:
        """Give the one span whose name begins so."""
        [found] = [span for span in self.spans if span.name.startswith(start)]
        return found


def _read_span(span: Any) -> ReceivedSpan:
    facts = {
        fact.key: getattr(fact.value, fact.value.WhichOneof("value")) for fact in span.attributes
    }
    ids = (each.hex() for each in (span.trace_id, span.span_id, span.parent_span_id))
    return ReceivedSpan(span.name, *ids, span.kind, span.status.code, facts)


@contextmanager
def run_collector() -> Iterator[Collector]:
    """Serve one on a free port of this machine until the end of the block."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        collector = Collector(f"http://127.0.0.1:{listener.getsockname()[1]}/v1/traces")
        app = Starlette(routes=[Route("/v1/traces", collector.receive, methods=["POST"])])
        with served(app, listener):
            yield collector
