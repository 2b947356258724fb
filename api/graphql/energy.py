"""Energy over a year as one column of values, not as thousands of objects."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from api.graphql.context import Info
from api.graphql.enums import describe
from api.graphql.node import read_key
from api.graphql.scalars import KwhValues
from api.services.find_energy_subjects import SubjectKind
from api.services.find_proposal import UnknownProposalError
from api.services.read_energy import EnergyQuestion, Measure
from models import tables
from models.values.calendar import Resolution

describe(
    Measure,
    "Which energy.",
    GENERATION="Net generation of the plant; of an installation only.",
    CONSUMPTION="What the boundary meters took in.",
    ALLOCATED="Coefficient times generation.",
    SELF_CONSUMED="The lesser of allocated energy and consumption.",
    SURPLUS="Allocated energy that was not used at once.",
    GRID_IMPORT="Consumption that the allocated energy did not cover.",
)

MeasureOf = Annotated[Measure, strawberry.argument(description="Which energy.")]
Year = Annotated[int, strawberry.argument(description="Local calendar year, 2000 to 2099.")]
SummedOver = Annotated[
    Resolution, strawberry.argument(description="Interval over which energy is summed.")
]
UnderProposal = Annotated[
    strawberry.ID | None,
    strawberry.argument(
        description="Global id of the proposal whose coefficients apply; without it those of the "
        "agreement in force."
    ),
]


@strawberry.type(description="Energy of every interval of a local year.")
class EnergySeries:
    """A column of values with what is needed to label it."""

    start: datetime = strawberry.field(
        description="Start of the first interval, on the community's clock."
    )
    step: str = strawberry.field(
        description="Length of an interval, ISO 8601: PT1H, P1D or P1M. Days and months are local."
    )
    unit: str = strawberry.field(description="Unit of the values: kWh.")
    values: KwhValues = strawberry.field(description="Energy of each interval in order [kWh].")


async def read_series(
    info: Info,
    kind: SubjectKind,
    key: UUID,
    measure: Measure,
    year: int,
    resolution: Resolution,
    proposal_id: str | None,
) -> EnergySeries | None:
    """Ask for a series together with all others that this request asks for."""
    proposal = None
    if proposal_id is not None:
        proposal = read_key(tables.CoefficientProposal, proposal_id)
        if proposal is None:
            raise UnknownProposalError(proposal)
    question = EnergyQuestion(measure, year, resolution, proposal)
    series = await info.context.loaders.energy(kind, key, question)
    return EnergySeries(
        start=series.start, step=series.step, unit="kWh", values=KwhValues(series.values_kwh)
    )
