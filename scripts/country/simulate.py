"""The simulation: settle a country, let its month arrive, share it out, and plan."""

from datetime import timedelta
from statistics import median
from uuid import UUID

from sqlalchemy import Engine, text
from sqlmodel import select

from api.clock import now
from api.services.accounts.ensure_promoter import ensure_promoter
from api.services.jobs.ask_for_due_jobs import ask_for_due_jobs
from api.services.jobs.progress import Progress
from models.session import is_postgres, read_session, write_session
from models.tables import Promoter
from models.values.errors import ConflictError
from scripts.console import part_of
from scripts.country.crew import Crew, Request, Shift
from scripts.country.figures import Measured, Phase, Stage
from scripts.country.population import draw_sizes, invent_country
from scripts.country.requests import ask_for_allocation, ask_for_import, ask_for_plan
from scripts.country.settle import Settling, settle_country

_MONTHS = 13
_NIGHT = timedelta(days=1)

_JOBS: tuple[tuple[Stage, Request, float], ...] = (
    (Stage.IMPORT, ask_for_import, 0.45),
    (Stage.ALLOCATE, ask_for_allocation, 0.55),
    (Stage.ALLOCATE_AGAIN, ask_for_allocation, 0.6),
    (Stage.PLAN, ask_for_plan, 1.0),
)
"""What is asked of workers, and the share of the whole work that is done then."""

_SETTLED_SHARE = 0.3


class InhabitedDatabaseError(ConflictError):
    """The database holds what the simulation must not mix with.

    Attributes
    ----------
    promoter : str
        Whose data it holds.
    """

    def __init__(self, promoter: str) -> None:
        super().__init__(
            f"the database holds data of {promoter!r}: name an empty one, or add --into-existing"
        )
        self.promoter = promoter


def refuse_inhabited(engine: Engine) -> None:
    """Make sure that nobody's data is in the database."""
    with read_session(engine) as session:
        name = session.exec(select(Promoter.name).limit(1)).first()
    if name is not None:
        raise InhabitedDatabaseError(name)


def let_turns_pass(engine: Engine) -> None:
    """Take today's and tomorrow's nightly turns while nobody is there, so that none disturbs."""
    for instant in (now(), now() + _NIGHT):
        ask_for_due_jobs(engine=engine, now=instant, fetches_prices=False)


def simulate_country(crew: Crew, *, n_points: int, seed: int, tell: Progress) -> Measured:
    """Run every stage, and measure each."""
    engine, instant = crew.engine, now()
    with write_session(engine) as session:
        name = f"Simulated country of {instant:%Y-%m-%d %H:%M:%S}"
        promoter_id = ensure_promoter(session, name=name, now=instant).id
    sizes = draw_sizes(n_points, seed)
    before = _count_bytes(engine)
    tell(0.0, "inventing")
    settling = settle_country(
        engine,
        promoter_id=promoter_id,
        communities=invent_country(sizes, seed),
        n_communities=len(sizes),
        data_dir=crew.settings.data_dir,
        tell=part_of(tell, 0.0, _SETTLED_SHARE),
    )
    settled = Phase(
        Stage.SETTLE,
        settling.seconds,
        _count_bytes(engine) - before,
        settling.n_year_values,
        cpu_seconds=settling.cpu_seconds,
    )
    return Measured(
        database="PostgreSQL" if is_postgres(engine) else "SQLite",
        n_workers=crew.n_workers,
        n_points=n_points,
        n_communities=len(sizes),
        seed=seed,
        n_months=_MONTHS,
        phases=(settled, *_work(crew, promoter_id, settling, tell)),
    )


def _work(crew: Crew, promoter_id: UUID, settling: Settling, tell: Progress) -> list[Phase]:
    """Have the workers do one stage after the other."""
    phases, begin = [], _SETTLED_SHARE
    for stage, request, end in _JOBS:
        before = _count_bytes(crew.engine)
        shift = crew.work_through(
            request, promoter_id, settling.communities, _name(part_of(tell, begin, end), stage)
        )
        n_values = settling.n_month_values if stage is Stage.IMPORT else 0
        phases.append(_to_phase(stage, shift, _count_bytes(crew.engine) - before, n_values))
        begin = end
    return phases


def _name(tell: Progress, stage: Stage) -> Progress:
    return lambda share, detail: tell(share, f"{stage}: {detail}")


def _to_phase(stage: Stage, shift: Shift, n_bytes: int, n_values: int) -> Phase:
    return Phase(
        stage,
        seconds=shift.seconds,
        n_bytes=n_bytes,
        n_values=n_values,
        n_jobs=len(shift.job_seconds),
        cpu_seconds=shift.cpu_seconds,
        median_job_seconds=median(shift.job_seconds),
        longest_job_seconds=max(shift.job_seconds),
    )


def _count_bytes(engine: Engine) -> int:
    """Tell how large the database is, what waits in a log of SQLite included [B]."""
    size = (
        "SELECT pg_database_size(current_database())"
        if is_postgres(engine)
        else "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
    )
    with read_session(engine) as session:
        return int(session.connection().execute(text(size)).scalar_one())
