"""What is stored of meters: versions of months, completeness, energy by tariff period."""

from datetime import datetime
from uuid import UUID

import strawberry

from api.graphql.context import Info
from api.graphql.energy import find_document
from api.graphql.pagination import DEFAULT_PAGE, After, Connection, First, paginate
from api.graphql.scalars import Kwh, KwhValues
from api.services.energy.energy_question import YEARS, EnergyQuestion, Measure, YearOutOfRangeError
from api.services.energy.find_energy_subjects import SubjectKind
from api.services.readings.judge_month import MonthCompleteness as Judged
from api.services.readings.judge_month import Suspicion
from api.services.readings.read_completeness import MeterCompleteness as JudgedMeter
from api.services.readings.read_versions import MonthVersion as Version
from models.tables import Channel
from models.values.energy import WH_PER_KWH
from models.values.metering import Quality
from models.values.resolution import Resolution


@strawberry.type(description="One version of one local month of a meter.")
class MonthVersion:
    """Shows a version; corrections are further versions, so that none is ever lost."""

    version: strawberry.Private[Version]

    @strawberry.field(description="What is counted.")
    def channel(self) -> Channel:
        """Read the version."""
        return self.version.channel

    @strawberry.field(description="The month, such as 2023-01.")
    def month(self) -> str:
        """Read the version."""
        return self.version.month

    @strawberry.field(name="version", description="Its number, from 1.")
    def number(self) -> int:
        """Read the version."""
        return self.version.version

    @strawberry.field(description="Whether it is the one that counts.")
    def is_newest(self) -> bool:
        """Read the version."""
        return self.version.is_newest

    @strawberry.field(description="When it was stored.")
    def recorded_at(self) -> datetime:
        """Read the version."""
        return self.version.recorded_at

    @strawberry.field(description="Length of an interval, ISO 8601: PT1H or PT15M.")
    def step(self) -> str:
        """Read the version."""
        return self.version.step.value

    @strawberry.field(description="Sum of what is known [kWh].")
    def total_kwh(self) -> Kwh:
        """Express the sum in kilowatt-hours."""
        return Kwh(self.version.total_wh / WH_PER_KWH)

    @strawberry.field(description="Values that were read from the meter.")
    def real(self) -> int:
        """Count them."""
        return self.version.qualities.get(Quality.REAL, 0)

    @strawberry.field(description="Values that the distributor estimated.")
    def estimated(self) -> int:
        """Count them."""
        return self.version.qualities.get(Quality.ESTIMATED, 0)

    @strawberry.field(description="Values that were corrected by hand.")
    def corrected(self) -> int:
        """Count them."""
        return self.version.qualities.get(Quality.CORRECTED, 0)

    @strawberry.field(description="Values that were filled by a stated rule.")
    def filled(self) -> int:
        """Count them."""
        return self.version.qualities.get(Quality.FILLED, 0)

    @strawberry.field(description="Intervals of which nothing is known.")
    def missing(self) -> int:
        """Count them."""
        return self.version.qualities.get(Quality.MISSING, 0)


@strawberry.type(description="How one local month of a meter stands.")
class MonthCompleteness:
    """Shows a judgement; a value may be doubtful for several reasons."""

    judged: strawberry.Private[Judged]

    month: str = strawberry.field(description="The month, such as 2023-01.")
    step: str = strawberry.field(description="Length of an interval, ISO 8601: PT1H or PT15M.")
    version: int | None = strawberry.field(description="Newest version; null for none.")
    expected: int = strawberry.field(description="Intervals that have ended.")
    present: int = strawberry.field(description="Those of which something is known.")
    missing: int = strawberry.field(description="The others.")
    estimated: int = strawberry.field(description="Values that the distributor estimated.")
    corrected: int = strawberry.field(description="Values that were corrected by hand.")
    filled: int = strawberry.field(description="Values that were filled by a stated rule.")

    @strawberry.field(description="Values far above what can flow.")
    def spikes(self) -> int:
        """Count them."""
        return self.judged.suspicious.get(Suspicion.SPIKE, 0)

    @strawberry.field(description="Values of long rows that are all alike.")
    def flat_lines(self) -> int:
        """Count them."""
        return self.judged.suspicious.get(Suspicion.FLAT_LINE, 0)

    @strawberry.field(description="Generation while the sun is below the horizon.")
    def night_generation(self) -> int:
        """Count it."""
        return self.judged.suspicious.get(Suspicion.NIGHT_GENERATION, 0)

    @strawberry.field(description="Values of whole days without generation.")
    def idle_days(self) -> int:
        """Count them."""
        return self.judged.suspicious.get(Suspicion.IDLE_DAY, 0)


@strawberry.type(description="How a year of one channel of one meter stands.")
class MeterCompleteness:
    """Shows twelve months."""

    judged: strawberry.Private[JudgedMeter]

    name: str = strawberry.field(description="CUPS or CAU.")
    channel: Channel = strawberry.field(description="What is counted.")

    @strawberry.field(description="Its twelve months, in order.")
    def months(
        self, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[MonthCompleteness]:
        """Page through them."""
        return paginate([_show_month(month) for month in self.judged.months], first, after)


@strawberry.type(description="A year of a supply point's energy by month and tariff period.")
class TariffPeriodEnergy:
    """A column of twelve months for each period; null for those that the tariff does not have."""

    start: datetime = strawberry.field(
        description="First instant of the year, on the community's clock."
    )
    step: str = strawberry.field(description="Length of an interval, ISO 8601: P1M.")
    unit: str = strawberry.field(description="Unit of the values: kWh.")
    p1: KwhValues = strawberry.field(description="Energy of each month in P1 [kWh].")
    p2: KwhValues = strawberry.field(description="Energy of each month in P2 [kWh].")
    p3: KwhValues = strawberry.field(description="Energy of each month in P3 [kWh].")
    p4: KwhValues | None = strawberry.field(description="Energy of each month in P4 [kWh].")
    p5: KwhValues | None = strawberry.field(description="Energy of each month in P5 [kWh].")
    p6: KwhValues | None = strawberry.field(description="Energy of each month in P6 [kWh].")


async def page_versions(
    info: Info, kind: SubjectKind, key: UUID, year: int, first: int | None, after: str | None
) -> Connection[MonthVersion]:
    """Page through the versions of a meter's months."""
    _check_year(year)
    found: list[Version] = await info.context.loaders.versions(kind, key, year)
    shown = [MonthVersion(version=each) for each in found]
    return info.context.loaders.cut(shown, first, after)


async def page_completeness(
    info: Info, kind: SubjectKind, key: UUID, year: int, first: int | None, after: str | None
) -> Connection[MeterCompleteness]:
    """Page through the channels of a meter."""
    _check_year(year)
    found: list[JudgedMeter] = await info.context.loaders.completeness(kind, key, year)
    return show_completeness(info, found, first, after)


async def page_community_completeness(
    info: Info, key: UUID, year: int, first: int | None, after: str | None
) -> Connection[MeterCompleteness]:
    """Page through the meters of a community."""
    _check_year(year)
    found: list[JudgedMeter] = await info.context.loaders.community_completeness(key, year)
    return show_completeness(info, found, first, after)


def show_completeness(
    info: Info, found: list[JudgedMeter], first: int | None, after: str | None
) -> Connection[MeterCompleteness]:
    """Cut out a page."""
    shown = [MeterCompleteness(judged=each, name=each.name, channel=each.channel) for each in found]
    return info.context.loaders.cut(shown, first, after)


async def read_periods(
    info: Info,
    key: UUID,
    measure: Measure,
    year: int,
    proposal_id: str | None,
    agreement_id: str | None,
) -> TariffPeriodEnergy:
    """Ask for the sums together with all others that this request asks for."""
    proposal, agreement = find_document(proposal_id, agreement_id)
    question = EnergyQuestion(measure, year, Resolution.MONTH, proposal, agreement)
    sums = await info.context.loaders.period_energy(key, question)
    columns = [KwhValues(values) for values in sums.values_kwh]
    p1, p2, p3, *others = columns
    p4, p5, p6 = others or (None, None, None)
    return TariffPeriodEnergy(
        start=sums.start, step="P1M", unit="kWh", p1=p1, p2=p2, p3=p3, p4=p4, p5=p5, p6=p6
    )


def _show_month(month: Judged) -> MonthCompleteness:
    return MonthCompleteness(
        judged=month,
        month=month.month,
        step=month.step.value,
        version=month.version,
        expected=month.expected,
        present=month.present,
        missing=month.missing,
        estimated=month.estimated,
        corrected=month.corrected,
        filled=month.filled,
    )


def _check_year(year: int) -> None:
    if year not in YEARS:
        raise YearOutOfRangeError(year)
