"""A retailer's bill with one thing changed: that cause is named, with its exact cents."""

from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from api.services.checks.bill_document import parse_bill
from api.services.checks.check_retail_bill import check_retail_bill
from api.services.checks.retail_check import CheckRemark, RetailBillCheck
from api.services.communities.find_points import UnknownCupsError
from models.repositories.readings import MissingMonthsError
from models.session import read_session
from tests.support.agreements import shared
from tests.support.databases import on_sqlite
from tests.support.stored_bills import HOME, ask, contracts_of, homes
from tests.support.stored_records import StoredCommunity
from tests.support.typed_bills import TypedBill, charge, find_line, type_bill

__all__ = ["homes", "shared"]

pytestmark = on_sqlite

Check = Callable[..., RetailBillCheck]
Found = list[tuple[str, int | None, int]]


@pytest.fixture
def check(engine: Engine, homes: StoredCommunity) -> Check:
    """Hold a typed bill against that of the first home."""

    def hold(bill: TypedBill, **question) -> RetailBillCheck:
        owner = homes.community.promoter_id
        with read_session(engine) as session:
            return check_retail_bill(
                session, promoter_id=owner, document=parse_bill(bill), question=ask(**question)
            )

    return hold


@pytest.fixture
def bill(homes: StoredCommunity) -> TypedBill:
    return type_bill(homes.points[0].cups)


def found_by(check: RetailBillCheck) -> Found:
    return [(str(share.cause), share.tariff_period, share.cents) for share in check.causes]


def test_an_equal_bill_has_no_causes(check: Check, bill: TypedBill) -> None:
    held = check(bill)

    assert bill["total_eur"] == "71.26"
    assert (held.ours_cents, held.theirs_cents, held.causes) == (7126, 7126, ())
    assert held.agrees()
    assert held.check_remarks == ()


@pytest.mark.parametrize(
    ("kind", "period", "figures", "cause"),
    [
        # 13.53 - 10.82 = 2.71; 57.95 x 5.11269632 % = 2.96, + 0.14; 61.74 x 21 % = 12.97, + 0.60
        ("power", 1, {"quantity": "5.75"}, ("power", 1, 345)),
        # 12.19 - 10.82 = 1.37; 2.89, + 0.07; 60.33 x 21 % = 12.67, + 0.30
        ("power", 1, {"price": "31.2"}, ("power-price", 1, 174)),
        # 14.25 - 12.00 = 2.25; 2.94, + 0.12; 61.26 x 21 % = 12.86, + 0.49
        ("energy", 2, {"quantity": "95"}, ("energy", 2, 286)),
        # 24.78 - 20.65 = 4.13; 3.04, + 0.22; 63.24 x 21 % = 13.28, + 0.91
        ("energy", 3, {"price": "0.12"}, ("energy-price", 3, 526)),
        # 3.10 - 2.50 = 0.60; 2.85, + 0.03; 59.52 x 21 % = 12.50, + 0.13
        ("surplus", None, {"quantity": "50"}, ("surplus", None, 76)),
        # 3.10 - 2.48 = 0.62; 2.86, + 0.04; 59.55 x 21 % = 12.51, + 0.14
        ("surplus", None, {"price": "0.04"}, ("surplus-price", None, 80)),
        # 0.77 - 0.59 = 0.18; 2.83, + 0.01; 59.08 x 21 % = 12.41, + 0.04
        ("social-bonus-financing", None, {"price": "0.024688479"}, ("social-bonus", None, 23)),
        # 55.24 x 0.5 % = 0.28, - 2.54; 56.35 x 21 % = 11.83, - 0.54
        ("electricity-tax", None, {"percent": "0.5"}, ("electricity-tax-rate", None, -308)),
        # 1.39 - 0.83 = 0.56; 59.45 x 21 % = 12.48, + 0.11
        ("meter-rental", None, {"price": "1.36"}, ("meter-rental", None, 67)),
        # 58.89 x 10 % = 5.89, - 6.48
        ("sales-tax", None, {"percent": "10"}, ("sales-tax-rate", None, -648)),
    ],
)
def test_one_changed_figure_is_the_one_cause(
    check: Check,
    bill: TypedBill,
    kind: str,
    period: int | None,
    figures: dict[str, str],
    cause: tuple[str, int | None, int],
) -> None:
    find_line(bill, kind, period).update(figures)
    charge(bill)
    held = check(bill)

    assert found_by(held) == [cause]
    assert held.theirs_cents - held.ours_cents == cause[2]
    assert not held.agrees()
    assert held.agrees(abs(cause[2]))


def test_a_day_too_many_counts_for_power_meter_and_bonus(check: Check, bill: TypedBill) -> None:
    for line in bill["line"]:
        if "days" in line:
            line["days"] = 32
    charge(bill)

    # 11.17 + 0.29 + 0.61 + 0.85 are 0.35 + 0.01 + 0.02 + 0.02 more; 2.84, + 0.02; 12.46, + 0.09
    assert found_by(check(bill)) == [("days", None, 51)]


def test_surplus_that_is_paid_in_part_was_limited(check: Check, bill: TypedBill) -> None:
    find_line(bill, "surplus")["amount_eur"] = "-2.00"
    charge(bill, keep=("surplus",))

    # 1.10; 56.34 x 5.11269632 % = 2.88, + 0.06; 60.05 x 21 % = 12.61, + 0.24
    assert found_by(check(bill)) == [("compensation-limit", None, 140)]


def test_a_discount_that_is_not_in_the_contract(check: Check, bill: TypedBill) -> None:
    bill["line"].insert(7, {"kind": "fixed-discount", "price": "0.10", "days": 31, "per": "day"})
    charge(bill)

    # -3.10; 52.14 x 5.11269632 % = 2.67, - 0.15; 55.64 x 21 % = 11.68, - 0.69
    assert found_by(check(bill)) == [("discount", None, -394)]


def test_tax_on_what_it_is_not_due_on(check: Check, bill: TypedBill) -> None:
    tax = find_line(bill, "electricity-tax")
    tax["base_eur"] = "58.34"  # without taking the compensation off
    tax["amount_eur"] = "2.98"
    charge(bill, keep=("electricity-tax",))

    # 2.98 - 2.82 = 0.16; 59.05 x 21 % = 12.40, + 0.03
    assert found_by(check(bill)) == [("tax-base", None, 19)]


def test_a_line_that_does_not_multiply_out_is_not_explained(check: Check, bill: TypedBill) -> None:
    find_line(bill, "energy", 1)["amount_eur"] = "15.00"
    charge(bill, keep=("energy", "power"))

    # 1.00; 56.24 x 5.11269632 % = 2.88, + 0.06; 59.95 x 21 % = 12.59, + 0.22
    assert found_by(check(bill)) == [("unexplained", None, 128)]


def test_a_total_that_is_not_the_sum_is_a_typing_error(check: Check, bill: TypedBill) -> None:
    bill["total_eur"] = "72.26"
    held = check(bill)

    assert found_by(held) == [("line-sum", None, 100)]
    assert str(held.lines_eur) == "71.26"
    assert held.deviation_cents == 100


def test_a_cent_of_rounding_is_no_fault(check: Check, bill: TypedBill) -> None:
    find_line(bill, "power", 2)["amount_eur"] = "0.29"
    bill["total_eur"] = "71.27"
    held = check(bill)

    # The taxes are still those of 0.28.
    assert held.agrees() is (held.deviation_cents == 0)
    assert sum(share.cents for share in held.causes) == 1


def test_prices_as_they_are_printed_are_the_same(check: Check, bill: TypedBill) -> None:
    # 27.704413 / 365 = 0.0759025, and the tax is printed with four decimals.
    find_line(bill, "power", 1).update({"price": "0.075903", "per": "day"})
    find_line(bill, "electricity-tax")["percent"] = "5.1127"

    assert check(bill).causes == ()


def test_causes_of_several_changes_are_told_apart(check: Check, bill: TypedBill) -> None:
    find_line(bill, "energy", 3)["price"] = "0.12"
    find_line(bill, "surplus")["quantity"] = "50"
    charge(bill)
    held = check(bill)

    assert [name for name, _, _ in found_by(held)] == ["energy-price", "surplus"]
    assert sum(cents for _, _, cents in found_by(held)) == held.theirs_cents - held.ours_cents


def test_energy_in_one_line_is_held_against_all_periods(check: Check, bill: TypedBill) -> None:
    kept = [line for line in bill["line"] if line["kind"] != "energy"]
    kept.insert(2, {"kind": "energy", "quantity": "356.5", "price": "0.14"})
    bill["line"] = kept
    charge(bill)

    # 49.91 instead of 46.65 is 3.26; 2.99, + 0.17; 62.32 x 21 % = 13.09, + 0.72
    assert found_by(check(bill)) == [("energy-price", None, 415)]


def test_lines_may_tell_on_which_side_of_a_change_of_taxes_they_are(
    engine: Engine, homes: StoredCommunity, check: Check
) -> None:
    # March as the golden test charges it: 49.28 EUR until the 21st, 20.30 EUR from the 22nd.
    first = [
        ("power", 7.33, 4.6, 1),
        ("power", 0.19, 4.6, 2),
        ("energy", 10.50, 52.5, 1),
        ("energy", 9.00, 60, 2),
        ("energy", 12.90, 129, 3),
        ("surplus", -2.10, 42, None),
    ]
    second = [
        ("power", 3.49, 4.6, 1),
        ("power", 0.09, 4.6, 2),
        ("energy", 4.90, 24.5, 1),
        ("energy", 4.20, 28, 2),
        ("energy", 6.20, 62, 3),
        ("surplus", -1.00, 20, None),
    ]
    parts = [
        ("2026-03-01", 21, first, "0.40", "1.95", "5.11269632", "0.56", "8.55", "21"),
        ("2026-03-22", 10, second, "0.19", "0.11", None, "0.27", "1.85", "10"),
    ]
    lines = []
    for start, days, figures, bonus, tax, rate, rent, sales, percent in parts:
        for kind, amount, quantity, period in figures:
            line = {"kind": kind, "amount_eur": f"{amount:.2f}", "quantity": str(quantity)}
            lines.append(line | ({"period": period} if period else {}) | {"start": start})
            if kind == "power":
                lines[-1]["days"] = days
        lines.append(
            {"kind": "social-bonus-financing", "amount_eur": bonus, "days": days, "start": start}
        )
        electricity = {"kind": "electricity-tax", "percent": rate}
        if rate is None:
            electricity = {"kind": "least-electricity-tax", "quantity": "0.1145", "price": "1"}
        lines.append({**electricity, "amount_eur": tax, "start": start})
        lines.append({"kind": "meter-rental", "amount_eur": rent, "days": days, "start": start})
        lines.append({"kind": "sales-tax", "amount_eur": sales, "percent": percent, "start": start})
    bill = {
        "cups": homes.points[0].cups,
        "start": "2026-03-01",
        "end": "2026-04-01",
        "total_eur": "69.58",
        "line": lines,
    }

    assert check(bill).causes == ()
    find_line(bill, "sales-tax")["percent"] = "10"
    find_line(bill, "sales-tax")["amount_eur"] = "4.07"  # 40.73 x 10 %
    bill["total_eur"] = "65.10"
    held = check(bill)
    assert found_by(held) == [("sales-tax-rate", None, -448)]
    assert held.check_remarks == ()
    for line in lines:
        del line["start"]
    assert check(bill).check_remarks == (CheckRemark.TAXES_TOGETHER,)


def test_estimates_and_regularisations_are_told(
    engine: Engine, homes: StoredCommunity, check: Check, bill: TypedBill
) -> None:
    bill |= {"readings": "estimated", "regularises_from": "2025-12-01"}
    held = check(bill)

    assert held.check_remarks == (CheckRemark.THEIRS_ESTIMATED, CheckRemark.REGULARISES)
    assert "regularises it" in held.texts[0][1]


def test_another_contract_is_held_against(check: Check, bill: TypedBill) -> None:
    dearer = {**HOME, "energy": {"eur_per_kwh": ["0.20", "0.15", "0.12"]}}

    assert found_by(check(bill, contracts=contracts_of(dearer))) == [("energy-price", 3, -526)]


def test_what_cannot_be_billed_is_told(
    check: Check, bill: TypedBill, homes: StoredCommunity
) -> None:
    with pytest.raises(UnknownCupsError):
        check({**bill, "cups": "ES0021000000000001RK0F"})
    with pytest.raises(MissingMonthsError):
        check({**bill, "start": "2025-01-01", "end": "2025-02-01"})


def test_a_longer_bill_is_held_against_months(check: Check, bill: TypedBill) -> None:
    held = check({**bill, "end": "2026-03-01"})

    assert held.check_remarks == (CheckRemark.SEVERAL_MONTHS,)
    assert sum(share.cents for share in held.causes) == held.theirs_cents - held.ours_cents
