"""The members of a plan as their retailers see them: contracts and law over the planned year."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID, uuid4

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session

from api.services.bills.bill_group import cut_grid, state_supply
from api.services.bills.bill_question import BillQuestion
from api.services.bills.billed_days import BilledDays
from api.services.bills.billed_energy import BilledEnergy
from api.services.bills.billed_point import BilledPoint, PointPreparer
from api.services.bills.folder_prices import FolderPrices
from api.services.bills.market_prices import lay_out_curves
from api.services.bills.price_curves import PriceCurves, read_stored_prices
from api.services.bills.recorded_contracts import Agreed, read_agreed
from api.services.energy.find_shares import CoefficientBasis
from api.services.proposals.retail_question import RetailQuestion
from loaders.records import CommunityYear, MemberRecord
from models.repositories.supply_points import map_supply_points_by_cups
from models.tables import Community, SupplyPoint
from models.values.calendar import Step
from models.values.power import to_watts
from models.values.tariff import Tariff
from planner.billing.retail.billing_grid import BillingGrid
from planner.billing.retail.contract import Supply
from planner.billing.retail.marginal_prices import price_marginal_kwh
from planner.member_prices import MemberPrices

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class RetailSources:
    """What is known of members' contracts beside the request.

    Attributes
    ----------
    prices : PriceCurves
        Hourly prices that contracts may follow.
    points : mapping of str to SupplyPoint
        Supply points that are stored, by CUPS.
    agreed : Agreed
        Contracts that were recorded of them.
    """

    prices: PriceCurves
    points: Mapping[str, SupplyPoint] = field(default_factory=dict)
    agreed: Agreed = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class RetailGroup:
    """Members of one tariff.

    Attributes
    ----------
    rows : ndarray of int
        Who, by their places in the plan.
    points : tuple of BilledPoint
        Contract and law of each.
    grid : BillingGrid
        Bills of the calendar months.
    supplies : tuple of Supply
        As the simulator takes them.
    curves : mapping of str to ndarray of shape (n_steps,)
        Prices that their contracts follow [EUR/kWh].
    """

    rows: NDArray[np.intp]
    points: tuple[BilledPoint, ...]
    grid: BillingGrid
    supplies: tuple[Supply, ...]
    curves: Mapping[str, Values]


@dataclass(frozen=True, slots=True, eq=False)
class RetailYear:
    """Everybody's contract and law over the planned year.

    Attributes
    ----------
    groups : tuple of RetailGroup
        Every member stands in one.
    n_members : int
        How many there are.
    step : Step
        Length of an interval.
    question : RetailQuestion
        What was asked.
    """

    groups: tuple[RetailGroup, ...]
    n_members: int
    step: Step
    question: RetailQuestion

    @property
    def points(self) -> tuple[BilledPoint, ...]:
        """Contract and law of each member, in the order of the plan."""
        by_row = {
            row: point
            for group in self.groups
            for row, point in zip(group.rows.tolist(), group.points, strict=True)
        }
        return tuple(by_row[row] for row in range(self.n_members))

    def price_members(self) -> MemberPrices:
        """Price what a kWh changes on each member's bills, tolls and taxes included."""
        rate_of = np.zeros(self.n_members, dtype=np.intp)
        parts: list[MemberPrices] = []
        for group in self.groups:
            part = price_marginal_kwh(group.grid, group.supplies, group.curves)
            rate_of[group.rows] = part.rate_of + sum(len(each.energy) for each in parts)
            parts.append(part)
        return MemberPrices(
            np.concatenate([part.energy for part in parts]),
            np.concatenate([part.surplus for part in parts]),
            np.concatenate([part.ceiling for part in parts]),
            rate_of,
        )


def find_folder_sources(community: CommunityYear) -> RetailSources:
    """Give what a community's folder knows: its prices.

    Parameters
    ----------
    community : CommunityYear
        The year.

    Returns
    -------
    RetailSources
        No contracts are recorded of it.
    """
    return RetailSources(FolderPrices(community))


def read_retail_sources(
    session: Session, *, community: Community, members: Sequence[MemberRecord], year: int
) -> RetailSources:
    """Read what is stored of members' contracts and of prices in a year.

    Parameters
    ----------
    session : Session
        Open transaction.
    community : Community
        Theirs.
    members : sequence of MemberRecord
        Who is planned.
    year : int
        Local calendar year.

    Returns
    -------
    RetailSources
        Supply points, prices and recorded contracts.
    """
    days = _span_year(year, community.timezone)
    owner = community.promoter_id
    points = map_supply_points_by_cups(
        session, promoter_id=owner, cups=[member.cups for member in members]
    )
    ids = [point.id for point in points.values()]
    return RetailSources(
        prices=read_stored_prices(session, community=community, days=days),
        points=points,
        agreed=read_agreed(session, promoter_id=owner, ids=ids, days=days),
    )


def prepare_retail_year(
    *,
    community: CommunityYear,
    rows: NDArray[np.intp],
    question: RetailQuestion,
    sources: RetailSources,
) -> RetailYear:
    """State contract and law of everybody who shares, over the planned year.

    Parameters
    ----------
    community : CommunityYear
        The planned year, without gaps.
    rows : ndarray of int
        Who shares, by position in the list.
    question : RetailQuestion
        Contracts and law.
    sources : RetailSources
        What is known beside.

    Returns
    -------
    RetailYear
        One bill a calendar month.

    Raises
    ------
    UnknownLawError
        If a table of law does not reach to the year and no other year's law was chosen.
    UnfitContractError, NoExcessPriceError
        If a contract does not fit its supply point.
    MissingPricesError
        If a contract follows prices that are not known.
    """
    days = _span_year(community.year, community.timezone)
    asked = BillQuestion(days.start, days.end, question.contracts, question.choice)
    preparer = PointPreparer(community.zone, days, asked, sources.prices, sources.agreed)
    found: dict[Tariff, list[tuple[int, BilledPoint]]] = defaultdict(list)
    for place, row in enumerate(rows.tolist()):
        member = community.members[row]
        point = sources.points.get(member.cups) or _describe_point(member)
        consumption_kwh = community.consumption_kwh[row]
        # What is allocated is the plan's to choose.
        energy = BilledEnergy(
            community.step, consumption_kwh, consumption_kwh, CoefficientBasis.PROPOSED
        )
        found[member.tariff].append((place, preparer.prepare(point, energy)))
    groups = tuple(_form_group(members, preparer) for members in found.values())
    return RetailYear(groups, rows.size, community.step, question)


def _form_group(members: Sequence[tuple[int, BilledPoint]], preparer: PointPreparer) -> RetailGroup:
    """Lay out the bills of the members of one tariff."""
    places, points = zip(*members, strict=True)
    grid, first = cut_grid(points, preparer), points[0]
    curves = lay_out_curves(
        frozenset().union(*(point.curves for point in points)),
        prices=preparer.prices,
        grid=grid,
        tariff=first.facts.tariff,
        step=first.energy.step,
        choice=preparer.question.choice,
    )
    supplies = tuple(state_supply(point, grid) for point in points)
    return RetailGroup(np.array(places, dtype=np.intp), points, grid, supplies, curves)


def _span_year(year: int, timezone: str) -> BilledDays:
    return BilledDays(date(year, 1, 1), date(year + 1, 1, 1), timezone)


def _describe_point(member: MemberRecord) -> SupplyPoint:
    """Describe a supply point that is in no database."""
    nobody: UUID = uuid4()
    return SupplyPoint(
        promoter_id=nobody,
        member_id=nobody,
        cups=member.cups,
        tariff=member.tariff,
        contracted_power_w=to_watts(member.contracted_kw),
    )
