"""A chain is whole, or its first broken link is found."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders.invoice_parts import InvoiceNumber
from loaders.verifactu.chain import ChainFaultCode, ChainReport, verify_chain
from loaders.verifactu.record_writer import (
    RecordDocument,
    identify_invoice,
    write_cancellation,
    write_registration,
)
from loaders.verifactu.records import ChainLink
from models.values.nif import Nif
from tests.support.invoices import ISSUER, SYSTEM, build_invoice

AT = datetime(2026, 11, 5, 9, 30, tzinfo=UTC)


def write_chain(n_records: int, after: ChainLink | None = None) -> list[RecordDocument]:
    """Register invoices; the last record cancels the one before."""
    documents: list[RecordDocument] = []
    for position in range(1, n_records + 1):
        at = AT + timedelta(seconds=position)
        record = replace(build_invoice(), number=InvoiceNumber("2026", f"{position:06}"))
        previous = documents[-1].link if documents else after
        if position == n_records and documents:
            invoice = documents[-1].link.invoice
            document = write_cancellation(
                invoice, system=SYSTEM, previous=previous, generated_at=at
            )
        else:
            document = write_registration(record, system=SYSTEM, previous=previous, generated_at=at)
        documents.append(document)
    return documents


CHAIN = write_chain(6)
XMLS = [each.xml for each in CHAIN]


def test_a_whole_chain_is_sound() -> None:
    assert verify_chain(XMLS) == ChainReport(6, CHAIN[-1].link, None)
    assert verify_chain([]) == ChainReport(0, None, None)
    assert verify_chain(iter(XMLS[3:]), after=CHAIN[2].link) == ChainReport(3, CHAIN[-1].link, None)


def test_an_altered_amount_is_found() -> None:
    altered = XMLS.copy()
    altered[2] = altered[2].replace(b">25.17<", b">15.17<")
    report = verify_chain(altered)
    assert (report.n_sound, report.last) == (2, CHAIN[1].link)
    assert report.fault is not None
    assert report.fault.code is ChainFaultCode.WRONG_FINGERPRINT
    assert (report.fault.position, report.fault.number) == (3, "2026-000003")
    assert report.fault.found == CHAIN[2].link.fingerprint


@given(change=st.sampled_from(["remove", "swap", "repeat"]), at=st.integers(0, len(XMLS) - 2))
@settings(max_examples=30)
def test_removed_moved_and_repeated_records_are_found(change: str, at: int) -> None:
    broken = XMLS.copy()
    if change == "remove":
        del broken[at]
    elif change == "swap":
        broken[at], broken[at + 1] = broken[at + 1], broken[at]
    else:
        broken.insert(at, broken[at])
    report = verify_chain(broken)
    assert report.fault is not None
    assert report.fault.code is ChainFaultCode.WRONG_PREVIOUS
    assert report.fault.position == report.n_sound + 1
    assert report.n_sound == (at + 1 if change == "repeat" else at)


def test_a_chain_that_does_not_begin_at_its_beginning() -> None:
    report = verify_chain(XMLS[1:])
    assert report.fault is not None
    assert report.fault.expected == "none: the first record"
    assert report.fault.found == f"2026-000001 {CHAIN[0].link.fingerprint}"


@pytest.mark.parametrize("xml", [b"", b"<a/>", b"<!DOCTYPE a><a/>", XMLS[1][:-5]])
def test_what_is_no_record_is_found(xml: bytes) -> None:
    report = verify_chain([XMLS[0], xml])
    assert report.n_sound == 1
    assert report.fault is not None
    assert (report.fault.code, report.fault.number) == (ChainFaultCode.UNREADABLE, "")


def test_another_issuers_record_is_found() -> None:
    other = replace(build_invoice(), issuer=replace(ISSUER, nif=Nif("A00000000")))
    foreign = write_registration(other, system=SYSTEM, previous=CHAIN[0].link, generated_at=AT)
    report = verify_chain([XMLS[0], foreign.xml])
    assert report.fault is not None
    assert report.fault.code is ChainFaultCode.FOREIGN_ISSUER
    assert (report.fault.expected, report.fault.found) == ("F12345674", "A00000000")
    assert identify_invoice(other).issuer == "A00000000"
