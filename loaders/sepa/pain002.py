"""Reads what a bank says of a file of ours before it collects (pain.002)."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from loaders.sepa.message_nodes import MessageNode, read_message, refuse_faulty


class Outcome(StrEnum):
    """What becomes of a debit, as far as a report tells."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    PENDING = "pending"
    """Nothing final was said of it."""


@dataclass(frozen=True, slots=True)
class StatusReason:
    """Why something has its status.

    Attributes
    ----------
    code : str or None
        Code of the reason.
    text : str
        What the bank says to it; empty if nothing.
    """

    code: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Status:
    """What a bank says of a file, a batch or a debit.

    Attributes
    ----------
    code : str or None
        As ``RJCT``; None where it says nothing.
    reasons : tuple of StatusReason
        Why.
    """

    code: str | None
    reasons: tuple[StatusReason, ...]

    @property
    def outcome(self) -> Outcome:
        """What the status means for the debit."""
        if self.code in _REJECTED:
            return Outcome.REJECTED
        return Outcome.ACCEPTED if self.code in _ACCEPTED else Outcome.PENDING


@dataclass(frozen=True, slots=True)
class TransactionStatus:
    """What a bank says of one debit.

    Attributes
    ----------
    end_to_end_id : str or None
        Our reference of it.
    mandate_id : str or None
        Its mandate, if the bank repeats it.
    amount_cents : int or None
        Its amount [cents], if the bank repeats it.
    status : Status
        Its own.
    """

    end_to_end_id: str | None
    mandate_id: str | None
    amount_cents: int | None
    status: Status


@dataclass(frozen=True, slots=True)
class BatchStatus:
    """What a bank says of one batch.

    Attributes
    ----------
    payment_information_id : str or None
        Our reference of it.
    status : Status
        Of all its debits that are not told one by one.
    transactions : tuple of TransactionStatus
        Debits that are told.
    """

    payment_information_id: str | None
    status: Status
    transactions: tuple[TransactionStatus, ...]


@dataclass(frozen=True, slots=True)
class StatusReport:
    """What a bank says of one file.

    Attributes
    ----------
    message_id : str or None
        The bank's reference of the report.
    original_message_id : str
        Our reference of the file.
    original_kind : str or None
        What kind of file it was, as ``pain.008.001.08``.
    status : Status
        Of all its batches that are not told.
    batches : tuple of BatchStatus
        Batches that are told.
    """

    message_id: str | None
    original_message_id: str
    original_kind: str | None
    status: Status
    batches: tuple[BatchStatus, ...]

    def status_of(self, payment_information_id: str, end_to_end_id: str) -> Status:
        """Give what holds for a debit: what is said of itself, else its batch, else the file."""
        said = [self.status]
        for batch in self.batches:
            if batch.payment_information_id == payment_information_id:
                said.append(batch.status)
                own = (each for each in batch.transactions if each.end_to_end_id == end_to_end_id)
                said.extend(each.status for each in own)
        said.reverse()
        code = next((status.code for status in said if status.code), None)
        return Status(code, next((status.reasons for status in said if status.reasons), ()))


_REJECTED = frozenset({"RJCT", "CANC"})
_ACCEPTED = frozenset({"ACCP", "ACCC", "ACSC", "ACSP", "ACTC", "ACWC", "ACWP", "ACFC"})


def read_pain002(data: bytes) -> StatusReport:
    """Read what a bank says of a file.

    Parameters
    ----------
    data : bytes
        A message pain.002 in any version since 2009.

    Returns
    -------
    StatusReport
        Statuses of file, batches and debits; what is not told there holds from above.

    Raises
    ------
    UnreadableFileError
        If it is too large, is no XML, has a document type, or is another message.
    FaultyMessageError
        If it does not say of which file, or an amount is at fault.
    """
    message, faults = read_message(data, "pain.002", "CstmrPmtStsRpt")
    message.require("OrgnlGrpInfAndSts/OrgnlMsgId")
    report = StatusReport(
        message_id=message.text("GrpHdr/MsgId"),
        original_message_id=message.text("OrgnlGrpInfAndSts/OrgnlMsgId") or "",
        original_kind=message.text("OrgnlGrpInfAndSts/OrgnlMsgNmId"),
        status=_read_status(message.node("OrgnlGrpInfAndSts"), "GrpSts"),
        batches=tuple(map(_read_batch, message.nodes("OrgnlPmtInfAndSts"))),
    )
    refuse_faulty(faults)
    return report


def _read_batch(node: MessageNode) -> BatchStatus:
    return BatchStatus(
        payment_information_id=node.text("OrgnlPmtInfId"),
        status=_read_status(node, "PmtInfSts"),
        transactions=tuple(map(_read_transaction, node.nodes("TxInfAndSts"))),
    )


def _read_transaction(node: MessageNode) -> TransactionStatus:
    amount = node.amount("OrgnlTxRef/Amt/InstdAmt")
    mandate = "OrgnlTxRef/MndtRltdInf"
    return TransactionStatus(
        end_to_end_id=node.text("OrgnlEndToEndId"),
        mandate_id=node.text(f"{mandate}/MndtId", f"{mandate}/DrctDbtMndt/MndtId"),
        amount_cents=None if amount is None else amount.cents,
        status=_read_status(node, "TxSts"),
    )


def _read_status(node: MessageNode | None, path: str) -> Status:
    if node is None:
        return Status(None, ())
    return Status(node.text(path), tuple(_read_reasons(node)))


def _read_reasons(node: MessageNode) -> Iterator[StatusReason]:
    for reason in node.nodes("StsRsnInf"):
        text = " ".join(reason.texts("AddtlInf"))
        yield StatusReason(reason.text("Rsn/Cd", "Rsn/Prtry"), text)
