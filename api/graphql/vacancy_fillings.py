"""Fillings of vacancies: who should be admitted, with which coefficients, and why."""

from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import strawberry

from api.graphql.agreements import DistributionCoefficient
from api.graphql.context import Info
from api.graphql.download_links import FileLanguage, FileYear
from api.graphql.node import shows
from api.graphql.pagination import DEFAULT_PAGE, After, Connection, First
from api.graphql.reasons import InLanguage, Reason, list_reasons
from api.graphql.scalars import Coefficient, Euro, Kwh, Share
from api.graphql.settlements import read_money
from api.graphql.studies import ProvenStudy, find_supply_point, list_coefficients
from api.graphql.supply_points import SupplyPoint
from models import tables
from models.values.coefficient import parse_coefficient
from models.values.language import Language

if TYPE_CHECKING:
    from api.graphql.installations import SelfConsumptionInstallation


@strawberry.type(description="What became of one of the reserve.")
class VacancyCandidate:
    """Shows a candidate of a filling."""

    stated: strawberry.Private[dict[str, Any]]
    beta: strawberry.Private[str | None]

    @strawberry.field(description="Where it takes its energy.")
    async def supply_point(self, info: Info) -> SupplyPoint:
        """Find the supply point."""
        return await find_supply_point(info, self.stated["cups"])

    @strawberry.field(description="Whether it meets the conditions of the day.")
    def eligible(self) -> bool:
        """Read the candidate."""
        return bool(self.stated["eligible"])

    @strawberry.field(description="Whether it should get a place.")
    def admitted(self) -> bool:
        """Read the candidate."""
        return bool(self.stated["admitted"])

    @strawberry.field(description="The coefficient that it should get; null without a place.")
    def coefficient(self) -> Coefficient | None:
        """Read the group."""
        return None if self.beta is None else Coefficient(parse_coefficient(self.beta))

    @strawberry.field(
        description="What the community would use more of its plant if this candidate alone "
        "joined, all coefficients being chosen anew [kWh]."
    )
    def marginal_kwh(self) -> Kwh:
        """Read the candidate."""
        return Kwh(self.stated["marginal_kwh"])

    @strawberry.field(
        description="What the community would save more if this candidate alone joined, all "
        "coefficients being chosen anew [EUR]; null without prices."
    )
    def marginal_eur(self) -> Euro | None:
        """Read the candidate."""
        return read_money(self.stated["marginal_eur"])

    @strawberry.field(
        description="Share of its year that was measured; profiles of others stand in for the rest."
    )
    def known_share(self) -> Share:
        """Read the candidate."""
        return Share(self.stated["known_share"])

    @strawberry.field(description="Why.")
    def reasons(
        self,
        info: Info,
        language: InLanguage = Language.ENGLISH,
        first: First = DEFAULT_PAGE,
        after: After = None,
    ) -> Connection[Reason]:
        """Word them."""
        return list_reasons(info, self.stated["reasons"], language, first, after)


@strawberry.type(description="A freed coefficient that nobody takes.")
class UnfilledVacancy:
    """One vacancy."""

    coefficient: Coefficient = strawberry.field(description="The coefficient.")


@strawberry.type(description="Addresses of a filling's files, signed as `download` is.")
class VacancyFillingDownloads:
    """Relative addresses."""

    base: strawberry.Private[str]
    is_whole: strawberry.Private[bool]

    @strawberry.field(description="Everything as admission.json.")
    def admission(self, info: Info, language: FileLanguage = None) -> str:
        """Give the address."""
        return info.context.sign_link(f"{self.base}/admission.json", language=language)

    @strawberry.field(
        description="Coefficients as the distributor wants them: CAU_YEAR.txt. Null while a freed "
        "coefficient is left, because they do not sum to 1."
    )
    def distributor_file(self, info: Info, year: FileYear = None) -> str | None:
        """Give the address."""
        path = f"{self.base}/distributor.txt"
        return info.context.sign_link(path, year=year) if self.is_whole else None


@strawberry.type(
    description="Who of the reserve should take the vacancies of a plant, and the proof of it."
)
@shows(tables.VacancyFilling)
class VacancyFilling(ProvenStudy):
    """Shows a filling."""

    installation_id: strawberry.Private[UUID]

    @strawberry.field(description="The plant.")
    async def installation(
        self, info: Info
    ) -> Annotated["SelfConsumptionInstallation", strawberry.lazy("api.graphql.installations")]:
        """Find the installation."""
        table = tables.SelfConsumptionInstallation
        return await info.context.loaders.record(table, self.installation_id)

    @strawberry.field(description="Places that were to be filled.")
    def places(self) -> int:
        """Read the result."""
        return int(self.result["places"])

    @strawberry.field(description="Whether no other group can bring more, but for the gap.")
    def is_proven(self) -> bool:
        """Read the result."""
        return bool(self.result["solver"]["is_proven"])

    @strawberry.field(
        description="Coefficients of members and admitted, in the order of the distributor's file."
    )
    async def coefficients(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[DistributionCoefficient]:
        """Page through them."""
        return await list_coefficients(info, self.result["betas"], first, after)

    @strawberry.field(description="Freed coefficients that nobody takes.")
    def unfilled(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[UnfilledVacancy]:
        """Page through them."""
        rows = [
            UnfilledVacancy(coefficient=Coefficient(parse_coefficient(beta)))
            for beta in self.result["unfilled"]
        ]
        return info.context.loaders.cut(rows, first, after)

    @strawberry.field(description="All of the reserve, in the order of the list.")
    def candidates(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[VacancyCandidate]:
        """Page through them."""
        betas = self.result["betas"]
        rows = [
            VacancyCandidate(stated=stated, beta=betas.get(stated["cups"]))
            for stated in self.result["candidates"]
        ]
        return info.context.loaders.cut(rows, first, after)

    @strawberry.field(description="Its files.")
    def downloads(self) -> VacancyFillingDownloads:
        """Give the addresses."""
        return VacancyFillingDownloads(
            base=f"/vacancy-fillings/{self.id}", is_whole=not self.result["unfilled"]
        )
