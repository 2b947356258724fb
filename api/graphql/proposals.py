"""Proposals of coefficients: their proof, what they bring, and what becomes of them."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, cast
from uuid import UUID

import strawberry

from api.graphql.agreements import DistributionCoefficient
from api.graphql.certificates import ProposalCertificate
from api.graphql.class_coefficients import ClassPlan
from api.graphql.comparisons import (
    ComparedRule,
    Evenness,
    RuleComparison,
    RuleOutcome,
    read_comparisons,
)
from api.graphql.context import Info
from api.graphql.download_links import FileDialect, FileLanguage, FileYear
from api.graphql.fairness_curves import FairnessCurve
from api.graphql.goals import Objective, ProposalGoal, ReferenceRule
from api.graphql.jobs import JobRun
from api.graphql.node import Node, shows
from api.graphql.pagination import DEFAULT_PAGE, After, Connection, First
from api.graphql.proposal_limits import ProposalLimit, read_limits
from api.graphql.proposed_members import ProposedMember
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
from api.graphql.unseen_years import RobustPlan, UnseenCheck
from api.graphql.yearly_bills import ProposalBills
from api.services.accounting.accounts_wish import CsvDialect
from api.services.communities.browse_records import WholeList
from models import tables
from models.tables import ProposalState
from models.values.coefficient import parse_coefficient

if TYPE_CHECKING:
    from api.graphql.installations import SelfConsumptionInstallation


@strawberry.type(description="Addresses of a proposal's files, signed as `download` is.")
class ProposalDownloads:
    """Relative addresses."""

    base: strawberry.Private[str]
    has_classes: strawberry.Private[bool]

    @strawberry.field(description="Workbook to send on (XLSX).")
    def report(self, info: Info, language: FileLanguage = None) -> str:
        """Give the address."""
        return info.context.sign_link(f"{self.base}/report.xlsx", language=language)

    @strawberry.field(description="Coefficients as the distributor wants them: CAU_YEAR.txt.")
    def distributor_file(self, info: Info, year: FileYear = None) -> str:
        """Give the address."""
        return info.context.sign_link(f"{self.base}/distributor.txt", year=year)

    @strawberry.field(
        description="Coefficients by class of hours as the distributor wants them, hour by hour: "
        "CAU_YEAR.txt. Null if the proposal has constant ones only."
    )
    def hourly_file(self, info: Info, year: FileYear = None) -> str | None:
        """Give the address."""
        path = f"{self.base}/hourly.txt"
        return info.context.sign_link(path, year=year) if self.has_classes else None

    @strawberry.field(description="Members, one line each, as CSV.")
    def members(self, info: Info, dialect: FileDialect = CsvDialect.EXCEL_ES) -> str:
        """Give the address."""
        return info.context.sign_link(f"{self.base}/members.csv", dialect=dialect)

    @strawberry.field(description="Everything as proposal.json.")
    def proposal(self, info: Info) -> str:
        """Give the address."""
        return info.context.sign_link(f"{self.base}/proposal.json")


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
    def rules(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[RuleOutcome]:
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
        return info.context.loaders.cut(outcomes, first, after)

    @strawberry.field(
        description="What it aimed at; null for a proposal of an older version, as is all that "
        "such a one does not state."
    )
    def goal(self) -> ProposalGoal | None:
        """Read the result."""
        goal = _part(self.result, "goal")
        return goal and ProposalGoal.read(goal)

    @strawberry.field(description="Limits that were asked for beside floor, minBeta and maxBeta.")
    def limits(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[ProposalLimit]:
        """Page through them."""
        rows = list(read_limits(_part(self.result, "limits") or {}))
        return info.context.loaders.cut(rows, first, after)

    @strawberry.field(description="The proof of how good the coefficients are.")
    def certificate(self) -> ProposalCertificate | None:
        """Read the result."""
        stated = _part(self.result, "certificate")
        return stated and ProposalCertificate(stated=stated)

    @strawberry.field(
        description="What each who shares gets, in the order of the distributor's file."
    )
    async def members(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[ProposedMember]:
        """Page through them; coefficients and members are in the same order."""
        loaders = info.context.loaders
        stored: list[tables.ProposedCoefficient] = await loaders.rows(
            WholeList.COEFFICIENTS_OF_PROPOSAL, self.id
        )
        stated = cast("list[dict[str, Any]]", self.result["members"])
        rows = [
            ProposedMember(proposal_id=self.id, supply_point_id=own.supply_point_id, stated=member)
            for own, member in zip(stored, stated, strict=True)
        ]
        return loaders.cut(rows, first, after)

    @strawberry.field(
        description="The year of all who share on their retailers' bills; null where they could "
        "not be made."
    )
    def bills(self) -> ProposalBills | None:
        """Read the result."""
        stated = _part(self.result, "bills")
        return None if stated is None or "reason" in stated else ProposalBills(stated=stated)

    @strawberry.field(description="Why there are no bills; null where there are.")
    def bills_left_out(self) -> str | None:
        """Read the result."""
        reason: str | None = (_part(self.result, "bills") or {}).get("reason")
        return reason

    @strawberry.field(description="How evenly savings fall.")
    def evenness(self) -> Evenness | None:
        """Read the result."""
        fairness = _part(self.result, "fairness")
        return fairness and Evenness(**fairness["evenness"]["proposal"])

    @strawberry.field(
        description="Self-consumed energy as a share of what not even hourly coefficients pass; "
        "null where that is nothing."
    )
    def share_of_hourly_bound(self) -> Share | None:
        """Read the result."""
        share = (_part(self.result, "fairness") or {}).get("share_of_hourly_bound")
        return None if share is None else Share(share)

    @strawberry.field(description="Who wins and who loses against each rule.")
    def comparisons(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[RuleComparison]:
        """Page through the rules."""
        fairness = _part(self.result, "fairness")
        rows = read_comparisons(fairness) if fairness else []
        return info.context.loaders.cut(rows, first, after)

    @strawberry.field(description="What floors from 0 to 100 % cost; null unless asked for.")
    def curve(self) -> FairnessCurve | None:
        """Read the result."""
        stated = _part(self.result, "curve")
        return stated and FairnessCurve(proposal_id=self.id, stated=stated)

    @strawberry.field(description="Coefficients by class of hours; null unless asked for.")
    def classes(self) -> ClassPlan | None:
        """Read the result."""
        stated = _part(self.result, "classes")
        return stated and ClassPlan(proposal_id=self.id, stated=stated)

    @strawberry.field(
        description="How much of the gain survives on unseen data; empty unless asked for."
    )
    def unseen(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[UnseenCheck]:
        """Page through the checks."""
        rows = [UnseenCheck.read(check) for check in _part(self.result, "unseen") or []]
        return info.context.loaders.cut(rows, first, after)

    @strawberry.field(description="Drawn years that it was planned for; null unless asked for.")
    def robust(self) -> RobustPlan | None:
        """Read the result."""
        stated = _part(self.result, "robust")
        return stated and RobustPlan(stated=stated)

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
        return ProposalDownloads(
            base=f"/proposals/{self.id}", has_classes=bool(self.result.get("classes"))
        )


def _part(result: dict[str, object], name: str) -> Any:
    """Read a part of ``proposal.json`` that older proposals do not have."""
    return result.get(name)


def _energy(result: dict[str, object], name: str) -> Kwh:
    """Read an amount of energy of ``proposal.json``."""
    return Kwh(_number(result[name]))


def _number(value: object) -> float:
    """Read a number of ``proposal.json``."""
    return float(cast("float", value))


def _solver(result: dict[str, object]) -> dict[str, object]:
    """Read how the coefficients were found."""
    return cast("dict[str, object]", result["solver"])
