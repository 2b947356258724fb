"""Lines of a payment plan: exact, by days, and summing to what was agreed."""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.values.errors import InvalidArgumentError
from models.values.invoicing import BillingBasis
from models.values.period import Period
from planner.billing.charges import (
    Span,
    SpanOutsideMonthError,
    charge_instalment,
    charge_spans,
)

JUNE = Period(date(2026, 6, 1), date(2026, 7, 1))
HALF_OF_JUNE = Period(date(2026, 6, 16), date(2026, 7, 1))
FEBRUARY_FROM_THE_15TH = Period(date(2026, 2, 15), date(2026, 3, 1))


@pytest.mark.parametrize(
    ("basis", "price", "quantity", "unit", "net"),
    [
        (BillingBasis.SELF_CONSUMED, "0.085", "123.457", "kWh", "10.49"),  # 10.493845
        (BillingBasis.SURPLUS, "0.005", "50.5", "kWh", "0.25"),  # 0.2525
        (BillingBasis.PARTICIPATION, "4.20", "1.5", "kW·month", "6.30"),
        (BillingBasis.FIXED, "3", "1", "month", "3.00"),
        (BillingBasis.SHARE_OF_SAVINGS, "0.3", "17.35", "EUR", "5.21"),  # 5.205
    ],
)
def test_a_whole_month(basis, price, quantity, unit, net):
    span = Span(JUNE, 123_457, 50_500, Decimal("1.5"), Decimal("17.35"))
    line = charge_spans(basis, Decimal(price), [span])
    assert (line.quantity, line.unit, line.net_eur) == (Decimal(quantity), unit, Decimal(net))
    assert line.price == Decimal(price)


def test_parts_of_months_count_by_their_days():
    spans = [
        Span(FEBRUARY_FROM_THE_15TH, participation_kw=Decimal(2)),
        Span(JUNE, participation_kw=Decimal(3)),
    ]
    fee = charge_spans(BillingBasis.FIXED, Decimal(5), spans)
    assert (fee.quantity, fee.net_eur) == (Decimal("1.5"), Decimal("7.50"))
    power = charge_spans(BillingBasis.PARTICIPATION, Decimal(1), spans)
    assert (power.quantity, power.net_eur) == (Decimal(4), Decimal("4.00"))


def test_a_third_of_a_month_is_rounded_once():
    tenth = Span(Period(date(2026, 6, 1), date(2026, 6, 11)))
    line = charge_spans(BillingBasis.FIXED, Decimal(100), [tenth])
    assert (line.quantity, line.net_eur) == (Decimal("0.333333"), Decimal("33.33"))


def test_a_loss_takes_nothing_from_a_share_of_savings():
    spans = [Span(JUNE, savings_eur=Decimal(-4)), Span(HALF_OF_JUNE, savings_eur=Decimal(1))]
    line = charge_spans(BillingBasis.SHARE_OF_SAVINGS, Decimal("0.5"), spans)
    assert (line.quantity, line.net_eur) == (Decimal(0), Decimal("0.00"))


def test_nothing_costs_nothing():
    line = charge_spans(BillingBasis.SELF_CONSUMED, Decimal("0.1"), [])
    assert (str(line.quantity), str(line.net_eur)) == ("0", "0.00")


@pytest.mark.parametrize(
    "period", [Period(date(2026, 6, 1)), Period(date(2026, 6, 15), date(2026, 7, 2))]
)
def test_a_span_lies_in_one_month(period):
    with pytest.raises(SpanOutsideMonthError) as caught:
        Span(period)
    assert caught.value.period == period


def test_an_entry_fee_has_no_days():
    with pytest.raises(InvalidArgumentError, match="by instalment"):
        charge_spans(BillingBasis.ENTRY_FEE, Decimal(100), [Span(JUNE)])


@given(st.decimals(Decimal("0.01"), Decimal("99999.99"), places=2), st.integers(1, 120))
def test_instalments_sum_to_the_fee_and_differ_by_a_cent_at_most(fee, instalments):
    parts = [charge_instalment(fee, instalments, k).net_eur for k in range(1, instalments + 1)]
    assert sum(parts) == fee
    assert parts == sorted(parts, reverse=True)
    assert parts[0] - parts[-1] in (Decimal("0.00"), Decimal("0.01"))


@given(st.decimals(Decimal(-1000), Decimal(1000), places=5))
def test_rounding_is_that_of_decimals(amount):
    expected = amount.quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert charge_spans(BillingBasis.FIXED, amount, [Span(JUNE)]).net_eur == expected


@given(st.integers(1, 27), st.integers(0, 10**7), st.decimals(0, 1, places=6))
def test_cutting_a_span_changes_no_quantity(day, energy_wh, price):
    middle = JUNE.start + timedelta(days=day)
    whole = Span(JUNE, energy_wh, participation_kw=Decimal("1.2"))
    cut = [
        Span(Period(JUNE.start, middle), energy_wh // 3, participation_kw=Decimal("1.2")),
        Span(
            Period(middle, date(2026, 7, 1)),
            energy_wh - energy_wh // 3,
            participation_kw=Decimal("1.2"),
        ),
    ]
    for basis in (BillingBasis.SELF_CONSUMED, BillingBasis.PARTICIPATION, BillingBasis.FIXED):
        assert charge_spans(basis, price, cut) == charge_spans(basis, price, [whole])
