"""Entries of an account as camt messages tell them, in all versions since 2009."""

from loaders.sepa.message_nodes import MessageNode
from loaders.sepa.statements import BookedBatch, Entry, Transaction

_SIGNS = {"CRDT": 1, "DBIT": -1}
_BOOKED = "BOOK"
_BOOKING_DAY = ("BookgDt/Dt", "BookgDt/DtTm")
_VALUE_DAY = ("ValDt/Dt", "ValDt/DtTm")
_NOT_GIVEN = {"NOTPROVIDED", "NONREF"}


def read_sign(node: MessageNode) -> int | None:
    """Tell whether an amount came in or left.

    Parameters
    ----------
    node : MessageNode
        What has the amount; without the mark it is at fault.

    Returns
    -------
    int or None
        1 for what came in, -1 for what left, None when it is at fault.
    """
    sign = _SIGNS.get(node.text("CdtDbtInd") or "")
    if sign is None:
        node.refuse("is marked neither CRDT nor DBIT")
    return sign


def is_booked(entry: MessageNode) -> bool:
    """Tell whether an entry is booked, not just expected.

    Parameters
    ----------
    entry : MessageNode
        The entry.

    Returns
    -------
    bool
    """
    return entry.text("Sts/Cd", "Sts") == _BOOKED


def read_entry(node: MessageNode, currency: str) -> Entry | None:
    """Read an entry.

    Parameters
    ----------
    node : MessageNode
        The entry.
    currency : str
        That of the account.

    Returns
    -------
    Entry or None
        None when its amount or its day is missing or at fault.
    """
    node.require("Amt")
    node.require(*_BOOKING_DAY, *_VALUE_DAY)
    sign, amount = read_sign(node), node.amount("Amt")
    valued_on = node.day(*_VALUE_DAY)
    booked_on = node.day(*_BOOKING_DAY) or valued_on
    if amount is not None and amount.currency != currency:
        node.refuse(f"is an entry in {amount.currency} on an account in {currency}")
    if sign is None or amount is None or booked_on is None:
        return None
    return Entry(
        amount_cents=sign * amount.cents,
        booked_on=booked_on,
        valued_on=valued_on,
        reference=_read_reference(node, "AcctSvcrRef"),
        is_reversal=node.text("RvslInd") in {"true", "1"},
        bank_code=_read_bank_code(node),
        batch=_read_batch(node),
        text=node.text("AddtlNtryInf") or "",
        transactions=_read_transactions(node, sign * amount.cents, currency),
    )


def _read_bank_code(entry: MessageNode) -> str | None:
    """Join the parts of the international code, or take the bank's own."""
    domain = ("BkTxCd/Domn/Cd", "BkTxCd/Domn/Fmly/Cd", "BkTxCd/Domn/Fmly/SubFmlyCd")
    parts = [part for part in map(entry.text, domain) if part]
    return "/".join(parts) or entry.text("BkTxCd/Prtry/Cd")


def _read_batch(entry: MessageNode) -> BookedBatch | None:
    batch = entry.node("NtryDtls/Btch")
    if batch is None:
        return None
    return BookedBatch(
        message_id=_read_reference(batch, "MsgId"),
        payment_information_id=_read_reference(batch, "PmtInfId"),
        n_transactions=batch.count("NbOfTxs"),
    )


def _read_transactions(
    entry: MessageNode, entry_cents: int, currency: str
) -> tuple[Transaction, ...]:
    details = list(entry.nodes("NtryDtls/TxDtls"))
    only = entry_cents if len(details) == 1 else None
    return tuple(_read_transaction(each, entry_cents, only, currency) for each in details)


def _read_transaction(
    node: MessageNode, entry_cents: int, only: int | None, currency: str
) -> Transaction:
    """Read a transaction; without an amount of its own it has that of an entry with no other."""
    amount_cents = _read_amount(node, entry_cents, currency)
    return Transaction(
        amount_cents=only if amount_cents is None else amount_cents,
        instructed_cents=_read_instructed(node, currency),
        end_to_end_id=_read_reference(node, "Refs/EndToEndId"),
        mandate_id=_read_reference(node, "Refs/MndtId"),
        message_id=_read_reference(node, "Refs/MsgId"),
        payment_information_id=_read_reference(node, "Refs/PmtInfId"),
        transaction_id=_read_reference(node, "Refs/TxId")
        or _read_reference(node, "Refs/AcctSvcrRef"),
        debtor_name=node.text("RltdPties/Dbtr/Pty/Nm", "RltdPties/Dbtr/Nm"),
        debtor_iban=node.iban("RltdPties/DbtrAcct/Id/IBAN"),
        creditor_name=node.text("RltdPties/Cdtr/Pty/Nm", "RltdPties/Cdtr/Nm"),
        creditor_iban=node.iban("RltdPties/CdtrAcct/Id/IBAN"),
        remittance=" ".join(node.texts("RmtInf/Ustrd")),
        creditor_reference=node.text("RmtInf/Strd/CdtrRefInf/Ref"),
        return_reason=node.text("RtrInf/Rsn/Cd", "RtrInf/Rsn/Prtry"),
        return_text=" ".join(node.texts("RtrInf/AddtlInf")) or None,
    )


def _read_amount(node: MessageNode, entry_cents: int, currency: str) -> int | None:
    """Read what a transaction moved, with the sign of its entry where it has none."""
    amount = node.amount("Amt", "AmtDtls/TxAmt/Amt")
    if amount is None or amount.currency != currency:
        return None
    marked = read_sign(node) if node.node("CdtDbtInd") else None
    return (marked or (1 if entry_cents >= 0 else -1)) * amount.cents


def _read_instructed(node: MessageNode, currency: str) -> int | None:
    instructed = node.amount("AmtDtls/InstdAmt/Amt")
    return instructed.cents if instructed and instructed.currency == currency else None


def _read_reference(node: MessageNode, path: str) -> str | None:
    """Read a reference; banks write words or zeros where none was given."""
    text = node.text(path)
    return None if text is None or text.upper() in _NOT_GIVEN or not text.strip("0") else text
