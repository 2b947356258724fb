"""What a simulation measured, and what a country would take at that rate."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

COUNTRY = 1_000_000
"""Supply points that totals are projected for."""

_MONTHS = 12
_SECONDS_PER_HOUR = 3600
_BYTES_PER_GB = 1_000_000_000

ASSUMPTIONS = (
    "this machine and these workers; nothing takes longer because there is more in the store",
    "a further year: twelve months imported and allocated, and one proposal",
)
"""What the totals of a country rest on."""


class Stage(StrEnum):
    """What is done one after the other."""

    SETTLE = "settle"
    IMPORT = "import a month"
    ALLOCATE = "allocate"
    ALLOCATE_AGAIN = "allocate again"
    PLAN = "plan"


@dataclass(frozen=True, slots=True)
class Phase:
    """One stage as it was measured.

    Attributes
    ----------
    stage : Stage
        What was done.
    seconds : float
        How long it took [s].
    n_bytes : int
        How much the database grew [B].
    n_values : int
        Readings that were stored.
    n_jobs : int
        Jobs that workers did; none when the store was written to directly.
    cpu_seconds : float
        Processor time of those who did it, the workers' start included; a database server's is not
        in it [s].
    median_job_seconds, longest_job_seconds : float or None
        Time of single jobs [s].
    """

    stage: Stage
    seconds: float
    n_bytes: int
    n_values: int = 0
    n_jobs: int = 0
    cpu_seconds: float = 0.0
    median_job_seconds: float | None = None
    longest_job_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """A simulation from its beginning to its end.

    Attributes
    ----------
    database : str
        Kind of database.
    n_workers, n_points, n_communities, seed : int
        What was simulated.
    n_months : int
        Months that are stored, and allocated, of each supply point.
    phases : tuple of Phase
        One for each stage, in order.
    """

    database: str
    n_workers: int
    n_points: int
    n_communities: int
    seed: int
    n_months: int
    phases: tuple[Phase, ...]

    def bytes_per_point(self, stage: Stage) -> float:
        """Tell how much a stage made the database grow for each supply point [B]."""
        return self._phase(stage).n_bytes / self.n_points

    def hours_of_country(self, stage: Stage) -> float:
        """Project how long a stage takes for a country [h]."""
        return self._phase(stage).seconds / self.n_points * COUNTRY / _SECONDS_PER_HOUR

    def settled_gb_of_country(self) -> float:
        """Project what a country's records, prices and first year of readings take [GB]."""
        return self.bytes_per_point(Stage.SETTLE) * COUNTRY / _BYTES_PER_GB

    def yearly_gb_of_country(self) -> float:
        """Project by how much a country grows in every further year [GB]."""
        allocations = self.bytes_per_point(Stage.ALLOCATE) / self.n_months
        month = self.bytes_per_point(Stage.IMPORT) + allocations
        yearly = _MONTHS * month + self.bytes_per_point(Stage.PLAN)
        return yearly * COUNTRY / _BYTES_PER_GB

    def to_json(self) -> dict[str, Any]:
        """Give all figures as plain JSON values."""
        facts = {name: value for name, value in asdict(self).items() if name != "phases"}
        return facts | {
            "phases": [self._describe(phase) for phase in self.phases],
            "projection": {
                "supply_points": COUNTRY,
                "hours": {stage.value: round(self.hours_of_country(stage), 3) for stage in Stage},
                "settled_gb": round(self.settled_gb_of_country(), 3),
                "yearly_gb": round(self.yearly_gb_of_country(), 3),
                "assumptions": list(ASSUMPTIONS),
            },
        }

    def _phase(self, stage: Stage) -> Phase:
        return next(phase for phase in self.phases if phase.stage is stage)

    def _describe(self, phase: Phase) -> dict[str, Any]:
        rates = {
            "points_per_second": self.n_points / phase.seconds,
            "jobs_per_second": phase.n_jobs / phase.seconds if phase.n_jobs else None,
            "bytes_per_point": phase.n_bytes / self.n_points,
            "bytes_per_value": phase.n_bytes / phase.n_values if phase.n_values else None,
        }
        return asdict(phase) | rates
