"""What receipts of nobody tell of who paid, looked up by what is known of a debt."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import accumulate
from typing import TypeVar
from uuid import UUID

from api.services.collection.bank_movements import find_references
from api.services.collection.follow_debts import Debt
from api.services.collection.open_items import OpenItem
from api.services.collection.payer_names import NameWords, write_plainly
from models.tables import Payment

_Key = TypeVar("_Key")

_TOKENS = re.compile(r"[0-9]+|[a-z]+")
_BOUNDARY = re.compile(r"(?<=[a-z])(?=[0-9])")
_SEPARATORS = re.compile(r"[^a-z0-9]+")
_INVOICE_WORDS = re.compile(r"fact?|facturas?|factures|fras?|inv(?:oices?)?|rebuts?|recibos?")
_NUMBER_WORDS = re.compile(r"and|de|del|e|i|la|las|los|nos?|n|nums?|numeros?|y")
"""What may stand between the word for an invoice and its number, and between two numbers."""

_MOST_DIGITS = 20
_ENOUGH_WORDS = 2


class ReceiptClue(StrEnum):
    """Why a receipt may be a member's."""

    AMOUNT = "amount"
    """It is what is open of an invoice, of one of its due days, or of the oldest together."""
    NUMBER = "number"
    """It names an invoice that is overdue."""
    ACCOUNT = "account"
    """The member has a mandate on the account that it came from, or has paid from it."""
    NAME = "name"
    """It names who pays for the member, or who holds the account of a mandate."""


class ReceiptClues:
    """Receipts of nobody by each thing that they tell, read once for all debts.

    Parameters
    ----------
    receipts : sequence of (Payment, int)
        Each with what is left of it [cents].
    accounts : mapping of bytes to collection of UUID
        Members by the index of an account that is theirs.
    """

    def __init__(
        self,
        receipts: Sequence[tuple[Payment, int]],
        accounts: Mapping[bytes, Collection[UUID]],
    ) -> None:
        self._by_cents: defaultdict[int, set[int]] = defaultdict(set)
        self._by_number: defaultdict[str, set[int]] = defaultdict(set)
        self._by_member: defaultdict[UUID, set[int]] = defaultdict(set)
        self._by_word: defaultdict[str, set[int]] = defaultdict(set)
        self._by_joined: defaultdict[str, set[int]] = defaultdict(set)
        self._payers: list[NameWords] = []
        self._texts: list[NameWords] = []
        for place, (payment, cents) in enumerate(receipts):
            payer, reference = payment.payer_name or "", payment.reference or ""
            self._payers.append(NameWords(payer))
            self._texts.append(NameWords(f"{payer} {reference}"))
            self._by_cents[cents].add(place)
            for member_id in accounts.get(payment.payer_iban_index or b"", ()):
                self._by_member[member_id].add(place)
            for number in _find_numbers(reference):
                self._by_number[number].add(place)
            for word in self._texts[-1].telling:
                self._by_word[word].add(place)
            for word in self._texts[-1].joined:
                self._by_joined[word].add(place)

    def find(self, debt: Debt, names: Iterable[str]) -> dict[int, tuple[ReceiptClue, ...]]:
        """Find the receipts that may have paid a debt.

        Parameters
        ----------
        debt : Debt
            The debt.
        names : iterable of str
            Of those who pay it.

        Returns
        -------
        dict of int to tuple of ReceiptClue
            Why, by the receipt's place among all, in rising order.
        """
        numbers = {form for item in debt.items for form in _list_forms(item.number)}
        found = {
            ReceiptClue.AMOUNT: _look_up(self._by_cents, _list_amounts(debt)),
            ReceiptClue.NUMBER: _look_up(self._by_number, numbers),
            ReceiptClue.ACCOUNT: _look_up(self._by_member, {debt.member_id}),
            ReceiptClue.NAME: {place for name in names for place in self._find_named(name)},
        }
        places = sorted(set().union(*found.values()))
        return {
            place: tuple(clue for clue, held in found.items() if place in held) for place in places
        }

    def _find_named(self, text: str) -> Iterator[int]:
        name = NameWords(text)
        for place in self._list_alike(name):
            if name.may_name(self._payers[place]) or name.is_within(self._texts[place]):
                yield place

    def _list_alike(self, name: NameWords) -> set[int]:
        """List receipts that may hold a name: a surname alone, which many share, is too little."""
        counts = Counter(place for word in name.telling for place in self._by_word.get(word, ()))
        enough = min(_ENOUGH_WORDS, len(name.telling))
        joined = _look_up(self._by_word, name.joined) | _look_up(self._by_joined, name.telling)
        return joined | {
            place
            for place, count in counts.items()
            if count >= enough or name.has_initials or self._payers[place].has_initials
        }


def _look_up(index: Mapping[_Key, set[int]], keys: Iterable[_Key]) -> set[int]:
    return {place for key in keys for place in index.get(key, ())}


def _list_amounts(debt: Debt) -> set[int]:
    """List what somebody may pay of a debt at once, the oldest first [cents]."""
    by_invoice: defaultdict[UUID, int] = defaultdict(int)
    for item in debt.items:
        by_invoice[item.invoice_id] += item.open_cents
    single = {item.open_cents for item in debt.items} | set(by_invoice.values())
    return single.union(_sum_oldest(debt.items + debt.coming))


def _sum_oldest(items: Iterable[OpenItem]) -> Iterable[int]:
    return accumulate(item.open_cents for item in items)


def _list_forms(number: str) -> Iterator[str]:
    """List how a number of an invoice is written: without separators, or bare."""
    plain = write_plainly(number)
    yield _SEPARATORS.sub("", plain)
    yield _name_bare(plain.rpartition("-")[2])


def _find_numbers(reference: str) -> set[str]:
    """Find what may be the number of an invoice in what a payer wrote, in the same forms."""
    plain = write_plainly(reference)
    texts = (plain, _BOUNDARY.sub(" ", plain))
    whole = {_SEPARATORS.sub("", word) for text in texts for word in find_references(text)}
    return whole.union(_find_bare(plain))


def _find_bare(plain: str) -> Iterator[str]:
    """Find the numbers that follow a word for an invoice."""
    is_number = False
    for token in _TOKENS.findall(plain):
        if token.isdecimal():
            if is_number and len(token) <= _MOST_DIGITS:
                yield _name_bare(token)
        else:
            is_joint = is_number and _NUMBER_WORDS.fullmatch(token) is not None
            is_number = is_joint or _INVOICE_WORDS.fullmatch(token) is not None


def _name_bare(digits: str) -> str:
    return f"bare {int(digits)}"
