"""What is to be exported: which data, of whom, of which days, how finely and in which form."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from sqlmodel import Session

from api.policies import FEWEST_TOGETHER
from api.services.communities.find_community import require_community
from models.repositories.communities import list_communities
from models.values.access import Capability, Reach
from models.values.errors import CommunityError, ErrorCode, InvalidArgumentError
from models.values.language import Language
from models.values.period import Period, add_months
from models.values.resolution import Resolution

_LONGEST_MONTHS = 120
_YEARS = range(2000, 2100)


class ExportSubject(StrEnum):
    """Which data."""

    ENERGY = "energy"
    ECONOMY = "economy"
    ENVIRONMENT = "environment"
    MEMBERS = "members"
    INVOICES = "invoices"


class ExportFormat(StrEnum):
    """In which form."""

    XLSX = "xlsx"
    CSV = "csv"
    CSV_EXCEL_ES = "csv-excel-es"
    JSON = "json"
    PARQUET = "parquet"

    @property
    def suffix(self) -> str:
        """How the names of such files end."""
        return "csv" if self is ExportFormat.CSV_EXCEL_ES else self.value


RESOLUTIONS = {
    ExportSubject.ENERGY: (
        Resolution.QUARTER_HOUR,
        Resolution.HOUR,
        Resolution.DAY,
        Resolution.MONTH,
    ),
    ExportSubject.ECONOMY: (Resolution.MONTH,),
    ExportSubject.ENVIRONMENT: (Resolution.HOUR, Resolution.DAY, Resolution.MONTH),
}
"""How finely data can be told; members and invoices are not summed over time like that."""


class UnsuitedResolutionError(InvalidArgumentError):
    """Data are not told as finely, or as coarsely, as they are wanted.

    Attributes
    ----------
    subject : ExportSubject
        Which data.
    known : str
        How they are told.
    """

    def __init__(self, subject: ExportSubject, known: tuple[Resolution, ...]) -> None:
        self.subject = subject
        self.known = ", ".join(known)
        super().__init__(f"{subject} is exported by {self.known} only")


class ExportPeriodError(InvalidArgumentError):
    """Days of which no meter can have recorded anything, or too many of them."""

    def __init__(self) -> None:
        super().__init__("choose days of 2000 to 2099, and at most ten years of them")


class UnexportableError(CommunityError):
    """Data are not for this caller.

    Attributes
    ----------
    needed : Capability
        What it lacks.
    """

    code = ErrorCode.FORBIDDEN

    def __init__(self, needed: Capability) -> None:
        super().__init__(f"these data are not for this caller: they need {needed}")
        self.needed = needed


class OnlyOwnExportableError(CommunityError):
    """Sums of everybody were wished for by a member, who exports what is its own."""

    code = ErrorCode.FORBIDDEN

    def __init__(self) -> None:
        super().__init__("members export their own data, not the sums of all: set perMember")


@dataclass(frozen=True, slots=True)
class ExportWish:
    """What is to be exported.

    Attributes
    ----------
    subject : ExportSubject
        Which data.
    days : Period
        Of which local days; it has an end.
    resolution : Resolution
        Over which intervals energy is summed.
    is_per_member : bool
        Whether each supply point, or invoice, has rows of its own; else sums alone.
    file_format : ExportFormat
        In which form.
    language : Language
        Of what people read.
    fewest : int
        Members whose sum may be told; 1 for callers who may see each of them.
    community_ids : tuple of UUID
        Of which communities.
    member_ids : tuple of UUID or None
        Of which members alone, who ask for their own; of all when None.

    Raises
    ------
    ExportPeriodError
        If no meter can have recorded the days, or they are more than ten years.
    UnsuitedResolutionError
        If the data are not told by such intervals.
    """

    subject: ExportSubject
    days: Period
    resolution: Resolution
    is_per_member: bool
    file_format: ExportFormat
    language: Language
    fewest: int = 1
    community_ids: tuple[UUID, ...] = ()
    member_ids: tuple[UUID, ...] | None = None

    def __post_init__(self) -> None:
        start, end = self.days.start, self.days.end
        if end is None or start.year not in _YEARS or (end - timedelta(1)).year not in _YEARS:
            raise ExportPeriodError
        if end > add_months(start.replace(day=1), _LONGEST_MONTHS + 1):
            raise ExportPeriodError
        known = RESOLUTIONS.get(self.subject)
        if known is not None and self.resolution not in known:
            raise UnsuitedResolutionError(self.subject, known)

    @property
    def until(self) -> date:
        """The day after the last."""
        assert self.days.end is not None, "a wish has an end"
        return self.days.end

    @property
    def needed(self) -> Capability:
        """What a caller has to be able to do."""
        if self.member_ids is not None and self.is_of_single:
            return Capability.OWN
        if self.subject is ExportSubject.INVOICES:
            return Capability.READ_MONEY
        tells_few = self.fewest < FEWEST_TOGETHER
        return Capability.PERSONAL if self.is_of_single or tells_few else Capability.READ

    @property
    def is_of_single(self) -> bool:
        """Whether it tells of members one by one."""
        return self.is_per_member or self.subject is ExportSubject.MEMBERS

    def reach(self, promoter_id: UUID) -> Reach:
        """Bound what is read for it."""
        if self.member_ids is None:
            return Reach(promoter_id)
        return Reach(promoter_id, frozenset(self.community_ids), frozenset(self.member_ids))

    def as_arguments(self) -> dict[str, object]:
        """Write it as JSON values."""
        return {
            "subject": self.subject.value,
            "since": self.days.start.isoformat(),
            "until": self.until.isoformat(),
            "resolution": self.resolution.value,
            "is_per_member": self.is_per_member,
            "file_format": self.file_format.value,
            "language": self.language.value,
            "fewest": self.fewest,
            "community_ids": [str(key) for key in self.community_ids],
            **({} if self.member_ids is None else {"member_ids": list(map(str, self.member_ids))}),
        }

    @classmethod
    def from_arguments(cls, arguments: dict[str, Any]) -> Self:
        """Read it back."""
        since, until = (date.fromisoformat(arguments[name]) for name in ("since", "until"))
        own = arguments.get("member_ids")
        return cls(
            subject=ExportSubject(arguments["subject"]),
            days=Period(since, until),
            resolution=Resolution(arguments["resolution"]),
            is_per_member=arguments["is_per_member"],
            file_format=ExportFormat(arguments["file_format"]),
            language=Language(arguments["language"]),
            fewest=arguments["fewest"],
            community_ids=tuple(map(UUID, arguments["community_ids"])),
            member_ids=None if own is None else tuple(map(UUID, own)),
        )


def require_export(wish: ExportWish, held: Collection[Capability]) -> None:
    """Refuse whoever may not have what is wished for.

    Parameters
    ----------
    wish : ExportWish
        The data.
    held : collection of Capability
        What the caller may do.

    Raises
    ------
    UnexportableError
        If it may not.
    OnlyOwnExportableError
        If it may have its own part of them.
    """
    if wish.needed in held:
        return
    if wish.member_ids is not None:
        raise OnlyOwnExportableError
    raise UnexportableError(wish.needed)


def find_communities(
    session: Session, *, promoter_id: UUID, community_id: UUID | None
) -> tuple[UUID, ...]:
    """Find of which communities data are exported.

    Parameters
    ----------
    session : Session
        Open transaction; its reach bounds what is found.
    promoter_id : UUID
        The tenant.
    community_id : UUID or None
        One of them; None for all that the caller reaches.

    Returns
    -------
    tuple of UUID
        By code.

    Raises
    ------
    UnknownCommunityError
        If the caller reaches no such one.
    """
    if community_id is None:
        return tuple(row.id for row in list_communities(session, promoter_id=promoter_id))
    return (require_community(session, promoter_id=promoter_id, community_id=community_id).id,)
