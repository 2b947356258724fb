"""What an import did."""

from typing import Any, cast

import strawberry

from api.graphql.enums import describe
from api.graphql.pagination import DEFAULT_PAGE, After, Connection, First, paginate
from api.graphql.scalars import Kwh
from api.services.community_folders.import_report import Standing
from models.tables import Channel

describe(
    Standing,
    "How a supply point stands to its community.",
    ABSENT="Not on the list.",
    RESERVE="Waits for a vacancy.",
    MEMBER="Shares.",
)


@strawberry.type(description="A record that an import made or altered.")
class ChangedRecord:
    """One line of the report."""

    name: str = strawberry.field(description="Its kind and code, such as `supply point ES...`.")


@strawberry.type(description="A supply point that began or ceased to share or to wait.")
class StandingChange:
    """One line of the report."""

    member_code: str = strawberry.field(description="The promoter's own key of the member.")
    cups: str = strawberry.field(description="Code of the supply point.")
    before: Standing = strawberry.field(description="How it stood.")
    after: Standing = strawberry.field(description="How it stands now.")


@strawberry.type(description="How far rounding to whole watt-hours moved the energy of a channel.")
class RoundingMove:
    """One line of the report."""

    channel: Channel = strawberry.field(description="What the meters count.")
    total_kwh: Kwh = strawberry.field(
        description="Stored energy less the folder's, summed over all meters [kWh]."
    )
    largest_kwh: Kwh = strawberry.field(
        description="Largest move of a single value, without its sign [kWh]."
    )


@strawberry.type(description="Months of one meter or price that an import corrected.")
class CorrectedMonths:
    """One line of the report."""

    name: str = strawberry.field(description="CUPS, CAU or kind of price.")
    months: str = strawberry.field(description="The months, 1 to 12, with commas between them.")


@strawberry.type
class RecordChanges:
    """What an import did to records; a part of its report."""

    report: strawberry.Private[dict[str, Any]]

    @strawberry.field(description="Whether everything was stored already.")
    def unchanged(self) -> bool:
        """Read the report."""
        return cast("bool", self.report["unchanged"])

    @strawberry.field(description="Names of the records that were made or altered.")
    def changed_records(
        self, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[ChangedRecord]:
        """Page through them."""
        names = cast("list[str]", self.report["changed_records"])
        return paginate([ChangedRecord(name=name) for name in names], first, after)

    @strawberry.field(
        description="Who began or ceased to share or to wait: everybody, when the community is new."
    )
    def standing_changes(
        self, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[StandingChange]:
        """Page through them."""
        changes = [
            StandingChange(
                member_code=change["member_id"],
                cups=change["cups"],
                before=Standing(change["before"]),
                after=Standing(change["after"]),
            )
            for change in self.report["standing_changes"]
        ]
        return paginate(changes, first, after)


@strawberry.type(description="What an import did.")
class ImportReport(RecordChanges):
    """Shows the report that a job keeps."""

    @strawberry.field(description="Local year that was imported.")
    def year(self) -> int:
        """Read the report."""
        return cast("int", self.report["year"])

    @strawberry.field(description="Supply points of the list that share.")
    def member_count(self) -> int:
        """Read the report."""
        return cast("int", self.report["n_members"])

    @strawberry.field(description="Supply points of the list that wait.")
    def reserve_count(self) -> int:
        """Read the report."""
        return cast("int", self.report["n_reserve"])

    @strawberry.field(description="Months of readings and prices of which nothing was stored yet.")
    def first_versions(self) -> int:
        """Read the report."""
        return cast("int", self.report["first_versions"])

    @strawberry.field(
        description="Why the list's current coefficients made no agreement; null when they did."
    )
    def no_agreement_because(self) -> str | None:
        """Read the report."""
        return cast("str | None", self.report["no_agreement_because"])

    @strawberry.field(description="How far rounding to whole watt-hours moved the energy.")
    def rounding(
        self, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[RoundingMove]:
        """Page through them."""
        moves = [
            RoundingMove(channel=Channel(channel), **move)
            for channel, move in self.report["rounding"].items()
        ]
        return paginate(moves, first, after)

    @strawberry.field(description="Meters and prices whose stored months were corrected.")
    def corrected_months(
        self, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[CorrectedMonths]:
        """Page through them."""
        corrected = [
            CorrectedMonths(name=name, months=",".join(map(str, months)))
            for name, months in self.report["corrected_months"].items()
        ]
        return paginate(corrected, first, after)
