"""Two bills compared, and the discount for a late activation."""

from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from models.values.errors import InvalidArgumentError
from planner.billing.retail.bill_lines import LineKind
from planner.billing.retail.bills import bill_supplies
from planner.billing.retail.difference import (
    KINDS_OF_CAUSE,
    Cause,
    UnlikeBillsError,
    explain_difference,
)
from planner.billing.retail.energy_sums import sum_shared_energy
from planner.billing.retail.late_activation import discount_late_activation
from tests.support.retail_bills import make_grid, supply_home

GRID = make_grid([date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 3)])


def test_every_kind_of_line_has_one_cause() -> None:
    kinds = [kind for kinds in KINDS_OF_CAUSE.values() for kind in kinds]

    assert KINDS_OF_CAUSE.keys() == set(Cause)
    assert sorted(kinds) == sorted(LineKind)


def test_bills_of_other_days_are_not_compared() -> None:
    other = make_grid([date(2026, 1, 2), date(2026, 1, 3), date(2026, 1, 4)])
    steps = np.zeros((1, 48))
    bills = [
        bill_supplies(
            grid,
            [supply_home()] * n_rows,
            sum_shared_energy(
                grid, np.ones(n_rows), steps[0], np.zeros((n_rows, 48)), {}
            ).with_sharing(),
        )
        for grid, n_rows in ((GRID, 1), (other, 1), (GRID, 2))
    ]
    for wrong in bills[1:]:
        with pytest.raises(UnlikeBillsError, match="of different days"):
            explain_difference(bills[0], wrong)


def test_a_late_activation_is_discounted_by_profile_and_price() -> None:
    # 2 kW x 1,200 h = 2,400 kWh a year; a quarter of them in each interval, the last two late.
    profile, prices = np.full(4, 0.25), np.array([0.1, 0.1, 0.05, -0.01])
    late = np.array([False, False, True, True])
    plant = Decimal(2), Decimal(1200), profile

    assert discount_late_activation(*plant, prices, late, Decimal(30)) == Decimal("24.00")
    assert discount_late_activation(*plant, prices, late, Decimal("9.5")) == Decimal("9.50")
    assert discount_late_activation(*plant, -prices, late, Decimal(30)) == Decimal("0.00")
    assert discount_late_activation(*plant, prices, late, Decimal(-1)) == Decimal("0.00")


@pytest.mark.parametrize(
    ("share", "profile", "late"),
    [
        (Decimal(-1), np.ones(2), np.ones(2, bool)),
        (Decimal(1), -np.ones(2), np.ones(2, bool)),
        (Decimal(1), np.full(2, np.nan), np.ones(2, bool)),
        (Decimal(1), np.ones(3), np.ones(2, bool)),
    ],
)
def test_a_late_activation_needs_sound_numbers(
    share: Decimal, profile: np.ndarray, late: np.ndarray
) -> None:
    with pytest.raises(InvalidArgumentError):
        discount_late_activation(share, Decimal(1200), profile, np.ones(2), late, Decimal(9))
