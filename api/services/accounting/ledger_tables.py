"""Tables of the books: the entries of a period, and what each account comes to."""

from collections.abc import Iterator, Sequence

from sqlmodel import Session

from loaders.account_tables import AccountColumn, AccountTable, Cell, CellKind
from models.repositories.account_money import iterate_entries, sum_movements
from models.repositories.accounts import AccountsScope
from models.values.money import from_cents

_ENTRIES = (
    AccountColumn("posted_on", CellKind.DAY, 12),
    AccountColumn("event", CellKind.WORD, 24, words="events"),
    AccountColumn("debit", CellKind.WORD, 30, words="accounts"),
    AccountColumn("credit", CellKind.WORD, 30, words="accounts"),
    AccountColumn("amount_eur", CellKind.EUR, 13, is_summed=True),
    AccountColumn("member", width=12),
    AccountColumn("number", width=16),
    AccountColumn("document", width=16),
    AccountColumn("because", width=30),
    AccountColumn("payment", width=38),
    AccountColumn("issuer", width=12),
    AccountColumn("entry", width=38),
)

_BALANCES = (
    AccountColumn("account", CellKind.WORD, words="accounts"),
    AccountColumn("opening_eur", CellKind.EUR, is_summed=True),
    AccountColumn("debit_eur", CellKind.EUR, is_summed=True),
    AccountColumn("credit_eur", CellKind.EUR, is_summed=True),
    AccountColumn("closing_eur", CellKind.EUR, is_summed=True),
)


def list_ledger_table(session: Session, scope: AccountsScope) -> AccountTable:
    """Lay out the entries.

    Parameters
    ----------
    session : Session
        Open transaction.
    scope : AccountsScope
        Whose, and of which days.

    Returns
    -------
    AccountTable
        As they were posted.
    """

    def read_rows() -> Iterator[Sequence[Cell]]:
        for row in iterate_entries(session, scope):
            yield (
                row.posted_on,
                row.event.value,
                row.debit.value,
                row.credit.value,
                from_cents(row.amount_cents),
                row.member,
                row.invoice,
                row.document,
                row.because,
                str(row.payment_id) if row.payment_id else None,
                row.issuer,
                str(row.id),
            )

    return AccountTable("ledger", _ENTRIES, read_rows)


def list_trial_balance(session: Session, scope: AccountsScope) -> AccountTable:
    """Lay out the trial balance.

    Parameters
    ----------
    session : Session
        Open transaction.
    scope : AccountsScope
        Whose, and of which days.

    Returns
    -------
    AccountTable
        Every account with its balance before the days, what moved in them, and its balance after;
        balances sum to zero, debits to credits.
    """

    def read_rows() -> Iterator[Sequence[Cell]]:
        for account, sums in sum_movements(session, scope).items():
            closing = sums.opening_cents + sums.debit_cents - sums.credit_cents
            amounts = (*sums, closing)
            yield (account.value, *map(from_cents, amounts))

    return AccountTable("trial_balance", _BALANCES, read_rows)
