"""What a bank account went through: statements and notifications as records."""

from dataclasses import dataclass
from datetime import date

from models.values.iban import Iban


@dataclass(frozen=True, slots=True)
class Transaction:
    """One payment inside an entry.

    Attributes
    ----------
    amount_cents : int or None
        What it moved [cents], below zero for what left the account; None where the bank tells the
        sum of several only.
    instructed_cents : int or None
        What was asked for, without sign [cents]; with charges it differs from the amount.
    end_to_end_id : str or None
        Reference of whoever started it; None also where none was given (``NOTPROVIDED``).
    mandate_id : str or None
        Mandate of a direct debit.
    message_id, payment_information_id, transaction_id : str or None
        References of the file, of the batch and of the banks.
    debtor_name, creditor_name : str or None
        Who pays and who gets.
    debtor_iban, creditor_iban : Iban or None
        Their accounts.
    remittance : str
        What it is for, as free text; empty if there is none.
    creditor_reference : str or None
        Structured reference of what is paid.
    return_reason : str or None
        Code of the reason, if it is a return.
    return_text : str or None
        What the bank says to it.
    """

    amount_cents: int | None
    instructed_cents: int | None = None
    end_to_end_id: str | None = None
    mandate_id: str | None = None
    message_id: str | None = None
    payment_information_id: str | None = None
    transaction_id: str | None = None
    debtor_name: str | None = None
    debtor_iban: Iban | None = None
    creditor_name: str | None = None
    creditor_iban: Iban | None = None
    remittance: str = ""
    creditor_reference: str | None = None
    return_reason: str | None = None
    return_text: str | None = None


@dataclass(frozen=True, slots=True)
class BookedBatch:
    """A batch of ours that the bank booked as one entry.

    Attributes
    ----------
    message_id, payment_information_id : str or None
        References of the file and of the batch, as we wrote them.
    n_transactions : int or None
        How many payments it holds.
    """

    message_id: str | None
    payment_information_id: str | None
    n_transactions: int | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One booked entry of an account.

    Attributes
    ----------
    amount_cents : int
        What it moved [cents], below zero for what left the account.
    booked_on : date
        Day of the booking.
    valued_on : date or None
        Day from which it counts for interest.
    reference : str or None
        The bank's own reference of it; its number within one message is none.
    is_reversal : bool
        Whether it undoes another entry.
    bank_code : str or None
        What kind of transaction the bank says it is, as ``PMNT/IDDT/UPDD``.
    batch : BookedBatch or None
        Which batch it is.
    text : str
        What the bank adds in words; empty if nothing.
    transactions : tuple of Transaction
        What it is made of, as far as the bank tells.
    """

    amount_cents: int
    booked_on: date
    valued_on: date | None = None
    reference: str | None = None
    is_reversal: bool = False
    bank_code: str | None = None
    batch: BookedBatch | None = None
    text: str = ""
    transactions: tuple[Transaction, ...] = ()

    @property
    def is_itemised(self) -> bool:
        """Whether its transactions tell all of its amount."""
        amounts = [each.amount_cents for each in self.transactions]
        return None not in amounts and sum(filter(None, amounts)) == self.amount_cents


@dataclass(frozen=True, slots=True)
class Statement:
    """What was booked on one account.

    Attributes
    ----------
    statement_id : str or None
        The bank's reference of it.
    account : Iban or None
        Whose it is; None where the bank does not give an IBAN.
    currency : str
        ISO 4217 code of all its amounts.
    entries : tuple of Entry
        What is booked, in the order of the file.
    opening_cents, closing_cents : int or None
        Balances before and after [cents]; where both are known they were held against the entries.
    n_pending : int
        Entries that are not booked, which were left out.
    """

    statement_id: str | None
    account: Iban | None
    currency: str
    entries: tuple[Entry, ...]
    opening_cents: int | None = None
    closing_cents: int | None = None
    n_pending: int = 0
