"""What the server counts about itself, in the form that Prometheus reads; nothing of any caller."""

from collections.abc import Collection, Mapping

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)

_OTHER = "other"
"""Stands for names that callers make up: each label has few values, whatever is sent."""

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """The counters of one application."""

    def __init__(self, known_operations: Collection[str] = ()) -> None:
        self.known_operations = frozenset(known_operations)
        self.registry = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self.registry)
        self._requests = Histogram(
            "reparto_request_seconds",
            "Time from a request to the end of its answer.",
            ("method", "route", "status"),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self._operations = Histogram(
            "reparto_operation_seconds",
            "Time that a GraphQL operation takes; those that nobody knows are one.",
            ("operation", "outcome"),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self._refusals = Counter(
            "reparto_refusals",
            "Documents that were refused before they ran, by code.",
            ("code",),
            registry=self.registry,
        )
        self._jobs = Gauge(
            "reparto_jobs", "Jobs that have not ended.", ("state",), registry=self.registry
        )
        self._connections = Gauge(
            "reparto_database_connections",
            "Connections to the database that are in use.",
            registry=self.registry,
        )

    def note_request(self, method: str, route: str | None, status: int, seconds: float) -> None:
        """Count a request by its route, never by its address, and a method that HTTP knows."""
        self._requests.labels(method, route or _OTHER, str(status)).observe(seconds)

    def note_operation(self, name: str | None, seconds: float, *, has_failed: bool) -> None:
        """Count an operation that ran."""
        known = name if name in self.known_operations else _OTHER
        self._operations.labels(known, "failed" if has_failed else "done").observe(seconds)

    def note_refusal(self, code: str) -> None:
        """Count a document that did not run."""
        self._refusals.labels(code).inc()

    def write(self, jobs: Mapping[str, int], n_connections: int) -> bytes:
        """Write everything, with the jobs that wait and the connections in use at present."""
        for state, n_jobs in jobs.items():
            self._jobs.labels(state).set(n_jobs)
        self._connections.set(n_connections)
        return generate_latest(self.registry)
