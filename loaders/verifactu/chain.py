"""Verifies a chain of stored records from its first link to its last."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from loaders.verifactu.record_reader import read_record
from loaders.verifactu.records import ChainLink, ChainRecord, compute_fingerprint
from models.values.errors import InvalidDataError


class ChainFaultCode(StrEnum):
    """What can be wrong with a link."""

    UNREADABLE = "unreadable"
    """The record is not one."""
    WRONG_FINGERPRINT = "wrong_fingerprint"
    """The record's own fingerprint is not that of its content: it was altered."""
    WRONG_PREVIOUS = "wrong_previous"
    """It does not name the record before it: one was removed, added or moved."""
    FOREIGN_ISSUER = "foreign_issuer"
    """It is another issuer's: each has a chain of its own."""


@dataclass(frozen=True, slots=True)
class ChainFault:
    """The first broken link of a chain.

    Attributes
    ----------
    code : ChainFaultCode
        What is wrong.
    position : int
        Of the record, counted from one.
    number : str
        Its invoice; empty when it is unreadable.
    expected, found : str
        Fingerprint, previous record or issuer that it should have, and that it has.
    """

    code: ChainFaultCode
    position: int
    number: str
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What a verification found.

    Attributes
    ----------
    n_sound : int
        Records that are right, from the first on.
    last : ChainLink or None
        The last one of these.
    fault : ChainFault or None
        The first broken link; None when the chain is whole.
    """

    n_sound: int
    last: ChainLink | None
    fault: ChainFault | None


def verify_chain(records: Iterable[bytes], after: ChainLink | None = None) -> ChainReport:
    """Find the first broken link of a chain.

    Parameters
    ----------
    records : iterable of bytes
        Documents of one issuer's records, in the order in which they were made.
    after : ChainLink or None
        Last record verified earlier, after which these come; None to begin with the first.

    Returns
    -------
    ChainReport
        How far the chain holds, and what is wrong where it breaks.

    Notes
    -----
    Orden HAC/1177/2024, article 7: whoever keeps the records must be able to check the chain.
    """
    last, n_sound = after, 0
    for position, xml in enumerate(records, start=1):
        try:
            record = read_record(xml)
        except InvalidDataError as error:
            fault = ChainFault(ChainFaultCode.UNREADABLE, position, "", "a record", str(error))
            return ChainReport(n_sound, last, fault)
        if found := _find_fault(record, last):
            fault = ChainFault(found[0], position, record.invoice.number, *found[1:])
            return ChainReport(n_sound, last, fault)
        last, n_sound = ChainLink(record.invoice, record.fingerprint), position
    return ChainReport(n_sound, last, None)


def _find_fault(
    record: ChainRecord, last: ChainLink | None
) -> tuple[ChainFaultCode, str, str] | None:
    """Compare a record with itself and with the one before: what should be, and what is."""
    if last and record.invoice.issuer != last.invoice.issuer:
        return ChainFaultCode.FOREIGN_ISSUER, last.invoice.issuer, record.invoice.issuer
    if record.previous != last:
        return ChainFaultCode.WRONG_PREVIOUS, _describe(last), _describe(record.previous)
    fingerprint = compute_fingerprint(record)
    if record.fingerprint != fingerprint:
        return ChainFaultCode.WRONG_FINGERPRINT, fingerprint, record.fingerprint
    return None


def _describe(link: ChainLink | None) -> str:
    return f"{link.invoice.number} {link.fingerprint}" if link else "none: the first record"
