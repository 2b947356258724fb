"""The page says what the invoice says, in three languages, on one sheet, whatever the names."""

import json
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
import typst
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders import invoice_pdf
from loaders.invoice_checks import UnfitInvoiceError
from loaders.invoice_parts import Party
from loaders.invoice_pdf import (
    InvoicePage,
    PeriodEnergy,
    TaxQr,
    gather_inputs,
    render_invoice,
)
from loaders.invoice_pdf.number_forms import show_day, show_exact, show_number
from loaders.invoice_pdf.year_chart import MonthEnergy, choose_step, describe_year
from loaders.invoice_record import Payment, PaymentMeans
from loaders.typst_pages import read_template, read_texts
from loaders.verifactu.qr_code import TaxAgencyHost, write_qr_address
from models.values.invoicing import Exemption, InvoiceKind, Rectification
from models.values.language import Language
from models.values.nif import Nif
from models.values.sepa_reference import SepaReference
from tests.support.community_folders import make_cau, make_cups
from tests.support.invoices import (
    IBAN,
    ISSUER,
    MEMBER,
    build_invoice,
    build_line,
    names,
    rectify,
    with_lines,
)

SPANISH, CATALAN, ENGLISH = Language
PACKAGE = "loaders.invoice_pdf"
INVOICE = build_invoice()
ADDRESS = write_qr_address(INVOICE, host=TaxAgencyHost.TEST, is_verifiable=True)
YEAR = tuple(
    MonthEnergy(
        date(2025 + (10 + at) // 12, (10 + at) % 12 + 1, 1), 60_000 + 9_000 * at, 250_000, 0
    )
    for at in range(12)
)
PAGE = InvoicePage(
    INVOICE,
    installation_name="Coberta del poliesportiu",
    cau=make_cau(1),
    cups=make_cups(1),
    energy=PeriodEnergy(212_437, 98_200, 1_110_349, Decimal("31.47")),
    year=YEAR,
    qr=TaxQr(ADDRESS, is_verifiable=True),
)
BARE = InvoicePage(replace(INVOICE, payment=None))


def ask(page: InvoicePage, language: Language, selector: str) -> Any:
    """Ask typst for elements of the page."""
    inputs = gather_inputs(page, language)
    template = read_template(PACKAGE)
    fonts = invoice_pdf._find_fonts()
    return json.loads(typst.query(template, selector, font_paths=fonts, sys_inputs=inputs))


def gather_texts(element: Any) -> list[str]:
    """List all texts inside an element, in order."""
    if isinstance(element, list):
        return [text for each in element for text in gather_texts(each)]
    if not isinstance(element, dict):
        return []
    own = [element["text"]] if element.get("func") == "text" and "text" in element else []
    return own + [text for value in element.values() for text in gather_texts(value)]


def read_content(page: InvoicePage, language: Language = SPANISH) -> Any:
    return json.loads(gather_inputs(page, language)["data"])["content"]


def count_pages(page: InvoicePage, language: Language = SPANISH) -> int:
    (pages,) = ask(page, language, "<pages>")
    return int(pages["value"])


def test_the_tables_say_lines_and_taxes() -> None:
    lines, taxes = map(gather_texts, ask(PAGE, SPANISH, "table"))
    assert lines[-15:] == [
        *("Energía autoconsumida", "212,437 kWh", "0,085\u00a0€", "IVA 21\u00a0%", "18,06\u00a0€"),
        *("Gestión del excedente", "98,2 kWh", "0,0035\u00a0€", "IVA 21\u00a0%", "0,34\u00a0€"),
        *("Cuota de participación, 1,5 kW", "1 mes", "2,40\u00a0€", "IVA 21\u00a0%", "2,40\u00a0€"),
    ]
    assert taxes[-4:] == ["IVA", "20,80\u00a0€", "21\u00a0%", "4,37\u00a0€"]


def test_a_page_in_another_language_counts_in_its_words() -> None:
    assert [line["quantity"] for line in read_content(PAGE, ENGLISH)["lines"]] == [
        *("212.437 kWh", "98.2 kWh", "1 month"),
    ]


def test_the_header_says_who_what_and_when() -> None:
    content = read_content(PAGE)
    assert content["issuer"] == [
        *(ISSUER.name, "NIF F12345674", "Carrer Major, 12", "46001 València (València)"),
    ]
    assert content["recipient"][:2] == ["Núria Peña Íñiguez", "NIF 12345678Z"]
    assert content["facts"] == [
        ["Número", "2026-000123"],
        ["Fecha de expedición", "05/11/2026"],
        ["Periodo", "01/10/2026\u2009–\u200931/10/2026"],
        ["Vencimiento", "20/11/2026"],
    ]
    assert [row[0] for row in content["supply"]] == [
        *("Instalación", "Autoconsumo (CAU)", "Punto de suministro (CUPS)"),
    ]
    assert content["total"] == "25,17\u00a0€"
    assert content["qr"]["heading"] == "QR tributario:"
    assert content["qr"]["legend"] == "Factura verificable en la sede electrónica de la AEAT"
    assert "www" not in content["qr"]["svg"].replace("www.w3.org", "")


def test_energy_savings_and_the_chart() -> None:
    content = read_content(PAGE)
    assert [(each["label"], each["value"], each["unit"]) for each in content["energy"]] == [
        ("Autoconsumida", "212,4", "kWh"),
        ("Excedente a compensar", "98,2", "kWh"),
        ("Tomada de la red", "1.110,3", "kWh"),
        ("Ahorro estimado", "31,47", "€"),
    ]
    year = content["year"]
    assert year["top_wh"] == 600_000
    assert [tick["label"] for tick in year["ticks"]] == ["0", "200", "400", "600"]
    assert [month["label"] for month in year["months"][:3]] == ["nov", "dic", "ene"]
    assert "nov 2025: Consumo del sol 60,0 kWh, Consumo de la red 250,0 kWh" in year["alt"]
    halves = read_content(replace(PAGE, energy=PeriodEnergy(212_450, 98_250)))["energy"]
    assert [each["value"] for each in halves] == ["212,5", "98,3"]
    known = replace(PAGE, energy=PeriodEnergy(1, 2))
    assert len(read_content(known)["energy"]) == 2


def test_what_is_not_known_is_not_shown() -> None:
    content = read_content(BARE)
    assert (content["qr"], content["year"], content["energy"], content["payment"]) == (
        *(None, None, [], None),
    )
    assert [fact[0] for fact in content["facts"]] == ["Número", "Fecha de expedición", "Periodo"]
    assert content["supply"] == []
    due = read_content(replace(BARE, due_on=date(2026, 11, 25)))
    assert due["facts"][-1] == ["Vencimiento", "25/11/2026"]
    unsent = replace(PAGE, qr=TaxQr(ADDRESS, is_verifiable=False))
    assert read_content(unsent)["qr"]["legend"] is None
    nobody = replace(INVOICE, kind=InvoiceKind.SIMPLIFIED, recipient=Party("Consumidor"))
    assert read_content(replace(PAGE, record=nobody))["recipient"] == ["Consumidor"]


def test_corrections_exemptions_and_third_parties_are_told() -> None:
    record = with_lines(INVOICE, (build_line(rate="0"),))
    exempt = replace(
        record.taxes[0], exemption=Exemption.INNER_OPERATION, exempt_because="artículo 20 LIVA"
    )
    record = replace(
        rectify(INVOICE),
        lines=record.lines,
        taxes=(exempt,),
        total_eur=record.total_eur,
        third_party=Party("Gestora {name}", Nif("A00000000")),
        notes=("Gracias",),
    )
    content = read_content(replace(PAGE, record=record))
    assert content["title"] == "Factura rectificativa"
    assert content["taxes"] == [["IVA", "18,06\u00a0€", "Exenta", "0,00\u00a0€"]]
    assert content["notes"] == [
        (
            "Rectifica la factura 2026-000123 del 05/11/2026 (base 20,80\u00a0€, cuota 4,37\u00a0€)"
            ", por diferencias. Causa: la distribuidora corrigió las lecturas de octubre"
        ),
        "IVA: artículo 20 LIVA",
        "Expedida por Gestora {name} (NIF A00000000) en nombre y por cuenta del emisor.",
        "Gracias",
    ]
    english = replace(PAGE, record=rectify(INVOICE, Rectification.SUBSTITUTION))
    notes = read_content(english, ENGLISH)["notes"]
    assert "by substitution" in notes[0]
    assert notes[1] == "Replaces a total of 25.17\u00a0€ by one of 20.56\u00a0€."


@pytest.mark.parametrize(
    ("language", "told"),
    [
        (SPANISH, "ANULADA el 20/11/2026"),
        (CATALAN, "ANUL·LADA el 20/11/2026"),
        (ENGLISH, "CANCELLED on "),
    ],
)
def test_a_cancelled_invoice_says_so(language: Language, told: str) -> None:
    page = replace(PAGE, cancelled_on=date(2026, 11, 20))
    assert read_content(page, language)["cancelled"].startswith(told)
    assert count_pages(page, language) == 1
    assert read_content(PAGE, language)["cancelled"] is None


@pytest.mark.parametrize(
    ("means", "account", "told"),
    [
        (PaymentMeans.DIRECT_DEBIT, IBAN, "en la cuenta ES…1332. Se cargará a partir del 20/"),
        (PaymentMeans.DIRECT_DEBIT, None, "Domiciliación bancaria. Se cargará a partir del 20/"),
        (
            PaymentMeans.TRANSFER,
            IBAN,
            "ES91\u00a02100\u00a00418\u00a04502\u00a00005\u00a01332, antes",
        ),
        (PaymentMeans.CARD, None, "Tarjeta, antes del 20/11/2026."),
        (PaymentMeans.CASH, None, "En efectivo, antes del 20/11/2026."),
    ],
)
def test_how_to_pay(means: PaymentMeans, account: Any, told: str) -> None:
    record = replace(INVOICE, payment=Payment(means, date(2026, 11, 20), account))
    assert told in read_content(replace(PAGE, record=record))["payment"]


def test_a_direct_debit_names_its_mandate() -> None:
    mandate = SepaReference("M-17")
    payment = Payment(PaymentMeans.DIRECT_DEBIT, date(2026, 11, 20), IBAN, mandate)
    page = replace(PAGE, record=replace(INVOICE, payment=payment))
    assert read_content(page)["payment"] == (
        "Domiciliación bancaria en la cuenta ES…1332 (mandato M-17). Se cargará a partir del"
        " 20/11/2026."
    )


def test_what_is_paid_back() -> None:
    refund = rectify(INVOICE)
    assert refund.payment is not None
    assert read_content(InvoicePage(refund))["payment"] == (
        "Se abonará en la cuenta ES…1332 el 20/11/2026."
    )
    unnamed = replace(refund, payment=replace(refund.payment, account=None))
    assert read_content(InvoicePage(unnamed), ENGLISH)["payment"] == (
        "To be refunded on 20\u00a0Nov\u00a02026 to the account debited."
    )


def keys_of(value: Any) -> Any:
    return {key: keys_of(each) for key, each in value.items()} if isinstance(value, dict) else None


def test_all_languages_have_the_same_texts() -> None:
    spanish, catalan, english = map(partial(read_texts, PACKAGE), Language)
    assert keys_of(spanish) == keys_of(catalan) == keys_of(english)
    assert set(spanish["titles"]) == set(InvoiceKind)
    assert set(spanish["payment"]) >= set(PaymentMeans)
    for texts in (spanish, catalan, english):
        assert len(texts["months"]) == 12
        for section in ("payment", "notes"):
            for name, text in texts[section].items():
                fields = re.findall(r"\{(\w+)\}", text)
                assert sorted(fields) == sorted(re.findall(r"\{(\w+)\}", spanish[section][name]))


@pytest.mark.parametrize("page", [PAGE, BARE, replace(PAGE, record=rectify(INVOICE))])
@pytest.mark.parametrize("language", Language)
def test_equal_content_makes_equal_bytes_on_one_page(page: InvoicePage, language: Language) -> None:
    pdf = render_invoice(page, language)
    assert pdf == render_invoice(page, language)
    assert b"pdfaid" in pdf
    assert b"pdfuaid" in pdf
    assert b"SourceSans3" in pdf
    assert b"CreationDate(D:202611" in pdf
    assert count_pages(page, language) == 1


LONG = (
    "Comunidad de Propietarios de la Urbanización Residencial Mirador del Mediterráneo, Fases "
    "Primera, Segunda y Tercera, con sus Garajes, Trasteros y Zonas Comunes de la Avenida de los"
)


def test_twelve_lines_and_long_names_fit_on_one_page() -> None:
    lines = tuple(build_line(f"Energía autoconsumida, tramo {at}") for at in range(12))
    record = replace(
        with_lines(INVOICE, lines),
        issuer=replace(ISSUER, name=LONG),
        recipient=replace(MEMBER, name=LONG),
        notes=("Energía procedente de la instalación de autoconsumo colectivo.",),
    )
    assert count_pages(replace(PAGE, record=record)) == 1
    assert count_pages(replace(PAGE, record=with_lines(record, lines * 4))) == 2


HOSTILE = [
    '#eval("1")',
    '"), #read("/etc/passwd")',
    "*bold* _it_ $x$ @ref <label> `raw` // no\\u{41}",
    "]]}) #panic()",
    "{page} {name} {0}",
    "=HYPERLINK(1)",
    "<b>&amp;</b>]]>",
    "W" * 200,
    "שלום עולם 123 مرحبا",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_never_markup(name: str) -> None:
    record = replace(
        with_lines(INVOICE, (build_line(name),)), issuer=replace(ISSUER, name=name), notes=(name,)
    )
    page = replace(PAGE, record=record)
    lines, _ = map(gather_texts, ask(page, SPANISH, "table"))
    assert lines[-5].replace("\u200b", "") == name
    assert b"pdfaid" in render_invoice(page, SPANISH)


def test_characters_without_a_glyph_make_an_ordinary_page() -> None:
    pdf = render_invoice(replace(BARE, installation_name="名前 🌞"), SPANISH)
    assert pdf.startswith(b"%PDF-")
    assert b"pdfaid" not in pdf


@settings(max_examples=25, deadline=None)
@given(name=names)
def test_any_name_can_be_rendered(name: str) -> None:
    record = replace(INVOICE, recipient=replace(MEMBER, name=name))
    assert render_invoice(replace(BARE, record=record), CATALAN).startswith(b"%PDF-")


@given(greatest_wh=st.integers(0, 10**12))
def test_an_axis_has_few_lines_and_reaches_all(greatest_wh: int) -> None:
    step_wh = choose_step(greatest_wh)
    assert re.fullmatch("[125]0*", str(step_wh))
    assert step_wh >= 1_000
    assert step_wh * 4 >= greatest_wh
    if step_wh > 1_000:
        assert greatest_wh > step_wh * 4 * 2 // 5


def test_a_chart_of_nothing_and_of_too_much() -> None:
    texts = read_texts(PACKAGE, SPANISH)
    empty = describe_year((MonthEnergy(date(2026, 1, 1), 0, 0, 0),), texts)
    assert empty is not None
    assert (empty["top_wh"], len(empty["ticks"])) == (1_000, 2)
    with pytest.raises(UnfitInvoiceError, match="has 14 months, more than 13"):
        describe_year((*YEAR, *YEAR[:2]), texts)
    with pytest.raises(UnfitInvoiceError, match="negative energy in 2026-01"):
        MonthEnergy(date(2026, 1, 1), 0, -1, 0)


@pytest.mark.parametrize(
    ("number", "least", "most", "spanish", "english"),
    [
        ("1234567.891", 2, 2, "1.234.567,89", "1,234,567.89"),
        ("-0.001", 2, 2, "0,00", "0.00"),
        ("-12.5", 0, 8, "−12,5", "−12.5"),
        ("100", 0, 8, "100", "100"),
        ("0.085", 2, 8, "0,085", "0.085"),
        ("2.4", 2, 8, "2,40", "2.40"),
    ],
)
def test_numbers_by_language(
    number: str, least: int, most: int, spanish: str, english: str
) -> None:
    shown = [show_number(Decimal(number), read_texts(PACKAGE, each), least, most)
             for each in (SPANISH, ENGLISH)]  # fmt: skip
    assert shown == [spanish, english]


@given(number=st.decimals(-(10**9), 10**9, places=8))
def test_quantities_are_shown_exactly(number: Decimal) -> None:
    shown = show_exact(number, read_texts(PACKAGE, ENGLISH))
    assert Decimal(shown.replace(",", "").replace("−", "-")) == number


def test_days_by_language() -> None:
    day = date(2026, 8, 1)
    assert [show_day(day, read_texts(PACKAGE, each)) for each in Language] == [
        *("01/08/2026", "01/08/2026", "1\u00a0Aug\u00a02026"),
    ]
