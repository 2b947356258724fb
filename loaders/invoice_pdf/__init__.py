"""Renders an invoice as one clear page: who to whom, the energy behind it, what is to be paid."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

import orjson
import typst

from loaders.invoice_parts import InvoiceLine, Party, TaxAmount
from loaders.invoice_pdf.number_forms import (
    show_day,
    show_eur,
    show_exact,
    show_in_groups,
    show_kwh,
    show_number,
)
from loaders.invoice_pdf.year_chart import MonthEnergy, describe_year
from loaders.invoice_record import InvoiceRecord, PaymentMeans
from loaders.typst_pages import read_template, read_texts, wrap_words
from loaders.verifactu.qr_code import QR_HEADING, VERIFIABLE_LEGEND, draw_qr_svg
from models.values.cau import Cau
from models.values.cups import Cups
from models.values.invoicing import Rectification, TaxKind
from models.values.language import Language

_STANDARDS: list[Any] = ["a-2a", "ua-1"]
_TAX_NAMES = {TaxKind.VAT: "IVA", TaxKind.IGIC: "IGIC", TaxKind.IPSI: "IPSI"}


@dataclass(frozen=True, slots=True)
class PeriodEnergy:
    """What a member did with its share in the invoiced period.

    Attributes
    ----------
    self_consumed_wh : int
        Consumed from the plant [Wh].
    surplus_wh : int
        Left over, to be compensated on the retailer's bill [Wh].
    grid_import_wh : int or None
        Taken from the grid [Wh]; None when it is not known.
    savings_eur : Decimal or None
        What it saves on the retailer's bill [EUR]; None when it is not known.
    """

    self_consumed_wh: int
    surplus_wh: int
    grid_import_wh: int | None = None
    savings_eur: Decimal | None = None


@dataclass(frozen=True, slots=True)
class TaxQr:
    """The law's QR on an invoice.

    Attributes
    ----------
    address : str
        What it holds.
    is_verifiable : bool
        Whether the records are sent (VERI*FACTU), which the legend says then.
    """

    address: str
    is_verifiable: bool


@dataclass(frozen=True, slots=True)
class InvoicePage:
    """What the page shows.

    Attributes
    ----------
    record : InvoiceRecord
        The invoice.
    installation_name : str
        What people call the plant; empty when there is none.
    cau : Cau or None
        Code of the installation.
    cups : Cups or None
        Supply point.
    energy : PeriodEnergy or None
        Of the invoiced period.
    year : tuple of MonthEnergy
        At most 13 months, in order.
    qr : TaxQr or None
        None where no records are kept yet.
    cancelled_on : date or None
        Day on which the invoice was cancelled, if it was.
    due_on : date or None
        Day by which it is paid, where the invoice itself does not say how.
    """

    record: InvoiceRecord
    installation_name: str = ""
    cau: Cau | None = None
    cups: Cups | None = None
    energy: PeriodEnergy | None = None
    year: tuple[MonthEnergy, ...] = ()
    qr: TaxQr | None = None
    cancelled_on: date | None = None
    due_on: date | None = None


def render_invoice(page: InvoicePage, language: Language) -> bytes:
    """Render an invoice.

    Parameters
    ----------
    page : InvoicePage
        What it shows.
    language : Language
        Language of its fixed texts.

    Returns
    -------
    bytes
        A PDF, the same for the same content: PDF/A-2a and PDF/UA-1, or an ordinary one where a
        name has characters that no shipped font can show.

    Raises
    ------
    UnfitInvoiceError
        If the chart has more months than there is room for.

    Notes
    -----
    RD 1619/2012, articles 6, 7 and 15; the QR and its legends: Orden HAC/1177/2024, articles 20
    and 21.
    """
    inputs = gather_inputs(page, language)
    try:
        return _compile(inputs, _STANDARDS)
    except typst.TypstError:
        return _compile(inputs, [])


def gather_inputs(page: InvoicePage, language: Language) -> dict[str, str]:
    """Put an invoice into the form in which the template reads it.

    Parameters
    ----------
    page : InvoicePage
        What it shows.
    language : Language
        Language of its fixed texts.

    Returns
    -------
    dict of str to str
        ``data``: JSON of the language's texts and of what is invoiced.

    Raises
    ------
    UnfitInvoiceError
        If the chart has more months than there is room for.
    """
    record = page.record
    texts = read_texts(__package__, language)
    issued_on = record.issued_on
    content = {
        "title": texts["titles"][record.kind],
        "number": str(record.number),
        "cancelled": _describe_cancellation(page.cancelled_on, texts),
        "dated_on": {"year": issued_on.year, "month": issued_on.month, "day": issued_on.day},
        "issuer": _describe_party(record.issuer),
        "recipient": _describe_party(record.recipient),
        "facts": _list_facts(page, texts),
        "supply": _list_supply(page, texts),
        "qr": _describe_qr(page.qr),
        "energy": _list_energy(page.energy, texts),
        "year": describe_year(page.year, texts),
        "lines": [_describe_line(each, texts) for each in record.lines],
        "taxes": [_list_tax(each, texts) for each in record.taxes],
        "total": show_eur(record.total_eur, texts),
        "payment": _describe_payment(record, texts),
        "notes": [wrap_words(note) for note in _list_notes(record, texts)],
    }
    data = {"language": language.value, "texts": texts, "content": content}
    return {"data": orjson.dumps(data).decode()}


def _describe_cancellation(cancelled_on: date | None, texts: dict[str, Any]) -> str | None:
    if cancelled_on is None:
        return None
    told: str = texts["header"]["cancelled"].format(date=show_day(cancelled_on, texts))
    return told


def _describe_party(party: Party) -> list[str]:
    """List the lines of a party, its name first."""
    lines = [party.name, f"NIF {party.nif}" if party.nif else ""]
    if address := party.address:
        lines += [address.street, f"{address.post_code} {address.town} ({address.province})"]
    return [wrap_words(line) for line in lines if line]


def _list_facts(page: InvoicePage, texts: dict[str, Any]) -> list[tuple[str, str]]:
    record = page.record
    names = texts["header"]
    first, last = (show_day(day, texts) for day in (record.period.start, record.last_day))
    facts = [
        (names["number"], str(record.number)),
        (names["issued_on"], show_day(record.issued_on, texts)),
        (names["period"], f"{first}\u2009–\u2009{last}"),
    ]
    due_on = record.payment.due_on if record.payment else page.due_on
    if due_on:
        facts.append((names["due_on"], show_day(due_on, texts)))
    return facts


def _list_supply(page: InvoicePage, texts: dict[str, Any]) -> list[tuple[str, str]]:
    values = {"installation": page.installation_name, "cau": page.cau, "cups": page.cups}
    return [(texts["header"][name], wrap_words(text)) for name, text in values.items() if text]


def _describe_qr(qr: TaxQr | None) -> dict[str, str | None] | None:
    """Give the image and the legends, which the law words in Spanish."""
    if qr is None:
        return None
    return {
        "heading": QR_HEADING,
        "svg": draw_qr_svg(qr.address).decode(),
        "legend": VERIFIABLE_LEGEND if qr.is_verifiable else None,
    }


def _list_energy(energy: PeriodEnergy | None, texts: dict[str, Any]) -> list[dict[str, str]]:
    if energy is None:
        return []
    quantities = {
        "self_consumed": ("sun", energy.self_consumed_wh),
        "surplus": ("spare", energy.surplus_wh),
        "grid_import": ("grid", energy.grid_import_wh),
    }
    tiles = [
        {
            "label": texts["energy"][name],
            "value": show_kwh(energy_wh, texts),
            "unit": "kWh",
            "colour": colour,
        }
        for name, (colour, energy_wh) in quantities.items()
        if energy_wh is not None
    ]
    if energy.savings_eur is not None:
        value = show_number(energy.savings_eur, texts, 2, 2)
        label = texts["energy"]["savings"]
        tiles.append({"label": label, "value": value, "unit": "€", "colour": "accent"})
    return tiles


def _describe_line(line: InvoiceLine, texts: dict[str, Any]) -> dict[str, str]:
    unit = texts["units"].get(line.unit, line.unit)
    return {
        "description": wrap_words(line.description),
        "quantity": f"{show_exact(line.quantity, texts)} {unit}",
        "price": f"{show_exact(line.unit_price_eur, texts, 2)}\u00a0€",
        "tax": f"{_TAX_NAMES[line.tax]} {show_exact(line.rate_percent, texts)}\u00a0%",
        "base": show_eur(line.base_eur, texts),
    }


def _list_tax(amount: TaxAmount, texts: dict[str, Any]) -> list[str]:
    rate = f"{show_exact(amount.rate_percent, texts)}\u00a0%"
    return [
        _TAX_NAMES[amount.tax],
        show_eur(amount.base_eur, texts),
        texts["totals"]["exempt"] if amount.exemption else rate,
        show_eur(amount.quota_eur, texts),
    ]


def _describe_payment(record: InvoiceRecord, texts: dict[str, Any]) -> str | None:
    """Tell how to pay; of the recipient's own account only what it knows it by."""
    payment = record.payment
    if payment is None:
        return None
    is_debit = payment.means is PaymentMeans.DIRECT_DEBIT
    account = ""
    if payment.account is not None:
        account = str(payment.account) if is_debit else show_in_groups(payment.account.reveal())
    form = payment.means.value
    if is_debit:
        form = "refund" if record.total_eur < 0 else form
        form += "" if account else "-open"
    names = texts["payment"]
    mandate = names["mandate"].format(mandate=payment.mandate) if payment.mandate else ""
    told: str = names[form].format(
        account=account, mandate=mandate, date=show_day(payment.due_on, texts)
    )
    return told


def _list_notes(record: InvoiceRecord, texts: dict[str, Any]) -> list[str]:
    """List what else the law or the issuer wants said."""
    names = texts["notes"]
    notes = []
    if correction := record.correction:
        corrected = [
            names["corrected"].format(
                number=each.number,
                date=show_day(each.issued_on, texts),
                base=show_eur(each.base_eur, texts),
                quota=show_eur(each.quota_eur, texts),
            )
            for each in correction.invoices
        ]
        notes.append(
            names["corrects"].format(
                invoices=", ".join(corrected),
                method=names[correction.method],
                cause=correction.cause,
            )
        )
        if correction.method is Rectification.SUBSTITUTION:
            replaced = [each.base_eur + each.quota_eur for each in correction.invoices]
            notes.append(
                names["replaces"].format(
                    before=show_eur(sum(replaced, Decimal(0)), texts),
                    after=show_eur(record.total_eur, texts),
                )
            )
    notes += [
        names["exempt"].format(tax=_TAX_NAMES[each.tax], reason=each.exempt_because)
        for each in record.taxes
        if each.exemption
    ]
    if third_party := record.third_party:
        notes.append(names["third_party"].format(name=third_party.name, nif=third_party.nif))
    return [*notes, *record.notes]


def _compile(inputs: dict[str, str], standards: list[Any]) -> bytes:
    rendered: bytes = typst.compile(
        read_template(__package__),
        font_paths=_find_fonts(),
        ignore_system_fonts=True,
        sys_inputs=inputs,
        pdf_standards=standards,
    )
    return rendered


@cache
def _find_fonts() -> typst.Fonts:
    """Find the page's own font and those that typst brings; no other decides how it looks."""
    folder = str(files(__package__).joinpath("fonts"))
    return typst.Fonts(include_system_fonts=False, font_paths=[folder])
