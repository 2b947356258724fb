"""Why two bills of the same days differ: the causes, which sum to the difference exactly."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from models.values.errors import InvalidArgumentError
from planner.billing.retail.bill_lines import ELECTRICITY_TAXES, SALES_TAXES, LineKind
from planner.billing.retail.bills import Bills
from planner.billing.retail.exact_cents import Whole


class Cause(StrEnum):
    """What makes one bill smaller than another."""

    GRID_ENERGY = "grid-energy"
    COMPENSATION = "compensation"
    POWER = "power"
    SOCIAL_BONUS = "social-bonus"
    FEES_AND_DISCOUNTS = "fees-and-discounts"
    ELECTRICITY_TAX = "electricity-tax"
    SALES_TAX = "sales-tax"


KINDS_OF_CAUSE: Mapping[Cause, tuple[LineKind, ...]] = MappingProxyType(
    {
        Cause.GRID_ENERGY: (
            LineKind.ENERGY,
            LineKind.INDEXED_ENERGY,
            LineKind.ENERGY_TOLLS,
            LineKind.ENERGY_DISCOUNT,
            LineKind.REACTIVE_ENERGY,
        ),
        Cause.COMPENSATION: (
            LineKind.SURPLUS,
            LineKind.INDEXED_SURPLUS,
            LineKind.COMPENSATION_LIMIT,
        ),
        Cause.POWER: (
            LineKind.POWER,
            LineKind.POWER_TOLLS,
            LineKind.POWER_DISCOUNT,
            LineKind.EXCESS_BY_MAXIMETER,
            LineKind.EXCESS_BY_QUARTER_HOURS,
        ),
        Cause.SOCIAL_BONUS: (LineKind.SOCIAL_BONUS_DISCOUNT, LineKind.SOCIAL_BONUS_FINANCING),
        Cause.FEES_AND_DISCOUNTS: (
            LineKind.FIXED_DISCOUNT,
            LineKind.METER_RENTAL,
            LineKind.SERVICES,
        ),
        Cause.ELECTRICITY_TAX: ELECTRICITY_TAXES,
        Cause.SALES_TAX: SALES_TAXES,
    }
)
"""Every kind of line under one cause."""


class UnlikeBillsError(InvalidArgumentError):
    """Two sets of bills are not of the same rows and days."""


@dataclass(frozen=True, slots=True, eq=False)
class Difference:
    """What the second bills save against the first.

    Attributes
    ----------
    cents : ndarray of int64, shape (n_rows, n_bills)
        First less second [cents]; below zero where the second cost more.
    by_cause : mapping of Cause to ndarray of int64, shape (n_rows, n_bills)
        Its parts [cents].
    """

    cents: Whole
    by_cause: Mapping[Cause, Whole]


def explain_difference(without: Bills, sharing: Bills) -> Difference:
    """Tell what sharing saves on each bill, and why.

    Parameters
    ----------
    without, sharing : Bills
        Of the same rows and days; any two scenarios will do.

    Returns
    -------
    Difference
        Savings by cause. Taxes saved on all the other causes are causes of their own.

    Raises
    ------
    UnlikeBillsError
        If the bills are not of the same rows and days.
    """
    cents, after = without.total_cents(), sharing.total_cents()
    if cents.shape != after.shape or _days(without) != _days(sharing):
        raise UnlikeBillsError(f"bills of {cents.shape} and {after.shape} are of different days")
    return Difference(
        cents=cents - after,
        by_cause={
            cause: without.cents_of(*kinds) - sharing.cents_of(*kinds)
            for cause, kinds in KINDS_OF_CAUSE.items()
        },
    )


def _days(bills: Bills) -> list[object]:
    starts = [bills.grid.segments[start].start for start in bills.grid.bill_starts.tolist()]
    return [*starts, bills.grid.segments[-1].end]
