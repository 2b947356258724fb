"""What all studies have in common: what was asked for, when, by which job, and how good it is."""

from asyncio import gather
from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import strawberry

from api.graphql.agreements import DistributionCoefficient
from api.graphql.context import Info
from api.graphql.enums import describe
from api.graphql.jobs import JobRun
from api.graphql.node import Node
from api.graphql.pagination import Connection
from api.graphql.scalars import Euro, Kwh
from api.graphql.settlements import read_bound, read_money
from api.graphql.supply_points import SupplyPoint
from api.services.communities.browse_records import OneEach
from models import tables
from models.values.coefficient import parse_coefficient


class StudyObjective(StrEnum):
    """What a study should make as large as it can."""

    SELF_CONSUMPTION = "self-consumption"
    SAVINGS = "savings"


describe(
    StudyObjective,
    "What a study should make as large as it can.",
    SELF_CONSUMPTION="Energy that all use of their own share [kWh].",
    SAVINGS="Money that all save, with the monthly compensation cap [EUR].",
)


@strawberry.interface(description="Something that was worked out for a decision, with its day.")
class Study(Node):
    """Shows what every study keeps."""

    request: strawberry.Private[dict[str, Any]]
    result: strawberry.Private[dict[str, Any]]
    job_run_id: strawberry.Private[UUID]

    year: int = strawberry.field(description="Local year of the readings that it stands on.")
    created_at: datetime = strawberry.field(description="When it was made.")

    @strawberry.field(description="Local day whose legal limits were applied.")
    def on_day(self) -> date:
        """Read the request."""
        return date.fromisoformat(self.request["on"])

    @strawberry.field(description="What was to be made as large as possible.")
    def objective(self) -> StudyObjective:
        """Read the request."""
        return StudyObjective(self.request["objective"])

    @strawberry.field(description="The job that made it.")
    async def job(self, info: Info) -> JobRun:
        """Find the job."""
        return await info.context.loaders.record(tables.JobRun, self.job_run_id)


@strawberry.interface(description="A study that chose the best, and proves how good that is.")
class ProvenStudy(Study):
    """Shows value, bound and gap."""

    @strawberry.field(description="Self-consumed energy of the year [kWh].")
    def self_consumed_kwh(self) -> Kwh:
        """Read the result."""
        return Kwh(self.result["self_consumed_kwh"])

    @strawberry.field(description="Savings of all who share [EUR]; null without prices.")
    def savings_eur(self) -> Euro | None:
        """Read the result."""
        return read_money(self.result["savings_eur"])

    @strawberry.field(
        description="Energy that no other choice can pass [kWh]; null under the objective SAVINGS."
    )
    def upper_bound_kwh(self) -> Kwh | None:
        """Read the result."""
        bound = self.result.get("upper_bound_kwh")
        return None if bound is None else Kwh(bound)

    @strawberry.field(
        description="Savings that no other choice can pass [EUR], rounded up to cents; null under "
        "the objective SELF_CONSUMPTION."
    )
    def upper_bound_eur(self) -> Euro | None:
        """Read the result."""
        return read_bound(self.result.get("upper_bound_eur"))

    @strawberry.field(
        description="How far the choice may lie below its bound, as a share of the bound."
    )
    def gap(self) -> float:
        """Read the result."""
        return float(self.result["gap"])

    @strawberry.field(description="How it was found.")
    def method(self) -> str:
        """Read the result."""
        return str(self.result["solver"]["method"])


async def find_supply_point(info: Info, cups: str) -> SupplyPoint:
    """Find the supply point that a result names."""
    return await info.context.loaders.one(OneEach.SUPPLY_POINT_OF_CUPS, cups)


async def list_coefficients(
    info: Info, betas: dict[str, str], first: int | None, after: str | None
) -> Connection[DistributionCoefficient]:
    """Page through coefficients that a result states by CUPS, in the order of the file."""
    loaders = info.context.loaders
    points: Sequence[tables.SupplyPoint] = await gather(
        *(loaders.one(OneEach.SUPPLY_POINT_OF_CUPS, cups) for cups in betas)
    )
    rows = [
        DistributionCoefficient(
            millionths=parse_coefficient(beta), supply_point_id=point.id, position=position
        )
        for position, (point, beta) in enumerate(zip(points, betas.values(), strict=True))
    ]
    return loaders.cut(rows, first, after)
