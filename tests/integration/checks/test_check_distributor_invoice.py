"""A distributor's invoice with one thing changed: that is what differs."""

from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from api.services.checks.check_distributor_invoice import check_distributor_invoices
from api.services.checks.invoice_check import InvoiceCheck, InvoiceRemark
from models.session import read_session
from tests.support.access_invoices import write_invoice
from tests.support.agreements import shared
from tests.support.databases import on_sqlite
from tests.support.stored_bills import homes
from tests.support.stored_records import StoredCommunity

__all__ = ["homes", "shared"]

pytestmark = on_sqlite

Check = Callable[..., InvoiceCheck]


@pytest.fixture
def check(engine: Engine, homes: StoredCommunity) -> Check:
    """Hold the invoice of the first home, with some figures changed, against ours."""

    def hold(**changed: str) -> InvoiceCheck:
        changed.setdefault("cups", homes.points[0].cups)
        changed.setdefault("cau", homes.installation.cau)
        owner = homes.community.promoter_id
        with read_session(engine) as session:
            return check_distributor_invoices(
                session, promoter_id=owner, content=write_invoice(**changed)
            )[0]

    return hold


def found_by(check: InvoiceCheck) -> list[tuple[str, int | None, str, str, str | None]]:
    return [
        (str(each.cause), each.tariff_period, each.ours, each.theirs, each.eur and str(each.eur))
        for each in check.differences
    ]


def test_a_right_invoice_has_no_differences(check: Check) -> None:
    held = check()

    assert found_by(held) == []
    assert held.agrees()
    assert held.remarks == (InvoiceRemark.SHARES_UNSURE,)


@pytest.mark.parametrize(
    ("changed", "differences"),
    [
        # 10 kWh at 0.016409; the sum of the rows passes the printed one by as much.
        (
            {"energies": ("70", "90", "206.5")},
            [
                ("energy", 2, "80.000", "90", "0.16"),
                ("energy-sum", None, "3.82", "3.66", "-0.16"),
            ],
        ),
        (
            {"toll": "0.030261"},
            [
                ("energy-price", 1, "0.033261", "0.030261", "-0.21"),
                ("energy-sum", None, "3.45", "3.66", "0.21"),
            ],
        ),
        ({"days": "30"}, [("days", None, "31", "30", None)]),
        ({"surplus": "50"}, [("surplus", None, "62.000", "50", None)]),
        ({"beta": "0.900000"}, [("coefficient", None, "1", "0.900000", None)]),
        ({"total": "21.09"}, [("total", None, "20.09", "21.09", "1.00")]),
        (
            {"vat_base": "17.60"},
            [
                ("tax-base", None, "16.60", "17.60", "1.00"),
                ("tax", None, "3.70", "3.49", "-0.21"),
            ],
        ),
        (
            {"power_total": "10.29"},
            [
                ("power-sum", None, "9.29", "10.29", "1.00"),
                ("tax-base", None, "17.60", "16.60", "-1.00"),
                ("total", None, "21.09", "20.09", "-1.00"),
            ],
        ),
    ],
)
def test_what_is_changed_is_what_differs(
    check: Check, changed: dict[str, str], differences: list[tuple]
) -> None:
    held = check(**changed)

    assert found_by(held) == differences
    assert not held.agrees()


def test_another_tariff_power_and_plant_are_told(check: Check, homes: StoredCommunity) -> None:
    other = "ES0031300000000999JN0FA001"

    assert found_by(check(cau=other))[0] == ("cau", None, homes.installation.cau, other, None)
    assert [name for name, *_ in found_by(check(contracted="5750"))][:2] == ["contracted-power"] * 2
    held = check(tariff="001")
    assert found_by(held)[0] == ("tariff", None, "2.0TD", "001", None)
    assert InvoiceRemark.LAW_UNKNOWN in held.remarks


def test_estimates_and_rectifications_are_told(check: Check) -> None:
    assert InvoiceRemark.ESTIMATED in check(source="40").remarks
    assert InvoiceRemark.RECTIFIES in check(kind="R").remarks


def test_a_stranger_has_its_arithmetic_checked(check: Check) -> None:
    held = check(cups="ES0021000000000001RK0F")

    assert InvoiceRemark.POINT_UNKNOWN in held.remarks
    assert held.agrees()


def test_tolerances_are_of_euros(check: Check) -> None:
    held = check(total="20.39")

    assert not held.agrees()
    assert held.agrees(tolerance_eur=held.differences[0].eur)
