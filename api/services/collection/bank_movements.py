"""What a statement tells of money that moved, one movement after another."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from loaders.sepa.statements import Entry, Statement, Transaction
from models.values.iban import Iban, hide_ibans

_WORDS = re.compile(r"[A-Za-z0-9]+")
_EDGES = ".,;:()[]#*'\""
_MOST_JOINED = 4
_LONGEST_REFERENCE = 60
_TRUSTED_REFERENCE = 6
_LONGEST_TEXT = 140
_NOT_GIVEN = {"NOTPROVIDED", "NONREF"}
_TRANSFERS = ("PMNT/RCDT", "PMNT/RRCT")


@dataclass(frozen=True, slots=True)
class Movement:
    """An amount that came in or left.

    Attributes
    ----------
    amount_cents : int
        Below zero for what left [cents].
    booked_on : date
        Day of the booking.
    reference : str or None
        The bank's reference of the entry, where it can be trusted.
    entry_cents : int
        Amount of the entry of which it is a part [cents].
    part : int or None
        Which part of an entry that tells several amounts; None for a whole entry.
    bank_code : str or None
        What kind of transaction the bank says it is.
    details : tuple of Transaction
        What the bank tells of it; several where it does not say which has how much.
    debit_references : frozenset of str
        Structured references: of files, batches and debits.
    bank_words : frozenset of str
        Words of the entry, none of a payer.
    references : frozenset of str
        All words that may be a number of an invoice.
    text : str
        What it says it is for, up to 140 characters, accounts in it masked.
    """

    amount_cents: int
    booked_on: date
    reference: str | None
    entry_cents: int
    part: int | None
    bank_code: str | None
    details: tuple[Transaction, ...]
    debit_references: frozenset[str]
    bank_words: frozenset[str]
    references: frozenset[str]
    text: str

    @property
    def only(self) -> Transaction | None:
        """Return what the bank tells of a movement that is one payment."""
        return self.details[0] if len(self.details) == 1 else None

    @property
    def payer_account(self) -> Iban | None:
        """Return the account that a movement came from which is one payment."""
        return self.only.debtor_iban if self.only else None

    @property
    def is_transfer(self) -> bool:
        """Whether the bank says that it is a transfer that came in."""
        return (self.bank_code or "").startswith(_TRANSFERS)


def list_movements(statements: Iterable[Statement]) -> list[Movement]:
    """List what moved, by the parts of an entry where they make its amount.

    Parameters
    ----------
    statements : iterable of Statement
        What the bank tells.

    Returns
    -------
    list of Movement
        In the order of the file, zeros left out.
    """
    movements = [
        movement
        for statement in statements
        for entry in statement.entries
        for movement in _split(entry)
    ]
    return [movement for movement in movements if movement.amount_cents]


def trust_reference(reference: str | None) -> str | None:
    """Give a bank's reference if it tells one movement from others.

    Parameters
    ----------
    reference : str or None
        As the bank wrote it.

    Returns
    -------
    str or None
        None for what is missing, shorter than 6 characters, zeros or words for nothing.

    Examples
    --------
    >>> [trust_reference(each) for each in ("BANK-0001", "17", "00000000", "NOTPROVIDED")]
    ['BANK-0001', None, None, None]
    """
    text = (reference or "").strip()
    is_vague = len(text) < _TRUSTED_REFERENCE or text.upper() in _NOT_GIVEN or not text.strip("0")
    return None if is_vague else text


def _split(entry: Entry) -> Iterator[Movement]:
    details = entry.transactions
    if len(details) > 1 and entry.is_itemised:
        for place, detail in enumerate(details):
            assert detail.amount_cents is not None, "an itemised entry tells all amounts"
            yield _make(entry, place, detail.amount_cents, [detail])
    else:
        yield _make(entry, None, entry.amount_cents, details)


def _make(entry: Entry, part: int | None, cents: int, details: Sequence[Transaction]) -> Movement:
    texts = [entry.text]
    named = {entry.batch.message_id, entry.batch.payment_information_id} if entry.batch else set()
    for each in details:
        texts += [each.creditor_reference or "", each.remittance, each.end_to_end_id or ""]
        named |= {each.end_to_end_id, each.message_id, each.payment_information_id}
    words = {word for text in texts for word in find_references(text)}
    said = [each.remittance or each.creditor_reference or "" for each in details] + [entry.text]
    return Movement(
        amount_cents=cents,
        booked_on=entry.booked_on,
        reference=trust_reference(entry.reference),
        entry_cents=entry.amount_cents,
        part=part,
        bank_code=entry.bank_code,
        details=tuple(details),
        debit_references=frozenset(name for name in named if name),
        bank_words=frozenset(find_references(entry.text)),
        references=frozenset(words),
        text=hide_ibans(next(filter(None, said), ""))[:_LONGEST_TEXT].strip(),
    )


def find_references(text: str) -> set[str]:
    """Find what may be a reference of ours in words that somebody wrote.

    Parameters
    ----------
    text : str
        The words.

    Returns
    -------
    set of str
        What stands between spaces, and up to four words in a row joined by hyphens.

    Examples
    --------
    >>> sorted(find_references("fra. 2026 000123"))
    ['000123', '2026', '2026-000123', 'fra', 'fra-2026', 'fra-2026-000123']
    """
    words = _WORDS.findall(text)
    joined = {
        "-".join(words[start : start + length])
        for start in range(len(words))
        for length in range(1, _MOST_JOINED + 1)
    }
    found = joined | {word.strip(_EDGES) for word in text.split()}
    return {word for word in found if 1 <= len(word) <= _LONGEST_REFERENCE}
