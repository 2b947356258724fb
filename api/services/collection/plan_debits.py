"""Plan which open items a run of debits collects, and say of every other one why not."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from api.services.collection.find_underway import find_underway
from api.services.collection.mandate_life import MandateHistory, MandateState
from api.services.collection.open_items import OpenItem
from loaders.sepa.business_days import add_business_days
from loaders.sepa.return_reasons import NextStep, find_return_reason
from models.repositories.debits import KnownDebit
from models.tables import Mandate, MandateAccount
from models.values.direct_debits import MandateKind, SequenceType


class LeftBecause(StrEnum):
    """Why an open item is not collected by direct debit."""

    UNDERWAY = "underway"
    """A debit of it is at the bank and not decided."""
    NO_MANDATE = "no-mandate"
    """The member signed none."""
    TOO_NEW = "too-new"
    """The mandate or its account was recorded less than 21 days before."""
    ACCOUNT_UNUSABLE = "account-unusable"
    """A bank said that the account cannot be debited."""
    LAPSED = "lapsed"
    """The mandate was not used for 36 months."""
    ENDED = "ended"
    """The mandate was revoked, or a return ended it."""
    SPENT = "spent"
    """The mandate's only or last debit went out."""
    RETURNED = "returned"
    """It came back with a code that forbids to collect it again just so."""


@dataclass(frozen=True, slots=True)
class PlannedDebit:
    """An open item that is collected.

    Attributes
    ----------
    item : OpenItem
        What is collected.
    mandate : Mandate
        Under which.
    account : MandateAccount
        From where.
    collect_on : date
        A business day of TARGET.
    sequence : SequenceType
        Which of the mandate's collections it is.
    attempt : int
        1 for the first debit of the item.
    is_amended : bool
        Whether the mandate named another account at the collection before.
    """

    item: OpenItem
    mandate: Mandate
    account: MandateAccount
    collect_on: date
    sequence: SequenceType
    attempt: int
    is_amended: bool


@dataclass(frozen=True, slots=True)
class LeftItem:
    """An open item that is not collected.

    Attributes
    ----------
    item : OpenItem
        Which.
    because : LeftBecause
        Why.
    code : str or None
        Code of the return that forbids it.
    """

    item: OpenItem
    because: LeftBecause
    code: str | None = None


@dataclass(frozen=True, slots=True)
class DebitRules:
    """How open items are planned.

    Attributes
    ----------
    first_day : date
        First day of a collection.
    retried : frozenset of UUID
        Invoices whose payers agreed that what came back is collected again.
    final : frozenset of UUID
        Mandates whose last collection this is.
    """

    first_day: date
    retried: frozenset[UUID] = field(default_factory=frozenset)
    final: frozenset[UUID] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class _Choice:
    """A mandate and its account for an item."""

    history: MandateHistory
    account: MandateAccount


def plan_debits(
    items: Sequence[OpenItem],
    debits: Iterable[KnownDebit],
    histories: Mapping[UUID, Sequence[MandateHistory]],
    rules: DebitRules,
) -> tuple[list[PlannedDebit], list[LeftItem]]:
    """Plan which open items are collected.

    Parameters
    ----------
    items : sequence of OpenItem
        What is open.
    debits : iterable of KnownDebit
        All that were ever made of their invoices.
    histories : mapping of UUID to sequence of MandateHistory
        Mandates by member, newest first.
    rules : DebitRules
        When, and what was agreed.

    Returns
    -------
    tuple of list of PlannedDebit and list of LeftItem
        Each item stands in one of them; the debits by day and number.

    Notes
    -----
    EPC016-06, the rulebook of the CORE scheme: a mandate's first collection, its later ones and
    its last one are told apart.
    """
    planner = _Planner(items, debits, histories, rules)
    ordered = sorted(items, key=lambda item: (planner.day_of(item), item.number, item.due_on))
    for item in ordered:
        planner.take(item)
    return planner.close(), planner.left


class _Planner:
    """Takes items one by one, each after those that are collected before it."""

    def __init__(
        self,
        items: Sequence[OpenItem],
        debits: Iterable[KnownDebit],
        histories: Mapping[UUID, Sequence[MandateHistory]],
        rules: DebitRules,
    ) -> None:
        self.left: list[LeftItem] = []
        self._planned: list[PlannedDebit] = []
        self._histories = histories
        self._rules = rules
        self._debits: dict[UUID, list[KnownDebit]] = {item.invoice_id: [] for item in items}
        for each in debits:
            self._debits[each.debit.invoice_id].append(each)
        own: dict[UUID, list[OpenItem]] = {item.invoice_id: [] for item in items}
        for item in items:
            own[item.invoice_id].append(item)
        self._underway = {
            item for key, known in self._debits.items() for item in find_underway(own[key], known)
        }
        self._accounts: dict[UUID, MandateAccount] = {}

    def day_of(self, item: OpenItem) -> date:
        """Give the day on which an item would be collected."""
        return add_business_days(max(item.due_on, self._rules.first_day), 0)

    def take(self, item: OpenItem) -> None:
        """Plan the debit of an item, or say why there is none."""
        found = self._judge(item)
        if isinstance(found, LeftItem):
            self.left.append(found)
            return
        history, account = found.history, found.account
        mandate = history.mandate
        place = sum(each.mandate.id == mandate.id for each in self._planned)
        self._accounts[mandate.id] = account
        self._planned.append(
            PlannedDebit(
                item=item,
                mandate=mandate,
                account=account,
                collect_on=self.day_of(item),
                sequence=history.choose_sequence(place),
                attempt=1 + len(self._earlier(item)),
                is_amended=not place and history.is_amended(account),
            )
        )

    def close(self) -> list[PlannedDebit]:
        """Give the planned debits; the last one of each mandate that ends says so."""
        last = {each.mandate.id: place for place, each in enumerate(self._planned)}
        for mandate_id, place in last.items():
            planned = self._planned[place]
            if mandate_id in self._rules.final and planned.sequence is SequenceType.RECURRING:
                self._planned[place] = replace(planned, sequence=SequenceType.FINAL)
        return self._planned

    def _judge(self, item: OpenItem) -> _Choice | LeftItem:
        if item in self._underway:
            return LeftItem(item, LeftBecause.UNDERWAY)
        found = self._choose(item)
        if isinstance(found, LeftItem):
            return found
        code = self._find_forbidding_code(item, found)
        return found if code is None else LeftItem(item, LeftBecause.RETURNED, code)

    def _choose(self, item: OpenItem) -> _Choice | LeftItem:
        """Choose the newest mandate that can be used, and its account."""
        day = self.day_of(item)
        reason: LeftBecause | None = None
        for history in self._histories.get(item.member_id, ()):
            state, account = history.judge(day)
            if self._is_spent_here(history.mandate):
                state, account = MandateState.SPENT, None
            if account is not None:
                return _Choice(history, self._accounts.get(history.mandate.id, account))
            reason = reason or LeftBecause(state.value)
        return LeftItem(item, reason or LeftBecause.NO_MANDATE)

    def _is_spent_here(self, mandate: Mandate) -> bool:
        return mandate.kind is MandateKind.ONE_OFF and mandate.id in self._accounts

    def _earlier(self, item: OpenItem) -> list[KnownDebit]:
        """Give the debits of an item that went out before, by day."""
        known = self._debits[item.invoice_id]
        return [each for each in known if each.debit.due_on == item.due_on]

    def _find_forbidding_code(self, item: OpenItem, choice: _Choice) -> str | None:
        """Find the code of its last return, if that forbids to collect it so."""
        failures = [each for each in self._earlier(item) if each.outcome.has_failed]
        if not failures or item.invoice_id in self._rules.retried:
            return None
        last = failures[-1]
        step = find_return_reason(last.code or "").next_step
        is_mended = (
            step.allows_retry
            or (step is NextStep.NEW_ACCOUNT and last.debit.account_id != choice.account.id)
            or (step.ends_mandate and last.debit.mandate_id != choice.history.mandate.id)
        )
        return None if is_mended else last.code or ""
