"""What ours is made from, hour by hour: consumption, shares and generation of supply points."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session

from api.services.bills.billed_days import BilledDays
from api.services.bills.billed_energy import BilledEnergy, read_billed_energy
from api.services.bills.meter_spans import MeterSpan, read_meter_spans
from api.services.energy.find_shares import CoefficientBasis
from models.repositories.agreements import list_agreements
from models.repositories.installations import group_installations
from models.tables import Community, SupplyPoint
from models.values.calendar import Instants, Step, local_times, year_steps
from models.values.energy import WH_PER_KWH
from models.values.errors import CommunityError
from models.values.metering import Channel
from planner.metering.curve_causes import OwnCurve

_MOST_AGREEMENTS = 20

WattHours = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class OwnCurves:
    """Our curves of one community's supply points.

    Attributes
    ----------
    starts : ndarray of datetime64[s], shape (n_hours,)
        Starts of the hours in UTC.
    curves : mapping of UUID to OwnCurve or CommunityError
        By supply point, or why there is none.
    """

    starts: Instants
    curves: Mapping[UUID, OwnCurve | CommunityError]


@dataclass(frozen=True, slots=True)
class CurveReader:
    """Reads what supply points of one community are held against.

    Attributes
    ----------
    session : Session
        Open transaction.
    community : Community
        Whose.
    points : collection of SupplyPoint
        Of which ones.
    days : BilledDays
        Local days.
    """

    session: Session
    community: Community
    points: Collection[SupplyPoint]
    days: BilledDays

    def read(self) -> OwnCurves:
        """Read ours, by the coefficients that were applied."""
        starts = self.days.starts(Step.HOUR)
        energy = self._read_energy(None)
        generation_wh = self._read_generation(starts.size)
        is_summer = _tell_summer(self.days, starts)
        return OwnCurves(
            starts,
            {
                key: each
                if isinstance(each, CommunityError)
                else OwnCurve(
                    _by_hour(each.consumption_kwh, each.step),
                    _by_hour(each.allocated_kwh, each.step),
                    generation_wh,
                    is_summer,
                )
                for key, each in energy.items()
            },
        )

    def read_agreements(self) -> dict[UUID, dict[str, WattHours]]:
        """Read what each of the plants' newest agreements would allocate to every supply point."""
        found: dict[UUID, dict[str, WattHours]] = {point.id: {} for point in self.points}
        for plant_id, cau in self._list_plants().items():
            agreements = list_agreements(
                self.session, promoter_id=self.community.promoter_id, installation_id=plant_id
            )
            for agreement in agreements[:_MOST_AGREEMENTS]:
                name = f"{agreement.state} of {cau}, of {agreement.created_at:%Y-%m-%d}"
                for key, each in self._read_energy(agreement.id).items():
                    if not isinstance(each, CommunityError) and each.basis is not None:
                        found[key].setdefault(name, _by_hour(each.allocated_kwh, each.step))
        return found

    def _read_energy(self, agreement_id: UUID | None) -> dict[UUID, BilledEnergy | CommunityError]:
        document = None if agreement_id is None else (CoefficientBasis.STATED, agreement_id)
        return read_billed_energy(
            self.session,
            community=self.community,
            points=self.points,
            days=self.days,
            document=document,
        )

    def _list_plants(self) -> dict[UUID, str]:
        plants = group_installations(
            self.session,
            promoter_id=self.community.promoter_id,
            community_ids=[self.community.id],
        )
        return {plant.id: plant.cau for plant in plants[self.community.id]}

    def _read_generation(self, n_hours: int) -> WattHours:
        """Sum the generation of all plants; of none where it is not known."""
        spans = read_meter_spans(
            self.session,
            promoter_id=self.community.promoter_id,
            channel=Channel.GENERATION,
            meters=self._list_plants(),
            days=self.days,
        )
        total = np.zeros(n_hours)
        for span in spans.values():
            if isinstance(span, MeterSpan):
                total += np.maximum(_by_hour(span.energy_kwh, span.step), 0.0)
        return total


def _by_hour(energy_kwh: WattHours, step: Step) -> WattHours:
    """Sum by the hour, as the law shares; noise below a millionth of a watt-hour is cut off."""
    hours: WattHours = energy_kwh.reshape(-1, step.per_hour).sum(axis=1) * WH_PER_KWH
    return hours.round(6)


def _tell_summer(days: BilledDays, starts: Instants) -> NDArray[np.bool_]:
    """Tell in which hours clocks are ahead of their time in winter."""
    clocks = {year: local_times(year, days.timezone, Step.HOUR) for year in days.years}
    shown = np.concatenate([clocks[year][span] for year, span in days.year_spans(Step.HOUR)])
    ahead: NDArray[np.bool_] = (shown - starts) > min(
        (clock - year_steps(year, days.timezone, Step.HOUR)).min() for year, clock in clocks.items()
    )
    return ahead
