"""What keeps a billing run from being issued, each with what to do about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from models.values.errors import ConflictError

_TOLD = 5


class MissingKind(StrEnum):
    """What a billing run lacks."""

    PERIOD_NOT_OVER = "period_not_over"
    NOTHING_APPLIED = "nothing_applied"
    NOT_ALLOCATED = "not_allocated"
    STALE_ALLOCATION = "stale_allocation"
    NO_PLAN = "no_plan"
    NO_PAYER = "no_payer"
    NO_SAVINGS = "no_savings"
    BILLED_ALREADY = "billed_already"

    @property
    def remedy(self) -> str:
        """What to do about it."""
        return _REMEDIES[self]


_REMEDIES = {
    MissingKind.PERIOD_NOT_OVER: "wait until the period is over",
    MissingKind.NOTHING_APPLIED: "record on which days the distributor applied an agreement",
    MissingKind.NOT_ALLOCATED: "import its readings and share the month out",
    MissingKind.STALE_ALLOCATION: "its inputs changed: share the month out again",
    MissingKind.NO_PLAN: "subscribe it to a payment plan, or to one that is free",
    MissingKind.NO_PAYER: "record who pays for the member",
    MissingKind.NO_SAVINGS: "record its retail contract, and what its bills are made from",
    MissingKind.BILLED_ALREADY: "leave it out, or rectify the invoice",
}


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that a billing run lacks.

    Attributes
    ----------
    kind : MissingKind
        What.
    subject : str
        CAU, CUPS, code of a member, or name of a community.
    since : date or None
        First day for which it is missing.
    because : str
        Why, where the kind does not tell; empty where it does.
    """

    kind: MissingKind
    subject: str
    since: date | None = None
    because: str = ""

    def __str__(self) -> str:
        since = f" from {self.since} on" if self.since else ""
        because = f" ({self.because})" if self.because else ""
        return f"{self.kind.value} {self.subject}{since}{because}: {self.kind.remedy}"


@dataclass(frozen=True, slots=True)
class HeldBill:
    """A bill far above what is usual, held until somebody has looked at it.

    Attributes
    ----------
    cups : str
        The supply point.
    total_eur : Decimal
        The bill [EUR].
    usual_eur : Decimal
        Median of its last bills, or of the community's now, for as many months [EUR].
    """

    cups: str
    total_eur: Decimal
    usual_eur: Decimal

    def __str__(self) -> str:
        return f"{self.cups}: {self.total_eur} EUR instead of about {self.usual_eur} EUR"


class UnreadyRunError(ConflictError):
    """A billing run lacks something, and nothing of it is issued.

    Attributes
    ----------
    missing : tuple of Missing
        All that it lacks.
    """

    def __init__(self, missing: Sequence[Missing]) -> None:
        super().__init__(f"the billing run is not ready: {_tell(missing)}")
        self.missing = tuple(missing)


class HeldBillsError(ConflictError):
    """Some bills are far above what is usual, and nobody has looked at them.

    Attributes
    ----------
    held : tuple of HeldBill
        Those.
    """

    def __init__(self, held: Sequence[HeldBill]) -> None:
        super().__init__(f"look at these bills, and name those that are right: {_tell(held)}")
        self.held = tuple(held)


def _tell(findings: Sequence[Missing] | Sequence[HeldBill]) -> str:
    more = len(findings) - _TOLD
    rest = f"; and {more} more" if more > 0 else ""
    return "; ".join(str(each) for each in findings[:_TOLD]) + rest
