"""The message that sends records, and the agency's answers to it."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from importlib.metadata import distribution

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from loaders.invoice_parts import Party
from loaders.verifactu import submission
from loaders.verifactu.record_reader import read_record
from loaders.verifactu.record_writer import write_registration
from loaders.verifactu.records import InvoiceIdentity, UnfitRecordError
from loaders.verifactu.schemas import ANSWER_NAMESPACE, RECORD_NAMESPACE, SUBMISSION_NAMESPACE
from loaders.verifactu.submission import (
    KeptStatus,
    RecordAction,
    RecordAnswer,
    RecordStatus,
    RefusedSubmissionError,
    SubmissionAnswer,
    SubmissionStatus,
    UnfitSubmissionError,
    UnreadableAnswerError,
    read_answer,
    write_submission,
)
from models.values.nif import Nif
from tests.support.invoices import ISSUER, MEMBER, SYSTEM, build_invoice

AT = datetime(2026, 11, 5, 9, 30, tzinfo=UTC)
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
NAMES = {
    "soap": SOAP,
    "sf": RECORD_NAMESPACE,
    "sfLR": SUBMISSION_NAMESPACE,
    "sfR": ANSWER_NAMESPACE,
}
FIRST = write_registration(build_invoice(), system=SYSTEM, previous=None, generated_at=AT)
SECOND = write_registration(build_invoice(), system=SYSTEM, previous=FIRST.link, generated_at=AT)


def line(number: str, action: str, status: str, more: str = "") -> str:
    return (
        "<sfR:RespuestaLinea><sfR:IDFactura><sf:IDEmisorFactura>F12345674</sf:IDEmisorFactura>"
        f"<sf:NumSerieFactura>{number}</sf:NumSerieFactura>"
        "<sf:FechaExpedicionFactura>05-11-2026</sf:FechaExpedicionFactura></sfR:IDFactura>"
        f"<sfR:Operacion><sf:TipoOperacion>{action}</sf:TipoOperacion></sfR:Operacion>"
        f"<sfR:EstadoRegistro>{status}</sfR:EstadoRegistro>{more}</sfR:RespuestaLinea>"
    )


def answer(
    status: str, lines: str, wait: str = "60", csv: str = "<sfR:CSV>A-1B2C</sfR:CSV>"
) -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><env:Envelope xmlns:env="{SOAP}"'
        f' xmlns:sfR="{ANSWER_NAMESPACE}" xmlns:sf="{RECORD_NAMESPACE}"><env:Header/><env:Body>'
        f"<sfR:RespuestaRegFactuSistemaFacturacion>{csv}<sfR:Cabecera><sf:ObligadoEmision>"
        "<sf:NombreRazon>x</sf:NombreRazon><sf:NIF>F12345674</sf:NIF></sf:ObligadoEmision>"
        f"</sfR:Cabecera><sfR:TiempoEsperaEnvio>{wait}</sfR:TiempoEsperaEnvio>"
        f"<sfR:EstadoEnvio>{status}</sfR:EstadoEnvio>{lines}"
        "</sfR:RespuestaRegFactuSistemaFacturacion></env:Body></env:Envelope>"
    ).encode()


ERROR = (
    "<sfR:CodigoErrorRegistro>{}</sfR:CodigoErrorRegistro>"
    "<sfR:DescripcionErrorRegistro>{}</sfR:DescripcionErrorRegistro>"
)
DUPLICATE = (
    "<sfR:RegistroDuplicado><sf:IdPeticionRegistroDuplicado>1</sf:IdPeticionRegistroDuplicado>"
    "<sf:EstadoRegistroDuplicado>Correcta</sf:EstadoRegistroDuplicado></sfR:RegistroDuplicado>"
)
MIXED = answer(
    "ParcialmenteCorrecto",
    line("2026-000001", "Alta", "Correcto")
    + line("2026-000002", "Alta", "AceptadoConErrores", ERROR.format(2000, "El cálculo &lt;no&gt;"))
    + line("2026-000003", "Anulacion", "Incorrecto", ERROR.format(3000, "Duplicado") + DUPLICATE),
    wait="120",
)


@cache
def answer_schema() -> etree.XMLSchema:
    path = distribution("verifactu-sdk").locate_file(
        "verifactu_sdk/schemas/RespuestaSuministro.xsd"
    )
    return etree.XMLSchema(etree.parse(str(path)))


def test_records_are_sent_in_order_and_unchanged() -> None:
    message = write_submission([FIRST.xml, SECOND.xml], issuer=ISSUER)
    root = etree.fromstring(message)
    records = root.findall(
        "soap:Body/sfLR:RegFactuSistemaFacturacion/sfLR:RegistroFactura/*", NAMES
    )
    assert [etree.tostring(each, method="c14n", exclusive=True) for each in records] == [
        etree.tostring(etree.fromstring(xml), method="c14n", exclusive=True)
        for xml in (FIRST.xml, SECOND.xml)
    ]
    header = root.find("soap:Body/*/sfLR:Cabecera", NAMES)
    assert [each.text for each in header.find("sf:ObligadoEmision", NAMES)] == [
        *(ISSUER.name, "F12345674"),
    ]
    assert header.find("sf:Representante", NAMES) is None
    assert message == write_submission([FIRST.xml, SECOND.xml], issuer=ISSUER)


def test_a_message_is_no_record() -> None:
    message = etree.fromstring(write_submission([FIRST.xml], issuer=ISSUER))
    content = etree.tostring(message.find("soap:Body/*", NAMES))
    with pytest.raises(UnfitRecordError, match="RegFactuSistemaFacturacion is no record"):
        read_record(content)


def test_representative_and_incident_are_told() -> None:
    message = write_submission([FIRST.xml], issuer=ISSUER, representative=MEMBER, has_incident=True)
    header = etree.fromstring(message).find("soap:Body/*/sfLR:Cabecera", NAMES)
    assert header.findtext("sf:Representante/sf:NIF", None, NAMES) == "12345678Z"
    assert header.findtext("sf:RemisionVoluntaria/sf:Incidencia", None, NAMES) == "S"


def test_what_cannot_be_sent_together_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnfitSubmissionError, match="0 records, not 1 to 1000"):
        write_submission([], issuer=ISSUER)
    with pytest.raises(UnfitSubmissionError, match="2026-000123 is issued by F12345674") as caught:
        write_submission([FIRST.xml], issuer=replace(ISSUER, nif=Nif("A00000000")))
    assert caught.value.issuer == "A00000000"
    with pytest.raises(UnfitRecordError):
        write_submission([FIRST.xml], issuer=ISSUER, representative=Party("without a NIF"))
    monkeypatch.setattr(submission, "MOST_RECORDS", 1)
    with pytest.raises(UnfitSubmissionError, match="2 records"):
        write_submission([FIRST.xml, SECOND.xml], issuer=ISSUER)


def test_an_answer_to_three_records() -> None:
    assert answer_schema().validate(etree.fromstring(MIXED).find("soap:Body/*", NAMES)), (
        answer_schema().error_log
    )
    day, issuer = date(2026, 11, 5), Nif("F12345674")
    assert read_answer(MIXED) == SubmissionAnswer(
        SubmissionStatus.PARTLY_ACCEPTED,
        "A-1B2C",
        120,
        (
            RecordAnswer(
                InvoiceIdentity(issuer, "2026-000001", day),
                *(RecordAction.REGISTRATION, RecordStatus.ACCEPTED, None, "", None),
            ),
            RecordAnswer(
                InvoiceIdentity(issuer, "2026-000002", day),
                *(RecordAction.REGISTRATION, RecordStatus.ACCEPTED_WITH_ERRORS),
                *(2000, "El cálculo <no>", None),
            ),
            RecordAnswer(
                InvoiceIdentity(issuer, "2026-000003", day),
                *(RecordAction.CANCELLATION, RecordStatus.REJECTED),
                *(3000, "Duplicado", KeptStatus.ACCEPTED),
            ),
        ),
    )


def test_a_rejected_message_has_no_receipt() -> None:
    found = read_answer(answer("Incorrecto", line("1", "Alta", "Incorrecto"), csv=""))
    assert (found.status, found.receipt) == (SubmissionStatus.REJECTED, "")


@pytest.mark.parametrize(("code", "is_retryable"), [("env:Client", False), ("env:Server", True)])
def test_a_fault_is_a_refusal(code: str, is_retryable: bool) -> None:
    fault = (
        f'<env:Envelope xmlns:env="{SOAP}"><env:Body><env:Fault><faultcode>{code}</faultcode>'
        "<faultstring>Codigo[4102].El XML no cumple el esquema.</faultstring></env:Fault>"
        "</env:Body></env:Envelope>"
    )
    with pytest.raises(RefusedSubmissionError, match="4102") as caught:
        read_answer(fault.encode())
    assert caught.value.is_retryable is is_retryable


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "cannot be read"),
        (b"<html><body>502</body></html>", "html holds no answer"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "document type"),
        (answer("Quizá", ""), "Quizá"),
        (answer("Correcto", "", wait="x"), "waiting time 'x'"),
        (answer("Correcto", "", wait="-1"), "waiting time"),
        (answer("Correcto", line("1", "Baja", "Correcto")), "Baja"),
        (answer("Correcto", line("1", "Alta", "Incorrecto", ERROR.format("x", ""))), "error code"),
        (answer("Correcto", line("1", "Alta", "Bien")), "Bien"),
        (answer("Correcto", "<sfR:RespuestaLinea/>"), "a line names no invoice"),
        (MIXED.replace(b"05-11-2026", b"2026-11-05"), "is no date"),
        (MIXED.replace(b">F12345674</sf:IDE", b">F1234567X</sf:IDE"), "NIF"),
    ],
)
def test_what_is_no_answer_is_told(content: bytes, reason: str) -> None:
    with pytest.raises(UnreadableAnswerError, match=reason):
        read_answer(content)


@given(at=st.integers(0, len(MIXED) - 1), byte=st.binary(min_size=0, max_size=3))
def test_damaged_answers_are_read_or_refused(at: int, byte: bytes) -> None:
    with suppress(UnreadableAnswerError, RefusedSubmissionError):
        read_answer(MIXED[:at] + byte + MIXED[at + 1 :])
