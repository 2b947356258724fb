"""Match movements of a bank account to debits and invoices, without doubt or not at all."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from sqlmodel import Session

from api.services.collection.bank_movements import Movement
from api.services.collection.bank_report import Suggestion, UnmatchedBecause
from api.services.collection.open_items import OpenItem, open_items
from api.services.collection.settlement import ALL_DAYS
from models.keyring import Keyring
from models.repositories.debits import KnownDebit, list_run_debits
from models.repositories.ledger import map_ordinary_numbers
from models.repositories.payments import map_account_members, map_named_runs
from models.sealed_ibans import index_iban
from models.tables import Debit, Invoice
from models.values.iban import Iban


@dataclass(frozen=True, slots=True)
class Matches:
    """What an issuer has to which movements may belong.

    Attributes
    ----------
    debits : mapping of str to sequence of KnownDebit
        Debits by every reference: their own, of their batch, of their file.
    invoices : mapping of str to Invoice
        Ordinary invoices by number.
    payers : mapping of Iban to set of UUID
        Members by account.
    items : mapping of UUID to sequence of OpenItem
        What those members owe.
    returned_on : dict of UUID to date
        Days on which the file itself tells that debits came back.
    """

    debits: Mapping[str, Sequence[KnownDebit]] = field(default_factory=dict)
    invoices: Mapping[str, Invoice] = field(default_factory=dict)
    payers: Mapping[Iban, set[UUID]] = field(default_factory=dict)
    items: Mapping[UUID, Sequence[OpenItem]] = field(default_factory=dict)
    returned_on: dict[UUID, date] = field(default_factory=dict)

    def find_debits(self, movement: Movement) -> list[Debit]:
        """Find the debits that a movement brings: those named that make its amount.

        Parameters
        ----------
        movement : Movement
            What came in.

        Returns
        -------
        list of Debit
            Named one by one, by batch or by file; those that failed are left out where the rest
            makes the amount. None when no choice makes it.
        """
        if movement.is_transfer:
            return []
        for group in self._list_groups(movement):
            alive = [each for each in group if not each.outcome.has_failed]
            for chosen in (group, alive):
                debits = [each.debit for each in chosen]
                if debits and sum(each.amount_cents for each in debits) == movement.amount_cents:
                    return debits
        return []

    def find_returned(self, movement: Movement) -> Debit | None:
        """Find the debit that a movement takes back.

        Parameters
        ----------
        movement : Movement
            What left.

        Returns
        -------
        Debit or None
            The only one that it names by the debit's own reference.
        """
        named = self._list_returned(movement)
        return named[0] if len(named) == 1 else None

    def find_invoices(self, movement: Movement) -> list[Invoice]:
        """Find the invoices that a movement names.

        Parameters
        ----------
        movement : Movement
            What came in.

        Returns
        -------
        list of Invoice
            By number; none when they are several members'.
        """
        named = [self.invoices[each] for each in movement.references if each in self.invoices]
        if len({invoice.member_id for invoice in named}) != 1:
            return []
        return sorted(named, key=lambda invoice: (invoice.due_on, invoice.full_number))

    def explain(self, movement: Movement) -> UnmatchedBecause:
        """Say why nobody is certain to have paid what came in, or what left is not booked.

        Parameters
        ----------
        movement : Movement
            One that is of no debits, no invoices and no return.

        Returns
        -------
        UnmatchedBecause
        """
        if movement.amount_cents < 0:
            named = self._list_returned(movement)
            if len(named) == 1:
                return UnmatchedBecause.TOO_LITTLE
            return UnmatchedBecause.SEVERAL_DEBITS if named else UnmatchedBecause.NOTHING_NAMED
        if any(each in self.invoices for each in movement.references):
            return UnmatchedBecause.SEVERAL_MEMBERS
        has_debits = not movement.is_transfer and any(self._list_groups(movement))
        return UnmatchedBecause.OTHER_AMOUNT if has_debits else UnmatchedBecause.NOTHING_NAMED

    def suggest(self, movement: Movement) -> Suggestion | None:
        """Suggest who may have paid, by the account that it came from.

        Parameters
        ----------
        movement : Movement
            What came in.

        Returns
        -------
        Suggestion or None
            The only member of that account; with the invoice, or all, whose amount it is.
        """
        account = movement.payer_account
        members = self.payers.get(account, set()) if account else set()
        if len(members) != 1:
            return None
        (member_id,) = members
        owed: defaultdict[UUID, int] = defaultdict(int)
        for item in self.items.get(member_id, ()):
            owed[item.invoice_id] += item.open_cents
        exact = [key for key, cents in owed.items() if cents == movement.amount_cents]
        if len(exact) != 1:
            exact = list(owed) if sum(owed.values()) == movement.amount_cents else []
        return Suggestion(member_id, tuple(exact))

    def _list_returned(self, movement: Movement) -> list[Debit]:
        named = movement.debit_references | movement.bank_words
        return [known.debit for known in self._list_named(named, "end_to_end_id")]

    def _list_groups(self, movement: Movement) -> list[list[KnownDebit]]:
        """List the debits that it names: themselves, then by batches, then by files.

        Payers see the reference of their debit and may write it, so words do not name it.
        """
        words = movement.debit_references | movement.bank_words
        own = self._list_named(movement.debit_references, "end_to_end_id")
        return [
            [each for each in own if not self._is_over(each, movement.booked_on)],
            self._list_named(words, "payment_information_id"),
            self._list_named(words, None),
        ]

    def _list_named(self, references: Collection[str], way: str | None) -> list[KnownDebit]:
        named: dict[UUID, KnownDebit] = {}
        for reference in references:
            for known in self.debits.get(reference, ()):
                own = (known.debit.end_to_end_id, known.debit.payment_information_id)
                is_file = way is None and reference not in own
                if is_file or (way is not None and getattr(known.debit, way) == reference):
                    named[known.debit.id] = known
        return list(named.values())

    def _is_over(self, known: KnownDebit, day: date) -> bool:
        """Tell whether a debit had failed before a day: what comes in then is other money."""
        told = known.said_on if known.outcome.has_failed else None
        days = [each for each in (told, self.returned_on.get(known.debit.id)) if each is not None]
        return bool(days) and day > min(days)


def read_matches(
    session: Session,
    *,
    promoter_id: UUID,
    issuer_id: UUID,
    movements: Collection[Movement],
    keyring: Keyring,
) -> Matches:
    """Read all to which movements may belong, in few queries.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id, issuer_id : UUID
        The tenant, and whose account.
    movements : collection of Movement
        What moved.
    keyring : Keyring
        By which accounts are found.

    Returns
    -------
    Matches
    """
    references = {each for movement in movements for each in movement.references}
    named = {each for moved in movements for each in moved.debit_references | moved.bank_words}
    owner = {"promoter_id": promoter_id, "issuer_id": issuer_id}
    accounts = {
        index_iban(keyring, movement.payer_account, promoter_id=promoter_id): movement.payer_account
        for movement in movements
        if movement.amount_cents > 0 and movement.payer_account is not None
    }
    found = map_account_members(session, **owner, indexes=accounts)
    payers = {accounts[index]: members for index, members in found.items()}
    members = {member for group in payers.values() for member in group}
    items: defaultdict[UUID, list[OpenItem]] = defaultdict(list)
    for item in open_items(
        session, promoter_id, on=ALL_DAYS, issuer_id=issuer_id, member_ids=members
    ):
        items[item.member_id].append(item)
    matches = Matches(
        debits=_index_debits(session, promoter_id, issuer_id, named),
        invoices=map_ordinary_numbers(session, **owner, numbers=references),
        payers=payers,
        items=items,
    )
    for movement in movements:
        debit = matches.find_returned(movement) if movement.amount_cents < 0 else None
        if debit is not None and -movement.amount_cents >= debit.amount_cents:
            matches.returned_on[debit.id] = movement.booked_on
    return matches


def _index_debits(
    session: Session, promoter_id: UUID, issuer_id: UUID, references: Collection[str]
) -> dict[str, list[KnownDebit]]:
    """Index the debits of all files that are named, by every reference."""
    index: defaultdict[str, list[KnownDebit]] = defaultdict(list)
    runs = map_named_runs(
        session, promoter_id=promoter_id, issuer_id=issuer_id, references=references
    )
    for run_id, message_id in runs.items():
        for known in list_run_debits(session, promoter_id=promoter_id, run_id=run_id):
            debit = known.debit
            for reference in {message_id, debit.payment_information_id, debit.end_to_end_id}:
                index[reference].append(known)
    return index
