"""Causes of a difference between two bills: exact, in order, and always summing to it."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.billing.checks.bill_state import BillPart
from planner.billing.checks.bill_terms import TERM_OF_KIND, StatedLine, Term, gather_terms
from planner.billing.checks.explain_bill import explain_bill
from planner.billing.retail.bill_lines import LineKind

KWH = LineKind.ENERGY
FIFTH = Fraction(1, 5)


def line(kind: LineKind, cents: int, quantity: str | None = None, **figures) -> StatedLine:
    return StatedLine(kind, cents, quantity=quantity and Fraction(quantity), **figures)


def rate(kind: LineKind, cents: int, base: str | None, share: str | None) -> StatedLine:
    return line(kind, cents, base, price=share and Fraction(share))


ENERGY = line(KWH, 10_000, "500", tariff_period=1, price=FIFTH)
SURPLUS = line(LineKind.SURPLUS, -4_000, "800", price=-Fraction(1, 20))
TAX = rate(LineKind.ELECTRICITY_TAX, 300, "60", "0.05")
VAT = rate(LineKind.SALES_TAX, 1_260, "63", "0.2")
BILL = (ENERGY, SURPLUS, TAX, VAT)


def explain(
    theirs: Sequence[StatedLine],
    *,
    ours: Sequence[StatedLine] = BILL,
    cap: int = 10_000,
    total: int | None = None,
) -> list[tuple[str, int | None, int, int]]:
    """Explain, and make sure that the causes sum to the difference."""
    stated = sum(each.cents for each in theirs) if total is None else total
    shares = explain_bill([BillPart(ours, theirs, cap)], stated)
    assert sum(share.cents for share in shares) == stated - sum(each.cents for each in ours)
    return [
        (str(share.cause), share.tariff_period, share.cents, share.tax_cents) for share in shares
    ]


def test_every_kind_of_line_has_a_term() -> None:
    assert set(TERM_OF_KIND) == set(LineKind)
    assert set(TERM_OF_KIND.values()) == set(Term)


def test_equal_bills_have_no_causes() -> None:
    assert explain(BILL) == []


def test_taxes_follow_what_changes() -> None:
    # 20 EUR more energy: 1.00 of electricity tax and 4.20 of VAT.
    dearer = replace(ENERGY, cents=12_000, price=Fraction("0.24"))
    theirs = (dearer, SURPLUS, rate(LineKind.ELECTRICITY_TAX, 400, "80", "0.05"))
    vat = rate(LineKind.SALES_TAX, 1_680, "84", "0.2")

    assert explain((*theirs, vat)) == [("energy-price", 1, 2_520, 520)]
    # VAT that still is of the old amount is another cause.
    assert explain((*theirs, VAT)) == [
        ("energy-price", 1, 2_520, 520),
        ("tax-base", None, -420, -420),
    ]


def test_the_limit_follows_energy_and_surplus() -> None:
    # 1,500 kWh of surplus are worth 75.00; less energy, 60.00, limits them by 15.00.
    less = replace(ENERGY, cents=6_000, quantity=Fraction(300))
    more = replace(SURPLUS, cents=-7_500, quantity=Fraction(1_500))
    limit = line(LineKind.COMPENSATION_LIMIT, 1_500)
    untaxed = (
        rate(LineKind.ELECTRICITY_TAX, 0, "0", "0.05"),
        rate(LineKind.SALES_TAX, 0, "0", "0.2"),
    )

    assert [name for name, *_ in explain((less, more, limit, *untaxed))] == ["energy", "surplus"]
    # Without that line the member was given too much.
    assert explain((less, more), ours=(ENERGY, SURPLUS)) == [
        ("energy", 1, -4_000, 0),
        ("surplus", None, -2_000, 0),
        ("compensation-limit", None, -1_500, 0),
    ]


def test_a_limit_stays_while_nothing_changes() -> None:
    surplus = replace(SURPLUS, cents=-12_000, quantity=Fraction(2_400))
    limited = (ENERGY, surplus, line(LineKind.COMPENSATION_LIMIT, 2_000))

    assert explain(limited, ours=limited) == []
    assert explain(limited[:2], ours=limited) == [("compensation-limit", None, -2_000, 0)]


def test_discounts_follow_their_term() -> None:
    discount = line(LineKind.ENERGY_DISCOUNT, -1_000, "100", price=-Fraction(1, 10))
    ours = (ENERGY, discount)
    dearer = replace(ENERGY, cents=12_000, price=Fraction("0.24"))

    assert explain((dearer, replace(discount, cents=-1_200)), ours=ours) == [
        ("energy-price", 1, 1_800, 0)
    ]
    assert explain((dearer, discount), ours=ours) == [
        ("energy-price", 1, 1_800, 0),
        ("discount", None, 200, 0),
    ]
    assert explain((discount,), ours=(discount,)) == []


@pytest.mark.parametrize(
    ("theirs", "cause", "cents"),
    [
        ((), "electricity-tax-rate", -300),
        ((rate(LineKind.ELECTRICITY_TAX, 300, None, None),), None, 0),
        ((rate(LineKind.ELECTRICITY_TAX, 301, "60", None),), "rounding", 1),
        ((rate(LineKind.ELECTRICITY_TAX, 360, "60", None),), "electricity-tax-rate", 60),
        ((rate(LineKind.ELECTRICITY_TAX, 360, None, "0.06"),), "electricity-tax-rate", 60),
        (
            (line(LineKind.LEAST_ELECTRICITY_TAX, 50, "0.5", price=Fraction(1)),),
            "electricity-tax-rate",
            -250,
        ),
        ((rate(LineKind.ELECTRICITY_TAX, 305, "60", "0.05"),), "unexplained", 5),
    ],
)
def test_a_tax_differs_by_rate_base_or_amount(
    theirs: tuple[StatedLine, ...], cause: str | None, cents: int
) -> None:
    ours = (ENERGY, SURPLUS, TAX)

    found = explain((ENERGY, SURPLUS, *theirs), ours=ours)
    assert found == ([] if cause is None else [(cause, None, cents, cents)])


def test_the_least_tax_follows_the_energy() -> None:
    least = line(LineKind.LEAST_ELECTRICITY_TAX, 50, "0.5", price=Fraction(1))
    ours = (ENERGY, least)
    half = replace(ENERGY, cents=5_000, quantity=Fraction(250))

    assert explain((half, replace(least, cents=25, quantity=Fraction(1, 4))), ours=ours) == [
        ("energy", 1, -5_025, -25)
    ]
    # Without energy there is none.
    assert explain((), ours=ours) == [("energy", 1, -10_050, -50)]


def test_a_tax_that_only_they_have_is_its_rate() -> None:
    free = (ENERGY, rate(LineKind.SALES_TAX, 0, "100", "0"))

    assert explain((ENERGY, rate(LineKind.SALES_TAX, 700, "100", "0.07")), ours=free) == [
        ("sales-tax-rate", None, 700, 700)
    ]
    assert explain((ENERGY,), ours=free) == []
    assert explain((ENERGY, rate(LineKind.SALES_TAX, 700, None, None)), ours=(ENERGY,)) == [
        ("sales-tax-rate", None, 700, 700)
    ]
    # More energy, where the tax was nothing of nothing before.
    none = (rate(LineKind.SALES_TAX, 0, "0", "0.2"),)
    assert explain((ENERGY, rate(LineKind.SALES_TAX, 2_000, "100", "0.2")), ours=none) == [
        ("energy", 1, 12_000, 2_000)
    ]


def test_meters_may_be_taxed_apart() -> None:
    meter = line(LineKind.METER_RENTAL, 100, days=31)
    apart = rate(LineKind.METER_TAX, 7, "1", "0.07")
    ours = (ENERGY, rate(LineKind.SALES_TAX, 300, "100", "0.03"), meter, apart)
    dearer = replace(meter, cents=200)

    assert explain(
        (*ours[:2], dearer, replace(apart, cents=14, quantity=Fraction(2))), ours=ours
    ) == [("meter-rental", None, 107, 7)]


def test_tolls_beside_a_price_are_of_one_energy() -> None:
    tolls = line(LineKind.ENERGY_TOLLS, 5_000, "500", tariff_period=1, price=Fraction(1, 10))
    together = replace(ENERGY, cents=15_000, price=Fraction("0.3"))

    assert explain((together,), ours=(ENERGY, tolls)) == []


def test_power_in_one_line_is_the_mean_of_its_periods() -> None:
    day = Fraction(1, 100)
    power = [
        line(LineKind.POWER, 100, "4", tariff_period=period, days=25, price=day)
        for period in (1, 2)
    ]
    one = line(LineKind.POWER, 200, "4", days=25, price=2 * day)

    assert explain((one,), ours=power) == []
    assert explain((replace(one, cents=240, days=30),), ours=power) == [("days", None, 40, 0)]
    assert explain((replace(one, cents=250, quantity=Fraction(5)),), ours=power) == [
        ("power", None, 50, 0)
    ]


def test_what_a_line_does_not_state_is_no_cause() -> None:
    bare = StatedLine(LineKind.EXCESS_BY_MAXIMETER, 500)
    ours = line(LineKind.EXCESS_BY_MAXIMETER, 400, "2", days=20, price=Fraction(1, 10))

    assert explain((bare,), ours=(ours,)) == [("excess-power", None, 100, 0)]
    assert explain((), ours=(ours,)) == [("excess-power", None, -400, 0)]
    assert gather_terms([bare], [])[(Term.EXCESS_POWER, None)][0].days is None


def test_printed_prices_stand_for_what_they_were_rounded_from() -> None:
    # 0.20 may be 0.2049: then 102.45 EUR is a price, and 103.00 EUR no product of what is printed.
    printed = replace(ENERGY, price_step=Fraction(1, 100))

    assert explain((replace(printed, cents=10_245),), ours=(ENERGY,)) == [
        ("energy-price", 1, 245, 0)
    ]
    assert explain((replace(printed, cents=10_300),), ours=(ENERGY,)) == [
        ("unexplained", None, 300, 0)
    ]
    assert explain((replace(printed, cents=10_001),), ours=(ENERGY,)) == [("rounding", None, 1, 0)]


def test_totals_are_held_against_their_lines() -> None:
    total = sum(each.cents for each in BILL)

    assert explain(BILL, total=total + 4) == [("rounding", None, 4, 0)]
    assert explain(BILL, total=total + 5) == [("line-sum", None, 5, 0)]


def test_parts_of_a_bill_are_explained_one_by_one() -> None:
    dearer = replace(ENERGY, cents=12_000, price=Fraction("0.24"))
    shares = explain_bill([BillPart((ENERGY,), (dearer,)), BillPart((ENERGY,), (dearer,))], 24_000)

    assert [(share.cause.value, share.cents) for share in shares] == [("energy-price", 4_000)]


KINDS = st.sampled_from(LineKind)
FIGURES = st.none() | st.fractions(0, 1_000, max_denominator=1_000)
LINES = st.lists(
    st.builds(
        StatedLine,
        kind=KINDS,
        cents=st.integers(-100_000, 100_000),
        tariff_period=st.none() | st.integers(1, 6),
        quantity=FIGURES,
        days=st.none() | st.integers(0, 400),
        price=st.none() | st.fractions(-2, 2, max_denominator=10_000),
        price_step=st.sampled_from([Fraction(0), Fraction(1, 1_000)]),
    ),
    max_size=12,
)


@given(LINES, LINES, st.integers(-100_000, 100_000), st.integers(0, 50_000))
def test_causes_sum_to_the_difference_whatever_is_typed(
    ours: list[StatedLine], theirs: list[StatedLine], total: int, cap: int
) -> None:
    explain(theirs, ours=ours, cap=cap, total=total)


@given(LINES)
def test_a_bill_does_not_differ_from_itself(lines: list[StatedLine]) -> None:
    assert explain(lines, ours=lines) == []
