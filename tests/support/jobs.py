"""Jobs that a test asks for, runs in its own thread, and reads again."""

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from uuid import UUID, uuid4

from sqlalchemy import Engine
from sqlmodel import Session

from api.jobs.work import work_on
from api.services.file_imports.store_upload import store_upload, upload_path
from api.services.jobs.request_job import JobKind
from api.services.jobs.run_jobs import RunningJob, claim_job
from models.session import read_session, write_session
from models.tables import JobRun
from tests.support.databases import RECORDED_AT


def run_asked(
    engine: Engine,
    ask: Callable[[Session], JobRun],
    work: Callable[[RunningJob], None],
    *,
    at: datetime = RECORDED_AT,
) -> JobRun:
    """Ask for a job, run it as a worker would at an instant, and read how it ended."""
    with write_session(engine) as session:
        asked = ask(session)
    job = claim_job(
        engine=engine, worker="w", lease=timedelta(hours=1), clock=lambda: at, job_id=asked.id
    )
    assert job is not None
    work_on(job, dict.fromkeys(JobKind, work))
    with read_session(engine) as session:
        ended = session.get(JobRun, asked.id)
    assert ended is not None
    return ended


def send(engine: Engine, promoter_id: UUID, data_dir: Path, name: str, content: bytes) -> UUID:
    """Keep a file as the server keeps what is sent to it."""
    upload_id = uuid4()
    path = upload_path(data_dir, upload_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    with write_session(engine) as session:
        store_upload(
            session,
            promoter_id=promoter_id,
            upload_id=upload_id,
            file_name=name,
            sha256=sha256(content).hexdigest(),
            size_bytes=len(content),
            now=RECORDED_AT,
        )
    return upload_id
