"""Energy over a year as one column of values, not as thousands of objects."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from api.authentication import ForbiddenError
from api.graphql.context import Info
from api.graphql.enums import describe
from api.graphql.node import require_key
from api.graphql.scalars import KwhValues, PackedWh
from api.policies import choose_fewest
from api.services.agreements.find_agreement import UnknownAgreementError
from api.services.energy.energy_question import EnergyQuestion, Measure
from api.services.energy.find_energy_subjects import SubjectKind
from api.services.energy.find_shares import CoefficientBasis
from api.services.energy.read_energy import CONSUMERS
from api.services.proposals.find_proposal import UnknownProposalError
from models import tables
from models.values.access import Capability
from models.values.resolution import Resolution

describe(
    Measure,
    "Which energy.",
    GENERATION="Net generation, of an installation or of all of a community.",
    CONSUMPTION="What the boundary meters took in; of many, while they share: on the days on which "
    "they have a coefficient or, while nobody has one, of who joined.",
    ALLOCATED="Coefficient times generation.",
    SELF_CONSUMED="The lesser of allocated energy and consumption.",
    SURPLUS="Allocated energy that was not used at once.",
    GRID_IMPORT="Consumption that the allocated energy did not cover; of many, while they share.",
)

describe(
    CoefficientBasis,
    "Where the coefficients of an energy series come from.",
    APPLIED="What the distributor applied, each on its days.",
    PUBLISHED="The agreement in force, while nothing at all is recorded as applied.",
    STATED="The agreement that was named.",
    PROPOSED="The proposal that was named.",
)

MeasureOf = Annotated[Measure, strawberry.argument(description="Which energy.")]
Year = Annotated[int, strawberry.argument(description="Local calendar year, 2000 to 2099.")]
SummedOver = Annotated[
    Resolution, strawberry.argument(description="Interval over which energy is summed.")
]
UnderProposal = Annotated[
    strawberry.ID | None,
    strawberry.argument(
        description="Global id of the proposal whose coefficients apply all year; without one, "
        "and without an agreement, those that the distributor applied."
    ),
]
UnderAgreement = Annotated[
    strawberry.ID | None,
    strawberry.argument(
        description="Global id of the agreement whose coefficients apply all year; not together "
        "with a proposal."
    ),
]


@strawberry.type(description="Energy of every interval of a local year.")
class EnergySeries:
    """A column of values with what is needed to label it."""

    start: datetime = strawberry.field(
        description="Start of the first interval, on the community's clock."
    )
    step: str = strawberry.field(
        description="Length of an interval, ISO 8601: PT15M, PT1H, P1D, P1M or P1Y. Days, months "
        "and years are local."
    )
    unit: str = strawberry.field(description="Unit of the values: kWh.")
    values: KwhValues = strawberry.field(description="Energy of each interval in order [kWh].")
    packed: PackedWh = strawberry.field(
        description="The same in whole watt-hours, rounded, for charts of many series [Wh]."
    )
    basis: CoefficientBasis | None = strawberry.field(
        description="Where the coefficients come from; null for what meters count."
    )


async def read_series(
    info: Info,
    kind: SubjectKind,
    key: UUID,
    measure: Measure,
    year: int,
    resolution: Resolution,
    proposal_id: str | None,
    agreement_id: str | None,
) -> EnergySeries | None:
    """Ask for a series together with all others that this request asks for."""
    proposal, agreement = find_document(proposal_id, agreement_id)
    fewest = 1 if kind in CONSUMERS else choose_fewest(info.context.principal.capabilities)
    question = EnergyQuestion(measure, year, resolution, proposal, agreement, fewest)
    if fewest > 1 and question.document is not None:
        # Sums under two documents that differ by one member tell of that one by their difference.
        raise ForbiddenError(frozenset({Capability.PERSONAL}))
    series = await info.context.loaders.energy(kind, key, question)
    return EnergySeries(
        start=series.start,
        step=series.step,
        unit="kWh",
        values=KwhValues(series.values_kwh),
        packed=PackedWh(series.values_kwh),
        basis=series.basis,
    )


def find_document(
    proposal_id: str | None, agreement_id: str | None
) -> tuple[UUID | None, UUID | None]:
    """Open the global ids of a proposal and of an agreement whose coefficients apply."""
    proposal = agreement = None
    if proposal_id is not None:
        proposal = require_key(tables.CoefficientProposal, proposal_id, UnknownProposalError)
    if agreement_id is not None:
        agreement = require_key(tables.DistributionAgreement, agreement_id, UnknownAgreementError)
    return proposal, agreement
