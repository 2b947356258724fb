"""Bill supply points of one tariff in one go."""

from collections.abc import Sequence
from uuid import UUID

import numpy as np

from api.services.bills.billed_point import BilledPoint, PointPreparer
from api.services.bills.market_prices import lay_out_curves
from api.services.bills.metered_demand import measure_demand
from api.services.bills.simulated_bills import BillSheet, SimulatedBills
from models.regulation.tariff_periods import count_periods
from models.values.errors import CommunityError
from planner.billing.retail.billing_grid import BillingGrid, cut_bills
from planner.billing.retail.bills import bill_supplies
from planner.billing.retail.contract import Supply
from planner.billing.retail.difference import explain_difference
from planner.billing.retail.energy_sums import EnergySums, sum_metered_energy


def bill_group(
    group: Sequence[BilledPoint], preparer: PointPreparer
) -> dict[UUID, SimulatedBills | CommunityError]:
    """Bill supply points of one tariff and one step of readings.

    Parameters
    ----------
    group : sequence of BilledPoint
        At least one.
    preparer : PointPreparer
        What they were prepared with: days, prices, law.

    Returns
    -------
    dict of UUID to SimulatedBills or CommunityError
        By supply point. Where the bills of all together cannot be made, each is made alone, so
        that what is wrong with one does not keep the others from theirs.
    """
    try:
        sheet = _bill(group, preparer)
    except CommunityError as error:
        if len(group) == 1:
            return {group[0].point.id: error}
        alone = [bill_group([each], preparer) for each in group]
        return {key: bills for found in alone for key, bills in found.items()}
    return {
        each.point.id: SimulatedBills(
            point=each.point,
            contract=each.contract,
            basis=each.energy.basis,
            figures=each.terms.figures,
            remarks=each.remarks,
            sheet=sheet,
            row=row,
        )
        for row, each in enumerate(group)
    }


def _bill(group: Sequence[BilledPoint], preparer: PointPreparer) -> BillSheet:
    grid = cut_grid(group, preparer)
    sums = sum_energy(group, grid, preparer)
    supplies = [state_supply(each, grid) for each in group]
    consumption_kwh = np.stack([each.energy.consumption_kwh for each in group])
    contracted_kw = [each.facts.contracted_kw for each in group]
    demand = measure_demand(grid, consumption_kwh, group[0].energy.step, contracted_kw)
    without = bill_supplies(grid, supplies, sums.without_sharing(), demand)
    sharing = bill_supplies(grid, supplies, sums.with_sharing(), demand)
    return BillSheet(without, sharing, explain_difference(without, sharing), sums)


def cut_grid(group: Sequence[BilledPoint], preparer: PointPreparer) -> BillingGrid:
    """Cut the billed days at every change of anybody's terms.

    Parameters
    ----------
    group : sequence of BilledPoint
        Of one tariff and step.
    preparer : PointPreparer
        Days and zone.

    Returns
    -------
    BillingGrid
        Bills and their segments.
    """
    days, first = preparer.days, group[0]
    step, tariff = first.energy.step, first.facts.tariff
    terms = {id(each.terms): each.terms for each in group}
    return cut_bills(
        days.starts(step),
        days.timezone,
        days.tariff_periods(preparer.zone, tariff, step),
        count_periods(tariff),
        days.bill_days,
        {segment.start for each in terms.values() for segment in each.segments},
    )


def sum_energy(
    group: Sequence[BilledPoint], grid: BillingGrid, preparer: PointPreparer
) -> EnergySums:
    """Sum the energy of supply points by segment, tariff period and price curve.

    Parameters
    ----------
    group : sequence of BilledPoint
        Of one tariff and step.
    grid : BillingGrid
        Segments.
    preparer : PointPreparer
        Prices and law.

    Returns
    -------
    EnergySums
        Rows in the order of the group.
    """
    first = group[0]
    curves = lay_out_curves(
        frozenset().union(*(each.curves for each in group)),
        prices=preparer.prices,
        grid=grid,
        tariff=first.facts.tariff,
        step=first.energy.step,
        choice=preparer.question.choice,
    )
    consumption_kwh = np.stack([each.energy.consumption_kwh for each in group])
    allocated_kwh = np.stack([each.energy.allocated_kwh for each in group])
    used_kwh = np.minimum(consumption_kwh, allocated_kwh)
    return sum_metered_energy(grid, consumption_kwh, used_kwh, allocated_kwh, curves)


def state_supply(each: BilledPoint, grid: BillingGrid) -> Supply:
    """State what holds for a supply point in every segment.

    Parameters
    ----------
    each : BilledPoint
        The supply point.
    grid : BillingGrid
        Segments.

    Returns
    -------
    Supply
        As the simulator takes it.
    """
    terms = [each.terms.on(segment.start) for segment in grid.segments]
    return Supply(
        contracts=tuple(held.contract for held in terms),
        regulated=tuple(held.regulated for held in terms),
        contracted_power_kw=((each.facts.contracted_kw,),),
    )
