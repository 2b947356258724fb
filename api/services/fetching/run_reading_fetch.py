"""Fetch the readings of a community's supply points from Datadis, each by itself."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

import orjson
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from api.clients.datadis import (
    DATADIS_LIMITS,
    ConsumptionQuery,
    DatadisAccount,
    DatadisAnswer,
    DatadisClient,
    QueryTooSoonError,
)
from api.clients.remote_errors import RemoteNonsenseError
from api.clients.transport import Transport
from api.services.communities.community_meters import CommunityMeters, load_meters
from api.services.fetching.remote_queries import RemoteQueries
from api.services.file_imports.file_report import FileReport, SourceFile
from api.services.file_imports.import_readings import import_readings
from api.services.file_imports.prepare_series import ConsumptionMeaning, ReadingOptions
from api.services.jobs.run_jobs import LostClaimError, RunningJob
from loaders.meter_files.datadis_json import read_datadis_json
from models.repositories.supply_points import describe_metering_point
from models.session import ConcurrentChangeError, DatabaseBusyError, read_session
from models.tables import SupplyPoint
from models.values.cups import Cups
from models.values.errors import CommunityError, InvalidArgumentError, NotFoundError

_SERVICE = "Datadis"
_POINT_LENGTH = 20


class MissingDatadisAccountError(InvalidArgumentError):
    """Nobody told under which account to ask Datadis."""

    def __init__(self) -> None:
        super().__init__(
            "no account of Datadis is set: set REPARTO_DATADIS_USERNAME and"
            " REPARTO_DATADIS_PASSWORD"
        )


class UnlistedSupplyError(NotFoundError):
    """Datadis does not list a supply point for the account that asks.

    Attributes
    ----------
    cups : str
        The supply point.
    """

    def __init__(self, cups: str) -> None:
        super().__init__(
            f"Datadis does not list {cups} for this account: its holder has to authorise it there"
        )
        self.cups = cups


class _Supply(BaseModel):
    """A supply as Datadis lists it; its address and the rest are not looked at."""

    cups: str
    distributor_code: str = Field(alias="distributorCode", max_length=8)
    point_type: int = Field(alias="pointType", ge=1, le=5)


class _Supplies(BaseModel):
    supplies: list[_Supply]


_SUPPLIES: TypeAdapter[_Supplies | list[_Supply]] = TypeAdapter(_Supplies | list[_Supply])


@dataclass(frozen=True, slots=True)
class FetchWish:
    """What is to be fetched.

    Attributes
    ----------
    first_month, last_month : date
        First days of the first and of the last month.
    cups : tuple of str
        The supply points; empty for all of the community.
    authorized_nif : str or None
        Whose supply points they are, if not the account's own.
    consumption_is : ConsumptionMeaning
        What Datadis calls consumption of these.
    """

    first_month: date
    last_month: date
    cups: tuple[str, ...] = ()
    authorized_nif: str | None = field(default=None, repr=False)
    consumption_is: ConsumptionMeaning = ConsumptionMeaning.BOUNDARY

    def to_json(self) -> dict[str, Any]:
        """Give it as plain JSON values."""
        document: dict[str, Any] = _WISH.dump_python(self, mode="json")
        return document

    @staticmethod
    def from_json(document: dict[str, Any]) -> "FetchWish":
        """Read one that was stored."""
        return _WISH.validate_python(document)


_WISH = TypeAdapter(FetchWish)


def run_reading_fetch(job: RunningJob, *, account: DatadisAccount | None, url: str) -> None:
    """Ask Datadis for each supply point, and store each answer as it comes.

    Parameters
    ----------
    job : RunningJob
        Of the kind ``fetch_readings``.
    account : DatadisAccount or None
        Who asks.
    url : str
        Address of Datadis.

    Raises
    ------
    MissingDatadisAccountError
        If there is no account.
    UnknownCommunityError
        If the promoter has no such community.
    LostClaimError
        If another worker took the job.

    Notes
    -----
    An answer, and that Datadis gave it, are committed together: what was stored stays, whatever
    becomes of the other supply points, and is not asked for again within 24 hours. The job's report
    tells of each supply point what was stored, or why nothing was.
    """
    if account is None:
        raise MissingDatadisAccountError
    community_id = UUID(job.arguments["community_id"])
    wish = FetchWish.from_json(job.arguments["wish"])
    with read_session(job.engine) as session:
        meters = load_meters(session, promoter_id=job.promoter_id, community_id=community_id)
    with Transport(_SERVICE, url, limits=DATADIS_LIMITS) as transport:
        queries = RemoteQueries(job.engine, job.promoter_id)
        client = DatadisClient(transport, account, ledger=queries, clock=job.clock)
        fetch = _Fetch(job, client, queries, meters, wish)
        outcomes = fetch.run()
    with job.storing() as session:
        queries.keep(session)
        job.complete(session, result_id=community_id, report=_sum_up(outcomes))


@dataclass(frozen=True, slots=True)
class _Fetch:
    """Fetches supply point after supply point."""

    job: RunningJob
    client: DatadisClient
    queries: RemoteQueries
    meters: CommunityMeters
    wish: FetchWish

    def run(self) -> list[dict[str, Any]]:
        """Fetch all; what fails with one does not keep the others."""
        points = _choose_points(self.meters.points, self.wish.cups)
        supplies, failure = self._list_supplies(points)
        outcomes = []
        for number, point in enumerate(points):
            self.job.report(number / len(points), f"fetching {number + 1} of {len(points)}")
            outcomes.append({"cups": point.cups} | self._try(point, supplies, failure))
        return outcomes

    def _list_supplies(
        self, points: Sequence[SupplyPoint]
    ) -> tuple[dict[str, _Supply], CommunityError | None]:
        """Ask which supplies there are, if it is not known of some; tell why not."""
        if all(point.distributor_code and point.point_type for point in points):
            return {}, None
        try:
            answer = self.client.fetch_supplies(authorized_nif=self.wish.authorized_nif)
            listed = _read_supplies(answer)
        except CommunityError as error:
            return {}, error
        by_cups = {supply.cups[:_POINT_LENGTH]: supply for supply in listed}
        with self.job.storing() as session:
            for point in points:
                if supply := by_cups.get(point.cups[:_POINT_LENGTH]):
                    describe_metering_point(
                        session,
                        point,
                        distributor_code=supply.distributor_code,
                        point_type=supply.point_type,
                    )
            self.queries.keep(session)
        return by_cups, None

    def _try(
        self, point: SupplyPoint, supplies: dict[str, _Supply], failure: CommunityError | None
    ) -> dict[str, Any]:
        try:
            report = self._fetch(point, supplies, failure)
        except (LostClaimError, ConcurrentChangeError, DatabaseBusyError):
            raise
        except QueryTooSoonError as error:
            return {"state": "asked_before", "reason": str(error)}
        except CommunityError as error:
            return {"state": "failed", "code": error.code.value, "reason": str(error)}
        return {
            "state": "stored",
            "accepted_count": report.accepted_count,
            "rejected_count": report.rejected_count,
            "unchanged": report.is_repeat or report.is_unchanged,
            "notes": list(report.notes),
        }

    def _fetch(
        self, point: SupplyPoint, supplies: dict[str, _Supply], failure: CommunityError | None
    ) -> FileReport:
        answer = self.client.fetch_consumption(self._query(point, supplies, failure))
        file = read_datadis_json(answer.body, timezone=self.meters.community.timezone)
        name = f"datadis-{point.cups}-{self.wish.first_month:%Y%m}-{self.wish.last_month:%Y%m}.json"
        with self.job.storing() as session:
            report = import_readings(
                session,
                promoter_id=self.job.promoter_id,
                community_id=self.meters.community.id,
                file=file,
                source=SourceFile(name, hashlib.sha256(answer.body).hexdigest()),
                options=ReadingOptions(
                    consumption_is=self.wish.consumption_is, accepts_partial=True
                ),
                imported_at=self.job.clock(),
            )
            self.queries.keep(session)
        return report

    def _query(
        self, point: SupplyPoint, supplies: dict[str, _Supply], failure: CommunityError | None
    ) -> ConsumptionQuery:
        supply = supplies.get(point.cups[:_POINT_LENGTH])
        distributor_code = supply.distributor_code if supply else point.distributor_code
        point_type = supply.point_type if supply else point.point_type
        if not distributor_code or not point_type:
            raise failure or UnlistedSupplyError(point.cups)
        return ConsumptionQuery(
            cups=Cups(point.cups),
            distributor_code=distributor_code,
            first_month=self.wish.first_month,
            last_month=self.wish.last_month,
            point_type=point_type,
            authorized_nif=self.wish.authorized_nif,
        )


def _choose_points(points: Sequence[SupplyPoint], cups: Sequence[str]) -> list[SupplyPoint]:
    wanted = {each[:_POINT_LENGTH] for each in cups}
    return [point for point in points if not wanted or point.cups[:_POINT_LENGTH] in wanted]


def _read_supplies(answer: DatadisAnswer) -> list[_Supply]:
    try:
        content = _SUPPLIES.validate_python(orjson.loads(answer.body))
    except (ValidationError, orjson.JSONDecodeError) as error:
        raise RemoteNonsenseError(_SERVICE, "its list of supplies has another form") from error
    return content.supplies if isinstance(content, _Supplies) else content


def _sum_up(outcomes: list[dict[str, Any]]) -> dict[str, Any]:
    states = [outcome["state"] for outcome in outcomes]
    return {
        "stored_count": states.count("stored"),
        "asked_before_count": states.count("asked_before"),
        "failed_count": states.count("failed"),
        "supply_points": outcomes,
    }
