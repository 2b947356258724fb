"""Read what a community shared month by month, told to its members without telling of anybody."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import chain
from uuid import UUID

from sqlmodel import Session

from api.services.energy.find_shares import find_shares
from api.services.energy.list_allocations import MonthHead, list_allocations
from models.repositories.allocations import group_allocated_energy
from models.repositories.installations import group_installations
from models.repositories.supply_points import map_supply_points
from models.tables import AllocatedEnergy, MonthAllocation, SelfConsumptionInstallation
from models.values.coefficient import MILLIONTHS
from models.values.period import Period, add_months
from planner.dated_shares import Share


class Withheld(StrEnum):
    """Why a sum is not told."""

    TOO_FEW_MEMBERS = "too few members"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class SharedEnergy:
    """What some supply points got of a month.

    Attributes
    ----------
    self_consumed_micro_wh : int
        Lesser of allocated energy and consumption, interval by interval [1e-6 Wh].
    surplus_micro_wh : int
        The rest of what was allocated [1e-6 Wh].
    """

    self_consumed_micro_wh: int
    surplus_micro_wh: int


@dataclass(frozen=True, slots=True)
class CommunityShare:
    """What all together got of a month.

    Attributes
    ----------
    n_supply_points, n_members : int
        How many supply points had a coefficient, and how many members were allocated anything.
    generation_wh : int
        Net generation of the plants whose month was shared out [Wh].
    energy : SharedEnergy
        What they all got.
    """

    n_supply_points: int
    n_members: int
    generation_wh: int
    energy: SharedEnergy

    @property
    def mean(self) -> SharedEnergy:
        """What a supply point got on average, cut to whole millionths of a watt-hour."""
        return SharedEnergy(
            self.energy.self_consumed_micro_wh // self.n_supply_points,
            self.energy.surplus_micro_wh // self.n_supply_points,
        )


@dataclass(frozen=True, slots=True)
class SharedMonth:
    """One local month of the plants of a community that shared it out.

    Attributes
    ----------
    month : date
        Its first local day.
    together : CommunityShare or None
        What all got; None where it is withheld.
    withheld : Withheld or None
        Why it is.
    own : SharedEnergy or None
        What those got who ask; None where they did not share.
    """

    month: date
    together: CommunityShare | None
    withheld: Withheld | None
    own: SharedEnergy | None


def map_shared_months(
    session: Session,
    *,
    promoter_id: UUID,
    community_ids: Collection[UUID],
    year: int,
    asking: Collection[UUID],
    fewest: int,
) -> dict[UUID, list[SharedMonth]]:
    """Sum up what communities shared in each month of a year, where enough members did.

    Parameters
    ----------
    session : Session
        Open transaction, which reaches the whole communities.
    promoter_id : UUID
        The tenant.
    community_ids : collection of UUID
        The communities.
    year : int
        Local calendar year, 2000 to 2099.
    asking : collection of UUID
        The members who ask, if it is some.
    fewest : int
        Of how many members a sum is told.

    Returns
    -------
    dict of UUID to list of SharedMonth
        By month, those that were shared out; possibly none.

    Raises
    ------
    AllocatedYearError
        If no meter can have recorded the year.
    """
    plants = group_installations(session, promoter_id=promoter_id, community_ids=community_ids)
    keys = [plant.id for listed in plants.values() for plant in listed]
    heads = list_allocations(session, promoter_id=promoter_id, installation_ids=keys, year=year)
    parts = group_allocated_energy(
        session,
        promoter_id=promoter_id,
        allocation_ids=[head.allocation.id for listed in heads.values() for head in listed],
    )
    months = {key: _group_months(heads, [each.id for each in plants[key]]) for key in plants}
    lacking = _find_lacking(session, promoter_id, year, plants, months)
    points = map_supply_points(
        session,
        promoter_id=promoter_id,
        supply_point_ids={part.supply_point_id for rows in parts.values() for part in rows}.union(
            *lacking.values()
        ),
    )
    owners = {key: point.member_id for key, point in points.items()}
    return {
        key: [
            _sum_month(month, held[month], parts, owners, asking, fewest, lacking[key, month])
            for month in sorted(held)
        ]
        for key, held in months.items()
    }


def _group_months(
    heads: Mapping[UUID, Collection[MonthHead]], plant_ids: Collection[UUID]
) -> dict[date, list[MonthHead]]:
    """Put what plants shared out in the same month together."""
    months: defaultdict[date, list[MonthHead]] = defaultdict(list)
    for head in chain.from_iterable(heads[key] for key in plant_ids):
        months[head.month].append(head)
    return months


def _find_lacking(
    session: Session,
    promoter_id: UUID,
    year: int,
    plants: Mapping[UUID, Collection[SelfConsumptionInstallation]],
    months: Mapping[UUID, Mapping[date, Collection[MonthHead]]],
) -> dict[tuple[UUID, date], set[UUID]]:
    """Find who has a coefficient in a plant of which a community's month was not shared out."""
    lacking = {
        (key, month): {each.id for each in plants[key]}
        - {head.allocation.installation_id for head in heads}
        for key, held in months.items()
        for month, heads in held.items()
    }
    keys = set().union(*lacking.values())
    within = Period(date(year, 1, 1), date(year + 1, 1, 1))
    shares = (
        find_shares(session, promoter_id=promoter_id, installation_ids=keys, within=within)
        if keys
        else {}
    )
    return {
        (key, month): {
            point_id
            for plant_id in missing & shares.keys()
            for point_id, held in shares[plant_id].shares.items()
            if any(_holds(share, month) for share in held)
        }
        for (key, month), missing in lacking.items()
    }


def _holds(share: Share, month: date) -> bool:
    within = Period(month, add_months(month, 1))
    return share.millionths > 0 and share.holds_within(within)


def _sum_month(
    month: date,
    heads: Collection[MonthHead],
    parts: Mapping[UUID, list[AllocatedEnergy]],
    owners: Mapping[UUID, UUID],
    asking: Collection[UUID],
    fewest: int,
    lacking: Collection[UUID],
) -> SharedMonth:
    """Sum up one month over all plants that shared it out.

    Sums that count the others too, such as benefits, tell less these what those got who lack.
    """
    shared = [part for head in heads for part in parts[head.allocation.id]]
    own = [part for part in shared if owners[part.supply_point_id] in asking]
    sharing = {owners[part.supply_point_id] for part in shared if part.allocated_micro_wh}
    together = CommunityShare(
        n_supply_points=len({part.supply_point_id for part in shared}),
        n_members=len(sharing),
        generation_wh=sum(head.allocation.generation_wh for head in heads),
        energy=_sum_energy(shared),
    )
    n_lacking = _count_told({owners[point_id] for point_id in lacking}, asking)
    withheld = None
    if any(_is_lacking(head.allocation, parts[head.allocation.id]) for head in heads):
        withheld = Withheld.ERASED
    elif _count_told(sharing, asking) < fewest or 0 < n_lacking < fewest:
        withheld = Withheld.TOO_FEW_MEMBERS
    return SharedMonth(
        month=month,
        together=together if withheld is None else None,
        withheld=withheld,
        own=_sum_energy(own) if own else None,
    )


def _count_told(members: set[UUID], asking: Collection[UUID]) -> int:
    """Count members of whom a sum tells; those who ask know their own, and are one with it."""
    others = members.difference(asking)
    return len(others) + (len(others) < len(members))


def _is_lacking(allocation: MonthAllocation, parts: Collection[AllocatedEnergy]) -> bool:
    """Tell whether parts went with a person: what is left is less than what was given."""
    given = sum(part.allocated_micro_wh for part in parts)
    return given + allocation.unallocated_micro_wh != allocation.generation_wh * MILLIONTHS


def _sum_energy(parts: Collection[AllocatedEnergy]) -> SharedEnergy:
    used = sum(part.self_consumed_micro_wh for part in parts)
    return SharedEnergy(used, sum(part.allocated_micro_wh for part in parts) - used)
