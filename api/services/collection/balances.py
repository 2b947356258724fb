"""Balances of members and of accounts: each is a sum of entries."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlmodel import Session

from models.repositories.ledger import sum_accounts, sum_members
from models.values.ledger import LedgerAccount
from models.values.money import from_cents


@dataclass(frozen=True, slots=True)
class MemberBalance:
    """What stands between a member and the issuers of its invoices.

    Attributes
    ----------
    owed_eur : Decimal
        What it owes for invoices [EUR].
    prepaid_eur : Decimal
        What is left of its money [EUR].
    """

    owed_eur: Decimal
    prepaid_eur: Decimal

    @property
    def balance_eur(self) -> Decimal:
        """What it owes in the end [EUR]; below zero when money is left."""
        return self.owed_eur - self.prepaid_eur


@dataclass(frozen=True, slots=True)
class AccountBalance:
    """One account of an issuer's trial balance.

    Attributes
    ----------
    account : LedgerAccount
        Which.
    debit_eur, credit_eur : Decimal
        All that was debited and credited to it [EUR].
    """

    account: LedgerAccount
    debit_eur: Decimal
    credit_eur: Decimal

    @property
    def balance_eur(self) -> Decimal:
        """Debits less credits [EUR]; those of all accounts sum to zero."""
        return self.debit_eur - self.credit_eur


def map_member_balances(
    session: Session, *, promoter_id: UUID, member_ids: Collection[UUID]
) -> dict[UUID, MemberBalance]:
    """Sum what members owe and have left, in one query.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    member_ids : collection of UUID
        Which.

    Returns
    -------
    dict of UUID to MemberBalance
        Of every one of them.
    """
    sums = sum_members(session, promoter_id=promoter_id, member_ids=member_ids)
    return {
        key: MemberBalance(from_cents(one), from_cents(two)) for key, (one, two) in sums.items()
    }


def account_balances(
    session: Session, *, promoter_id: UUID, issuer_id: UUID, on: date
) -> list[AccountBalance]:
    """Draw up the trial balance of an issuer's books.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    issuer_id : UUID
        Whose books.
    on : date
        Entries up to this local day count.

    Returns
    -------
    list of AccountBalance
        Every account, in the order of ``LedgerAccount``; their balances sum to zero.
    """
    sums = sum_accounts(session, promoter_id=promoter_id, issuer_id=issuer_id, on=on)
    return [
        AccountBalance(account, from_cents(debited), from_cents(credited))
        for account, (debited, credited) in sums.items()
    ]


def sum_unknown_receipts(session: Session, *, promoter_id: UUID, issuer_id: UUID) -> Decimal:
    """Sum the money of an issuer of which nobody knows whose it is.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    issuer_id : UUID
        Whose books.

    Returns
    -------
    Decimal
        What waits to be assigned [EUR].
    """
    accounts = account_balances(session, promoter_id=promoter_id, issuer_id=issuer_id, on=date.max)
    waiting = (each for each in accounts if each.account is LedgerAccount.UNKNOWN_RECEIPTS)
    return -sum((each.balance_eur for each in waiting), Decimal(0))
