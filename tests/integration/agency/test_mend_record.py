"""What the tax agency refused, or took with errors, is mended by a later record of the chain."""

from datetime import timedelta
from uuid import uuid4

import pytest
from lxml import etree
from sqlmodel import col

from api.services.agency.mend_record import UnmendableRecordError
from api.services.agency.read_sending import list_chain_standings
from api.services.invoices.invoice_history import UnknownInvoiceError
from api.services.invoices.verify_invoices import verify_invoices
from loaders.verifactu.schemas import RECORD_NAMESPACE
from models.session import read_session
from models.tables import FiscalRecord, Invoice
from tests.support.databases import on_sqlite
from tests.support.whole_databases import break_rows

pytestmark = on_sqlite
MINUTE = timedelta(minutes=1)
ALTER = """UPDATE fiscal_record
    SET content = CAST(replace(content, '{}', '{}') AS BLOB) WHERE position = {}"""
CIRCUMSTANCES = ("Subsanacion", "RechazoPrevio", "SinRegistroPrevio")


def said(record: FiscalRecord) -> dict[str, str]:
    """Give what a record says of the one that it mends."""
    root = etree.fromstring(record.content)
    texts = {name: root.findtext(f"{{{RECORD_NAMESPACE}}}{name}") for name in CIRCUMSTANCES}
    return {name: text for name, text in texts.items() if text is not None}


def findings(sender) -> list[str]:
    """Verify the invoices."""
    with read_session(sender.billed.engine) as session:
        (report,) = verify_invoices(session, promoter_id=sender.billed.owner)
    return report.list_findings()


def counts(sender) -> dict[str, int]:
    """Count what the agency has."""
    with read_session(sender.billed.engine) as session:
        (standing,) = list_chain_standings(session, promoter_id=sender.billed.owner)
    return {status.value: count for status, count in standing.counts.items() if count}


def test_a_refused_registration_is_mended_until_it_is_taken(sender, agency):
    agency.refused = {"2023-000002"}
    sender.send()
    first = sender.mend(2)
    assert (first.kind, first.attempt, first.position) == ("registration", 2, 4)
    assert said(first) == {"Subsanacion": "S", "RechazoPrevio": "X"}
    sender.send(MINUTE)
    assert sender.answers()[4] == "refused"
    agency.refused.clear()
    second = sender.mend(2)
    assert (second.attempt, said(second)) == (3, said(first))
    assert sender.outcomes(MINUTE) == ["answered"]
    assert sender.answers()[5] == "accepted_with_errors", "the fourth was no link of its chain"
    assert counts(sender) == {"accepted": 1, "accepted_with_errors": 2}
    assert findings(sender) == []


def test_a_registration_with_errors_is_mended(sender, agency):
    agency.refused = {"2023-000002"}
    sender.send()
    mended = sender.mend(3)
    assert said(mended) == {"Subsanacion": "S"}
    agency.refused.add("2023-000003")
    sender.send(MINUTE)
    assert sender.answers()[4] == "refused"
    again = sender.mend(3)
    assert said(again) == {"Subsanacion": "S", "RechazoPrevio": "S"}
    agency.refused.clear()
    sender.send(MINUTE)
    assert sender.answers()[5].startswith("accepted")
    assert findings(sender) == []


def test_what_the_agency_never_had_is_cancelled_without_its_record(sender, agency):
    agency.refused = {"2023-000001"}
    sender.send()
    sender.cancel_first()
    (cancellation,) = sender.billed.rows(FiscalRecord, col(FiscalRecord.position))[3:]
    assert said(cancellation) == {"SinRegistroPrevio": "S"}
    sender.send(MINUTE)
    assert sender.answers()[4] == "refused"
    agency.refused.clear()
    mended = sender.mend(1)
    assert (mended.kind, mended.attempt, mended.because) == ("cancellation", 2, "issued by mistake")
    assert said(mended) == {"SinRegistroPrevio": "S", "RechazoPrevio": "S"}
    sender.send(MINUTE)
    assert sender.answers()[5].startswith("accepted")
    assert findings(sender) == []


def test_a_cancellation_that_overtook_its_refusal_is_mended(sender, agency):
    sender.cancel_first()
    (cancellation,) = sender.billed.rows(FiscalRecord, col(FiscalRecord.position))[3:]
    assert said(cancellation) == {}
    agency.refused = {"2023-000001"}
    sender.send()
    agency.refused.clear()
    assert said(sender.mend(1)) == {"SinRegistroPrevio": "S", "RechazoPrevio": "S"}
    sender.send(MINUTE)
    assert sender.answers()[5].startswith("accepted")


def test_a_number_that_somebody_else_used_is_known_to_the_agency(sender, agency):
    agency.kept["2023-000001", "Alta"] = "Correcto"
    sender.send()
    assert said(sender.mend(1)) == {"Subsanacion": "S", "RechazoPrevio": "S"}


@pytest.mark.parametrize("is_sent", [False, True])
def test_what_waits_or_is_right_is_not_mended(sender, is_sent):
    if is_sent:
        sender.send()
    with pytest.raises(UnmendableRecordError) as caught:
        sender.mend(1)
    error = caught.value
    assert (error.number, error.kind) == ("2023-000001", "registration")
    assert error.state == ("accepted" if is_sent else "waiting")
    with pytest.raises(UnknownInvoiceError):
        sender.mend_key(uuid4())


def test_a_mended_record_names_the_parties_as_they_are_now(sender, agency):
    agency.refused = {"2023-000002"}
    sender.send()
    invoice = sender.billed.rows(Invoice, col(Invoice.number))[1]
    place = [each.id for each in sender.billed.stored.members].index(invoice.member_id)
    sender.billed.pay(place, name="Renamed, S. L.")
    mended = sender.mend(2)
    assert b"Renamed, S. L." in mended.content
    assert findings(sender) == []
    payer = invoice.parties["recipient"]["tax_number"]
    break_rows(sender.billed.engine, "fiscal_record", ALTER.format(payer, "A00000000", 4))
    (finding,) = findings(sender)
    assert "not as it was registered: Destinatarios (record 4)" in finding


ALTERED = [
    ("<sf:BaseImponibleOimporteNoSujeto>3.00", "<sf:BaseImponibleOimporteNoSujeto>9.00", 2),
    ("<sf:DescripcionOperacion>", "<sf:DescripcionOperacion>No ", 2),
    ("<sf:NombreRazon>Payer", "<sf:NombreRazon>Nobody", 2),
    ("RechazoPrevio>X", "RechazoPrevio>S", 4),
    ("<sf:Subsanacion>S</sf:Subsanacion>", "", 4),
]


@pytest.mark.parametrize(("old", "new", "position"), ALTERED)
def test_every_registration_is_held_against_invoice_and_answers(
    sender, agency, old: str, new: str, position: int
):
    agency.refused = {"2023-000002"}
    sender.send()
    sender.mend(2)
    break_rows(sender.billed.engine, "fiscal_record", ALTER.format(old, new, position))
    assert [each for each in findings(sender) if f"(record {position})" in each]


SENT = [
    *ALTERED[2:],
    ("<sf:NombreRazon>Payer", "<sf:NombreRazon>Nobody", 4),
    ("<sf:NumeroInstalacion>", "<sf:NumeroInstalacion>9", 3),
]


@pytest.mark.parametrize(("old", "new", "position"), SENT)
def test_every_record_is_held_against_its_message(sender, agency, old, new, position):
    agency.refused = {"2023-000002"}
    sender.send()
    sender.mend(2)
    sender.send(MINUTE)
    assert findings(sender) == []
    break_rows(sender.billed.engine, "fiscal_record", ALTER.format(old, new, position))
    assert [each for each in findings(sender) if f"record {position} is not as its message" in each]


def test_messages_hold_records_of_the_chain_only(sender, agency):
    sender.send()
    (record, *_) = sender.billed.rows(FiscalRecord, col(FiscalRecord.position))
    altered = ALTER.format(record.sha256, "F" * 64, 1).replace("position", "first_position")
    engine = sender.billed.engine
    break_rows(engine, "agency_submission", altered.replace("fiscal_record", "agency_submission"))
    assert [each for each in findings(sender) if f"1 to 3 holds another, {'F' * 64}" in each]
    break_rows(engine, "agency_submission", "UPDATE agency_submission SET content = x'3c61'")
    (finding,) = findings(sender)
    assert "the message of records 1 to 3 cannot be read" in finding


@pytest.mark.parametrize("mark", ["SinRegistroPrevio", "RechazoPrevio"])
def test_cancellations_are_held_against_answers(sender, agency, mark):
    sender.send()
    sender.cancel_first()
    assert findings(sender) == []
    ours = f"<sf:{mark}>S</sf:{mark}><sf:Encadenamiento>"
    change = ALTER.format("<sf:Encadenamiento>", ours, 4)
    break_rows(sender.billed.engine, "fiscal_record", change)
    (finding,) = findings(sender)
    assert f"not as it was registered: {mark} (record 4)" in finding
