"""Tables of the invoices of a period and of their lines."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal

from sqlmodel import Session

from api.services.accounting.replaced_taxes import ReplacedTaxes, sum_replaced
from loaders.account_tables import AccountColumn, AccountTable, Cell, CellKind
from models.repositories.accounts import AccountsScope, InvoiceRow, iterate_invoices, iterate_lines
from models.values.invoicing import Rectification
from models.values.money import from_cents

_INVOICES = (
    AccountColumn("number", width=16),
    AccountColumn("issued_on", CellKind.DAY, 12),
    AccountColumn("kind", width=9),
    AccountColumn("member", width=12),
    AccountColumn("name", width=32),
    AccountColumn("nif", width=12),
    AccountColumn("base_eur", CellKind.EUR, 16, is_summed=True),
    AccountColumn("quota_eur", CellKind.EUR, 12, is_summed=True),
    AccountColumn("total_eur", CellKind.EUR, 13, is_summed=True),
    AccountColumn("counted_eur", CellKind.EUR, 13, is_summed=True),
    AccountColumn("due_on", CellKind.DAY, 12),
    AccountColumn("charged_from", CellKind.DAY, 12),
    AccountColumn("charged_to", CellKind.DAY, 12),
    AccountColumn("cancelled_on", CellKind.DAY, 12),
    AccountColumn("rectifies", width=16),
    AccountColumn("rectification", CellKind.WORD, 16, words="rectifications"),
    AccountColumn("because", width=30),
    AccountColumn("series", width=10),
    AccountColumn("community", width=14),
    AccountColumn("issuer", width=12),
)

_LINES = (
    AccountColumn("number", width=16),
    AccountColumn("issued_on", CellKind.DAY, 12),
    AccountColumn("member", width=12),
    AccountColumn("position", CellKind.COUNT, 7),
    AccountColumn("basis", CellKind.WORD, 22, words="bases"),
    AccountColumn("description", width=44),
    AccountColumn("quantity", CellKind.NUMBER, 13),
    AccountColumn("unit", width=10),
    AccountColumn("price_eur", CellKind.NUMBER, 12),
    AccountColumn("base_eur", CellKind.EUR, 16, is_summed=True),
    AccountColumn("tax", CellKind.WORD, 9, words="taxes"),
    AccountColumn("tax_percent", CellKind.NUMBER, 9),
    AccountColumn("cancelled_on", CellKind.DAY, 12),
)


def list_invoice_table(
    session: Session, scope: AccountsScope, replaced: ReplacedTaxes
) -> AccountTable:
    """Lay out the invoices that were issued, with what each of them counts for.

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
        By day and number; one that was cancelled counts for nothing, one by substitution for what
        it changes.
    """

    def read_rows() -> Iterator[Sequence[Cell]]:
        for row in iterate_invoices(session, scope):
            yield _lay_out_invoice(row, replaced)

    return AccountTable("invoices", _INVOICES, read_rows)


def list_line_table(session: Session, scope: AccountsScope) -> AccountTable:
    """Lay out the lines of the invoices that were issued.

    Parameters
    ----------
    session : Session
        Open transaction.
    scope : AccountsScope
        Whose, and of which days.

    Returns
    -------
    AccountTable
        By invoice and place, as they were issued.
    """

    def read_rows() -> Iterator[Sequence[Cell]]:
        for row in iterate_lines(session, scope):
            yield (
                row.full_number,
                row.issued_on,
                row.member,
                row.position + 1,
                row.basis.value,
                row.description,
                Decimal(row.quantity),
                row.unit,
                Decimal(row.price),
                from_cents(row.net_cents),
                row.tax.value,
                Decimal(row.tax_percent),
                read_cancellation_day(row.cancelled_at),
            )

    return AccountTable("lines", _LINES, read_rows)


def _lay_out_invoice(row: InvoiceRow, replaced: ReplacedTaxes) -> Sequence[Cell]:
    recipient = row.parties["recipient"]
    return (
        row.full_number,
        row.issued_on,
        row.kind.value,
        row.member,
        recipient["name"],
        recipient["tax_number"],
        from_cents(row.net_cents),
        from_cents(row.tax_cents),
        from_cents(row.total_cents),
        from_cents(_count_cents(row, replaced)),
        row.due_on,
        row.period_start,
        row.period_end - timedelta(days=1),
        read_cancellation_day(row.cancelled_at),
        row.rectified,
        row.rectification and row.rectification.value,
        row.because,
        row.series,
        row.community,
        row.issuer,
    )


def _count_cents(row: InvoiceRow, replaced: ReplacedTaxes) -> int:
    """Tell by how much an invoice changes what was charged [cents]."""
    if row.cancelled_at is not None:
        return 0
    if row.rectification is not Rectification.SUBSTITUTION:
        return row.total_cents
    return row.total_cents - sum(map(sum, sum_replaced(row.facts, replaced).values()))


def read_cancellation_day(cancelled_at: str | None) -> date | None:
    """Read the day on which an invoice was cancelled, by the clock of its record.

    Parameters
    ----------
    cancelled_at : str or None
        Instant with its offset, if it was cancelled.

    Returns
    -------
    date or None
        None if it was not.
    """
    return None if cancelled_at is None else date.fromisoformat(cancelled_at[:10])
