"""What became of the movements that a bank's file tells."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from loaders.sepa.return_reasons import NextStep


class MovementKind(StrEnum):
    """What became of a movement."""

    DEBITS = "debits"
    """Debits of ours were collected."""
    RETURN = "return"
    """A debit of ours came back."""
    TRANSFER = "transfer"
    """A payment that names its invoices."""
    UNKNOWN = "unknown"
    """Money of nobody who is certain: to be assigned by hand."""
    KNOWN = "known"
    """It was booked before."""
    NOT_BOOKED = "not-booked"
    """Money that left and is no return of ours, or one to be settled by hand."""

    @property
    def is_booked(self) -> bool:
        """Whether this file put it into the books."""
        return self not in (MovementKind.KNOWN, MovementKind.NOT_BOOKED)


class UnmatchedBecause(StrEnum):
    """Why a movement is nobody's, or was not booked."""

    NOTHING_NAMED = "nothing-named"
    """It names no invoice and no debit of ours."""
    SEVERAL_MEMBERS = "several-members"
    """The invoices that it names are of several members."""
    OTHER_AMOUNT = "other-amount"
    """The debits that it names make another amount."""
    SEVERAL_DEBITS = "several-debits"
    """It takes back one of several debits that it names."""
    TOO_LITTLE = "too-little"
    """It takes back less than the debit that it names."""
    REFUNDED = "refunded"
    """It takes back a payment that was refunded already."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Who may have paid, for somebody to judge.

    Attributes
    ----------
    member_id : UUID
        Who has a mandate on the account, or has paid from it.
    invoice_ids : tuple of UUID
        Invoices whose open amount is the one paid; empty if none.
    """

    member_id: UUID
    invoice_ids: tuple[UUID, ...]


class PaidInvoice(NamedTuple):
    """An ordinary invoice that a movement paid, or is owed again."""

    invoice_id: UUID
    number: str


@dataclass(frozen=True, slots=True)
class ReportedMovement:
    """A movement and what became of it.

    Attributes
    ----------
    kind : MovementKind
        What became of it.
    booked_on : date
        Day of the booking.
    amount_eur : Decimal
        Below zero for what left [EUR].
    text : str
        What it says it is for.
    payer : str or None
        Name and account of who paid, the account masked.
    payment_ids : tuple of UUID
        Payments that were booked, or are known.
    member_ids : tuple of UUID
        Whose they are, each once.
    invoices : tuple of PaidInvoice
        What they paid, or is owed again, by number.
    because : UnmatchedBecause or None
        Why it is nobody's or was not booked.
    suggestion : Suggestion or None
        Who may have paid, where nobody is certain.
    next_step : NextStep or None
        What to do after a return.
    """

    kind: MovementKind
    booked_on: date
    amount_eur: Decimal
    text: str
    payer: str | None
    payment_ids: tuple[UUID, ...] = ()
    member_ids: tuple[UUID, ...] = ()
    invoices: tuple[PaidInvoice, ...] = ()
    because: UnmatchedBecause | None = None
    suggestion: Suggestion | None = None
    next_step: NextStep | None = None

    def to_json(self) -> dict[str, Any]:
        """Write it as JSON values."""
        suggestion = self.suggestion
        return {
            "kind": self.kind.value,
            "booked_on": self.booked_on.isoformat(),
            "amount_eur": str(self.amount_eur),
            "text": self.text,
            "payer": self.payer,
            "payment_ids": [str(key) for key in self.payment_ids],
            "member_ids": [str(key) for key in self.member_ids],
            "invoices": [[str(key), number] for key, number in self.invoices],
            "because": self.because and self.because.value,
            "suggestion": suggestion
            and [str(suggestion.member_id), *(str(key) for key in suggestion.invoice_ids)],
            "next_step": self.next_step and self.next_step.value,
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "ReportedMovement":
        """Read what ``to_json`` wrote."""
        because, step = document["because"], document["next_step"]
        suggestion = None
        if document["suggestion"] is not None:
            member_id, *invoice_ids = map(UUID, document["suggestion"])
            suggestion = Suggestion(member_id, tuple(invoice_ids))
        return cls(
            kind=MovementKind(document["kind"]),
            booked_on=date.fromisoformat(document["booked_on"]),
            amount_eur=Decimal(document["amount_eur"]),
            text=document["text"],
            payer=document["payer"],
            payment_ids=tuple(map(UUID, document["payment_ids"])),
            member_ids=tuple(map(UUID, document["member_ids"])),
            invoices=tuple(PaidInvoice(UUID(key), number) for key, number in document["invoices"]),
            because=None if because is None else UnmatchedBecause(because),
            suggestion=suggestion,
            next_step=None if step is None else NextStep(step),
        )


@dataclass(frozen=True, slots=True)
class BankFileReport:
    """What a bank's file told.

    Attributes
    ----------
    movements : tuple of ReportedMovement
        In the order of the file.
    pending_count : int
        Entries that the bank only expects, which were left out.
    """

    movements: tuple[ReportedMovement, ...]
    pending_count: int

    @property
    def counts(self) -> dict[MovementKind, int]:
        """Movements by what became of them."""
        return dict(Counter(movement.kind for movement in self.movements))

    def sum_of(self, *kinds: MovementKind) -> Decimal:
        """Sum what became of some kinds [EUR]."""
        amounts = (each.amount_eur for each in self.movements if each.kind in kinds)
        return sum(amounts, Decimal("0.00"))

    @property
    def member_ids(self) -> set[UUID]:
        """Who paid, and who is suggested."""
        paid = {key for movement in self.movements for key in movement.member_ids}
        suggested = {each.suggestion.member_id for each in self.movements if each.suggestion}
        return paid | suggested

    def to_json(self) -> dict[str, Any]:
        """Write it as JSON values, for a job to keep."""
        return {
            "pending_count": self.pending_count,
            "movements": [movement.to_json() for movement in self.movements],
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "BankFileReport":
        """Read what ``to_json`` wrote."""
        return cls(
            movements=tuple(map(ReportedMovement.from_json, document["movements"])),
            pending_count=document["pending_count"],
        )
