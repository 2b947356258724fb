"""Assemble a stored community's year as the planner and the writers take it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session

from api.services.communities.find_community import require_community
from loaders.records import CommunityYear, Energy, InstallationRecord, MemberRecord, MemberRole
from models.repositories.agreements import group_coefficients, map_published_agreements
from models.repositories.installations import group_installations
from models.repositories.members import map_members
from models.repositories.memberships import group_open_memberships
from models.repositories.packed_months import NANO_PER_EUR
from models.repositories.prices import load_price_year
from models.repositories.readings import (
    EnergyYear,
    MissingMonthsError,
    MixedStepsError,
    WantedYear,
    count_meters,
    load_energy_year,
    month_instants,
)
from models.repositories.reserve_pool import list_reserve_applications
from models.repositories.supply_points import map_supply_points
from models.tables import (
    ApplicationState,
    Channel,
    Community,
    Member,
    Membership,
    PriceKind,
    ReserveApplication,
    SelfConsumptionInstallation,
    SupplyPoint,
)
from models.values.calendar import local_day
from models.values.cau import Cau
from models.values.coefficient import MILLIONTHS
from models.values.cups import Cups
from models.values.energy import WH_PER_KWH, to_kwh
from models.values.errors import NotFoundError
from models.values.metering import Quality
from models.values.money import from_cents
from models.values.power import to_kw


class MissingYearError(NotFoundError):
    """Nothing is stored of a year, of any meter.

    Attributes
    ----------
    year : int
        The local year that was asked for.
    stored_years : tuple of int
        Those that are stored whole.
    """

    def __init__(self, year: int, stored: Sequence[int]) -> None:
        years = f"stored years: {', '.join(map(str, stored))}" if stored else "no year is whole"
        super().__init__(f"no readings of {year} are stored; {years}")
        self.year = year
        self.stored_years = tuple(stored)


def load_community_year(
    session: Session,
    *,
    promoter_id: UUID,
    community_id: UUID,
    year: int,
    accepts_gaps: bool = False,
) -> CommunityYear:
    """Assemble a community's local year from its newest readings and prices.

    Those who share and those who wait today are in it, in the order of the list, whatever the
    year: it is with them that a plan is made.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    community_id : UUID
        The community.
    year : int
        Local calendar year.
    accepts_gaps : bool
        Whether supply points may lack months of readings, or have none; these become NaN.

    Returns
    -------
    CommunityYear
        As a reader would deliver it, energy in whole watt-hours.

    Raises
    ------
    UnknownCommunityError
        If the promoter has no such community.
    MissingYearError
        If no meter has any readings of that year.
    MissingMonthsError
        If a meter has no readings in a month of that year; with gaps accepted, if that is a plant's
        or no supply point has readings in any month.
    MissingPricesError
        If some months of that year have prices and others have none.
    MixedStepsError
        If the year is stored partly by the hour and partly by the quarter of an hour.
    DamagedMonthError
        If a stored month differs from its check value.
    """
    community = require_community(session, promoter_id=promoter_id, community_id=community_id)
    roster = _read_roster(session, community)
    consumption, generation = _load_meters(
        session, community, roster, year, accepts_gaps=accepts_gaps
    )
    if generation.step is not consumption.step:
        raise MixedStepsError(Channel.GENERATION, year)
    prices = load_price_year(
        session,
        promoter_id=promoter_id,
        community_id=community_id,
        year=year,
        timezone=community.timezone,
        step=generation.step,
    )
    energy_eur, surplus_eur = _price_year(prices)
    return CommunityYear(
        community_id=community.code,
        name=community.name,
        timezone=community.timezone,
        zone=community.zone,
        year=year,
        step=generation.step,
        installations=tuple(map(_installation_record, roster.installations)),
        members=tuple(line.record for line in roster.lines),
        consumption_kwh=_with_gaps(consumption),
        generation_kwh=to_kwh(generation.energy_wh),
        energy_eur_per_kwh=energy_eur,
        surplus_eur_per_kwh=surplus_eur,
    )


def stored_years(session: Session, *, promoter_id: UUID, community_id: UUID) -> list[int]:
    """List the years of which a community's readings are complete.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    community_id : UUID
        The community.

    Returns
    -------
    list of int
        Local years in which every supply point of today's list and every installation has
        readings in all twelve months, rising.

    Raises
    ------
    UnknownCommunityError
        If the promoter has no such community.
    """
    community = require_community(session, promoter_id=promoter_id, community_id=community_id)
    return _list_years(
        community, _count_meters(session, community, _read_roster(session, community))
    )


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of the members' list as it would be read from a folder."""

    position: int
    supply_point_id: UUID
    record: MemberRecord


@dataclass(frozen=True, slots=True)
class _Roster:
    """A community's installations and today's list."""

    installations: list[SelfConsumptionInstallation]
    lines: list[_Line]

    def meters(self) -> dict[Channel, dict[UUID, str]]:
        """Name every meter, in the order of its list."""
        return {
            Channel.CONSUMPTION: {line.supply_point_id: line.record.cups for line in self.lines},
            Channel.GENERATION: {plant.id: plant.cau for plant in self.installations},
        }


def _load_meters(
    session: Session, community: Community, roster: _Roster, year: int, *, accepts_gaps: bool
) -> tuple[EnergyYear, EnergyYear]:
    """Load consumption and generation; when there is nothing at all, say which years there are."""
    try:
        consumption, generation = (
            load_energy_year(
                session,
                WantedYear(channel, meters, year, community.timezone),
                promoter_id=community.promoter_id,
                accepts_gaps=accepts_gaps and channel is Channel.CONSUMPTION,
            )
            for channel, meters in roster.meters().items()
        )
    except MissingMonthsError as error:
        counts = _count_meters(session, community, roster)
        months = month_instants(year, community.timezone)[:-1]
        if any(month in stored for stored, _ in counts for month in months):
            raise
        raise MissingYearError(year, _list_years(community, counts)) from error
    return consumption, generation


def _count_meters(
    session: Session, community: Community, roster: _Roster
) -> list[tuple[dict[datetime, int], int]]:
    """Count the meters of each channel that have readings of a month, and all of them."""
    return [
        (
            count_meters(
                session,
                promoter_id=community.promoter_id,
                channel=channel,
                meter_ids=meters,
            ),
            len(meters),
        )
        for channel, meters in roster.meters().items()
    ]


def _list_years(
    community: Community, counts: Sequence[tuple[dict[datetime, int], int]]
) -> list[int]:
    """List the local years in all of whose months every meter has readings."""
    whole = [
        {starts_at for starts_at, count in stored.items() if count == n_meters}
        for stored, n_meters in counts
    ]
    found = set.intersection(*whole)
    years = {local_day(starts_at, community.timezone).year for starts_at in found}
    return sorted(
        year for year in years if found.issuperset(month_instants(year, community.timezone)[:-1])
    )


def _read_roster(session: Session, community: Community) -> _Roster:
    owner = community.promoter_id
    plants = group_installations(session, promoter_id=owner, community_ids=[community.id])
    installations = plants[community.id]
    plant_ids = [plant.id for plant in installations]
    open_ones = group_open_memberships(session, promoter_id=owner, installation_ids=plant_ids)
    applications = list_reserve_applications(session, promoter_id=owner, community_id=community.id)
    listed: dict[UUID, Membership | ReserveApplication] = {
        row.supply_point_id: row for row in applications if row.state is ApplicationState.WAITING
    }
    listed |= {row.supply_point_id: row for rows in open_ones.values() for row in rows}
    points = map_supply_points(session, promoter_id=owner, supply_point_ids=listed)
    people = map_members(
        session, promoter_id=owner, member_ids={point.member_id for point in points.values()}
    )
    betas = _read_betas(session, owner, plant_ids)
    caus = _name_caus(installations, open_ones)
    lines = [
        _Line(
            row.position,
            point_id,
            replace(
                _member_record(people[points[point_id].member_id], points[point_id], row, betas),
                caus=caus.get(point_id, ()),
            ),
        )
        for point_id, row in listed.items()
    ]
    return _Roster(installations, sorted(lines, key=attrgetter("position", "record.cups")))


def _name_caus(
    installations: Sequence[SelfConsumptionInstallation],
    memberships: Mapping[UUID, Sequence[Membership]],
) -> dict[UUID, tuple[Cau, ...]]:
    """Name the installations of those who share in some, not in all."""
    caus: dict[UUID, tuple[Cau, ...]] = {}
    for plant in installations:
        for row in memberships[plant.id]:
            caus[row.supply_point_id] = (*caus.get(row.supply_point_id, ()), Cau(plant.cau))
    return {key: some for key, some in caus.items() if len(some) < len(installations)}


def _read_betas(session: Session, owner: UUID, plant_ids: Sequence[UUID]) -> dict[UUID, float]:
    """Read the coefficients in force; with several installations no single one describes a line."""
    if len(plant_ids) != 1:
        return {}
    published = map_published_agreements(session, promoter_id=owner, installation_ids=plant_ids)
    groups = group_coefficients(
        session, promoter_id=owner, agreement_ids=[row.id for row in published.values()]
    )
    return {
        row.supply_point_id: row.millionths / MILLIONTHS for rows in groups.values() for row in rows
    }


def _member_record(
    member: Member,
    point: SupplyPoint,
    row: Membership | ReserveApplication,
    betas: Mapping[UUID, float],
) -> MemberRecord:
    is_member = isinstance(row, Membership)
    cents, declared_wh = row.investment_cents, point.yearly_consumption_wh
    return MemberRecord(
        member_id=member.code,
        role=MemberRole.MEMBER if is_member else MemberRole.RESERVE,
        cups=Cups(point.cups),
        tariff=point.tariff,
        contracted_kw=to_kw(point.contracted_power_w),
        kind=member.kind,
        current_beta=betas.get(point.id) if is_member else None,
        investment_eur=None if cents is None else float(from_cents(cents)),
        lat=point.lat,
        lon=point.lon,
        joined_on=row.valid_from if isinstance(row, Membership) else row.applied_on,
        yearly_kwh=None if declared_wh is None else declared_wh / WH_PER_KWH,
    )


def _installation_record(plant: SelfConsumptionInstallation) -> InstallationRecord:
    return InstallationRecord(Cau(plant.cau), to_kw(plant.inverter_power_w), plant.lat, plant.lon)


def _with_gaps(consumption: EnergyYear) -> Energy:
    """Express energy in kWh, NaN where nothing is stored."""
    energy_kwh = to_kwh(consumption.energy_wh)
    energy_kwh[consumption.quality == Quality.MISSING] = np.nan
    return energy_kwh


def _price_year(
    prices: Mapping[PriceKind, NDArray[np.int64]],
) -> tuple[Energy | None, Energy | None]:
    """Express prices in EUR; where none is stored, surplus earns nothing, as in a folder."""
    energy = prices.get(PriceKind.ENERGY)
    if energy is None:
        return None, None
    surplus = prices.get(PriceKind.SURPLUS, np.zeros_like(energy))
    return energy / NANO_PER_EUR, surplus / NANO_PER_EUR
