"""The book of issued invoices (RD 1624/1992, article 63), a row for each rate of an invoice.

Its columns are those of the tax agency's common form of registers that this kind of issuer fills.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from sqlmodel import Session

from api.services.accounting.invoice_tables import read_cancellation_day
from api.services.accounting.replaced_taxes import RateKey, ReplacedTaxes, sum_replaced
from loaders.account_tables import AccountColumn, AccountTable, Cell, CellKind
from models.repositories.accounts import AccountsScope, TaxRow, iterate_taxes
from models.values.invoicing import Rectification, TaxKind
from models.values.money import from_cents

_GENERAL_REGIME = "01"
_SUBJECT_NOT_EXEMPT = "S1"

_BOOK = (
    AccountColumn("number", width=16),
    AccountColumn("kind", width=9),
    AccountColumn("issued_on", CellKind.DAY, 12),
    AccountColumn("operation_on", CellKind.DAY, 12),
    AccountColumn("series", width=10),
    AccountColumn("nif", width=12),
    AccountColumn("name", width=32),
    AccountColumn("operation_key", width=11),
    AccountColumn("qualification", width=13),
    AccountColumn("exemption", width=11),
    AccountColumn("total_eur", CellKind.EUR, 13, is_summed=True),
    AccountColumn("base_eur", CellKind.EUR, 16, is_summed=True),
    AccountColumn("tax_percent", CellKind.NUMBER, 9),
    AccountColumn("quota_eur", CellKind.EUR, 12, is_summed=True),
    AccountColumn("tax", CellKind.WORD, 9, words="taxes"),
    AccountColumn("cancelled_on", CellKind.DAY, 12),
    AccountColumn("rectifies", width=16),
    AccountColumn("rectification", CellKind.WORD, 16, words="rectifications"),
    AccountColumn("issuer", width=12),
)

_TOTALS = (
    AccountColumn("tax", CellKind.WORD, words="taxes"),
    AccountColumn("tax_percent", CellKind.NUMBER),
    AccountColumn("exemption"),
    AccountColumn("row_count", CellKind.COUNT, is_summed=True),
    AccountColumn("base_eur", CellKind.EUR, is_summed=True),
    AccountColumn("quota_eur", CellKind.EUR, is_summed=True),
)


class VatRow(NamedTuple):
    """One rate of an invoice, as it counts."""

    invoice: TaxRow
    rate: RateKey
    base_cents: int
    quota_cents: int


def list_vat_book(session: Session, scope: AccountsScope, replaced: ReplacedTaxes) -> AccountTable:
    """Lay out the book of issued invoices.

    Parameters
    ----------
    session : Session
        Open transaction.
    scope : AccountsScope
        Whose, and of which days.
    replaced : ReplacedTaxes
        What substitutions stand in for.

    Returns
    -------
    AccountTable
        By day, number and rate. A cancelled invoice is in it with its day and no amounts, so that
        no number is missing; a substitution is with what it changes, so that the sums are the tax
        that was charged (RD 1624/1992, articles 63 and 70).
    """

    def read_rows() -> Iterator[Sequence[Cell]]:
        return map(_lay_out, list_vat_rows(iterate_taxes(session, scope), replaced))

    return AccountTable("vat_book", _BOOK, read_rows)


def list_vat_totals(
    session: Session, scope: AccountsScope, replaced: ReplacedTaxes
) -> AccountTable:
    """Lay out what the book comes to, by tax, rate and exemption.

    Parameters
    ----------
    session : Session
        Open transaction.
    scope : AccountsScope
        Whose, and of which days.
    replaced : ReplacedTaxes
        What substitutions stand in for.

    Returns
    -------
    AccountTable
        By tax and rate; cancelled invoices are left out.
    """

    def read_rows() -> Iterator[Sequence[Cell]]:
        sums: defaultdict[RateKey, list[int]] = defaultdict(lambda: [0, 0, 0])
        taxes = (each for each in iterate_taxes(session, scope) if each.cancelled_at is None)
        for row in list_vat_rows(taxes, replaced):
            for place, value in enumerate((1, row.base_cents, row.quota_cents)):
                sums[row.rate][place] += value
        for rate in sorted(sums, key=lambda each: (each.tax, each.percent, each.exemption or "")):
            n_rows, base, quota = sums[rate]
            exemption = rate.exemption and rate.exemption.value
            amounts = from_cents(base), from_cents(quota)
            yield (rate.tax.value, rate.percent, exemption, n_rows, *amounts)

    return AccountTable("vat_totals", _TOTALS, read_rows)


def list_vat_rows(taxes: Iterable[TaxRow], replaced: ReplacedTaxes) -> Iterator[VatRow]:
    """List by how much each invoice changes what was charged, rate by rate.

    Parameters
    ----------
    taxes : iterable of TaxRow
        Rates of invoices, those of one together.
    replaced : ReplacedTaxes
        What substitutions stand in for.

    Returns
    -------
    iterator of VatRow
        Every rate that an invoice states, and those that a substitution takes back; those of a
        cancelled invoice come to nothing.
    """
    for _, group in groupby(taxes, attrgetter("invoice_id")):
        stated = list(group)
        invoice = stated[0]
        if invoice.cancelled_at is not None:
            yield from (VatRow(invoice, _key_of(tax), 0, 0) for tax in stated)
            continue
        is_substitution = invoice.rectification is Rectification.SUBSTITUTION
        before = sum_replaced(invoice.facts, replaced) if is_substitution else {}
        for tax in stated:
            rate = _key_of(tax)
            base, quota = before.pop(rate, (0, 0))
            yield VatRow(invoice, rate, tax.base_cents - base, tax.quota_cents - quota)
        for rate, (base, quota) in before.items():
            yield VatRow(invoice, rate, -base, -quota)


def _key_of(tax: TaxRow) -> RateKey:
    return RateKey(tax.tax, Decimal(tax.tax_percent), tax.exemption)


def _lay_out(row: VatRow) -> Sequence[Cell]:
    invoice, rate = row.invoice, row.rate
    recipient = invoice.parties["recipient"]
    last_day = invoice.period_end - timedelta(days=1)
    is_exempt = rate.exemption is not None and rate.exemption.is_subject
    return (
        invoice.full_number,
        invoice.kind.value,
        invoice.issued_on,
        last_day if last_day < invoice.issued_on else None,
        invoice.series,
        recipient["tax_number"],
        recipient["name"],
        None if rate.tax is TaxKind.IPSI else _GENERAL_REGIME,
        None if is_exempt else (rate.exemption or _SUBJECT_NOT_EXEMPT),
        rate.exemption if is_exempt else None,
        from_cents(row.base_cents + row.quota_cents),
        from_cents(row.base_cents),
        rate.percent,
        from_cents(row.quota_cents),
        rate.tax.value,
        read_cancellation_day(invoice.cancelled_at),
        invoice.rectified,
        invoice.rectification and invoice.rectification.value,
        invoice.issuer,
    )
