"""Erase a person: every row at once, then the files, then what the database's pages remember."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import Engine
from sqlmodel import Session

from api.services.accounting.export_accounts import export_path
from api.services.collection.record_mandates import revoke_mandate
from api.services.file_imports.store_upload import upload_path
from api.services.jobs.request_job import JobKind, request_job
from api.services.jobs.run_jobs import RunningJob
from api.services.people.blanked_rows import RowBlanker
from api.services.people.erasure_hindrances import list_hindrances
from api.services.people.find_person import Person, find_person
from models.keyring import Keyring
from models.personal_data import Keys
from models.repositories.communities import map_communities
from models.repositories.erasures import (
    find_erasure,
    forget_months_before,
    get_erasure,
    hold_jobs,
    list_handed_over,
    list_kept_files,
)
from models.repositories.people import blank_rows, count_rows, delete_rows, mend_rows, read_rows
from models.rewritten_pages import rewrite_tables
from models.session import read_session, write_session
from models.tables import Erasure
from models.values.calendar import LAW_CLOCK, local_day
from models.values.errors import InvalidArgumentError, NotFoundError
from models.values.local_month import LocalMonth

_PLACES: Mapping[str, Callable[[Path, UUID], Path]] = {
    "uploads": upload_path,
    "exports": export_path,
}
"""Where files lie that an erasure removes, by folder."""

_GONE, _BLANKED, _KEPT = "deleted", "blanked", "kept"


class UnconfirmedErasureError(InvalidArgumentError):
    """An erasure is not confirmed by the code of the member."""

    def __init__(self) -> None:
        super().__init__("erasing is for good: confirm it with the code of that very member")


class UnknownErasureError(NotFoundError):
    """The promoter has erased nobody so.

    Attributes
    ----------
    erasure_id : UUID
        What was asked for.
    """

    def __init__(self, erasure_id: UUID) -> None:
        super().__init__("there is no such erasure")
        self.erasure_id = erasure_id


def erase_person(
    session: Session,
    *,
    promoter_id: UUID,
    member_id: UUID,
    confirmation: str,
    account_id: UUID | None,
    keyring: Keyring,
    now: datetime,
) -> Erasure:
    """Erase every row of a person but what the law keeps, and ask for the files to follow.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    member_id : UUID
        The member.
    confirmation : str
        Its code, so that nobody is erased by mistake.
    account_id : UUID or None
        Who asks for it.
    keyring : Keyring
        What seals the marks that take the place of what was sealed.
    now : datetime
        The present instant.

    Returns
    -------
    Erasure
        By ids alone; of somebody who was erased before, that of then.

    Raises
    ------
    UnknownPersonError
        If the promoter has no such member.
    UnconfirmedErasureError
        If the code is another.
    StillSharingError, MoneyOpenError, WorkUnderwayError
        If something is still underway with that member.

    Notes
    -----
    Reglamento (UE) 2016/679, art. 17: what the law obliges to keep stays, art. 17.3.b.
    """
    before = find_erasure(session, promoter_id=promoter_id, member_id=member_id)
    if before is not None:
        return before
    hold_jobs(session)
    person = find_person(session, promoter_id=promoter_id, member_id=member_id)
    if confirmation != person.member.code:
        raise UnconfirmedErasureError
    on = local_day(now, LAW_CLOCK)
    for hindrance in list_hindrances(session, promoter_id=promoter_id, person=person, on=on):
        raise hindrance
    erasure = Erasure(
        promoter_id=promoter_id,
        member_id=member_id,
        account_id=account_id,
        begun_at=now,
        counts={},
        files=list_kept_files(session, promoter_id=promoter_id),
    )
    session.add(erasure)
    session.flush()
    erasure.counts = _erase_rows(session, person, keyring, now)
    erasure.erased_at = now
    session.add(erasure)
    session.flush()
    request_job(
        session,
        promoter_id=promoter_id,
        kind=JobKind.CLEAR_ERASURE,
        arguments={"erasure_id": str(erasure.id)},
        idempotency_key=None,
        now=now,
    )
    return erasure


def clear_erasure(
    engine: Engine, *, promoter_id: UUID, erasure_id: UUID, data_dir: Path, now: datetime
) -> Erasure:
    """Remove the files of an erasure, and write the pages anew that remember its rows.

    Parameters
    ----------
    engine : Engine
        The database.
    promoter_id : UUID
        The tenant.
    erasure_id : UUID
        Which.
    data_dir : Path
        Folder of the process's data.
    now : datetime
        The present instant.

    Returns
    -------
    Erasure
        As it stands; asking again changes nothing.

    Raises
    ------
    UnknownErasureError
        If the promoter has erased nobody so.
    DatabaseBusyError
        If somebody uses the database for too long; ask again.
    """
    with read_session(engine) as session:
        erasure = _require_erasure(session, promoter_id, erasure_id)
    if erasure.cleared_at is not None:
        return erasure
    for folder, names in erasure.files.items():
        for name in names:
            _PLACES[folder](data_dir, UUID(name)).unlink(missing_ok=True)
    touched = {*erasure.counts.get(_GONE, {}), *erasure.counts.get(_BLANKED, {})}
    rewrite_tables(engine, sorted(touched | {Erasure.__tablename__}))
    with write_session(engine) as session:
        erasure = _require_erasure(session, promoter_id, erasure_id)
        if erasure.cleared_at is None:
            erasure.cleared_at = now
            session.add(erasure)
    return erasure


def run_clearing(job: RunningJob, *, data_dir: Path) -> None:
    """Clear what an erasure left.

    Parameters
    ----------
    job : RunningJob
        Its ``arguments`` name the erasure.
    data_dir : Path
        Folder of the process's data.

    Raises
    ------
    UnknownErasureError
        If the promoter has erased nobody so.
    DatabaseBusyError
        If somebody uses the database for too long; the job is tried again.
    """
    erasure_id = UUID(job.arguments["erasure_id"])
    clear_erasure(
        job.engine,
        promoter_id=job.promoter_id,
        erasure_id=erasure_id,
        data_dir=data_dir,
        now=job.clock(),
    )
    with job.storing() as session:
        job.complete(session)


def _require_erasure(session: Session, promoter_id: UUID, erasure_id: UUID) -> Erasure:
    erasure = get_erasure(session, promoter_id=promoter_id, erasure_id=erasure_id)
    if erasure is None:
        raise UnknownErasureError(erasure_id)
    return erasure


def _erase_rows(
    session: Session, person: Person, keyring: Keyring, now: datetime
) -> dict[str, dict[str, int]]:
    """Erase the rows of a person, through the seals that her open erasure opens."""
    promoter_id, keys = person.member.promoter_id, person.keys
    _end_mandates(session, person, now)
    _forget_handed_over(session, person)
    known = count_rows(session, promoter_id=promoter_id, keys=keys)
    mended = mend_rows(
        session,
        promoter_id=promoter_id,
        community_id=person.member.community_id,
        mend=person.names.mend,
        mend_afar=person.names_afar.mend,
    )
    gone = delete_rows(session, promoter_id=promoter_id, keys=keys)
    blanker = RowBlanker(keyring, promoter_id)
    blanked = blank_rows(session, promoter_id=promoter_id, keys=keys, blank=blanker.blank)
    kept = {name: count for name, count in known.items() if name not in {*gone, *blanked}}
    return {_GONE: gone, _BLANKED: blanked | mended, _KEPT: kept}


def _end_mandates(session: Session, person: Person, now: datetime) -> None:
    """Take back the mandates by which the person could still be debited."""
    owner = person.member.promoter_id
    for row in list(read_rows(session, promoter_id=owner, keys=person.keys, table="mandate")):
        if row["ended_on"] is None:
            revoke_mandate(
                session,
                promoter_id=owner,
                mandate_id=row["id"],
                revoked_on=local_day(now, LAW_CLOCK),
                now=now,
            )


def _forget_handed_over(session: Session, person: Person) -> None:
    """Forget the months of supply points that were the person's before they were others'."""
    promoter_id, member = person.member.promoter_id, person.member
    handed = list_handed_over(session, promoter_id=promoter_id, member_id=member.id)
    found = map_communities(session, promoter_id=promoter_id, community_ids=[member.community_id])
    timezone = found[member.community_id].timezone
    for point_id, day in handed:
        if point_id not in person.keys[Keys.POINTS]:
            month = LocalMonth(day.replace(day=1), timezone)
            forget_months_before(session, point_id=point_id, instant=month.starts_at)
