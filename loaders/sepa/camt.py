"""Reads statements (camt.053) and notifications of bookings (camt.054) of any bank.

Read with lxml in few lines: of the libraries at hand, one gives untyped mappings without batches,
one knows one country's dialect, one has not been kept since 2023, and one brings a web server.
"""

from collections.abc import Iterable, Sequence

from loaders.decoding import UnreadableFileError
from loaders.sepa.message_nodes import MessageNode, read_message, refuse_faulty
from loaders.sepa.statement_entries import is_booked, read_entry, read_sign
from loaders.sepa.statements import Statement
from models.values.money import from_cents

_OPENING = ("OPBD", "PRCD")
_CLOSING = ("CLBD",)
_ACCOUNT = "Acct/Id/IBAN"


def read_camt053(data: bytes) -> tuple[Statement, ...]:
    """Read what was booked on accounts, as the bank states it at the end of a day or month.

    Parameters
    ----------
    data : bytes
        A message camt.053 in any version.

    Returns
    -------
    tuple of Statement
        One for each account and period. Only what is booked is in them.

    Raises
    ------
    UnreadableFileError
        If it is too large, is no XML, has a document type, or is another message.
    FaultyMessageError
        If an entry is at fault, or opening balance and entries do not make the closing balance.
    """
    return _read_accounts(data, "camt.053", "BkToCstmrStmt", "Stmt")


def read_camt054(data: bytes) -> tuple[Statement, ...]:
    """Read bookings of which a bank tells during the day, or in detail.

    Parameters
    ----------
    data : bytes
        A message camt.054 in any version.

    Returns
    -------
    tuple of Statement
        Without balances. A camt.053 tells the same entries again.

    Raises
    ------
    UnreadableFileError
        If it is too large, is no XML, has a document type, or is another message.
    FaultyMessageError
        If an entry is at fault.
    """
    return _read_accounts(data, "camt.054", "BkToCstmrDbtCdtNtfctn", "Ntfctn")


def _read_accounts(data: bytes, kind: str, body: str, account: str) -> tuple[Statement, ...]:
    message, faults = read_message(data, kind, body)
    statements = tuple(_read_account(node) for node in message.nodes(account))
    refuse_faulty(faults)
    if not statements:
        raise UnreadableFileError(f"is a message {kind} without any {account}")
    return statements


def _read_account(node: MessageNode) -> Statement:
    nodes = list(node.nodes("Ntry"))
    booked = [each for each in nodes if is_booked(each)]
    currency = _find_currency([node.node("Bal/Amt"), *(each.node("Amt") for each in booked)])
    currency = node.text("Acct/Ccy") or currency
    entries = tuple(entry for each in booked if (entry := read_entry(each, currency)))
    account = node.iban(_ACCOUNT)
    if account is None and node.node(_ACCOUNT):
        node.refuse("has an account that is no IBAN")
    statement = Statement(
        statement_id=node.text("Id"),
        account=account,
        currency=currency,
        entries=entries,
        opening_cents=_read_balance(node, _OPENING, currency),
        closing_cents=_read_balance(node, _CLOSING, currency),
        n_pending=len(nodes) - len(booked),
    )
    if len(entries) == len(booked):
        _check_balances(node, statement)
    return statement


def _find_currency(amounts: Iterable[MessageNode | None]) -> str:
    """Take the currency of the first amount, where the account does not tell its own."""
    return next((amount.currency for amount in amounts if amount), "")


def _read_balance(node: MessageNode, codes: Sequence[str], currency: str) -> int | None:
    """Read the balance of the first code that there is."""
    by_code = {each.text("Tp/CdOrPrtry/Cd"): each for each in node.nodes("Bal")}
    balance = next((by_code[code] for code in codes if code in by_code), None)
    if balance is None:
        return None
    sign, amount = read_sign(balance), balance.amount("Amt")
    if amount is not None and amount.currency != currency:
        balance.refuse(f"is a balance in {amount.currency} of an account in {currency}")
    return None if sign is None or amount is None else sign * amount.cents


def _check_balances(node: MessageNode, statement: Statement) -> None:
    """Hold the balances against the entries; a page of a longer statement lacks one of them."""
    opening, closing = statement.opening_cents, statement.closing_cents
    if opening is None or closing is None:
        return
    moved = sum(entry.amount_cents for entry in statement.entries)
    if opening + moved != closing:
        before, after = from_cents(opening), from_cents(closing)
        made = (
            f"{before} before and {from_cents(moved)} of entries make {from_cents(opening + moved)}"
        )
        node.refuse(f"{made}, not the {after} after; the file is cut or was changed")
