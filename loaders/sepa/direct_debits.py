"""Direct debits to be collected, as a file for the bank takes them."""

from dataclasses import dataclass
from datetime import date

from models.values.creditor_id import CreditorId
from models.values.direct_debits import SequenceType
from models.values.iban import Iban
from models.values.sepa_reference import SepaReference

LONGEST_NAME = 70
"""Characters of a name in a SEPA file."""

LONGEST_REMITTANCE = 140
"""Characters of what a payment is for."""


@dataclass(frozen=True, slots=True)
class Creditor:
    """Who collects.

    Attributes
    ----------
    name : str
        Its name, which payers see.
    iban : Iban
        Account that gets the money.
    creditor_id : CreditorId
        Its identifier (AT-02).
    bic : str or None
        Code of its bank, which only the version of 2009 asks for.
    """

    name: str
    iban: Iban
    creditor_id: CreditorId
    bic: str | None = None


@dataclass(frozen=True, slots=True)
class DirectDebit:
    """One debit of the CORE scheme, in euros.

    Attributes
    ----------
    end_to_end_id : SepaReference
        What tells it from all others, and comes back with its return.
    mandate_id : SepaReference
        Reference of the mandate.
    mandate_signed_on : date
        Day on which the payer signed it.
    debtor_name : str
        Holder of the account.
    iban : Iban
        Account of the payer.
    amount_cents : int
        What is collected [cents].
    remittance : str
        What the payer reads on the statement.
    sequence : SequenceType
        Which of the mandate's collections it is.
    collect_on : date
        Day of the collection, a business day of TARGET.
    is_amended : bool
        Whether the mandate named another account at the collection before.
    """

    end_to_end_id: SepaReference
    mandate_id: SepaReference
    mandate_signed_on: date
    debtor_name: str
    iban: Iban
    amount_cents: int
    remittance: str
    sequence: SequenceType
    collect_on: date
    is_amended: bool = False


@dataclass(frozen=True, slots=True)
class ChangedText:
    """A text that does not stand in the file as it was given.

    Attributes
    ----------
    place : str
        Reference of the debit, or ``creditor``.
    field : str
        Name of the field.
    given, written : str
        The text, and what the file says instead.
    """

    place: str
    field: str
    given: str
    written: str


@dataclass(frozen=True, slots=True)
class DebitBatch:
    """Debits that the bank books together: one day, one sequence type.

    Attributes
    ----------
    payment_information_id : SepaReference
        Its reference, which the bank's reports name.
    collect_on : date
        Day of the collection.
    sequence : SequenceType
        Of all its debits.
    n_debits : int
        How many they are.
    total_cents : int
        Their sum [cents].
    """

    payment_information_id: SepaReference
    collect_on: date
    sequence: SequenceType
    n_debits: int
    total_cents: int


@dataclass(frozen=True, slots=True)
class DirectDebitFile:
    """A file for the bank.

    Attributes
    ----------
    content : bytes
        XML in UTF-8.
    batches : tuple of DebitBatch
        In the order of the file: by day, then by sequence type.
    changed_texts : tuple of ChangedText
        Every text that the SEPA characters or its field could not take as it was.
    """

    content: bytes
    batches: tuple[DebitBatch, ...]
    changed_texts: tuple[ChangedText, ...]

    @property
    def total_cents(self) -> int:
        """Sum of all debits [cents]."""
        return sum(batch.total_cents for batch in self.batches)
