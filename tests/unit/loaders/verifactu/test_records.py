"""Records: the agency's vectors, its schema, and another library as oracle."""

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import verifactu_sdk
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from loaders.decoding import UnreadableFileError
from loaders.invoice_parts import InvoiceNumber, Party
from loaders.invoice_record import InvoiceRecord
from loaders.verifactu.record_reader import read_record
from loaders.verifactu.record_writer import (
    PriorRejection,
    identify_invoice,
    write_cancellation,
    write_registration,
)
from loaders.verifactu.records import (
    BillingSystem,
    ChainLink,
    InvoiceIdentity,
    RecordKind,
    UnfitRecordError,
)
from loaders.verifactu.schemas import RECORD_NAMESPACE
from models.values.errors import InvalidArgumentError, InvalidIdentifierError
from models.values.invoicing import Exemption, InvoiceKind, Rectification, TaxKind
from models.values.nif import Nif
from tests.support.invoices import (
    ISSUER,
    MEMBER,
    SYSTEM,
    build_invoice,
    build_line,
    invoices,
    names,
    rectify,
    with_lines,
)

NAMES = {"sf": RECORD_NAMESPACE}
AT = datetime(2026, 11, 5, 9, 30, 15, 999_999, tzinfo=UTC)
INVOICE = build_invoice()
PREVIOUS = ChainLink(InvoiceIdentity(Nif("F12345674"), "2026-000122", date(2026, 11, 4)), "B" * 64)


def write(record: InvoiceRecord, **options: Any) -> etree._Element:
    options = {"system": SYSTEM, "previous": PREVIOUS, "generated_at": AT, **options}
    return etree.fromstring(write_registration(record, **options).xml)


def texts(root: etree._Element) -> dict[str, str]:
    """Map every leaf's name to its text; the last of several wins."""
    return {etree.QName(leaf).localname: leaf.text or "" for leaf in root.iter() if not len(leaf)}


def build_vector(number: str, day: int, price: str) -> InvoiceRecord:
    record = with_lines(INVOICE, (build_line("x", "1", "u", price),))
    return replace(
        record,
        kind=InvoiceKind.SIMPLIFIED,
        number=InvoiceNumber("PRUEBA", number),
        issued_on=date(2025, 6, day),
        issuer=Party("Empresa de prueba", Nif("A00000000")),
        recipient=Party("Consumidor"),
    )


def test_the_first_vector_of_the_agency() -> None:
    written = write_registration(
        build_vector("0001", 1, "10"),
        system=SYSTEM,
        previous=None,
        generated_at=datetime.fromisoformat("2025-06-01T10:20:30+02:00"),
    )
    expected = "F223F0A84F7D0C701C13C97CF10A1628FF9E46A003DDAEF3A804FBD799D82070"
    assert written.link.fingerprint == expected
    assert written.generated_at == "2025-06-01T10:20:30+02:00"
    assert b"<sf:PrimerRegistro>S</sf:PrimerRegistro>" in written.xml


def test_the_second_vector_of_the_agency() -> None:
    previous = replace(PREVIOUS, fingerprint="A" * 64)
    written = write_registration(
        build_vector("0002", 2, "100"),
        system=SYSTEM,
        previous=previous,
        generated_at=datetime.fromisoformat("2025-06-02T18:30:40+00:00"),
    )
    expected = "4566062C5A5D7DA4E0E876C0994071CD807962629F8D3C1F33B91EDAA65B2BA1"
    assert written.link.fingerprint == expected
    assert written.generated_at == "2025-06-02T20:30:40+02:00"


def test_a_record_says_who_what_and_when() -> None:
    root = write(INVOICE)
    said = texts(root)
    assert etree.QName(root).localname == "RegistroAlta"
    assert said["NumSerieFactura"] == "2026-000122"  # the previous one's, which comes later
    assert root.findtext("sf:IDFactura/sf:NumSerieFactura", None, NAMES) == "2026-000123"
    assert root.findtext("sf:Destinatarios/sf:IDDestinatario/sf:NIF", None, NAMES) == "12345678Z"
    assert said["TipoFactura"] == "F1"
    assert said["FechaOperacion"] == "31-10-2026"
    assert (said["Impuesto"], said["ClaveRegimen"], said["CalificacionOperacion"]) == (
        *("01", "01", "S1"),
    )
    assert (said["TipoImpositivo"], said["CuotaRepercutida"]) == ("21.00", "4.37")
    assert said["BaseImponibleOimporteNoSujeto"] == "20.80"
    assert (said["CuotaTotal"], said["ImporteTotal"]) == ("4.37", "25.17")
    assert said["FechaHoraHusoGenRegistro"] == "2026-11-05T10:30:15+01:00"
    assert said["NombreSistemaInformatico"] == "reparto"
    assert "Subsanacion" not in said
    assert "RechazoPrevio" not in said


def test_a_record_that_mends_another_says_so() -> None:
    said = texts(
        write(INVOICE, mends_record=True, prior_rejection=PriorRejection.UNKNOWN_TO_AGENCY)
    )
    assert (said["Subsanacion"], said["RechazoPrevio"]) == ("S", "X")


def test_corrections_by_difference_and_by_substitution() -> None:
    difference = write(rectify(INVOICE))
    said = texts(difference)
    corrected = difference.find("sf:FacturasRectificadas/sf:IDFacturaRectificada", NAMES)
    assert [each.text for each in corrected] == ["F12345674", "2026-000123", "05-11-2026"]
    assert (said["TipoFactura"], said["TipoRectificativa"]) == ("R4", "I")
    assert (said["CuotaTotal"], said["ImporteTotal"]) == ("-0.22", "-1.28")
    assert "BaseRectificada" not in said
    said = texts(write(rectify(INVOICE, Rectification.SUBSTITUTION)))
    assert said["TipoRectificativa"] == "S"
    assert (said["BaseRectificada"], said["CuotaRectificada"]) == ("20.80", "4.37")


def test_simplified_invoices_name_no_recipient() -> None:
    assert (
        write(replace(INVOICE, kind=InvoiceKind.SIMPLIFIED)).find("sf:Destinatarios", NAMES) is None
    )


def test_a_third_party_is_named() -> None:
    root = write(replace(INVOICE, third_party=MEMBER))
    assert root.findtext("sf:EmitidaPorTerceroODestinatario", None, NAMES) == "T"
    assert root.findtext("sf:Tercero/sf:NIF", None, NAMES) == "12345678Z"


def test_no_day_of_operation_that_is_not_before_the_issue() -> None:
    assert "FechaOperacion" not in texts(write(replace(INVOICE, issued_on=date(2026, 10, 31))))


@pytest.mark.parametrize(
    ("tax", "code", "regime"),
    [(TaxKind.VAT, "01", "01"), (TaxKind.IPSI, "02", None), (TaxKind.IGIC, "03", "01")],
)
def test_each_tax_has_its_code(tax: TaxKind, code: str, regime: str | None) -> None:
    said = texts(write(with_lines(INVOICE, (build_line(tax=tax, rate="3"),))))
    assert (said["Impuesto"], said.get("ClaveRegimen")) == (code, regime)


@pytest.mark.parametrize(
    ("exemption", "element"),
    [
        (Exemption.INNER_OPERATION, "OperacionExenta"),
        (Exemption.NOT_SUBJECT, "CalificacionOperacion"),
    ],
)
def test_exempt_operations_have_a_key_and_no_rate(exemption: Exemption, element: str) -> None:
    record = with_lines(INVOICE, (build_line(rate="0"),))
    exempt = replace(record.taxes[0], exemption=exemption, exempt_because="artículo 20")
    said = texts(write(replace(record, taxes=(exempt,))))
    assert said[element] == exemption
    assert not {"TipoImpositivo", "CuotaRepercutida"} & said.keys()
    assert len({"OperacionExenta", "CalificacionOperacion"} & said.keys()) == 1


def write_by_oracle(record: InvoiceRecord, previous: ChainLink | None) -> etree._Element:
    """Write the same record by verifactu-sdk."""

    def amount(number: Decimal) -> str:
        return f"{number:.2f}"

    codes = {TaxKind.VAT: "01", TaxKind.IPSI: "02", TaxKind.IGIC: "03"}
    person = verifactu_sdk.Persona
    issuer = person(record.issuer.name[:120], record.issuer.nif)
    is_full = record.kind is InvoiceKind.FULL
    registration = verifactu_sdk.RegistroAlta(
        emisor=issuer,
        num_serie=str(record.number),
        fecha_expedicion=record.issued_on,
        descripcion=record.description,
        desglose=[
            verifactu_sdk.LineaDesglose(
                base_imponible=amount(each.base_eur),
                tipo_impositivo=amount(each.rate_percent),
                cuota_repercutida=amount(each.quota_eur),
                impuesto=codes[each.tax],
                clave_regimen=None if each.tax is TaxKind.IPSI else "01",
            )
            for each in record.taxes
        ],
        sistema=verifactu_sdk.SistemaInformatico(
            "reparto", "A00000000", "reparto", "RE", "0.1.0", "instal·lació 1", True, True, True
        ),
        tipo_factura=record.kind.value,
        destinatarios=[person(record.recipient.name[:120], record.recipient.nif)]
        if is_full
        else [],
        fecha_operacion=record.last_day if record.last_day < record.issued_on else None,
        anterior=previous
        and verifactu_sdk.RegistroAnterior(
            previous.invoice.issuer, previous.invoice.number, "04-11-2026", previous.fingerprint
        ),
        fecha_hora_huso_gen=datetime.fromisoformat("2026-11-05T10:30:15+01:00"),
    )
    header = verifactu_sdk.Cabecera(issuer)
    return verifactu_sdk.construir_peticion(header, [registration])[1][0]


@given(record=invoices(), previous=st.sampled_from([None, PREVIOUS]))
def test_another_library_writes_the_same(record: InvoiceRecord, previous: ChainLink | None) -> None:
    ours = write(record, previous=previous)
    theirs = write_by_oracle(record, previous)
    assert [(each.tag, each.text) for each in ours.iter()] == [
        (each.tag, each.text) for each in theirs.iter()
    ]


@given(record=invoices(), previous=st.sampled_from([None, PREVIOUS]))
def test_what_is_written_is_read_back(record: InvoiceRecord, previous: ChainLink | None) -> None:
    options: dict[str, Any] = {"system": SYSTEM, "previous": previous, "generated_at": AT}
    written = write_registration(record, **options)
    assert written == write_registration(record, **options)
    found = read_record(written.xml)
    assert found.kind is RecordKind.REGISTRATION
    assert found.invoice == identify_invoice(record) == written.link.invoice
    assert found.invoice_kind == record.kind
    assert (Decimal(found.quota_total), Decimal(found.total)) == (
        record.quota_eur,
        record.total_eur,
    )
    assert found.previous == previous
    assert found.generated_at == written.generated_at
    assert found.fingerprint == written.link.fingerprint
    root = etree.fromstring(written.xml)
    assert root.findtext("sf:NombreRazonEmisor", None, NAMES) == record.issuer.name[:120]
    assert root.findtext("sf:DescripcionOperacion", None, NAMES) == record.description


def test_a_cancellation_and_its_fingerprint() -> None:
    written = write_cancellation(
        identify_invoice(INVOICE),
        system=SYSTEM,
        previous=PREVIOUS,
        generated_at=AT,
        is_unregistered=True,
        is_rejected_before=True,
    )
    expected = verifactu_sdk.huella_anulacion(
        id_emisor="F12345674",
        num_serie="2026-000123",
        fecha_expedicion="05-11-2026",
        huella_anterior="B" * 64,
        fecha_hora_huso_gen="2026-11-05T10:30:15+01:00",
    )
    assert written.link.fingerprint == expected
    said = texts(etree.fromstring(written.xml))
    assert (said["SinRegistroPrevio"], said["RechazoPrevio"]) == ("S", "S")
    found = read_record(written.xml)
    assert found.kind is RecordKind.CANCELLATION
    assert (found.invoice, found.previous) == (identify_invoice(INVOICE), PREVIOUS)
    assert (found.invoice_kind, found.quota_total, found.total) == ("", "", "")


@given(name=names)
def test_names_are_never_markup(name: str) -> None:
    record = replace(INVOICE, issuer=replace(ISSUER, name=name))
    assert write(record).findtext("sf:NombreRazonEmisor", None, NAMES) == name[:120]


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(InvalidArgumentError, match="needs an offset"):
        write(INVOICE, generated_at=AT.replace(tzinfo=None))


def test_what_the_schema_refuses_is_refused() -> None:
    broken = InvoiceIdentity(Nif("F12345674"), "x" * 61, date(2026, 11, 5))
    with pytest.raises(UnfitRecordError, match="NumSerieFactura") as caught:
        write_cancellation(broken, system=SYSTEM, previous=None, generated_at=AT)
    assert caught.value.reasons


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"producer": Party("x")}, "has no NIF"),
        ({"name": "x" * 31}, "name needs 1 to 30"),
        ({"system_id": "ABC"}, "system_id needs 1 to 2"),
        ({"version": ""}, "version needs 1 to 50"),
        ({"installation": "a\x00"}, "installation needs 1 to 100"),
    ],
)
def test_a_billing_system_is_named_as_the_schema_wants(
    changes: dict[str, Any], reason: str
) -> None:
    fields: dict[str, Any] = {
        "producer": SYSTEM.producer, "name": "reparto", "system_id": "RE", "version": "1",
        "installation": "1", **changes,
    }  # fmt: skip
    with pytest.raises(UnfitRecordError, match=reason):
        BillingSystem(**fields)


def test_writing_loads_no_client() -> None:
    code = "import sys, loaders.verifactu.submission; sys.exit('httpx' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_documents_that_are_no_records_are_refused() -> None:
    xml = write_registration(INVOICE, system=SYSTEM, previous=None, generated_at=AT).xml
    with pytest.raises(UnreadableFileError):
        read_record(xml[:-10])
    with pytest.raises(UnfitRecordError, match="does not fit"):
        read_record(b"<a/>")
    with pytest.raises(UnfitRecordError, match="'31-02-2026' is no date"):
        read_record(xml.replace(b">05-11-2026<", b">31-02-2026<"))
    with pytest.raises(InvalidIdentifierError):
        read_record(xml.replace(b"<sf:IDEmisorFactura>F12345674", b"<sf:IDEmisorFactura>F12345670"))
