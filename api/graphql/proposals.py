"""Proposals of coefficients: their proof, what they bring, and what becomes of them."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, cast
from uuid import UUID

import strawberry

from api.graphql.agreements import DistributionCoefficient
from api.graphql.context import Info
from api.graphql.enums import describe
from api.graphql.jobs import JobRun
from api.graphql.node import Node, shows
from api.graphql.pagination import DEFAULT_PAGE, After, Connection, First, paginate
from api.graphql.scalars import Coefficient, Euro, Kwh, Share
from api.graphql.settlements import (
    MonthlySettlement,
    Scenario,
    SupplyPointSettlement,
    UnderScenario,
    read_bound,
    read_money,
    sum_settlements,
)
from api.services.browse_records import WholeList
from models import tables
from models.tables import ProposalState
from models.values.coefficient import parse_coefficient

if TYPE_CHECKING:
    from api.graphql.installations import SelfConsumptionInstallation


class Objective(StrEnum):
    """What the coefficients should make as large as they can."""

    SELF_CONSUMPTION = "self-consumption"
    SAVINGS = "savings"


class ReferenceRule(StrEnum):
    """A rule that a floor is measured against."""

    EQUAL = "equal"
    CONTRACTED_POWER = "contracted_power"
    CONSUMPTION = "consumption"


class ComparedRule(StrEnum):
    """What a proposal is compared with."""

    EQUAL = "equal"
    CONTRACTED_POWER = "contracted_power"
    CONSUMPTION = "consumption"
    CURRENT = "current"
    HOURLY_BOUND = "hourly_bound"


_RULES = {
    "EQUAL": "The same for everybody.",
    "CONTRACTED_POWER": "In proportion to contracted power.",
    "CONSUMPTION": "In proportion to the year's consumption.",
}
describe(
    Objective,
    "What the coefficients should make as large as they can.",
    SELF_CONSUMPTION="Energy that members use of their own share [kWh].",
    SAVINGS="Money that members save, with the monthly compensation cap [EUR].",
)
describe(ReferenceRule, "A rule that a floor is measured against.", **_RULES)
describe(
    ComparedRule,
    "What a proposal is compared with.",
    **_RULES,
    CURRENT="The coefficients that were in force when the proposal was made.",
    HOURLY_BOUND="No rule: the lesser of generation and consumption, hour by hour.",
)


@strawberry.type(description="What a rule would bring in the same year.")
class RuleOutcome:
    """One line of the comparison."""

    rule: ComparedRule = strawberry.field(description="The rule.")
    self_consumed_kwh: Kwh = strawberry.field(description="Self-consumed energy [kWh].")
    savings_eur: Euro | None = strawberry.field(
        description="Savings [EUR]; null without prices and for the hourly bound."
    )


@strawberry.type(description="Addresses of a proposal's files; fetch them with the same token.")
class ProposalDownloads:
    """Relative addresses."""

    report: str = strawberry.field(description="Workbook to send on (XLSX); ?language=es or en.")
    distributor_file: str = strawberry.field(
        description="Coefficients as the distributor wants them: CAU_YEAR.txt; ?year=YYYY."
    )
    members: str = strawberry.field(
        description="Members, one line each (CSV for Spanish Excel); ?dialect=plain for programs."
    )
    proposal: str = strawberry.field(description="Everything as proposal.json.")


@strawberry.type(description="Coefficients that a plan found best, and the proof of how good.")
@shows(tables.CoefficientProposal)
class CoefficientProposal(Node):
    """Shows a proposal."""

    request: strawberry.Private[dict[str, object]]
    result: strawberry.Private[dict[str, object]]
    installation_id: strawberry.Private[UUID]
    job_run_id: strawberry.Private[UUID]

    year: int = strawberry.field(description="Local year of the readings that it was planned with.")
    state: ProposalState = strawberry.field(description="What became of it.")
    created_at: datetime = strawberry.field(description="When it was made.")

    @strawberry.field(description="What was to be made as large as possible.")
    def objective(self) -> Objective:
        """Read the request."""
        return Objective(str(self.request["objective"]))

    @strawberry.field(
        description="Least share of the reference rule's energy that every member was to keep."
    )
    def floor(self) -> Share | None:
        """Read the request."""
        floor = self.request["floor"]
        return Share(float(floor)) if isinstance(floor, str) else None

    @strawberry.field(description="Rule that the floor is measured against.")
    def reference(self) -> ReferenceRule:
        """Read the request."""
        return ReferenceRule(str(self.request["reference"]))

    @strawberry.field(description="Least coefficient that was allowed.")
    def min_beta(self) -> Coefficient:
        """Read the request."""
        return Coefficient(parse_coefficient(str(self.request["min_beta"])))

    @strawberry.field(description="Greatest coefficient that was allowed.")
    def max_beta(self) -> Coefficient:
        """Read the request."""
        return Coefficient(parse_coefficient(str(self.request["max_beta"])))

    @strawberry.field(description="Self-consumed energy of the year [kWh].")
    def self_consumed_kwh(self) -> Kwh:
        """Read the result."""
        return _energy(self.result, "self_consumed_kwh")

    @strawberry.field(description="Generation of the year [kWh].")
    def generation_kwh(self) -> Kwh:
        """Read the result."""
        return _energy(self.result, "generation_kwh")

    @strawberry.field(description="Consumption of all who share, in the year [kWh].")
    def consumption_kwh(self) -> Kwh:
        """Read the result."""
        return _energy(self.result, "consumption_kwh")

    @strawberry.field(description="Allocated energy that was not used at once [kWh].")
    def surplus_kwh(self) -> Kwh:
        """Read the result."""
        return _energy(self.result, "surplus_kwh")

    @strawberry.field(description="Consumption that came from the grid [kWh].")
    def grid_import_kwh(self) -> Kwh:
        """Read the result."""
        return _energy(self.result, "grid_import_kwh")

    @strawberry.field(description="Savings of all who share [EUR]; null without prices.")
    def savings_eur(self) -> Euro | None:
        """Read the result."""
        return read_money(self.result["savings_eur"])

    @strawberry.field(
        description="Energy that no coefficients can pass [kWh]; null under the objective savings."
    )
    def upper_bound_kwh(self) -> Kwh | None:
        """Read the result."""
        return _energy(self.result, "upper_bound_kwh") if "upper_bound_kwh" in self.result else None

    @strawberry.field(
        description="Savings that no coefficients can pass [EUR], rounded up to cents; null under "
        "the objective self-consumption."
    )
    def upper_bound_eur(self) -> Euro | None:
        """Read the result."""
        return read_bound(self.result.get("upper_bound_eur"))

    @strawberry.field(
        description="How far the proposal may lie below its bound, as a share of the bound."
    )
    def gap(self) -> float:
        """Read the result."""
        return _number(self.result["gap"])

    @strawberry.field(description="How the optimum was found.")
    def method(self) -> str:
        """Read the result."""
        return str(_solver(self.result)["method"])

    @strawberry.field(description="What found it.")
    def solver(self) -> str:
        """Read the result."""
        return str(_solver(self.result)["name"])

    @strawberry.field(description="Time spent on choosing and rounding the coefficients [s].")
    def seconds(self) -> float:
        """Read the result."""
        return _number(_solver(self.result)["seconds"])

    @strawberry.field(description="The plant that it would share.")
    async def installation(
        self, info: Info
    ) -> Annotated["SelfConsumptionInstallation", strawberry.lazy("api.graphql.installations")]:
        """Find the installation."""
        table = tables.SelfConsumptionInstallation
        return await info.context.loaders.record(table, self.installation_id)

    @strawberry.field(description="The job that made it.")
    async def job(self, info: Info) -> JobRun:
        """Find the job."""
        return await info.context.loaders.record(tables.JobRun, self.job_run_id)

    @strawberry.field(description="The coefficients, in the order of the distributor's file.")
    async def coefficients(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[DistributionCoefficient]:
        """Page through them."""
        listing = WholeList.COEFFICIENTS_OF_PROPOSAL
        return await info.context.loaders.whole(listing, self.id, first, after)

    @strawberry.field(description="What other rules would bring.")
    def rules(self, first: First = DEFAULT_PAGE, after: After = None) -> Connection[RuleOutcome]:
        """Page through them."""
        compared = cast("dict[str, dict[str, Any]]", self.result["rules"])
        outcomes = [
            RuleOutcome(
                rule=ComparedRule(name),
                self_consumed_kwh=Kwh(outcome["self_consumed_kwh"]),
                savings_eur=read_money(outcome.get("savings_eur")),
            )
            for name, outcome in compared.items()
        ]
        return paginate(outcomes, first, after)

    @strawberry.field(
        description="The year of each who shares, by month, in the order of the distributor's file."
    )
    async def settlements(
        self,
        info: Info,
        scenario: UnderScenario = Scenario.PROPOSAL,
        first: First = DEFAULT_PAGE,
        after: After = None,
    ) -> Connection[SupplyPointSettlement]:
        """Page through them."""
        key = (self.id, scenario.value)
        return await info.context.loaders.whole(WholeList.YEARS_OF_SCENARIO, key, first, after)

    @strawberry.field(
        description="The year of all who share, by month; null for the current coefficients when "
        "there were none."
    )
    async def total_settlement(
        self, info: Info, scenario: UnderScenario = Scenario.PROPOSAL
    ) -> MonthlySettlement | None:
        """Add the years up."""
        key = (self.id, scenario.value)
        years: list[tables.SimulatedYear] = await info.context.loaders.rows(
            WholeList.YEARS_OF_SCENARIO, key
        )
        return sum_settlements(years)

    @strawberry.field(description="Its files.")
    def downloads(self) -> ProposalDownloads:
        """Give the addresses."""
        base = f"/proposals/{self.id}"
        return ProposalDownloads(
            report=f"{base}/report.xlsx",
            distributor_file=f"{base}/distributor.txt",
            members=f"{base}/members.csv",
            proposal=f"{base}/proposal.json",
        )


def _energy(result: dict[str, object], name: str) -> Kwh:
    """Read an amount of energy of ``proposal.json``."""
    return Kwh(_number(result[name]))


def _number(value: object) -> float:
    """Read a number of ``proposal.json``."""
    return float(cast("float", value))


def _solver(result: dict[str, object]) -> dict[str, object]:
    """Read how the coefficients were found."""
    return cast("dict[str, object]", result["solver"])
