"""Which use case does each kind of job."""

from collections.abc import Callable, Mapping
from functools import partial

from api.services.request_job import JobKind
from api.services.run_import import run_import
from api.services.run_jobs import RunningJob
from api.services.run_proposal import run_proposal
from api.services.run_studies import (
    run_assignment,
    run_filling,
    run_growth,
    run_suitability,
)
from api.settings import Settings

Registry = Mapping[JobKind, Callable[[RunningJob], None]]


def build_registry(settings: Settings) -> Registry:
    """Give every kind its use case."""
    return {
        JobKind.IMPORT_COMMUNITY: partial(
            run_import, data_dir=settings.data_dir, import_root=settings.import_root
        ),
        JobKind.PROPOSE_COEFFICIENTS: run_proposal,
        JobKind.FILL_VACANCIES: run_filling,
        JobKind.ASSESS_SUITABILITY: run_suitability,
        JobKind.SHARE_CAPACITY: run_growth,
        JobKind.ASSIGN_MEMBERS: run_assignment,
    }
