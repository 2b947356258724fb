"""Read the audit trail, newest first."""

from uuid import UUID

from sqlmodel import Session

from models.repositories import audit
from models.repositories.audit import AuditFilter
from models.repositories.page import Page, PageRequest, SortKey
from models.tables import AuditEntry

__all__ = ["AuditFilter", "count_entries", "list_subjects", "page_entries"]


def page_entries(
    session: Session,
    *,
    promoter_id: UUID | None,
    wanted: AuditFilter,
    first: int,
    after: SortKey | None = None,
) -> Page[AuditEntry]:
    """Read a page of entries.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID or None
        Whose chain; the installation's own when None.
    wanted : AuditFilter
        Which of its entries.
    first : int
        Most entries of the page.
    after : (int, UUID), optional
        Position and id of the entry after which the page begins.

    Returns
    -------
    Page of AuditEntry
        Newest first.
    """
    request = PageRequest(first, after)
    return audit.page_entries(session, promoter_id=promoter_id, wanted=wanted, request=request)


def count_entries(session: Session, *, promoter_id: UUID | None, wanted: AuditFilter) -> int:
    """Count entries.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID or None
        Whose chain; the installation's own when None.
    wanted : AuditFilter
        Which of its entries.

    Returns
    -------
    int
        How many there are.
    """
    return audit.count_entries(session, promoter_id=promoter_id, wanted=wanted)


def list_subjects(subjects: str | None) -> list[tuple[str, UUID]]:
    """List the rows that an entry names.

    Parameters
    ----------
    subjects : str or None
        As the entry holds them.

    Returns
    -------
    list of (str, UUID)
        Table and id of each; of many the first 50.

    Examples
    --------
    >>> list_subjects("invoice:00000000-0000-0000-0000-000000000001")
    [('invoice', UUID('00000000-0000-0000-0000-000000000001'))]
    """
    pairs = (each.partition(":") for each in (subjects or "").split())
    return [(table, UUID(key)) for table, _, key in pairs]
