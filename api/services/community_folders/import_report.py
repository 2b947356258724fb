"""What an import did, for the person who asked for it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

from models.values.metering import Channel


class Standing(StrEnum):
    """How a supply point stands to its community."""

    ABSENT = "absent"
    RESERVE = "reserve"
    MEMBER = "member"


@dataclass(frozen=True, slots=True)
class StandingChange:
    """A supply point that began or ceased to share or to wait.

    Attributes
    ----------
    member_id : str
        The promoter's own key of the member.
    cups : str
        The supply point.
    before, after : Standing
        How it stood, and how it stands now.
    """

    member_id: str
    cups: str
    before: Standing
    after: Standing


@dataclass(frozen=True, slots=True)
class RoundingMove:
    """How far rounding to whole watt-hours moved the energy of a channel.

    Attributes
    ----------
    total_kwh : float
        Stored energy less the folder's, summed over all meters [kWh].
    largest_kwh : float
        Largest move of a single value, without its sign [kWh].
    """

    total_kwh: float
    largest_kwh: float


@dataclass(slots=True)
class StoredMonths:
    """Months that an import appended.

    Attributes
    ----------
    first_versions : int
        Months of which nothing was stored before.
    corrected : dict
        For each CUPS, CAU or kind of price: the months, 1 to 12, that got a further version.
    """

    first_versions: int = 0
    corrected: dict[str, list[int]] = field(default_factory=dict)

    def count(self, name: str, month: int, *, is_first: bool) -> None:
        """Note that a month was appended."""
        if is_first:
            self.first_versions += 1
        else:
            self.corrected.setdefault(name, []).append(month)

    @classmethod
    def joined(cls, parts: "Iterable[StoredMonths]") -> "StoredMonths":
        """Add up several."""
        whole = cls()
        for part in parts:
            whole.first_versions += part.first_versions
            whole.corrected |= part.corrected
        return whole


@dataclass(frozen=True, slots=True)
class AgreementOutcome:
    """Whether the list's current coefficients became an agreement.

    Attributes
    ----------
    agreement_id : UUID or None
        The agreement that states them; None when there is none.
    is_new : bool
        Whether this import published it.
    reason : str or None
        Why there is none.
    """

    agreement_id: UUID | None = None
    is_new: bool = False
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import of one community's year did.

    Attributes
    ----------
    community_id : UUID
        The community.
    year : int
        The local year.
    n_members, n_reserve : int
        Supply points of the list that share, and that wait.
    changed_records : tuple of str
        Names of the records that were made or altered, such as ``supply point ES...``.
    standing_changes : tuple of StandingChange
        Who began or ceased to share or to wait: everybody, when the community is new.
    rounding : dict
        For each channel, how far rounding to whole watt-hours moved it.
    months : StoredMonths
        Months of readings and prices that were appended.
    agreement : AgreementOutcome
        What became of the list's current coefficients.
    """

    community_id: UUID
    year: int
    n_members: int
    n_reserve: int
    changed_records: tuple[str, ...]
    standing_changes: tuple[StandingChange, ...]
    rounding: dict[Channel, RoundingMove]
    months: StoredMonths
    agreement: AgreementOutcome

    @property
    def is_unchanged(self) -> bool:
        """Whether everything was stored already."""
        return not (
            self.changed_records
            or self.standing_changes
            or self.months.first_versions
            or self.months.corrected
            or self.agreement.is_new
        )

    def to_json(self) -> dict[str, Any]:
        """Give the report as plain JSON values, as a job keeps it."""
        agreement_id = self.agreement.agreement_id
        return {
            "community_id": str(self.community_id),
            "year": self.year,
            "unchanged": self.is_unchanged,
            "n_members": self.n_members,
            "n_reserve": self.n_reserve,
            "changed_records": list(self.changed_records),
            "standing_changes": [
                {
                    "member_id": change.member_id,
                    "cups": change.cups,
                    "before": change.before.value,
                    "after": change.after.value,
                }
                for change in self.standing_changes
            ],
            "rounding": {
                channel.value: {"total_kwh": move.total_kwh, "largest_kwh": move.largest_kwh}
                for channel, move in self.rounding.items()
            },
            "first_versions": self.months.first_versions,
            "corrected_months": self.months.corrected,
            "agreement_id": str(agreement_id) if agreement_id else None,
            "agreement_is_new": self.agreement.is_new,
            "no_agreement_because": self.agreement.reason,
        }
