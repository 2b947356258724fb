"""What a statement tells of money that moved, one movement after another, each known by a key."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from uuid import UUID

from loaders.sepa.statements import Entry, Statement, Transaction

_WORDS = re.compile(r"[A-Za-z0-9]+")
_EDGES = ".,;:()[]#*'\""
_MOST_JOINED = 4
_LONGEST_REFERENCE = 60
_TRUSTED_REFERENCE = 6
_LONGEST_TEXT = 140
_DIGEST = 40


@dataclass(frozen=True, slots=True)
class Movement:
    """An amount that came in or left.

    Attributes
    ----------
    key : str
        The same for the same movement in every file that tells of it.
    entry_key : str
        That of the entry of which it is a part.
    amount_cents : int
        Below zero for what left [cents].
    booked_on : date
        Day of the booking.
    details : tuple of Transaction
        What the bank tells of it; several where it does not say which has how much.
    references : frozenset of str
        All that may be a reference of ours: of files, batches, debits and invoices.
    text : str
        What it says it is for, up to 140 characters.
    """

    key: str
    entry_key: str
    amount_cents: int
    booked_on: date
    details: tuple[Transaction, ...]
    references: frozenset[str]
    text: str

    @property
    def only(self) -> Transaction | None:
        """Return what the bank tells of a movement that is one payment."""
        return self.details[0] if len(self.details) == 1 else None

    @property
    def other_keys(self) -> tuple[str, str]:
        """Keys of the same money where a file tells its entry as a whole, or in parts."""
        return (self.entry_key, f"{self.entry_key}/0")


def list_movements(issuer_id: UUID, statements: Iterable[Statement]) -> list[Movement]:
    """List what moved, by the parts of an entry where they make its amount.

    Parameters
    ----------
    issuer_id : UUID
        Whose account.
    statements : iterable of Statement
        What the bank tells.

    Returns
    -------
    list of Movement
        In the order of the file, zeros left out. An entry is known by day, amount and the bank's
        reference; where that is missing or shorter than 6 characters by all that is told; and by
        its place among those that are alike.
    """
    seen: Counter[str] = Counter()
    movements: list[Movement] = []
    for statement in statements:
        for entry in statement.entries:
            identity = _identify(issuer_id, entry)
            seen[identity] += 1
            key = sha256(f"{identity}|{seen[identity]}".encode()).hexdigest()[:_DIGEST]
            movements += _split(entry, f"bank {key}")
    return [movement for movement in movements if movement.amount_cents]


def _identify(issuer_id: UUID, entry: Entry) -> str:
    parts: list[object] = [issuer_id, entry.booked_on, entry.amount_cents, entry.reference]
    if len(entry.reference or "") < _TRUSTED_REFERENCE:
        parts += [entry.text, *map(_tell, entry.transactions)]
    return "|".join(map(str, parts))


def _tell(detail: Transaction) -> str:
    account = detail.debtor_iban.reveal() if detail.debtor_iban else ""
    told = (detail.amount_cents, detail.end_to_end_id, detail.transaction_id, detail.remittance)
    return "|".join(map(str, (*told, detail.creditor_reference, account)))


def _split(entry: Entry, key: str) -> Iterator[Movement]:
    details = entry.transactions
    if len(details) > 1 and entry.is_itemised:
        for place, detail in enumerate(details):
            assert detail.amount_cents is not None, "an itemised entry tells all amounts"
            yield _make(entry, f"{key}/{place}", key, detail.amount_cents, [detail])
    else:
        yield _make(entry, key, key, entry.amount_cents, details)


def _make(
    entry: Entry, key: str, entry_key: str, cents: int, details: Sequence[Transaction]
) -> Movement:
    texts = [entry.text]
    named = {entry.batch.message_id, entry.batch.payment_information_id} if entry.batch else set()
    for each in details:
        texts += [each.creditor_reference or "", each.remittance]
        named |= {each.end_to_end_id, each.message_id, each.payment_information_id}
    words = {word for text in texts for word in find_references(text)}
    said = [each.remittance or each.creditor_reference or "" for each in details] + [entry.text]
    return Movement(
        key=key,
        entry_key=entry_key,
        amount_cents=cents,
        booked_on=entry.booked_on,
        details=tuple(details),
        references=frozenset(words | {name for name in named if name}),
        text=next(filter(None, said), "")[:_LONGEST_TEXT].strip(),
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
