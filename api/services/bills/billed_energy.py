"""What supply points consumed, and their share of what the plants generated, on billed days."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session

from api.services.bills.billed_days import BilledDays
from api.services.bills.meter_spans import MeterSpan, read_meter_spans
from api.services.energy.find_shares import CoefficientBasis, Document, PlantShares, find_shares
from models.repositories.installations import group_installations
from models.tables import Community, SupplyPoint
from models.values.calendar import Step
from models.values.coefficient import MILLIONTHS
from models.values.errors import CommunityError, ConflictError
from models.values.metering import Channel
from planner.dated_shares import Share, lay_out_shares

Energy = NDArray[np.float64]


class DifferentStepsError(ConflictError):
    """Generation and consumption of a year are metered by different steps."""

    def __init__(self, year: int) -> None:
        super().__init__(f"generation and consumption of {year} have different steps: import again")
        self.year = year


@dataclass(frozen=True, slots=True, eq=False)
class BilledEnergy:
    """A supply point's energy.

    Attributes
    ----------
    step : Step
        Length of an interval.
    consumption_kwh, allocated_kwh : ndarray, shape (n_steps,)
        At its boundary meter, and its share of all plants together [kWh].
    basis : CoefficientBasis or None
        Where the coefficients come from; None where none hold, so that nothing is allocated.
    """

    step: Step
    consumption_kwh: Energy
    allocated_kwh: Energy
    basis: CoefficientBasis | None


def read_billed_energy(
    session: Session,
    *,
    community: Community,
    points: Collection[SupplyPoint],
    days: BilledDays,
    document: Document | None,
) -> dict[UUID, BilledEnergy | CommunityError]:
    """Read the energy of a community's supply points on billed days.

    Parameters
    ----------
    session : Session
        Open transaction.
    community : Community
        Whose.
    points : collection of SupplyPoint
        Of which ones.
    days : BilledDays
        Local days.
    document : Document or None
        Agreement or proposal whose coefficients hold on all days; what was applied when None.

    Returns
    -------
    dict of UUID to BilledEnergy or CommunityError
        Of each supply point its energy, or why there is none.

    Raises
    ------
    UnknownAgreementError, UnknownProposalError
        If the caller has no such document.

    Notes
    -----
    A supply point uses of its shares in all plants together at most what it consumes
    (RD 244/2019, Annex I).
    """
    owner = community.promoter_id
    plants = group_installations(session, promoter_id=owner, community_ids=[community.id])
    caus = {plant.id: plant.cau for plant in plants[community.id]}
    shares = find_shares(
        session, promoter_id=owner, installation_ids=caus, within=days.period, document=document
    )
    held = {
        point.id: {plant_id: each for plant_id, each in shares.items() if each.shares.get(point.id)}
        for point in points
    }
    sharing = {plant_id for of_point in held.values() for plant_id in of_point}
    generation = read_meter_spans(
        session,
        promoter_id=owner,
        channel=Channel.GENERATION,
        meters={key: caus[key] for key in sharing},
        days=days,
    )
    consumption = read_meter_spans(
        session,
        promoter_id=owner,
        channel=Channel.CONSUMPTION,
        meters={point.id: point.cups for point in points},
        days=days,
    )
    sharer = _Sharer(days, generation)
    return {
        key: metered
        if isinstance(metered, CommunityError)
        else sharer.share(key, metered, held[key])
        for key, metered in consumption.items()
    }


@dataclass(frozen=True, slots=True)
class _Sharer:
    """Shares out what plants generated on the billed days."""

    days: BilledDays
    generation: Mapping[UUID, MeterSpan | CommunityError]

    def share(
        self,
        point_id: UUID,
        metered: MeterSpan | CommunityError,
        held: Mapping[UUID, PlantShares],
    ) -> BilledEnergy | CommunityError:
        """Allocate to one supply point, or say why that cannot be."""
        if isinstance(metered, CommunityError):
            return metered
        allocated = np.zeros(metered.energy_kwh.size)
        for plant_id, plant in held.items():
            generated = self.generation[plant_id]
            if isinstance(generated, CommunityError):
                return generated
            if generated.step is not metered.step:
                return DifferentStepsError(self.days.start.year)
            beta = lay_out_coefficients(plant.shares[point_id], self.days, metered.step)
            allocated += beta * np.maximum(generated.energy_kwh, 0.0)
        bases = {plant.basis for plant in held.values()}
        # Of several plants, the basis that is less sure.
        basis = CoefficientBasis.PUBLISHED if len(bases) > 1 else next(iter(bases), None)
        return BilledEnergy(metered.step, metered.energy_kwh, allocated, basis)


def lay_out_coefficients(shares: Sequence[Share], days: BilledDays, step: Step) -> Energy:
    """Tell the coefficient of every billed interval.

    Parameters
    ----------
    shares : sequence of Share
        Of one supply point in one plant, in the order of their days.
    days : BilledDays
        The days.
    step : Step
        Length of an interval.

    Returns
    -------
    ndarray, shape (n_steps,)
        Coefficients [1]; zero where none holds.
    """
    laid = [
        lay_out_shares([shares], year=year, timezone=days.timezone, step=step, span=span)
        for year, span in days.year_spans(step)
    ]
    beta: Energy = np.concatenate(laid, axis=1)[0] / MILLIONTHS
    return beta
