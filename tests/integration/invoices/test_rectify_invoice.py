"""Invoices rectified, cancelled and billed again, all in the open."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import numpy as np
import pytest
from sqlmodel import col

from api.services.invoices.billing_faults import UnreadyRunError
from api.services.invoices.cancel_invoice import RectifiedInvoiceError, cancel_invoice
from api.services.invoices.invoice_history import (
    CancelledInvoiceError,
    UnknownInvoiceError,
    read_history,
    read_issued,
)
from api.services.invoices.issue_billing_run import SeriesKindError
from api.services.invoices.rectify_invoice import (
    NothingToRectifyError,
    RectificationWish,
    rectify_invoice,
)
from api.services.invoices.verify_invoices import verify_invoices
from loaders.invoice_checks import UnfitInvoiceError
from loaders.invoice_record import CorrectionReason
from models.session import read_session, write_session
from models.tables import BilledEnergy, BilledPeriod, FiscalRecord, Invoice, InvoiceLine
from models.values.errors import InvalidArgumentError
from models.values.invoicing import BillingBasis, InvoiceKind, Rectification
from models.values.metering import Channel
from tests.support.agreements import random_year, store_year
from tests.support.billing import NOW, OCTOBER
from tests.support.databases import on_sqlite
from tests.support.invoices import SYSTEM, build_line
from tests.support.stored_once import stored_once
from tests.support.whole_databases import break_rows

ADD_LINE = """INSERT INTO invoice_line SELECT invoice_id, 99, promoter_id, basis, description, '1',
    unit, '0.01', 1, tax, tax_percent, source FROM invoice_line
    WHERE invoice_id = '{}' AND position = 2"""


def rectify(billed, invoice_id, method=Rectification.DIFFERENCE, series="R2023", **more):
    wish = RectificationWish(
        invoice_id, method, series, CorrectionReason.LINES, "new readings", **more
    )
    with write_session(billed.engine) as session:
        return rectify_invoice(session, promoter_id=billed.owner, wish=wish, system=SYSTEM, now=NOW)


def cancel(billed, invoice_id, because="issued to nobody"):
    with write_session(billed.engine) as session:
        return cancel_invoice(
            session,
            promoter_id=billed.owner,
            invoice_id=invoice_id,
            because=because,
            system=SYSTEM,
            now=NOW,
        )


def correct_readings(billed, place):
    """Import another consumption of a member, and share October out again."""
    _, consumption = random_year(3, seed=99)
    with write_session(billed.engine) as session:
        store_year(
            session,
            billed.owner,
            Channel.CONSUMPTION,
            billed.stored.points[place].id,
            np.minimum(consumption[place], 500).astype(np.int32),
            version=2,
        )
    billed.allocate(OCTOBER.start)


def standing(billed, invoice_id):
    with read_session(billed.engine) as session:
        history = read_history(session, promoter_id=billed.owner, invoice_id=invoice_id)
        return history, history.list_standing_lines()


def assert_sound(billed):
    with read_session(billed.engine) as session:
        assert [r.is_sound for r in verify_invoices(session, promoter_id=billed.owner)] == [True]


@stored_once
def issued(billed):
    billed.issue()
    return billed.rows(Invoice, col(Invoice.number))


@pytest.mark.parametrize("method", list(Rectification))
def test_restated_readings_rectify(billed, issued, method):
    correct_readings(billed, 0)
    first = next(i for i in issued if i.supply_point_id == billed.stored.points[0].id)
    made = rectify(billed, first.id, method)
    assert (made.rectifies_id, made.rectification) == (first.id, method)
    assert (made.kind, made.full_number) == (InvoiceKind.RECTIFIED_OTHERWISE, "R2023-000001")
    energy = [row for row in billed.rows(BilledEnergy) if row.invoice_id == made.id]
    used = Decimal(sum(row.self_consumed_wh for row in energy)) / 1000
    history, lines = standing(billed, first.id)
    assert [rows.invoice.id for rows in history.documents] == [first.id, made.id]
    assert {basis: line.quantity for basis, line in lines}[BillingBasis.SELF_CONSUMED] == used
    assert sum(line.base_eur for _, line in lines) * 100 == (
        made.net_cents + (first.net_cents if method is Rectification.DIFFERENCE else 0)
    )
    with read_session(billed.engine) as session:
        record = read_issued(session, history.last)
    assert [str(each.number) for each in record.correction.invoices] == [first.full_number]
    assert_sound(billed)


def test_a_difference_says_only_what_changed(billed, issued):
    correct_readings(billed, 0)
    first = next(i for i in issued if i.supply_point_id == billed.stored.points[0].id)
    made = rectify(billed, first.id)
    lines = [line for line in billed.rows(InvoiceLine) if line.invoice_id == made.id]
    # Energy is taken back and stated anew; the fee stays as it was.
    assert {line.basis for line in lines} == {BillingBasis.SELF_CONSUMED, BillingBasis.SURPLUS}
    assert [Decimal(line.quantity) < 0 for line in lines] == [True, True, False, False]


def test_a_mistake_is_rectified_by_hand_and_again(billed, issued):
    first = issued[0]
    line = build_line("Energy", "100", "kWh", "0.05")
    by_hand = ((BillingBasis.SELF_CONSUMED, line),)
    rectify(billed, first.id, Rectification.SUBSTITUTION, lines=by_hand)
    assert standing(billed, first.id)[1] == list(by_hand)
    better = (
        (
            BillingBasis.SELF_CONSUMED,
            replace(line, quantity=Decimal(120), base_eur=Decimal("6.00")),
        ),
    )
    rectify(billed, first.id, Rectification.DIFFERENCE, lines=better)
    rectify(billed, first.id, Rectification.SUBSTITUTION, lines=by_hand)
    history, lines = standing(billed, first.id)
    assert lines == list(by_hand)
    numbers = [rows.invoice.full_number for rows in history.documents]
    assert numbers == [first.full_number, "R2023-000001", "R2023-000002", "R2023-000003"]
    with read_session(billed.engine) as session:
        record = read_issued(session, history.last)
    # A substitution names all that counted together until then.
    assert [str(each.number) for each in record.correction.invoices] == numbers[1:3]
    assert sum(each.base_eur for each in record.correction.invoices) == Decimal("6.00")
    assert_sound(billed)


def test_differences_leave_no_cent_of_tax(billed, issued):
    """The quota of 0.02 EUR at 21 % is 0.00, that of 0.04 is 0.01: so is their difference."""
    taxes = []
    for n_cents in (2, 4, 6, 8, 3):
        line = build_line("Energy", f"{n_cents}", "kWh", "0.01")
        rectify(billed, issued[0].id, lines=((BillingBasis.FIXED, line),))
        taxes.append(_tax_of(billed, issued[0]))
    assert taxes == [0, 1, 1, 2, 1]
    assert_sound(billed)


def _tax_of(billed, invoice):
    """Sum the quotas that count together [cents]."""
    history, _ = standing(billed, invoice.id)
    return sum(rows.invoice.tax_cents for rows in history.standing)


@on_sqlite
def test_what_is_not_as_it_was_registered_is_told(billed, issued):
    rectify(billed, issued[0].id, lines=((BillingBasis.FIXED, build_line("a", "1", "u", "9")),))
    rectify(
        billed,
        issued[0].id,
        Rectification.SUBSTITUTION,
        lines=((BillingBasis.FIXED, build_line("a", "1", "u", "8")),),
    )
    assert_sound(billed)
    break_rows(billed.engine, "invoice_line", ADD_LINE.format(issued[1].id.hex))
    with read_session(billed.engine) as session:
        (report,) = verify_invoices(session, promoter_id=billed.owner)
    (finding,) = report.list_findings()
    assert not report.is_sound
    assert f"invoice {issued[1].full_number} is not as it was registered: iva base" in finding


@pytest.mark.parametrize("method", list(Rectification))
def test_what_is_right_is_not_rectified(billed, issued, method):
    with pytest.raises(NothingToRectifyError):
        rectify(billed, issued[0].id, method)
    assert len(billed.rows(Invoice)) == 3


def test_another_name_is_put_right_by_substitution(billed, issued):
    place = next(p for p, m in enumerate(billed.stored.members) if m.id == issued[0].member_id)
    billed.pay(place + 0, email="a@b.example")
    made = rectify(billed, issued[0].id, Rectification.SUBSTITUTION)
    assert made.parties["recipient"]["email"] == "a@b.example"
    assert made.total_cents == issued[0].total_cents


def test_energy_that_is_stale_rectifies_nothing(billed, issued):
    with write_session(billed.engine) as session:
        store_year(
            session,
            billed.owner,
            Channel.CONSUMPTION,
            billed.stored.points[0].id,
            random_year(1, seed=3)[1][0],
            version=2,
        )
    with pytest.raises(UnreadyRunError, match="stale_allocation"):
        rectify(billed, issued[0].id)


def test_series_are_of_one_kind(billed, issued):
    correct_readings(billed, 0)
    with pytest.raises(SeriesKindError):
        rectify(billed, issued[0].id, series="2023")
    cancel(billed, issued[1].id)
    cups = next(
        point.cups for point in billed.stored.points if point.id == issued[1].supply_point_id
    )
    rectify(billed, issued[0].id)
    with pytest.raises(SeriesKindError):
        billed.issue("again", series="R2023", cups=(cups,))


def test_wishes_are_checked(billed, issued):
    with pytest.raises(InvalidArgumentError):
        rectify(billed, issued[0].id, kind=InvoiceKind.FULL)
    with pytest.raises(UnfitInvoiceError):
        rectify(billed, issued[0].id, series="R 2023")
    with pytest.raises(UnknownInvoiceError):
        rectify(billed, billed.owner)


def test_a_cancelled_invoice_frees_its_days(billed, issued):
    first = issued[0]
    record = cancel(billed, first.id)
    assert (record.position, record.because) == (4, "issued to nobody")
    (released,) = [row for row in billed.rows(BilledPeriod) if row.released_at]
    assert released.invoice_id == first.id
    cups = next(p.cups for p in billed.stored.points if p.id == first.supply_point_id)
    billed.issue("again", cups=(cups,), now=NOW + timedelta(hours=1))
    again = billed.rows(Invoice, col(Invoice.number))[-1]
    assert (again.full_number, again.total_cents) == ("2023-000004", first.total_cents)
    for act in (cancel, rectify):
        with pytest.raises(CancelledInvoiceError):
            act(billed, first.id)
    assert_sound(billed)


def test_a_rectified_invoice_is_not_cancelled_but_the_rectifying_one_is(billed, issued):
    correct_readings(billed, 0)
    first = next(i for i in issued if i.supply_point_id == billed.stored.points[0].id)
    made = rectify(billed, first.id)
    with pytest.raises(RectifiedInvoiceError, match="cancel that one first"):
        cancel(billed, first.id)
    cancel(billed, made.id)
    assert len(standing(billed, first.id)[0].documents) == 1
    assert rectify(billed, first.id).full_number == "R2023-000002"
    assert_sound(billed)


def test_records_never_run_backwards(billed, issued):
    with write_session(billed.engine) as session:
        record = cancel_invoice(
            session,
            promoter_id=billed.owner,
            invoice_id=issued[0].id,
            because="x",
            system=SYSTEM,
            now=NOW - timedelta(days=3),
        )
    instants = {each.generated_at for each in billed.rows(FiscalRecord)}
    assert instants == {record.generated_at}
