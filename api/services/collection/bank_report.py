"""What became of the movements that a bank's file tells."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from api.services.collection.match_movements import Suggestion
from loaders.sepa.return_reasons import NextStep
from models.tables import Payment


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
    payments : tuple of Payment
        What was booked, or is known.
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
    payments: tuple[Payment, ...] = ()
    suggestion: Suggestion | None = None
    next_step: NextStep | None = None


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
