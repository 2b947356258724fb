"""Gather the accounts of an issuer or a community over a period."""

from datetime import date
from uuid import UUID

from sqlmodel import Session

from api.services.accounting.accounts_wish import AccountsWish, find_scope
from api.services.accounting.invoice_tables import list_invoice_table, list_line_table
from api.services.accounting.ledger_tables import list_ledger_table, list_trial_balance
from api.services.accounting.money_tables import (
    list_ageing_table,
    list_ageing_totals,
    list_payment_table,
)
from api.services.accounting.vat_book import list_vat_book, list_vat_totals
from api.services.collection.open_items import open_items
from loaders.account_tables import Accounts
from loaders.invoice_record import last_day_of
from models.repositories.accounts import list_scope_issuers, map_owing_members, map_replaced_taxes


def gather_accounts(
    session: Session, *, promoter_id: UUID, wish: AccountsWish, today: date
) -> Accounts:
    """Gather accounts, in a number of queries that does not grow with them.

    Parameters
    ----------
    session : Session
        Open transaction; the tables read from it, some rows at a time.
    promoter_id : UUID
        The tenant.
    wish : AccountsWish
        Whose accounts, and of which days.
    today : date
        Local day: what is open is aged as of the last day of the period, or of today before it.

    Returns
    -------
    Accounts
        Invoices, lines, money, ageing, VAT book, entries, and what they come to.

    Raises
    ------
    NobodysAccountsError
        If neither a community nor an issuer is named.
    OpenPeriodError
        If the period has no end.
    UnknownCommunityError, UnknownIssuerError
        If the promoter has no such one.
    """
    scope, community = find_scope(session, promoter_id=promoter_id, wish=wish)
    aged_on = min(last_day_of(wish.period), today)
    items = open_items(
        session,
        promoter_id,
        on=aged_on,
        issuer_id=wish.issuer_id,
        community_id=wish.community_id,
    )
    members = map_owing_members(session, scope)
    replaced = map_replaced_taxes(session, scope)
    return Accounts(
        issuers=[f"{each.tax_number} {each.name}" for each in list_scope_issuers(session, scope)],
        community=community,
        period=wish.period,
        aged_on=aged_on,
        tables=(
            list_invoice_table(session, scope, replaced),
            list_line_table(session, scope),
            list_payment_table(session, scope),
            list_ageing_table(items, members, aged_on),
            list_vat_book(session, scope, replaced),
            list_ledger_table(session, scope),
        ),
        summaries=(
            list_vat_totals(session, scope, replaced),
            list_ageing_totals(items, aged_on),
            list_trial_balance(session, scope),
        ),
    )
