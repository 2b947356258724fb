"""Receipts that files told of before: known again whatever a bank leaves out the second time."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from api.services.collection.bank_movements import Movement, trust_reference
from models.tables import Payment
from models.values.iban import Iban, hide_ibans

_KEY = re.compile(r"bank \S+ \d+ (\S+) (\S+) (\S+) (-|\d+) (\d+)")
_MISSING = "-"
_DIGEST = 12
_LONGEST_NAME = 140


@dataclass(frozen=True, slots=True)
class _Mark:
    """What a key keeps of a receipt, as digests: the bank's references and the payer's."""

    entry: str
    transaction: str
    end_to_end: str
    part: str

    def contradicts(self, other: "_Mark") -> bool:
        """Tell whether both tell different references of the same kind."""
        pairs = ((self.transaction, other.transaction), (self.end_to_end, other.end_to_end))
        return any(_MISSING not in pair and pair[0] != pair[1] for pair in pairs)


@dataclass(frozen=True, slots=True)
class _Told:
    """What is told of a receipt: its mark, the payer, and what it is for."""

    mark: _Mark
    account: bytes | None
    name: str | None
    text: str

    def compare(self, other: "_Told") -> int:
        """Tell how alike two of a day and amount are: 0 for others, 2 for the same in all."""
        if self.mark.contradicts(other.mark) or self._has_other_payer(other):
            return 0
        payer_and_text = (self.account, self.name, self.text)
        is_same = payer_and_text == (other.account, other.name, other.text)
        if _MISSING in (self.mark.entry, other.mark.entry):
            return int(is_same) + int(is_same and self.mark == other.mark)
        return 0 if self.mark.entry != other.mark.entry else 1 + int(is_same)

    def _has_other_payer(self, other: "_Told") -> bool:
        if self.account and other.account:
            return self.account != other.account
        return bool(self.name and other.name) and self.name != other.name


class KnownReceipts:
    """What files told before of an issuer's account, each taken by one movement of a file at most.

    Parameters
    ----------
    payments : iterable of Payment
        Of the days of the file.
    index : callable
        Gives by what the account of a payer is known again.

    Notes
    -----
    The same receipt has the same day and amount, and nothing that is told of it twice may differ:
    references, account, or name where no account is told. A bank's reference in both decides;
    where one lacks it, payer and text must be the same.
    """

    def __init__(self, payments: Iterable[Payment], index: Callable[[Iban], bytes]) -> None:
        self._index = index
        self._by_amount: defaultdict[tuple[date, int], list[Payment]] = defaultdict(list)
        self._by_entry: defaultdict[tuple[date, str], list[Payment]] = defaultdict(list)
        self._told: dict[str, _Told] = {}
        self._count = 0
        for payment in payments:
            found = _KEY.fullmatch(payment.source_key)
            if found is None:
                continue
            self._count = max(self._count, int(found[5]))
            mark = _Mark(*found.groups()[:4])
            self._told[payment.source_key] = _Told(
                mark,
                payment.payer_iban_index,
                _fold(payment.payer_name) or None,
                _fold(payment.reference),
            )
            self._by_amount[payment.received_on, payment.amount_cents].append(payment)
            self._by_entry[payment.received_on, mark.entry].append(payment)

    def take(self, movements: Sequence[Movement]) -> dict[int, list[Payment]]:
        """Find which movements are known, by their place; the surest first.

        Parameters
        ----------
        movements : sequence of Movement
            All of a file.

        Returns
        -------
        dict of int to list of Payment
            Several payments where the file tells an entry whole that was told in parts.
        """
        known: dict[int, list[Payment]] = {}
        taken: set[str] = set()
        for needed in (2, 1):
            for place, movement in enumerate(movements):
                if place in known or movement.amount_cents < 0:
                    continue
                told = self._tell(movement)
                for payment in self._by_amount[movement.booked_on, movement.amount_cents]:
                    is_free = payment.source_key not in taken
                    if is_free and told.compare(self._told[payment.source_key]) >= needed:
                        taken.add(payment.source_key)
                        known[place] = [payment]
                        break
        for place, movement in enumerate(movements):
            if place not in known and (others := self._find_other_form(movement)):
                known[place] = others
        return known

    def make_key(self, movement: Movement) -> str:
        """Make the key of a receipt that is not known.

        Parameters
        ----------
        movement : Movement
            What came in.

        Returns
        -------
        str
            Up to 100 characters, different each time.
        """
        self._count += 1
        mark = _mark(movement)
        told = (mark.entry, mark.transaction, mark.end_to_end, mark.part)
        head = f"bank {movement.booked_on} {movement.amount_cents}"
        return f"{head} {' '.join(told)} {self._count}"

    def _tell(self, movement: Movement) -> _Told:
        account = movement.payer_account
        index = None if account is None else self._index(account)
        name = _fold(name_payer(movement)) or None
        return _Told(_mark(movement), index, name, _fold(movement.text))

    def _find_other_form(self, movement: Movement) -> list[Payment]:
        """Find the same entry, told in parts where this is whole, or the other way round."""
        mark = _mark(movement)
        if mark.entry == _MISSING:
            return []
        is_whole = movement.part is None
        return [
            payment
            for payment in self._by_entry[movement.booked_on, mark.entry]
            if (self._told[payment.source_key].mark.part == _MISSING) != is_whole
        ]


def _mark(movement: Movement) -> _Mark:
    detail = movement.only
    entry = movement.reference and f"{movement.reference}|{movement.entry_cents}"
    return _Mark(
        _digest(entry),
        _digest(trust_reference(detail.transaction_id) if detail else None),
        _digest(detail.end_to_end_id if detail else None),
        _MISSING if movement.part is None else str(movement.part),
    )


def _digest(text: str | None) -> str:
    return sha256(text.encode()).hexdigest()[:_DIGEST] if text else _MISSING


def name_payer(movement: Movement) -> str | None:
    """Give the payer's name as a payment keeps it.

    Parameters
    ----------
    movement : Movement
        What came in.

    Returns
    -------
    str or None
        Up to 140 characters, accounts in it masked.
    """
    detail = movement.only
    name = hide_ibans(detail.debtor_name or "")[:_LONGEST_NAME].strip() if detail else ""
    return name or None


def _fold(text: str | None) -> str:
    return " ".join((text or "").casefold().split())
