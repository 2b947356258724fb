"""Words of SEPA direct debits: mandates, the files for the bank, and what becomes of a debit."""

from enum import StrEnum


class MandateKind(StrEnum):
    """For how many debits a mandate was signed."""

    RECURRENT = "recurrent"
    ONE_OFF = "one-off"


class MandateEnd(StrEnum):
    """Why nothing is collected with a mandate any more."""

    REVOKED = "revoked"
    """Its holder or the creditor took it back."""
    RETURNED = "returned"
    """A debit came back with a code that ends it."""
    LAPSED = "lapsed"
    """It was not used for 36 months."""
    SPENT = "spent"
    """Its only or its last debit was collected."""


class SequenceType(StrEnum):
    """Which of the collections of its mandate a debit is."""

    FIRST = "FRST"
    RECURRING = "RCUR"
    ONE_OFF = "OOFF"
    FINAL = "FNAL"


class PainVersion(StrEnum):
    """Version of the message of a file of debits; banks say which they take."""

    V02 = "pain.008.001.02"
    """Of 2009."""
    V08 = "pain.008.001.08"
    """Of 2019, which the SEPA schemes have used since 2023."""


class DebitOutcome(StrEnum):
    """What a bank says of a debit."""

    PENDING = "pending"
    """Nothing final yet."""
    ACCEPTED = "accepted"
    """The bank will collect it."""
    REJECTED = "rejected"
    """The bank did not collect it."""
    COLLECTED = "collected"
    """The money is there."""
    RETURNED = "returned"
    """The money was there and went back."""

    @property
    def is_decided(self) -> bool:
        """Whether the debit's money is known to be there or not."""
        return self not in (DebitOutcome.PENDING, DebitOutcome.ACCEPTED)

    @property
    def has_failed(self) -> bool:
        """Whether what it was to collect is open again."""
        return self in (DebitOutcome.REJECTED, DebitOutcome.RETURNED)
