"""The log: one JSON object a line for machines, or coloured lines for people."""

import logging
import sys
from typing import Any

import orjson
import structlog

from api.settings import LogFormat

_SERVER_LOGGERS = ("uvicorn", "uvicorn.error")


def configure_logs(log_format: LogFormat) -> None:
    """Send this process's log, its libraries' included, to standard error in one form."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_renderers(log_format),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    for name in _SERVER_LOGGERS:
        logging.getLogger(name).handlers = []
    # alembic tells at every look at the database which dialect it speaks.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    # procrastinate tells of every delivery what the worker tells of its job.
    logging.getLogger("procrastinate").setLevel(logging.WARNING)
    # httpx tells whole addresses, whose queries name supply points and people.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    # uvicorn's own access log shows query strings; the request log takes its place.
    access = logging.getLogger("uvicorn.access")
    access.handlers, access.propagate = [logging.NullHandler()], False


def configure_quiet_logs() -> None:
    """Let only what goes wrong be logged: for commands that tell people the rest themselves."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def _renderers(log_format: LogFormat) -> list[structlog.typing.Processor]:
    """Render without the variables of a traceback: they hold what callers sent."""
    if log_format is LogFormat.CONSOLE:
        return [
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            )
        ]
    frames = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    return [
        structlog.processors.ExceptionRenderer(frames),
        structlog.processors.JSONRenderer(serializer=_write),
    ]


def _write(event: dict[str, Any], **options: Any) -> str:
    return orjson.dumps(event, default=options["default"]).decode()
