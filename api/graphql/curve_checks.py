"""Distributors' hourly curves held against ours."""

from collections.abc import Sequence
from datetime import date

import strawberry

from api.graphql.enums import describe
from api.graphql.scalars import Kwh
from api.services.checks.curve_check import CurveCause, CurveCheck, CurvesCheck
from models.values.cups import Cups
from models.values.energy import WH_PER_KWH

describe(
    CurveCause,
    "Why a distributor's curve differs from ours.",
    EQUAL="It does not.",
    ROUNDING="Up to a watt-hour, or a kilowatt-hour in a file of whole ones.",
    BOUNDARY_METER="Its consumption is that of the boundary meter.",
    NOT_SHARED="Nothing was shared.",
    OTHER_AGREEMENT="Its coefficient is that of another agreement.",
    OTHER_COEFFICIENT="Its coefficient is one that no agreement has.",
    SHIFTED="All hours are early or late.",
    CLOCK_CHANGE="Hours are early or late in summer or in winter.",
    GENERATION="The same other generation explains several curves.",
    UNKNOWN="No single cause explains it.",
)


@strawberry.type(description="A supply point's hourly curves held against ours.")
class CurveComparison:
    """Shows totals, and the likeliest cause; nothing but the code where there is none."""

    cups: Cups = strawberry.field(description="Supply point.")
    start: date | None = strawberry.field(description="First local day.")
    end: date | None = strawberry.field(description="The day after the last.")
    hours: int = strawberry.field(description="Hours of these days.")
    missing_hours: int = strawberry.field(description="Hours that the file lacks.")
    differing_hours: int = strawberry.field(description="Hours that differ beyond rounding.")
    our_grid_kwh: Kwh = strawberry.field(description="Ours from the grid [kWh].")
    their_grid_kwh: Kwh = strawberry.field(description="Theirs from the grid [kWh].")
    our_surplus_kwh: Kwh = strawberry.field(description="Our surplus [kWh].")
    their_surplus_kwh: Kwh = strawberry.field(description="Their surplus [kWh].")
    cause: CurveCause | None = strawberry.field(description="Likeliest cause.")
    agreement: str | None = strawberry.field(description="Agreement that gives their curve.")
    coefficient: float | None = strawberry.field(description="Coefficient that gives it.")
    shift_hours: int | None = strawberry.field(description="By how many hours it is late.")
    error: str | None = strawberry.field(description="Why it cannot be compared.")


def show_curves(checks: Sequence[CurvesCheck]) -> list[CurveComparison]:
    """Show everybody of some files, who could not be compared last."""
    shown = [_show(each) for check in checks for each in check.checks]
    return shown + [
        _fail(cups, str(error)) for check in checks for cups, error in check.failed.items()
    ]


def _show(check: CurveCheck) -> CurveComparison:
    return CurveComparison(
        cups=Cups(check.point.cups),
        start=check.start,
        end=check.end,
        hours=check.n_hours,
        missing_hours=check.n_missing,
        differing_hours=check.n_differing,
        our_grid_kwh=Kwh(check.ours.grid_wh / WH_PER_KWH),
        their_grid_kwh=Kwh(check.theirs.grid_wh / WH_PER_KWH),
        our_surplus_kwh=Kwh(check.ours.surplus_wh / WH_PER_KWH),
        their_surplus_kwh=Kwh(check.theirs.surplus_wh / WH_PER_KWH),
        cause=check.finding.cause,
        agreement=check.finding.agreement,
        coefficient=check.finding.coefficient,
        shift_hours=check.finding.shift_hours,
        error=None,
    )


def _fail(cups: str, reason: str) -> CurveComparison:
    nothing = Kwh(0.0)
    return CurveComparison(
        cups=Cups(cups),
        start=None,
        end=None,
        hours=0,
        missing_hours=0,
        differing_hours=0,
        our_grid_kwh=nothing,
        their_grid_kwh=nothing,
        our_surplus_kwh=nothing,
        their_surplus_kwh=nothing,
        cause=None,
        agreement=None,
        coefficient=None,
        shift_hours=None,
        error=reason,
    )
