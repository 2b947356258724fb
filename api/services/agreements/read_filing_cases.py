"""Gather what the rules of filing look at, for any number of agreements at once."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import numpy as np
from sqlmodel import Session

from api.services.agreements.filing_rules.findings import (
    AppliedAgreement,
    FiledAgreement,
    FiledPlant,
    FilingCase,
    Sharer,
)
from models.repositories.agreements import group_coefficients, map_agreements
from models.repositories.applied_coefficients import group_applied
from models.repositories.filings import map_filings_in_flight
from models.repositories.hourly_coefficients import Hours, sum_hourly_coefficients
from models.repositories.installations import map_installations
from models.repositories.memberships import group_open_memberships
from models.repositories.supply_points import map_supply_points
from models.tables import (
    AppliedCoefficient,
    CoefficientMode,
    DistributionAgreement,
    DistributionCoefficient,
    Filing,
    Membership,
    SelfConsumptionInstallation,
    SupplyPoint,
)
from models.values.coefficient import MILLIONTHS
from models.values.period import Period
from planner.places import Place


def read_filing_cases(
    session: Session,
    *,
    promoter_id: UUID,
    agreements: Mapping[UUID, DistributionAgreement],
    filed_on: date,
) -> dict[UUID, FilingCase]:
    """Gather the cases of agreements, in the same few queries however many there are.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    agreements : mapping of UUID to DistributionAgreement
        The tenant's agreements by their ids, in any state.
    filed_on : date
        Local day on which they would be complete and correct at the distributor's.

    Returns
    -------
    dict of UUID to FilingCase
        Everything that the rules look at, by agreement.
    """
    records = _read_records(session, promoter_id, agreements)
    return {
        key: FilingCase(
            filed_on=filed_on,
            plant=records.describe_plant(agreement.installation_id),
            agreement=records.describe_agreement(agreement),
            applied=records.list_applied(agreement),
            in_flight_since=records.find_flight(agreement.installation_id),
        )
        for key, agreement in agreements.items()
    }


@dataclass(frozen=True, slots=True, eq=False)
class _Records:
    """What is stored of some agreements and their plants, by their ids."""

    plants: Mapping[UUID, SelfConsumptionInstallation]
    coefficients: Mapping[UUID, Sequence[DistributionCoefficient]]
    hour_sums: Mapping[UUID, Hours]
    memberships: Mapping[UUID, Sequence[Membership]]
    points: Mapping[UUID, SupplyPoint]
    in_flight: Mapping[UUID, Filing]
    applied: Mapping[UUID, Sequence[AppliedCoefficient]]
    applied_agreements: Mapping[UUID, DistributionAgreement]

    def describe_plant(self, plant_id: UUID) -> FiledPlant:
        plant = self.plants[plant_id]
        return FiledPlant(
            power_w=plant.inverter_power_w,
            modality=plant.modality,
            is_internal=plant.is_internal,
            place=_locate(plant),
            sharers=tuple(
                Sharer(
                    self.points[row.supply_point_id].cups,
                    row.modality,
                    _locate(self.points[row.supply_point_id]),
                )
                for row in self.memberships[plant_id]
            ),
        )

    def describe_agreement(self, agreement: DistributionAgreement) -> FiledAgreement:
        rows = self.coefficients[agreement.id]
        return FiledAgreement(
            state=agreement.state,
            mode=agreement.mode,
            file_year=agreement.file_year,
            cups=frozenset(self.points[row.supply_point_id].cups for row in rows),
            wrong_sums=self.list_wrong_sums(agreement),
        )

    def list_wrong_sums(self, agreement: DistributionAgreement) -> tuple[tuple[int, int], ...]:
        """List the hours whose coefficients do not sum to one; hour 0 stands for constant ones."""
        if agreement.mode is CoefficientMode.CONSTANT:
            total = sum(row.millionths for row in self.coefficients[agreement.id])
            return () if total == MILLIONTHS else ((0, total),)
        sums = self.hour_sums[agreement.id]
        return tuple(
            (int(hour) + 1, int(sums[hour])) for hour in np.flatnonzero(sums != MILLIONTHS)
        )

    def list_applied(self, agreement: DistributionAgreement) -> tuple[AppliedAgreement, ...]:
        """Tell when each agreement of the plant was applied to anybody, by its first day."""
        periods: defaultdict[UUID, list[AppliedCoefficient]] = defaultdict(list)
        for row in self.applied[agreement.installation_id]:
            periods[row.agreement_id].append(row)
        applied = [
            AppliedAgreement(key == agreement.id, self.applied_agreements[key].mode, _join(held))
            for key, held in periods.items()
        ]
        return tuple(sorted(applied, key=lambda each: each.period.start))

    def find_flight(self, plant_id: UUID) -> date | None:
        filing = self.in_flight.get(plant_id)
        return None if filing is None else filing.filed_on


def _read_records(
    session: Session, owner: UUID, agreements: Mapping[UUID, DistributionAgreement]
) -> _Records:
    plants = {agreement.installation_id for agreement in agreements.values()}
    hourly = [key for key, row in agreements.items() if row.mode is CoefficientMode.HOURLY]
    coefficients = group_coefficients(session, promoter_id=owner, agreement_ids=agreements)
    memberships = group_open_memberships(session, promoter_id=owner, installation_ids=plants)
    applied = group_applied(session, promoter_id=owner, installation_ids=plants)
    return _Records(
        plants=map_installations(session, promoter_id=owner, installation_ids=plants),
        coefficients=coefficients,
        hour_sums=sum_hourly_coefficients(session, promoter_id=owner, agreement_ids=hourly),
        memberships=memberships,
        points=map_supply_points(
            session,
            promoter_id=owner,
            supply_point_ids=_list_points(coefficients) | _list_points(memberships),
        ),
        in_flight=map_filings_in_flight(session, promoter_id=owner, installation_ids=plants),
        applied=applied,
        applied_agreements=map_agreements(
            session,
            promoter_id=owner,
            agreement_ids={row.agreement_id for rows in applied.values() for row in rows},
        ),
    )


def _list_points(
    groups: Mapping[UUID, Iterable[DistributionCoefficient | Membership]],
) -> set[UUID]:
    return {row.supply_point_id for rows in groups.values() for row in rows}


def _locate(record: SelfConsumptionInstallation | SupplyPoint) -> Place | None:
    if record.lat is None or record.lon is None:
        return None
    return Place(record.lat, record.lon)


def _join(rows: Sequence[AppliedCoefficient]) -> Period:
    """Span from the first day of several periods to the last."""
    ends = [row.valid_until for row in rows if row.valid_until is not None]
    end = max(ends) if len(ends) == len(rows) else None
    return Period(min(row.valid_from for row in rows), end)
