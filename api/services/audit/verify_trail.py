"""Verify the audit trail: walk each chain once, and tell where it breaks first."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session

from api.services.audit.entry_hash import hash_entry
from api.services.jobs.progress import Progress, tell_nobody
from models.repositories.audit import find_head, walk_entries
from models.repositories.promoters import list_promoters
from models.tables import AuditEntry
from models.values.errors import InvalidDataError

INSTALLATION = "(installation)"
"""What the chain of no promoter is called."""

_TOLD_EVERY = 1_000


class BrokenTrailError(InvalidDataError):
    """Chains of the audit trail are not as they were written.

    Attributes
    ----------
    breaks : str
        Where each breaks first, in a line each.
    """

    def __init__(self, reports: Iterable["ChainReport"]) -> None:
        self.breaks = "\n".join(f"{each.owner}: {each.fault}" for each in reports)
        super().__init__(f"the audit trail was changed:\n{self.breaks}")


class MissingEntryError(InvalidDataError):
    """No chain has an entry of a hash that was noted down: the end of one is cut off.

    Attributes
    ----------
    hash : str
        The hash.
    """

    def __init__(self, noted: str) -> None:
        super().__init__(
            f"the audit trail has no entry with the hash {noted[:64]!r}: entries are missing at"
            " its end, or it is another trail"
        )
        self.hash = noted[:64]


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What became of one chain.

    Attributes
    ----------
    owner : str
        Name of its promoter, or ``INSTALLATION``.
    promoter_id : UUID or None
        Whose it is.
    entry_count : int
        How many entries are sound, from the first on.
    head : str or None
        Hash of the last sound one.
    fault : str or None
        Which entry is not sound, and why; None when all are.
    has_expected : bool
        Whether one of the sound entries has the hash that was asked for.
    """

    owner: str
    promoter_id: UUID | None
    entry_count: int
    head: str | None
    fault: str | None = None
    has_expected: bool = False


def list_chains(session: Session, *, promoter_id: UUID | None = None) -> list[ChainReport]:
    """Tell how far each chain goes, without looking into it.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID, optional
        Only this promoter's.

    Returns
    -------
    list of ChainReport
        The installation's own, then the promoters' by name.
    """
    return [_show_head(session, *each) for each in _name_chains(session, promoter_id)]


def verify_trail(
    session: Session,
    *,
    promoter_id: UUID | None = None,
    expected: str | None = None,
    tell: Progress = tell_nobody,
) -> list[ChainReport]:
    """Walk chains from their first entry to their last.

    Parameters
    ----------
    session : Session
        Open transaction, best one that only reads: it sees one instant.
    promoter_id : UUID, optional
        Only this promoter's chain.
    expected : str, optional
        Hash that was noted down: an entry must have it.
    tell : callable, optional
        Told how far the walk is, every 1,000 entries.

    Returns
    -------
    list of ChainReport
        The installation's own, then the promoters' by name.
    """
    chains = _name_chains(session, promoter_id)
    total = sum(_show_head(session, *each).entry_count for each in chains)
    walked = 0

    def step() -> None:
        nonlocal walked
        walked += 1
        if walked % _TOLD_EVERY == 0:
            tell(min(1.0, walked / max(total, 1)), "audit trail")

    return [_verify(session, owner, key, expected, step) for owner, key in chains]


def require_sound(reports: Iterable[ChainReport], *, expected: str | None = None) -> None:
    """Refuse chains of which one is broken, or lacks what was noted down.

    Parameters
    ----------
    reports : iterable of ChainReport
        What ``verify_trail`` found.
    expected : str, optional
        The hash that it was asked to look for.

    Raises
    ------
    BrokenTrailError
        If an entry is not sound.
    MissingEntryError
        If no sound entry has the hash.
    """
    found = list(reports)
    broken = [each for each in found if each.fault is not None]
    if broken:
        raise BrokenTrailError(broken)
    if expected is not None and not any(each.has_expected for each in found):
        raise MissingEntryError(expected)


def _name_chains(session: Session, promoter_id: UUID | None) -> list[tuple[str, UUID | None]]:
    """Name the chains that there can be: an empty one is told of too."""
    named = [(each.name, each.id) for each in list_promoters(session)]
    if promoter_id is not None:
        return [each for each in named if each[1] == promoter_id]
    return [(INSTALLATION, None), *named]


def _show_head(session: Session, owner: str, promoter_id: UUID | None) -> ChainReport:
    head = find_head(session, promoter_id=promoter_id)
    return ChainReport(owner, promoter_id, *((0, None) if head is None else head))


def _verify(
    session: Session,
    owner: str,
    promoter_id: UUID | None,
    expected: str | None,
    step: Callable[[], None],
) -> ChainReport:
    count, head, has_expected = 0, None, False
    fault: str | None = None
    for entry in walk_entries(session, promoter_id=promoter_id):
        fault = _find_fault(entry, count + 1, head)
        if fault is not None:
            break
        count, head = entry.position, entry.hash
        has_expected = has_expected or head == expected
        step()
    return ChainReport(owner, promoter_id, count, head, fault, has_expected)


def _find_fault(entry: AuditEntry, position: int, previous: str | None) -> str | None:
    """Tell what is wrong with an entry that should have a place and follow another."""
    if entry.position != position:
        return f"entry {position} is missing"
    if entry.previous_hash != previous:
        return f"entry {position} does not follow the one before it"
    if hash_entry(entry) != entry.hash:
        return f"entry {position} was changed"
    return None
