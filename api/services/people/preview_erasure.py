"""Tell what the erasure of a person would take away, and what the law keeps, until when."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlmodel import Session

from api.services.people.erasure_hindrances import list_hindrances
from api.services.people.find_person import Person, find_person
from models.personal_data import Fate, PersonalTable, read_inventory
from models.repositories.erasures import find_last_entry, list_kept_files
from models.repositories.people import count_rows
from models.values.calendar import LAW_CLOCK, local_day
from models.values.errors import CommunityError


@dataclass(frozen=True, slots=True)
class ConcernedTable:
    """What an erasure means for the rows of one table.

    Attributes
    ----------
    name : str
        The table.
    fate : Fate
        What becomes of them.
    count : int
        How many they are.
    law : str or None
        Why they stay.
    until : date or None
        Until when, if they name the person.
    """

    name: str
    fate: Fate
    count: int
    law: str | None
    until: date | None


@dataclass(frozen=True, slots=True)
class ErasurePreview:
    """What an erasure would do.

    Attributes
    ----------
    member_id : UUID
        Who would be erased.
    code : str
        What that member is called, by which the act is confirmed.
    tables : tuple of ConcernedTable
        By name.
    file_count : int
        Files beside the database that would go: all that the promoter has sent or exported.
    hindrances : tuple of CommunityError
        What stands in the way.
    """

    member_id: UUID
    code: str
    tables: tuple[ConcernedTable, ...]
    file_count: int
    hindrances: tuple[CommunityError, ...]


def preview_erasure(
    session: Session, *, promoter_id: UUID, member_id: UUID, now: datetime
) -> ErasurePreview:
    """Tell what the erasure of a person would do; nothing is changed.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    member_id : UUID
        The member.
    now : datetime
        The present instant.

    Returns
    -------
    ErasurePreview

    Raises
    ------
    UnknownPersonError
        If the promoter has no such member.
    """
    person = find_person(session, promoter_id=promoter_id, member_id=member_id)
    files = list_kept_files(session, promoter_id=promoter_id)
    hindrances = list_hindrances(
        session, promoter_id=promoter_id, person=person, on=local_day(now, LAW_CLOCK)
    )
    return ErasurePreview(
        member_id=member_id,
        code=person.member.code,
        tables=tuple(_list_tables(session, person)),
        file_count=sum(len(names) for names in files.values()),
        hindrances=tuple(hindrances),
    )


def _list_tables(session: Session, person: Person) -> Iterator[ConcernedTable]:
    promoter_id, member_id = person.member.promoter_id, person.member.id
    last = find_last_entry(session, promoter_id=promoter_id, member_id=member_id)
    counts = count_rows(session, promoter_id=promoter_id, keys=person.keys)
    for name, count in sorted(counts.items()):
        entry = read_inventory()[name]
        law = None if entry.law is None else entry.law.text
        yield ConcernedTable(name, entry.fate, count, law, _find_end(entry, last))


def _find_end(entry: PersonalTable, last: date | None) -> date | None:
    """Count the years of a law from the end of the year of the last entry in the books."""
    if last is None or entry.law is None or entry.law.years is None:
        return None
    return date(last.year + entry.law.years + 1, 1, 1)
