"""Spans in the manner of OpenTelemetry, sent as OTLP over HTTP.

What errors say, what statements are given and who calls stays out of them: spans leave the house.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from sqlalchemy import Engine, event

from api.telemetry import TRACEPARENT, Span, SpanKind

_KINDS = {
    SpanKind.REQUEST: trace.SpanKind.SERVER,
    SpanKind.OPERATION: trace.SpanKind.INTERNAL,
    SpanKind.JOB: trace.SpanKind.CONSUMER,
}
_SECONDS_TO_SEND = 3.0
"""For one batch, however often it is tried; so long may the end of a process wait for the last."""
_LONGEST_STATEMENT = 2_000
_UNDER_WAY = "reparto spans"
_PARENTS = TraceContextTextMapPropagator()


def start_traces(url: str) -> "Traces":
    """Send spans to a collector, from a thread of its own."""
    return Traces(OTLPSpanExporter(endpoint=url, timeout=_SECONDS_TO_SEND))


class Traces:
    """Collects spans for one process."""

    def __init__(self, exporter: SpanExporter) -> None:
        resource = Resource.create({SERVICE_NAME: "reparto", SERVICE_VERSION: version("reparto")})
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("reparto")

    @contextmanager
    def span(self, name: str, kind: SpanKind, *, traceparent: str | None = None) -> Iterator[Span]:
        """Measure what is done meanwhile; of an error its class is told."""
        parent = None
        if traceparent is not None:
            parent = _PARENTS.extract({"traceparent": traceparent}, Context())
        with self._tracer.start_as_current_span(
            name, parent, _KINDS[kind], record_exception=False, set_status_on_exception=False
        ) as begun:
            span, carrier = TracedSpan(begun), dict[str, str]()
            _PARENTS.inject(carrier)
            outer = TRACEPARENT.set(carrier.get("traceparent"))
            try:
                yield span
            except BaseException as error:
                span.fail(type(error).__name__)
                raise
            finally:
                TRACEPARENT.reset(outer)

    def watch(self, engine: Engine) -> None:
        """Measure each statement that is asked within a span."""
        system = engine.dialect.name

        def begin(connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            if trace.get_current_span().is_recording():
                asked = statement[:_LONGEST_STATEMENT]
                facts = {"db.system.name": system, "db.query.text": asked}
                name = statement.split(None, 1)[0].upper()
                span = self._tracer.start_span(
                    name, kind=trace.SpanKind.CLIENT, attributes=facts, record_exception=False
                )
                connection.info.setdefault(_UNDER_WAY, []).append(span)

        def end(connection: Any, *_: Any) -> None:
            if under_way := connection.info.get(_UNDER_WAY):
                under_way.pop().end()

        def fail(failure: Any) -> None:
            under_way = failure.connection and failure.connection.info.get(_UNDER_WAY)
            if under_way:
                span = under_way.pop()
                TracedSpan(span).fail(type(failure.original_exception).__name__)
                span.end()

        event.listen(engine, "before_cursor_execute", begin)
        event.listen(engine, "after_cursor_execute", end)
        event.listen(engine, "handle_error", fail)

    def close(self) -> None:
        """Send what was not sent yet."""
        self._provider.shutdown()


class TracedSpan:
    """A span as the rest of the program knows it."""

    def __init__(self, span: trace.Span) -> None:
        self._span = span

    @property
    def trace_id(self) -> str:
        """32 hexadecimal digits."""
        return trace.format_trace_id(self._span.get_span_context().trace_id)

    def note(self, name: str | None = None, **facts: str | int) -> None:
        """Tell more about it."""
        if name is not None:
            self._span.update_name(name)
        for key, value in facts.items():
            self._span.set_attribute(key.replace("__", "."), value)

    def fail(self, reason: str) -> None:
        """Tell that it went wrong."""
        self._span.set_attribute("error.type", reason)
        self._span.set_status(trace.StatusCode.ERROR)
