"""Gather what the resolvers of one request ask for, and ask the use cases once a kind."""

from collections.abc import Awaitable, Callable, Collection, Hashable, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any, Protocol, TypeVar
from uuid import UUID

from sqlmodel import SQLModel

from api.clock import now
from api.graphql.kept_readings import Batches, CallersReadings, KeptReadings
from api.graphql.list_wishes import kind_of
from api.graphql.pagination import (
    Connection,
    Edge,
    connect,
    paginate,
    read_cursor,
    read_page_size,
    write_cursor,
)
from api.graphql.reading_weights import (
    Weigh,
    weigh_number,
    weigh_page,
    weigh_record,
    weigh_rows,
    weigh_series,
)
from api.graphql.shown_columns import SHOWN
from api.services.agency.read_sending import RecordStanding, group_standings
from api.services.agreements.check_filings import check_filings
from api.services.agreements.file_agreement import FilingCheck
from api.services.audit.read_trail import AuditFilter, count_entries, page_entries
from api.services.bills.bill_question import BillQuestion
from api.services.bills.simulate_bills import simulate_bills
from api.services.bills.simulated_bills import SimulatedBills
from api.services.communities.browse_records import (
    OneEach,
    PagedList,
    WholeList,
    count_records,
    group_records,
    map_one_each,
    map_records,
    page_records,
)
from api.services.communities.record_lists import LONG_LISTS
from api.services.energy.energy_question import EnergyQuestion
from api.services.energy.find_energy_subjects import SubjectKind
from api.services.energy.list_allocations import MonthHead, list_allocations
from api.services.energy.read_energy import CONSUMERS, EnergySeries, read_energy
from api.services.energy.read_month_series import (
    MonthSeries,
    SeriesQuestion,
    read_month_series,
)
from api.services.energy.read_period_energy import PeriodEnergy, read_period_energy
from api.services.energy.read_shared_months import SharedMonth, map_shared_months
from api.services.invoices.find_invoices import (
    InvoiceFilter,
    count_invoices,
    list_issuers,
    page_invoices,
)
from api.services.invoices.preview_billing_run import BillingPreview, preview_billing_run
from api.services.invoices.verify_invoices import IssuerReport, verify_invoices
from api.services.readings.read_completeness import (
    MeterCompleteness,
    map_community_completeness,
    map_meter_completeness,
)
from api.services.readings.read_versions import MonthVersion, read_versions
from models.tables import InvoiceIssuer
from models.values.errors import CommunityError, ErrorCode
from models.values.listing import EVERYTHING, ListWish
from models.values.period import Period

ShownT = TypeVar("ShownT")

_ORDERED_BY: dict[PagedList, type] = {
    PagedList.COMMUNITIES_OF_PROMOTER: str,
    PagedList.AGENCY_SUBMISSIONS_OF_PROMOTER: datetime,
    PagedList.JOBS_OF_PROMOTER: datetime,
    PagedList.MEMBERS_OF_COMMUNITY: str,
    PagedList.RESERVE_POOL_OF_COMMUNITY: int,
    PagedList.FILE_IMPORTS_OF_COMMUNITY: datetime,
    PagedList.AGREEMENTS_OF_INSTALLATION: datetime,
    PagedList.PROPOSALS_OF_INSTALLATION: datetime,
    PagedList.SUITABILITIES_OF_APPLICATION: datetime,
    PagedList.MESSAGES_OF_PROMOTER: datetime,
    PagedList.TROUBLED_MESSAGES_OF_PROMOTER: datetime,
    PagedList.BILLING_RUNS_OF_COMMUNITY: datetime,
    PagedList.INVOICES_OF_RUN: str,
    PagedList.PAYMENTS_OF_ISSUER: datetime,
    PagedList.ENTRIES_OF_ISSUER: datetime,
    PagedList.MANDATES_OF_ISSUER: datetime,
    PagedList.DEBIT_RUNS_OF_ISSUER: datetime,
    PagedList.TOKENS_OF_PROMOTER: datetime,
    PagedList.SIGN_UPS_OF_COMMUNITY: datetime,
    PagedList.ACCOUNTS_OF_PROMOTER: str,
}
"""Kind of the value that orders each list, and therefore its cursors."""


MOST_ROWS = 10_000
"""Rows that one request may read; a year of energy counts as many as it weighs."""

_MOST_BRIEFLY = 200
"""Keys whose records are found in less time than the event loop may be kept from all others."""

_ROWS_A_SERIES = 100
_ROWS_A_CHECK = 100
_ROWS_A_BILL = 300
_ROWS_A_COMMUNITY = 1_000
_INVOICES = "invoices"
_AUDIT = "audit entries"


class TooManyRowsError(CommunityError):
    """One request reads more than the others can wait for."""

    code = ErrorCode.TOO_LARGE

    def __init__(self) -> None:
        super().__init__(f"the request reads more than {MOST_ROWS} rows: ask for smaller pages")
        self.most = MOST_ROWS


class ReadUseCase(Protocol):
    """Run a reading use case for the caller, outside the event loop."""

    def __call__(self, use_case: Callable[..., Any], **arguments: object) -> Awaitable[Any]:
        """Give the use case a transaction, the promoter and its arguments."""


class Loaders:
    """The loaders of one request, each made when first asked for."""

    def __init__(
        self,
        read: ReadUseCase,
        read_shown: Callable[..., Awaitable[Any]],
        read_together: ReadUseCase,
        kept: KeptReadings,
        caller: Hashable,
    ) -> None:
        self._read = read
        self._read_shown = read_shown
        self._read_together = read_together
        self._recall = partial(CallersReadings, kept, caller)
        self._readings: CallersReadings | None = None
        self._loaders: dict[Hashable, Batches[Any, Any]] = {}
        self._rows = 0
        self._asked_at = now()

    def record(self, table: type[SQLModel], key: UUID) -> Awaitable[ShownT]:
        """Read a record by id; None when there is none."""
        return self._find(map_records, "ids", weigh_record, table=table).load(key)

    async def records(self, table: type[SQLModel], keys: Collection[UUID]) -> list[Any]:
        """Read records by id, all columns of those that there are: who asks looks into them."""
        loader = self._find(map_records, "ids", weigh_record, shown=None, table=table)
        return [one for one in await loader.load_many(keys) if one is not None]

    def one(self, relation: OneEach, key: Hashable) -> Awaitable[ShownT]:
        """Read the one record that belongs to a key; None when there is none."""
        return self._find(map_one_each, "keys", weigh_record, relation=relation).load(key)

    def rows(self, listing: WholeList, key: Hashable) -> Awaitable[list[ShownT]]:
        """Read a short list whole, all columns of it: whoever asks looks into the rows itself."""
        return self._group(listing, shown=None).load(key)

    async def whole(
        self, listing: WholeList, key: Hashable, first: int | None, after: str | None
    ) -> Connection[ShownT]:
        """Read a short list and cut a page out of it."""
        rows: list[ShownT] = await self._group(listing).load(key)
        return self.cut(rows, first, after)

    def cut(
        self, rows: Sequence[ShownT], first: int | None, after: str | None
    ) -> Connection[ShownT]:
        """Cut a page out of a list that is at hand as a whole."""
        page = paginate(rows, first, after)
        self._count(len(page.edges))
        return page

    async def page(
        self,
        listing: PagedList,
        parent_id: UUID,
        first: int | None,
        after: str | None,
        wish: ListWish = EVERYTHING,
    ) -> Connection[ShownT]:
        """Read a page of a list that grows: of the rows that are wished for, in their order."""
        size = read_page_size(first)
        name = listing.value
        if wish.order is not None:
            name = f"{name} by {wish.order} {wish.direction}"
        kind = _ORDERED_BY[listing] if wish.order is None else kind_of(wish.order)
        place = read_cursor(name, kind, after) if after is not None else None
        most = 1 if wish == EVERYTHING else 0
        page_of = {"listing": listing, "first": size, "after": place, "wish": wish}
        pages = self._find(page_records, "parent_ids", weigh_page, most_briefly=most, **page_of)
        page = await pages.load(parent_id)
        self._count(len(page.items))

        async def count() -> int:
            if after is None and not page.has_next:
                return len(page.items)
            counts = self._gather(
                count_records, "parent_ids", weigh=weigh_number, listing=listing, wish=wish
            )
            counted: int = await counts.load(parent_id)
            return counted

        edges = [
            Edge(node=row, write_cursor=partial(write_cursor, name, key))
            for row, key in zip(page.items, page.keys, strict=True)
        ]
        return connect(
            edges,
            has_next=page.has_next,
            after=after,
            count=count,
        )

    async def invoices(
        self, wanted: InvoiceFilter, first: int | None, after: str | None
    ) -> Connection[ShownT]:
        """Read a page of the invoices that pass a filter."""
        place = read_cursor(_INVOICES, str, after) if after is not None else None
        finding = partial(page_invoices, wanted=wanted, after=place)
        counting = partial(count_invoices, wanted=wanted)
        return await self._filter(_INVOICES, finding, counting, first, after)

    async def audit_entries(
        self, wanted: AuditFilter, first: int | None, after: str | None
    ) -> Connection[ShownT]:
        """Read a page of the entries of the audit trail that pass a filter."""
        place = read_cursor(_AUDIT, int, after) if after is not None else None
        finding = partial(page_entries, wanted=wanted, after=place)
        counting = partial(count_entries, wanted=wanted)
        return await self._filter(_AUDIT, finding, counting, first, after)

    async def _filter(
        self,
        name: str,
        finding: Callable[..., Any],
        counting: Callable[..., int],
        first: int | None,
        after: str | None,
    ) -> Connection[ShownT]:
        """Read a page of what passes a filter; it is counted only if somebody asks."""
        page = await self._read(finding, first=read_page_size(first))
        self._count(len(page.items))
        edges = [
            Edge(node=row, write_cursor=partial(write_cursor, name, key))
            for row, key in zip(page.items, page.keys, strict=True)
        ]

        async def count() -> int:
            counted: int = await self._read(counting)
            return counted

        return connect(edges, has_next=page.has_next, after=after, count=count)

    def billing_preview(
        self, community_id: UUID, period: Period, cups: Sequence[str] | None
    ) -> Awaitable[BillingPreview]:
        """Work out what a billing run would issue."""
        self._count(_ROWS_A_COMMUNITY)
        return self._read(
            preview_billing_run,
            community_id=community_id,
            period=period,
            cups=cups,
            now=self._asked_at,
        )

    def chains(self) -> Awaitable[list[IssuerReport]]:
        """Verify the invoices of every issuer."""
        self._count(_ROWS_A_COMMUNITY)
        return self._read(verify_invoices)

    def issuers(self) -> Awaitable[list[InvoiceIssuer]]:
        """Read in whose names invoices are issued."""
        return self._read(list_issuers)

    def energy(
        self, kind: SubjectKind, key: UUID, question: EnergyQuestion
    ) -> Awaitable[EnergySeries]:
        """Read a year of energy; an expected failure is raised for those whom it concerns."""
        self._count(_ROWS_A_SERIES)
        loader = self._gather(read_energy, "ids", weigh=weigh_series, kind=kind, question=question)
        return loader.load(key)

    def month_series(
        self, kind: SubjectKind, key: UUID, question: SeriesQuestion
    ) -> Awaitable[MonthSeries]:
        """Read a year of energy, savings or CO2, month by month."""
        self._count(_ROWS_A_BILL if kind in CONSUMERS else _ROWS_A_COMMUNITY)
        return self._gather(read_month_series, "ids", kind=kind, question=question).load(key)

    def shared_series(self, community_id: UUID, question: SeriesQuestion) -> Awaitable[MonthSeries]:
        """Read a year of a whole community, for members too; the question bounds what is told."""
        self._count(_ROWS_A_COMMUNITY)
        kind, read = SubjectKind.COMMUNITY, self._read_together
        loader = self._gather(read_month_series, "ids", read, kind=kind, question=question)
        return loader.load(community_id)

    def period_energy(self, key: UUID, question: EnergyQuestion) -> Awaitable[PeriodEnergy]:
        """Read a year of energy by tariff period."""
        self._count(_ROWS_A_SERIES)
        return self._gather(read_period_energy, "ids", question=question).load(key)

    def agency_standings(self, invoice_id: UUID) -> Awaitable[list[RecordStanding]]:
        """Read what the tax agency made of an invoice's records."""
        self._count(1)
        return self._gather(group_standings, "invoice_ids").load(invoice_id)

    def bills(self, key: UUID, question: BillQuestion) -> Awaitable[SimulatedBills]:
        """Simulate bills; an expected failure is raised for those whom it concerns."""
        self._count(_ROWS_A_BILL)
        return self._gather(simulate_bills, "ids", question=question).load(key)

    def versions(self, kind: SubjectKind, key: UUID, year: int) -> Awaitable[list[MonthVersion]]:
        """Read the versions of a meter's months of a year."""
        self._count(_ROWS_A_SERIES)
        return self._gather(read_versions, "ids", kind=kind, year=year).load(key)

    def completeness(
        self, kind: SubjectKind, key: UUID, year: int
    ) -> Awaitable[list[MeterCompleteness]]:
        """Judge a meter's year."""
        self._count(_ROWS_A_SERIES)
        loader = self._gather(
            map_meter_completeness, "ids", kind=kind, year=year, asked_at=self._asked_at
        )
        return loader.load(key)

    def community_completeness(self, key: UUID, year: int) -> Awaitable[list[MeterCompleteness]]:
        """Judge a year of all meters of a community."""
        self._count(_ROWS_A_COMMUNITY)
        loader = self._gather(
            map_community_completeness, "community_ids", year=year, asked_at=self._asked_at
        )
        return loader.load(key)

    def check(self, agreement_id: UUID, filed_on: date) -> Awaitable[FilingCheck]:
        """Hold an agreement against the rules of filing, which asks about a dozen questions."""
        self._count(_ROWS_A_CHECK)
        return self._gather(check_filings, "agreement_ids", filed_on=filed_on).load(agreement_id)

    def allocations(self, installation_id: UUID, year: int) -> Awaitable[list[MonthHead]]:
        """Read the months of a year that were shared out."""
        loader = self._gather(list_allocations, "installation_ids", year=year)
        return loader.load(installation_id)

    def shared_months(
        self, community_id: UUID, year: int, *, asking: frozenset[UUID], fewest: int
    ) -> Awaitable[list[SharedMonth]]:
        """Sum up what a whole community shared, for members too."""
        self._count(_ROWS_A_COMMUNITY)
        loader = self._gather(
            map_shared_months,
            "community_ids",
            self._read_together,
            year=year,
            asking=asking,
            fewest=fewest,
        )
        return loader.load(community_id)

    def forget(self) -> None:
        """Forget what was read, since it may have changed; what was counted stays counted."""
        self._loaders.clear()
        self._readings = None

    def _count(self, rows: int) -> None:
        """Count what the request reads, and stop it where it goes too far."""
        self._rows += rows
        if self._rows > MOST_ROWS:
            raise TooManyRowsError

    def _group(self, listing: WholeList, **shown: Hashable) -> Batches[Any, Any]:
        """Find or make the loader of a kind of list, of which no long one is brief."""
        most = 0 if listing in LONG_LISTS else _MOST_BRIEFLY
        return self._find(
            group_records, "keys", weigh_rows, most_briefly=most, listing=listing, **shown
        )

    def _find(
        self,
        use_case: Callable[..., Any],
        keys: str,
        weigh: Weigh,
        *,
        most_briefly: int = _MOST_BRIEFLY,
        **arguments: Hashable,
    ) -> Batches[Any, Any]:
        """Find or make the loader of a use case that finds records by their keys.

        It is brief for so many keys at most.
        """
        shown = {"shown": SHOWN.get()} | arguments
        return self._gather(use_case, keys, self._read_shown, most_briefly, weigh=weigh, **shown)

    def _gather(
        self,
        use_case: Callable[..., Any],
        keys: str,
        read: Callable[..., Awaitable[Any]] | None = None,
        most_briefly: int | None = None,
        *,
        weigh: Weigh | None = None,
        **arguments: Hashable,
    ) -> Batches[Any, Any]:
        """Find or make the loader of a use case with these arguments.

        What it finds is kept if it can be weighed: of what the database alone decides.
        """
        name = (use_case, read, *arguments.items())
        loader = self._loaders.get(name)
        if loader is None:

            async def ask(wanted: Sequence[Hashable]) -> Any:
                given = {keys: wanted, **arguments}
                if most_briefly is not None:
                    given["is_brief"] = len(wanted) <= most_briefly
                return await (read or self._read)(use_case, **given)

            self._readings = self._readings or self._recall()
            question = (use_case, *arguments.items())
            loader = self._loaders[name] = Batches(ask, question, self._readings, weigh)
        return loader
