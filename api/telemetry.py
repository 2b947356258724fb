"""Where the time of requests and jobs goes, told to a collector; nothing is loaded unasked."""

from contextlib import AbstractContextManager
from contextvars import ContextVar
from enum import StrEnum
from importlib import import_module
from typing import Protocol

from sqlalchemy import Engine

from api.settings import Settings
from models.values.errors import InvalidArgumentError

_PACKAGE = "opentelemetry"
_MODULE = "api.traces"
"""Loads OpenTelemetry, which an installation may do without."""

TRACEPARENT: ContextVar[str | None] = ContextVar("traceparent", default=None)
"""Of the span that is being measured (W3C Trace Context): what it asks for later goes on in it."""


class MissingTelemetryError(InvalidArgumentError):
    """A collector is set, and what would speak to it is not installed."""

    def __init__(self) -> None:
        super().__init__("REPARTO_TELEMETRY_URL needs more: pip install reparto[telemetry]")


class SpanKind(StrEnum):
    """What a span of time was spent on."""

    REQUEST = "request"
    OPERATION = "operation"
    JOB = "job"


class Span(Protocol):
    """A span of time. It is told what was done, never with what, for whom, or what came of it."""

    @property
    def trace_id(self) -> str:
        """By which all spans of one request are found."""

    def note(self, name: str | None = None, **facts: str | int) -> None:
        """Tell more about it: another name, facts whose names have ``__`` for a point."""

    def fail(self, reason: str) -> None:
        """Tell that it went wrong."""


class Telemetry(Protocol):
    """Whoever collects spans; one is told from another by itself."""

    def __hash__(self) -> int:
        """Tell one from another."""

    def span(
        self, name: str, kind: SpanKind, *, traceparent: str | None = None
    ) -> AbstractContextManager[Span]:
        """Measure what is done meanwhile, as a part of what is being measured, or of a trace."""

    def watch(self, engine: Engine) -> None:
        """Measure each statement that a database is asked within a span."""

    def close(self) -> None:
        """Send what was not sent yet."""


def start_telemetry(settings: Settings) -> Telemetry | None:
    """Begin to collect; None where no collector is set.

    Raises
    ------
    MissingTelemetryError
        If the extra ``telemetry`` is not installed.
    """
    if settings.telemetry_url is None:
        return None
    try:
        collecting = import_module(_MODULE)
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith(_PACKAGE):
            raise
        raise MissingTelemetryError from error
    telemetry: Telemetry = collecting.start_traces(str(settings.telemetry_url))
    return telemetry
