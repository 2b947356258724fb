"""Facturae 3.2.2: valid against the official schema, and saying what the invoice says."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from lxml import etree

from loaders.facturae.invoice_writer import FACTURAE_NAMESPACE, write_facturae
from loaders.facturae.parties import AdministrativeCentre, CentreRole, UnfitFacturaeError
from loaders.invoice_parts import Address, Party
from loaders.invoice_record import CorrectionReason, InvoiceRecord, Payment, PaymentMeans
from models.values.invoicing import Exemption, InvoiceKind, Rectification, TaxKind
from models.values.language import Language
from models.values.nif import Nif
from tests.support.facturae import CENTRES, check_by_schema
from tests.support.invoices import (
    IBAN,
    MEMBER,
    TOWN_HALL,
    build_invoice,
    build_line,
    invoices,
    rectify,
    with_lines,
)
from tests.support.shared_data import shared_data_folder

INVOICE = replace(build_invoice(), recipient=TOWN_HALL)


def write(record: InvoiceRecord, language: Language = Language.SPANISH) -> etree._Element:
    return etree.fromstring(write_facturae(record, centres=CENTRES, language=language))


def say(root: etree._Element, path: str) -> list[str]:
    return [each.text or "" for each in root.iterfind(f".//{path}")]


def list_paths(element: etree._Element, above: str = "") -> set[str]:
    """List the paths of all elements without a namespace."""
    found: set[str] = set()
    for child in element:
        if isinstance(child.tag, str) and not child.tag.startswith("{"):
            path = f"{above}/{child.tag}"
            found |= {path} | list_paths(child, path)
    return found


def build_variants() -> dict[str, InvoiceRecord]:
    exempt = with_lines(INVOICE, (build_line(rate="0"),))
    amount = replace(
        exempt.taxes[0], exemption=Exemption.NOT_SUBJECT, exempt_because="artículo 7 LIVA"
    )
    return {
        "plain": INVOICE,
        "difference": rectify(INVOICE),
        "substitution": rectify(INVOICE, Rectification.SUBSTITUTION),
        "third party": replace(INVOICE, third_party=replace(MEMBER)),
        "person": replace(INVOICE, issuer=MEMBER),
        "one word": replace(INVOICE, issuer=replace(MEMBER, name="Núria")),
        "exempt": replace(exempt, taxes=(amount,)),
        "igic": with_lines(INVOICE, (build_line(tax=TaxKind.IGIC, rate="7"),)),
        "simplified": replace(INVOICE, kind=InvoiceKind.SIMPLIFIED),
        "unpaid": replace(INVOICE, payment=None),
        "transfer": replace(
            INVOICE, payment=Payment(PaymentMeans.TRANSFER, INVOICE.issued_on, IBAN)
        ),
        "card": replace(INVOICE, payment=Payment(PaymentMeans.CARD, INVOICE.issued_on)),
        "notes": replace(INVOICE, notes=("<una> & otra", "x" * 500) * 6),
        "long": replace(
            INVOICE,
            issuer=Party(
                "N" * 200, Nif("F12345674"), Address("c" * 200, "46001", "t" * 99, "p" * 99)
            ),
        ),
        "markup": replace(INVOICE, recipient=replace(TOWN_HALL, name="]]><!-- & <a> שלום")),
        **{
            f"reason {reason.name}": replace(
                rectify(INVOICE), correction=replace(rectify(INVOICE).correction, reason=reason)
            )
            for reason in CorrectionReason
        },
    }


@pytest.mark.parametrize("name", build_variants())
def test_every_variant_is_valid(name: str) -> None:
    record = build_variants()[name]
    for language in Language:
        check_by_schema(write_facturae(record, centres=CENTRES, language=language))


def test_the_invoice_is_said_again() -> None:
    root = write(INVOICE, Language.CATALAN)
    assert root.tag == f"{{{FACTURAE_NAMESPACE}}}Facturae"
    assert say(root, "InvoiceHeader/InvoiceNumber") == ["000123"]
    assert say(root, "InvoiceHeader/InvoiceSeriesCode") == ["2026"]
    assert say(root, "BatchIdentifier") == ["F123456742026-000123"]
    assert say(root, "InvoicingPeriod/*") == ["2026-10-01", "2026-10-31"]
    assert say(root, "OperationDate") == ["2026-10-31"]
    assert say(root, "LanguageName") == ["ca"]
    assert say(root, "InvoiceTotals/*") == [
        *("20.80", "20.80", "4.37", "0.00", "25.17", "25.17", "25.17"),
    ]
    assert say(root, "InvoiceLine/Quantity") == ["212.437", "98.2", "1"]
    assert say(root, "InvoiceLine/UnitPriceWithoutTax") == ["0.085", "0.0035", "2.4"]
    assert say(root, "InvoiceLine/UnitOfMeasure") == ["36", "36", "05"]
    assert say(root, "InvoiceLine/GrossAmount") == ["18.06", "0.34", "2.40"]
    assert say(root, "AdministrativeCentre/RoleTypeCode") == ["01", "02", "03"]
    assert say(root, "AdministrativeCentre/CentreCode") == ["L01461458", "LA0001234", "L01461458"]
    assert say(root, "AdministrativeCentre/AddressInSpain/Address") == [
        *("Albereda de Jaume I, 35", "Plaça de la Seu, 1", "Albereda de Jaume I, 35"),
    ]
    assert say(root, "InstallmentAmount") == ["25.17"]
    assert say(root, "AccountToBeDebited/IBAN") == [IBAN.reveal()]
    assert say(root, "AccountToBeCredited/IBAN") == []
    assert say(root, "PersonTypeCode") == ["J", "J"]


def test_a_correction_names_what_it_corrects() -> None:
    root = write(rectify(INVOICE))
    assert say(root, "InvoiceClass") == ["OR"]
    assert say(root, "Corrective/InvoiceNumber") == ["000123"]
    assert say(root, "Corrective/InvoiceSeriesCode") == ["2026"]
    assert say(root, "Corrective/ReasonCode") == ["10"]
    assert say(root, "Corrective/CorrectionMethod") == ["02"]
    assert say(root, "Corrective/InvoiceIssueDate") == ["2026-11-05"]
    assert say(root, "InvoiceTotal") == ["-1.28"]
    assert say(write(rectify(INVOICE, Rectification.SUBSTITUTION)), "CorrectionMethod") == ["01"]


def test_people_are_named_in_two_parts() -> None:
    root = write(replace(INVOICE, issuer=MEMBER))
    assert say(root, "SellerParty/Individual/Name") == ["Núria"]
    assert say(root, "SellerParty/Individual/FirstSurname") == ["Peña Íñiguez"]
    assert say(root, "SellerParty/TaxIdentification/PersonTypeCode") == ["F"]


def test_the_account_is_the_one_that_the_means_needs() -> None:
    root = write(build_variants()["transfer"])
    assert say(root, "AccountToBeCredited/IBAN") == [IBAN.reveal()]
    assert say(root, "AccountToBeDebited/IBAN") == []
    assert say(write(build_variants()["card"]), "PaymentMeans") == ["19"]


@pytest.mark.parametrize(("sample", "variant"), [
    ("invoice-face.xml", "third party"), ("credit-note.xml", "difference"),
])  # fmt: skip
def test_the_shape_is_that_of_published_samples(sample: str, variant: str) -> None:
    path = shared_data_folder() / "formats/facturae" / sample
    theirs = list_paths(etree.parse(path).getroot())
    record = replace(
        build_variants()[variant], third_party=replace(TOWN_HALL), notes=("x",),
        payment=build_variants()["transfer"].payment,
    )  # fmt: skip
    missing = {path for path in theirs - list_paths(write(record)) if "ContactDetails" not in path}
    assert missing == set()


@given(record=invoices())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
def test_what_is_written_is_read_back(record: InvoiceRecord) -> None:
    record = replace(record, recipient=TOWN_HALL)
    xml = write_facturae(record, centres=CENTRES, language=Language.ENGLISH)
    assert xml == write_facturae(record, centres=CENTRES[::-1], language=Language.ENGLISH)
    check_by_schema(xml)
    root = etree.fromstring(xml)
    assert say(root, "ItemDescription") == [line.description for line in record.lines]
    assert list(map(Decimal, say(root, "InvoiceLine/Quantity"))) == [
        line.quantity for line in record.lines
    ]
    assert list(map(Decimal, say(root, "UnitPriceWithoutTax"))) == [
        line.unit_price_eur for line in record.lines
    ]
    assert Decimal(*say(root, "InvoiceTotal")) == record.total_eur
    assert say(root, "SellerParty/LegalEntity/CorporateName") == [record.issuer.name[:80]]
    bases = "Invoice/TaxesOutputs/Tax/TaxableBase/TotalAmount"
    assert list(map(Decimal, say(root, bases))) == [each.base_eur for each in record.taxes]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"recipient": replace(TOWN_HALL, address=None)}, "needs a NIF and an address"),
        ({"third_party": Party("x", Nif("A00000000"))}, "needs a NIF and an address"),
    ],
)
def test_what_the_format_cannot_do_without(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(UnfitFacturaeError, match=reason):
        write(replace(INVOICE, **changes))


def test_one_correction_corrects_one_invoice() -> None:
    record = rectify(INVOICE)
    assert record.correction is not None
    twice = replace(record.correction, invoices=record.correction.invoices * 2)
    with pytest.raises(UnfitFacturaeError, match="corrects 2 invoices; issue one for each"):
        write(replace(record, correction=twice))


@pytest.mark.parametrize("centres", [(), CENTRES[:2], (*CENTRES, CENTRES[0]), CENTRES[:1] * 3])
def test_all_three_offices_are_needed(centres: tuple[AdministrativeCentre, ...]) -> None:
    with pytest.raises(UnfitFacturaeError, match="the three DIR3 offices"):
        write_facturae(INVOICE, centres=centres, language=Language.SPANISH)


@pytest.mark.parametrize(
    "code", ["", "L0146145", "L014614589", "101461458", "l01461458", "L0146145８"]
)
def test_offices_have_codes_of_dir3(code: str) -> None:
    with pytest.raises(UnfitFacturaeError, match="DIR3 code"):
        AdministrativeCentre(CentreRole.MANAGING_BODY, code)
