"""Refuse to change an invoice while a bank is collecting it."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlmodel import Session

from models.repositories.debits import list_debits_of_invoices, map_debit_runs
from models.values.errors import ConflictError
from models.values.money import from_cents


class UndecidedDebitError(ConflictError):
    """A bank has a direct debit of an invoice, and has not said what became of it.

    Attributes
    ----------
    message_id : str
        File of the debit.
    amount_eur : Decimal
        What it collects [EUR].
    collect_on : date
        Day of the collection.
    """

    def __init__(self, message_id: str, amount_eur: Decimal, collect_on: date) -> None:
        super().__init__(
            f"the bank collects {amount_eur} EUR of it on {collect_on} with the file {message_id}: "
            "recall that debit first, or wait until the bank says what became of it"
        )
        self.message_id = message_id
        self.amount_eur = amount_eur
        self.collect_on = collect_on


def refuse_underway(session: Session, *, promoter_id: UUID, invoice_id: UUID) -> None:
    """Refuse an invoice that a bank is collecting, whose debit would be right no more.

    Parameters
    ----------
    session : Session
        Open transaction that holds the issuer's books.
    promoter_id : UUID
        The tenant.
    invoice_id : UUID
        The ordinary invoice.

    Raises
    ------
    UndecidedDebitError
        If a debit of it is not decided.
    """
    known = list_debits_of_invoices(session, promoter_id=promoter_id, invoice_ids=[invoice_id])
    undecided = next((each.debit for each in known if not each.outcome.is_decided), None)
    if undecided is None:
        return
    runs = map_debit_runs(session, promoter_id=promoter_id, run_ids=[undecided.run_id])
    raise UndecidedDebitError(
        runs[undecided.run_id].message_id,
        from_cents(undecided.amount_cents),
        undecided.collect_on,
    )
