"""Sharing of a grown plant: who should get how much."""

from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import strawberry

from api.graphql.context import Info
from api.graphql.download_links import FileYear
from api.graphql.node import shows
from api.graphql.pagination import DEFAULT_PAGE, After, Connection, First
from api.graphql.scalars import Coefficient, Euro, Kw, Kwh
from api.graphql.settlements import read_money
from api.graphql.studies import ProvenStudy, find_supply_point
from api.graphql.supply_points import SupplyPoint
from models import tables
from models.values.coefficient import parse_coefficient

if TYPE_CHECKING:
    from api.graphql.installations import SelfConsumptionInstallation


@strawberry.type(description="What one gets of the grown plant.")
class CapacityShare:
    """Shows a member or a candidate."""

    stated: strawberry.Private[dict[str, Any]]

    @strawberry.field(description="Where it takes its energy.")
    async def supply_point(self, info: Info) -> SupplyPoint:
        """Find the supply point."""
        return await find_supply_point(info, self.stated["cups"])

    @strawberry.field(description="Whether it is of the reserve.")
    def is_candidate(self) -> bool:
        """Read the share."""
        return bool(self.stated["is_candidate"])

    @strawberry.field(description="Its coefficient of the plant as it is; 0 for a candidate.")
    def former_coefficient(self) -> Coefficient:
        """Read the share."""
        return Coefficient(parse_coefficient(self.stated["current_beta"]))

    @strawberry.field(description="Least coefficient of the grown plant that keeps its power.")
    def least_coefficient(self) -> Coefficient:
        """Read the share."""
        return Coefficient(parse_coefficient(self.stated["least_beta"]))

    @strawberry.field(description="The coefficient of the grown plant that it should get.")
    def coefficient(self) -> Coefficient:
        """Read the share."""
        return Coefficient(parse_coefficient(self.stated["beta"]))

    @strawberry.field(description="Power that it gets beside what it had [kW].")
    def added_kw(self) -> Kw:
        """Read the share."""
        return Kw(self.stated["added_kw"])

    @strawberry.field(description="What it would use of its share in a year [kWh].")
    def self_consumed_kwh(self) -> Kwh:
        """Read the share."""
        return Kwh(self.stated["self_consumed_kwh"])

    @strawberry.field(description="What it would save in a year [EUR]; null without prices.")
    def savings_eur(self) -> Euro | None:
        """Read the share."""
        return read_money(self.stated["savings_eur"])


@strawberry.type(description="Addresses of a sharing's files, signed as `download` is.")
class CapacitySharingDownloads:
    """Relative addresses."""

    base: strawberry.Private[str]

    @strawberry.field(description="Coefficients as the distributor wants them: CAU_YEAR.txt.")
    def distributor_file(self, info: Info, year: FileYear = None) -> str:
        """Give the address."""
        return info.context.sign_link(f"{self.base}/distributor.txt", year=year)


@strawberry.type(description="Who should get how much of a plant that grows, and the proof of it.")
@shows(tables.CapacitySharing)
class CapacitySharing(ProvenStudy):
    """Shows a sharing."""

    installation_id: strawberry.Private[UUID]

    @strawberry.field(description="The plant.")
    async def installation(
        self, info: Info
    ) -> Annotated["SelfConsumptionInstallation", strawberry.lazy("api.graphql.installations")]:
        """Find the installation."""
        table = tables.SelfConsumptionInstallation
        return await info.context.loaders.record(table, self.installation_id)

    @strawberry.field(description="Power of the inverter before [kW].")
    def old_kw(self) -> Kw:
        """Read the result."""
        return Kw(self.result["old_kw"])

    @strawberry.field(description="Power of the inverter after [kW].")
    def new_kw(self) -> Kw:
        """Read the result."""
        return Kw(self.result["new_kw"])

    @strawberry.field(description="Members, then candidates, each in the order of the list.")
    def shares(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[CapacityShare]:
        """Page through them."""
        rows = [CapacityShare(stated=stated) for stated in self.result["members"]]
        return info.context.loaders.cut(rows, first, after)

    @strawberry.field(description="Its files.")
    def downloads(self) -> CapacitySharingDownloads:
        """Give the addresses."""
        return CapacitySharingDownloads(base=f"/capacity-sharings/{self.id}")
