"""Writes direct debits as the XML that banks take (ISO 20022, pain.008)."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime

from lxml import etree
from sepaxml import SepaDD

from loaders.sepa.character_set import to_sepa_text
from loaders.sepa.debit_faults import CREDITOR, UnfitDebitsError, find_debit_faults
from loaders.sepa.direct_debits import (
    LONGEST_NAME,
    LONGEST_REMITTANCE,
    ChangedText,
    Creditor,
    DebitBatch,
    DirectDebit,
    DirectDebitFile,
)
from models.values.direct_debits import PainVersion, SequenceType
from models.values.errors import InvalidArgumentError
from models.values.sepa_reference import SepaReference

LONGEST_MESSAGE_ID = 28
"""Most characters of a message's reference, so that those of its batches can begin with it."""

_SAME_MANDATE_NEW_ACCOUNT = "SMNDA"
_ORDER = {sequence: place for place, sequence in enumerate(SequenceType)}


class UnfitMessageError(InvalidArgumentError):
    """A message cannot be named or dated so.

    Attributes
    ----------
    reason : str
        What is wrong.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(f"a direct debit file {reason}")
        self.reason = reason


def write_pain008(
    creditor: Creditor,
    debits: Sequence[DirectDebit],
    *,
    message_id: SepaReference,
    created_at: datetime,
    version: PainVersion = PainVersion.V08,
) -> DirectDebitFile:
    """Write a file of direct debits of the CORE scheme.

    Parameters
    ----------
    creditor : Creditor
        Who collects.
    debits : sequence of DirectDebit
        What is collected; those of one day and sequence type become one batch.
    message_id : SepaReference
        Reference of the file, never used before, up to ``LONGEST_MESSAGE_ID`` characters.
    created_at : datetime
        Aware instant that the file bears, in UTC.
    version : PainVersion
        Which version the bank takes.

    Returns
    -------
    DirectDebitFile
        The same bytes for the same arguments. Names and remittances stand in it in the SEPA
        characters; which of them were changed is told beside.

    Raises
    ------
    UnfitDebitsError
        If a bank would not collect one of them; it carries all faults.
    UnfitMessageError
        If the reference is too long, or the instant has no time zone.
    """
    if len(message_id) > LONGEST_MESSAGE_ID:
        reason = f"takes a reference of up to {LONGEST_MESSAGE_ID} characters, not {message_id!r}"
        raise UnfitMessageError(reason)
    if created_at.tzinfo is None:
        raise UnfitMessageError(f"needs an instant with its time zone, not {created_at}")
    faults = find_debit_faults(creditor, debits, needs_bic=version is PainVersion.V02)
    if faults:
        raise UnfitDebitsError(faults)
    grouped = _group(debits)
    texts = _SepaTexts()
    document = _make_document(creditor, grouped, version, texts)
    batches = _describe_batches(grouped, message_id)
    amended = frozenset(debit.end_to_end_id for debit in debits if debit.is_amended)
    content = _stamp(document, message_id, created_at, batches, amended)
    return DirectDebitFile(content, batches, tuple(texts.changed))


_Grouped = dict[tuple[date, SequenceType], list[DirectDebit]]


def _group(debits: Sequence[DirectDebit]) -> _Grouped:
    """Group debits by day and sequence type, in order; within a group they keep theirs."""
    groups: defaultdict[tuple[date, SequenceType], list[DirectDebit]] = defaultdict(list)
    for debit in debits:
        groups[debit.collect_on, debit.sequence].append(debit)
    return {key: groups[key] for key in sorted(groups, key=lambda key: (key[0], _ORDER[key[1]]))}


class _SepaTexts:
    """Writes texts in the SEPA characters, and remembers which were changed."""

    def __init__(self) -> None:
        self.changed: list[ChangedText] = []

    def write(self, place: str, field: str, given: str, most: int) -> str:
        """Give the text as it stands in the file."""
        written = to_sepa_text(given, most)
        if written != given:
            self.changed.append(ChangedText(place, field, given, written))
        return written


def _make_document(
    creditor: Creditor, grouped: _Grouped, version: PainVersion, texts: _SepaTexts
) -> bytes:
    """Have the library write the document, in which times and references are its own."""
    config = {
        "name": texts.write(CREDITOR, "name", creditor.name, LONGEST_NAME),
        "IBAN": creditor.iban.reveal(),
        "batch": True,
        "creditor_id": str(creditor.creditor_id),
        "currency": "EUR",
        "instrument": "CORE",
    }
    if creditor.bic is not None:
        config["BIC"] = creditor.bic
    # clean=True would change texts without telling
    writer = SepaDD(config, schema=version.value, clean=False)
    for debits in grouped.values():
        for debit in debits:
            writer.add_payment(_describe_payment(debit, texts))
    # what its schema asks for was checked before, field by field
    document: bytes = writer.export(validate=False)
    return document


def _describe_payment(debit: DirectDebit, texts: _SepaTexts) -> dict[str, object]:
    reference = debit.end_to_end_id
    return {
        "name": texts.write(reference, "debtor_name", debit.debtor_name, LONGEST_NAME),
        "IBAN": debit.iban.reveal(),
        "amount": debit.amount_cents,
        "type": debit.sequence.value,
        "collection_date": debit.collect_on,
        "mandate_id": str(debit.mandate_id),
        "mandate_date": debit.mandate_signed_on,
        "description": texts.write(reference, "remittance", debit.remittance, LONGEST_REMITTANCE),
        "endtoend_id": str(reference),
    }


def _describe_batches(grouped: _Grouped, message_id: SepaReference) -> tuple[DebitBatch, ...]:
    return tuple(
        DebitBatch(
            payment_information_id=SepaReference(f"{message_id}-{number}"),
            collect_on=day,
            sequence=sequence,
            n_debits=len(debits),
            total_cents=sum(debit.amount_cents for debit in debits),
        )
        for number, ((day, sequence), debits) in enumerate(grouped.items(), 1)
    )


def _stamp(
    document: bytes,
    message_id: SepaReference,
    created_at: datetime,
    batches: Sequence[DebitBatch],
    amended: Collection[str],
) -> bytes:
    """Put our references and instant in place of the random ones and the clock's.

    sepaxml offers no argument for them: it makes a random reference of the message and of each
    batch, and reads the clock. It cannot tell of a mandate's new account either.
    """
    root = etree.fromstring(document)
    space = {"p": root.nsmap[None]}
    header = root.find("p:CstmrDrctDbtInitn/p:GrpHdr", space)
    header.find("p:MsgId", space).text = message_id
    instant = created_at.astimezone(UTC).replace(tzinfo=None)
    header.find("p:CreDtTm", space).text = instant.isoformat(timespec="seconds") + "Z"
    written = root.findall("p:CstmrDrctDbtInitn/p:PmtInf", space)
    for batch, element in zip(batches, written, strict=True):
        element.find("p:PmtInfId", space).text = batch.payment_information_id
    for debit in root.iterfind(".//p:DrctDbtTxInf", space):
        if debit.find("p:PmtId/p:EndToEndId", space).text in amended:
            _tell_amendment(debit.find("p:DrctDbtTx/p:MndtRltdInf", space))
    stamped: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)
    return stamped


def _tell_amendment(mandate: etree._Element) -> None:
    """Say that the mandate is the same and its account a new one, without naming the old one.

    EPC130-08, original debtor account: an identification "SMNDA".
    """
    space = f"{{{mandate.nsmap[None]}}}"
    etree.SubElement(mandate, f"{space}AmdmntInd").text = "true"
    node = etree.SubElement(mandate, f"{space}AmdmntInfDtls")
    for name in ("OrgnlDbtrAcct", "Id", "Othr", "Id"):
        node = etree.SubElement(node, f"{space}{name}")
    node.text = _SAME_MANDATE_NEW_ACCOUNT
