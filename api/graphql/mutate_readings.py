"""Look after stored readings and prices: fill gaps, fetch what is missing."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Any

import strawberry

from api.clock import now
from api.graphql.community_ids import read_community
from api.graphql.context import Info
from api.graphql.enums import describe
from api.graphql.errors import UserError, attempt
from api.graphql.file_reports import TouchedResults
from api.graphql.mutate_files import JobPayload
from api.graphql.pagination import DEFAULT_PAGE, After, Connection, First, paginate
from api.services.communities.find_community import UnknownCommunityError
from api.services.energy.energy_question import YEARS, YearOutOfRangeError
from api.services.fetching.request_fetch import request_price_fetch, request_reading_fetch
from api.services.fetching.run_reading_fetch import FetchWish
from api.services.file_imports.prepare_series import ConsumptionMeaning
from api.services.jobs.request_job import IdempotencyKeyReusedError, IdempotencyKeyTooLongError
from api.services.readings.fill_gaps import DEFAULT_RULES, FillReport, NoRulesError, fill_gaps
from api.services.readings.mend_meter import FilledMonth
from models.tables import Channel
from models.values.cups import Cups
from models.values.errors import CommunityError, InvalidArgumentError

_RULES = {rule.value: rule for rule in DEFAULT_RULES}


class GapRule(StrEnum):
    """How a gap is filled."""

    ZERO_AT_NIGHT = "zero-at-night"
    LINEAR = "linear"
    SIMILAR_DAYS = "same-hour-of-similar-days"


describe(
    GapRule,
    "How a gap is filled.",
    ZERO_AT_NIGHT="Generation is zero while the sun is below the horizon.",
    LINEAR="A gap of a few hours follows the line between the values beside it.",
    SIMILAR_DAYS="The median of the same hour of like days around the gap.",
)


class MonthFormError(InvalidArgumentError):
    """A text is no month.

    Attributes
    ----------
    text : str
        The text.
    field : str
        Which input it stood in.
    """

    def __init__(self, text: str, field: str) -> None:
        super().__init__(f"{text[:20]!r} is no month such as 2026-11")
        self.text = text
        self.field = field


@strawberry.input(description="Which gaps to fill, and how.")
class FillGapsInput:
    """Gaps are never filled without saying how."""

    community_id: strawberry.ID = strawberry.field(description="Global id of the community.")
    year: int = strawberry.field(description="Local calendar year, 2000 to 2099.")
    rules: list[GapRule] = strawberry.field(
        description="Rules in the order in which they are tried, each for what those before left."
    )
    dry_run: bool = strawberry.field(default=False, description="Only tell what would be filled.")


@strawberry.type(name="FilledMonth", description="What was filled of one month of a meter.")
class ShownMonth:
    """One line of the report."""

    filled_by: strawberry.Private[FilledMonth]

    name: str = strawberry.field(description="CUPS or CAU.")
    channel: Channel = strawberry.field(description="What is counted.")
    month: str = strawberry.field(description="The month, such as 2023-01.")
    left: int = strawberry.field(description="Intervals, ended by now, that are still missing.")
    version: int | None = strawberry.field(
        description="Its newest version afterwards; null while nothing is stored of it."
    )

    @strawberry.field(description="Intervals that this rule filled.")
    def filled(self, rule: Annotated[GapRule, strawberry.argument(description="The rule.")]) -> int:
        """Count them."""
        return self.filled_by.filled.get(_RULES[rule.value], 0)


@strawberry.type(
    name="FillReport", description="What was filled by which rule, and what could not be."
)
class ShownReport(TouchedResults):
    """Shows the report."""

    report: strawberry.Private[FillReport]

    filled_count: int = strawberry.field(description="Intervals that were filled.")
    left_count: int = strawberry.field(description="Intervals that no rule could fill.")
    is_dry_run: bool = strawberry.field(description="Whether nothing was to be stored.")

    @strawberry.field(description="Months that had gaps, meter by meter.")
    def months(self, first: First = DEFAULT_PAGE, after: After = None) -> Connection[ShownMonth]:
        """Page through them."""
        shown = [
            ShownMonth(
                filled_by=month,
                name=each.name,
                channel=each.channel,
                month=month.month,
                left=month.left,
                version=month.version,
            )
            for each in self.report.series
            for month in each.months
        ]
        return paginate(shown, first, after)


@strawberry.type(description="What was filled, or why nothing was.")
class FillGapsPayload:
    """Answer of ``fillGaps``."""

    report: ShownReport | None = strawberry.field(description="What was filled.")
    user_errors: list[UserError] = strawberry.field(description="What kept it from being done.")


@strawberry.input(description="Which readings to fetch from Datadis.")
class FetchReadingsInput:
    """The operator's account of Datadis has to be allowed to see them."""

    community_id: strawberry.ID = strawberry.field(description="Global id of the community.")
    first_month: str = strawberry.field(description="First month, such as 2026-01.")
    last_month: str = strawberry.field(description="Last month, such as 2026-12.")
    cups: list[Cups] = strawberry.field(
        default_factory=list, description="Only these supply points; all without any."
    )
    authorized_nif: str | None = strawberry.field(
        default=None, description="Who allowed the account to see them, if not its own."
    )
    consumption_is: ConsumptionMeaning = strawberry.field(
        default=ConsumptionMeaning.BOUNDARY,
        description="What Datadis calls consumption of these.",
    )
    idempotency_key: str | None = strawberry.field(
        default=None,
        description="The caller's own name for the request, 1 to 100 characters: the same key "
        "finds the same job again.",
    )


@strawberry.input(description="Whose prices to fetch.")
class FetchPricesInput:
    """Names a community."""

    community_id: strawberry.ID = strawberry.field(description="Global id of the community.")
    idempotency_key: str | None = strawberry.field(
        default=None,
        description="The caller's own name for the request, 1 to 100 characters: the same key "
        "finds the same job again.",
    )


@strawberry.type
class ReadingMutations:
    """What can be done about readings and prices."""

    @strawberry.mutation(
        description="Fill the gaps of a community's consumption and generation by stated rules, "
        "marked as filled, as a further version; what is known stays."
    )
    async def fill_gaps(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            FillGapsInput, strawberry.argument(description="Which gaps, and how.")
        ],
    ) -> FillGapsPayload:
        """Fill them at once."""
        report, errors = await attempt(_fill(info, input), _find_fault)
        if report is None:
            return FillGapsPayload(report=None, user_errors=errors)
        shown = ShownReport(
            report=report,
            filled_count=report.filled_count,
            left_count=report.left_count,
            is_dry_run=report.is_dry_run,
        )
        return FillGapsPayload(report=shown, user_errors=[])

    @strawberry.mutation(
        description="Fetch readings from Datadis in a job; its `fetchedSupplyPoints` tell what "
        "became of each. Datadis answers the same question once in 24 hours."
    )
    async def fetch_readings(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            FetchReadingsInput, strawberry.argument(description="Which readings.")
        ],
    ) -> JobPayload:
        """Queue the job."""
        job, errors = await attempt(_fetch_readings(info, input), _find_fault)
        return JobPayload(job=job, user_errors=errors)

    @strawberry.mutation(
        description="Fetch the prices of today and tomorrow from ESIOS in a job; its "
        "`fetchedDays` tell what there was."
    )
    async def fetch_prices(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            FetchPricesInput, strawberry.argument(description="Whose prices.")
        ],
    ) -> JobPayload:
        """Queue the job."""
        job, errors = await attempt(_fetch_prices(info, input), _find_fault)
        return JobPayload(job=job, user_errors=errors)


async def _fill(info: Info, given: FillGapsInput) -> FillReport:
    if given.year not in YEARS:
        raise YearOutOfRangeError(given.year)
    report: FillReport = await info.context.write(
        fill_gaps,
        community_id=read_community(given.community_id),
        year=given.year,
        rules=[_RULES[rule.value] for rule in given.rules],
        recorded_at=now(),
        is_dry_run=given.dry_run,
    )
    return report


async def _fetch_readings(info: Info, given: FetchReadingsInput) -> Any:
    wish = FetchWish(
        first_month=_read_month(given.first_month, "firstMonth"),
        last_month=_read_month(given.last_month, "lastMonth"),
        cups=tuple(map(str, given.cups)),
        authorized_nif=given.authorized_nif,
        consumption_is=given.consumption_is,
    )
    return await info.context.write(
        request_reading_fetch,
        community_id=read_community(given.community_id),
        wish=wish,
        idempotency_key=given.idempotency_key,
        now=now(),
    )


async def _fetch_prices(info: Info, given: FetchPricesInput) -> Any:
    return await info.context.write(
        request_price_fetch,
        community_id=read_community(given.community_id),
        idempotency_key=given.idempotency_key,
        now=now(),
    )


def _read_month(text: str, field: str) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise MonthFormError(text, field) from error


def _find_fault(error: CommunityError) -> list[str]:
    """Name the input at fault."""
    match error:
        case UnknownCommunityError():
            return ["communityId"]
        case YearOutOfRangeError():
            return ["year"]
        case NoRulesError():
            return ["rules"]
        case MonthFormError():
            return [error.field]
        case IdempotencyKeyTooLongError() | IdempotencyKeyReusedError():
            return ["idempotencyKey"]
    return ["lastMonth"]
