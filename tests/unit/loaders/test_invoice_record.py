"""An invoice that does not add up, or says too little, cannot be made."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given

from loaders.invoice_checks import UnbalancedInvoiceError, UnfitInvoiceError
from loaders.invoice_parts import Address, InvoiceNumber, Party, TaxAmount
from loaders.invoice_record import (
    Correction,
    CorrectionReason,
    InvoiceRecord,
    Payment,
    PaymentMeans,
    RectifiedInvoice,
    last_day_of,
    sum_taxes,
)
from models.values.errors import InvalidArgumentError
from models.values.invoicing import Exemption, InvoiceKind, Rectification, TaxKind
from models.values.period import Period
from tests.support.invoices import (
    ISSUER,
    LINES,
    MEMBER,
    OCTOBER,
    build_invoice,
    build_line,
    invoices,
    rectify,
    with_lines,
)

INVOICE = build_invoice()


def test_amounts_of_an_invoice_computed_by_hand() -> None:
    assert [line.base_eur for line in LINES] == [Decimal("18.06"), Decimal("0.34"), Decimal("2.40")]
    assert INVOICE.taxes == (
        TaxAmount(TaxKind.VAT, Decimal(21), Decimal("20.80"), Decimal("4.37")),
    )
    assert (INVOICE.base_eur, INVOICE.quota_eur) == (Decimal("20.80"), Decimal("4.37"))
    assert INVOICE.total_eur == Decimal("25.17")
    assert INVOICE.last_day == date(2026, 10, 31)
    assert INVOICE.issuer_nif == ISSUER.nif
    assert not INVOICE.is_simplified


def test_each_rate_of_each_tax_is_summed_apart() -> None:
    lines = (
        build_line("a", "1", "u", "10", TaxKind.IGIC, "3"),
        build_line("b", "1", "u", "0.17", TaxKind.IGIC, "7"),
        build_line("c", "1", "u", "20", TaxKind.IGIC, "3"),
    )
    assert sum_taxes(lines) == (
        TaxAmount(TaxKind.IGIC, Decimal(3), Decimal("30.00"), Decimal("0.90")),
        TaxAmount(TaxKind.IGIC, Decimal(7), Decimal("0.17"), Decimal("0.01")),
    )


@given(record=invoices())
def test_sums_hold_exactly(record: InvoiceRecord) -> None:
    assert sum(Fraction(line.base_eur) for line in record.lines) == Fraction(record.base_eur)
    for line in record.lines:
        exact = Fraction(line.quantity) * Fraction(line.unit_price_eur)
        assert abs(Fraction(line.base_eur) - exact) <= Fraction(1, 200)
    for each in record.taxes:
        exact = Fraction(each.base_eur) * Fraction(each.rate_percent) / 100
        assert abs(Fraction(each.quota_eur) - exact) <= Fraction(1, 200)
    assert record.base_eur + record.quota_eur == record.total_eur


def test_what_does_not_add_up_is_refused() -> None:
    with pytest.raises(UnbalancedInvoiceError, match=r"comes to 25\.17 EUR") as caught:
        replace(INVOICE, total_eur=Decimal("25.18"))
    assert (caught.value.stated_eur, caught.value.computed_eur) == (
        Decimal("25.18"),
        Decimal("25.17"),
    )
    (tax,) = INVOICE.taxes
    with pytest.raises(UnbalancedInvoiceError, match="iva base at 21 %"):
        replace(INVOICE, taxes=(replace(tax, base_eur=Decimal("20.81")),))
    with pytest.raises(UnbalancedInvoiceError, match=r"quota at 21 % is 4\.38 EUR"):
        replace(
            INVOICE,
            taxes=(replace(tax, quota_eur=Decimal("4.38")),),
            total_eur=Decimal("25.18"),
        )
    with pytest.raises(UnbalancedInvoiceError, match=r"quota at 21 % is 4\.39 EUR"):
        replace(tax, quota_eur=Decimal("4.39"))
    with pytest.raises(UnbalancedInvoiceError, match=r"'Energía autoconsumida' is 18\.07 EUR"):
        replace(LINES[0], base_eur=Decimal("18.07"))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"lines": ()}, "has no lines"),
        ({"taxes": ()}, "one amount for each of the 1 taxes"),
        ({"taxes": INVOICE.taxes * 2}, "one amount for each of the 1 taxes"),
        ({"period": Period(date(2026, 10, 1))}, "a period without an end"),
        ({"issuer": replace(ISSUER, nif=None)}, "an issuer without a NIF"),
        ({"recipient": replace(MEMBER, nif=None)}, "a recipient without a NIF"),
        ({"third_party": Party("gestor")}, "a third party without a NIF"),
        ({"kind": InvoiceKind.RECTIFIED_OTHERWISE}, "rectifies, but says not what"),
        ({"correction": rectify(INVOICE).correction}, "of a kind that rectifies nothing"),
        ({"description": ""}, "needs 1 to 500 printable"),
        ({"notes": ("a\nb",)}, "needs 1 to 500 printable"),
        ({"total_eur": Decimal("NaN")}, "is not a number"),
    ],
)
def test_what_contradicts_itself_is_refused(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(UnfitInvoiceError, match=reason):
        replace(INVOICE, **changes)


def test_a_simplified_invoice_needs_no_number_of_its_recipient() -> None:
    simplified = replace(INVOICE, kind=InvoiceKind.SIMPLIFIED, recipient=replace(MEMBER, nif=None))
    assert simplified.is_simplified


def test_more_rates_than_the_schema_has_room_for_are_refused() -> None:
    lines = tuple(build_line(rate=str(rate)) for rate in range(13))
    with pytest.raises(
        UnfitInvoiceError, match="of the 13 taxes and rates of its lines, at most 12"
    ):
        build_invoice(lines)
    assert len(with_lines(INVOICE, lines[:12]).taxes) == 12


@pytest.mark.parametrize(
    "name", ["", "  ", "a\x00b", "a\nb", "a\u202eb", "x" * 201, "x" * 10_000, "\ud800", "\ufffe"]
)
def test_names_that_cannot_be_shown_are_refused(name: str) -> None:
    with pytest.raises(UnfitInvoiceError, match="needs 1 to 200 printable characters"):
        Party(name)
    with pytest.raises(UnfitInvoiceError, match="needs 1 to 200 printable characters"):
        Address(name, "46001", "València", "València")


@pytest.mark.parametrize(("series", "number"), [
    ("", "1"), ("A B", "1"), ("-A", "1"), ("A" * 21, "1"), ("A\n", "1"), ("Ñ", "1"),
    ("A", ""), ("A", "1a"), ("A", "-1"), ("A", "1" * 21), ("A", "１"),
])  # fmt: skip
def test_numbers_of_another_form_are_refused(series: str, number: str) -> None:
    with pytest.raises(UnfitInvoiceError, match="is not 1 to 20"):
        InvoiceNumber(series, number)


@pytest.mark.parametrize("post_code", ["", "4600", "460011", "4600a", "４６００１"])
def test_post_codes_of_another_form_are_refused(post_code: str) -> None:
    with pytest.raises(UnfitInvoiceError, match="is not 5 digits"):
        Address("Carrer Major", post_code, "València", "València")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"quantity": Decimal("Infinity")}, "quantity Infinity is not a number"),
        ({"quantity": Decimal("1E+12")}, "quantity 1E\\+12 is not a number below"),
        ({"unit_price_eur": Decimal("0.123456789")}, "more than 8 decimals"),
        ({"base_eur": Decimal("18.061")}, "more than 2 decimals"),
        ({"rate_percent": Decimal(-1)}, "not between 0 and 100"),
        ({"rate_percent": Decimal("100.5")}, "not between 0 and 100"),
        ({"unit": ""}, "unit needs 1 to 20 printable"),
    ],
)
def test_lines_of_another_form_are_refused(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(UnfitInvoiceError, match=reason):
        replace(LINES[0], **changes)


def test_an_exemption_has_a_reason_and_no_rate() -> None:
    amount = TaxAmount(TaxKind.VAT, Decimal(0), Decimal("5.00"), Decimal("0.00"))
    exempt = replace(amount, exemption=Exemption.INNER_OPERATION, exempt_because="artículo 20 LIVA")
    assert exempt.exemption is not None
    assert exempt.exemption.is_subject
    assert not Exemption.NOT_SUBJECT.is_subject
    for key, reason in ((None, "x"), (Exemption.OTHERWISE, "")):
        with pytest.raises(UnfitInvoiceError, match="both a key and a reason"):
            replace(amount, exemption=key, exempt_because=reason)
    with pytest.raises(UnfitInvoiceError, match="bears a rate of 21 %"):
        replace(exempt, rate_percent=Decimal(21), quota_eur=Decimal("1.05"))


def test_corrections_and_payments_say_what_they_are_for() -> None:
    with pytest.raises(UnfitInvoiceError, match="names no invoice that it corrects"):
        Correction(Rectification.DIFFERENCE, CorrectionReason.LINES, "x", ())
    with pytest.raises(UnfitInvoiceError, match="corrected base"):
        RectifiedInvoice(INVOICE.number, INVOICE.issued_on, Decimal("0.001"), Decimal(0))
    with pytest.raises(UnfitInvoiceError, match="names no account"):
        Payment(PaymentMeans.TRANSFER, date(2026, 11, 20))


def test_only_a_closed_period_has_a_last_day() -> None:
    assert last_day_of(OCTOBER) == date(2026, 10, 31)
    with pytest.raises(InvalidArgumentError, match="has no end"):
        last_day_of(Period(date(2026, 10, 1)))
