"""Retail bills of a proposal's year: without sharing, as it is, and as proposed."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import strawberry

from api.graphql.context import Info
from api.graphql.pagination import DEFAULT_PAGE, After, Connection, First
from api.graphql.retail_bills import BillRemark, RegulatedFigure, show_figure
from api.graphql.scalars import Euro
from api.graphql.settlements import read_money
from api.services.bills.remarks import Remark
from api.services.communities.browse_records import WholeList
from api.services.proposals.describe_yearly_bills import read_figure
from models import tables
from models.values.money import from_cents


@strawberry.type(description="A month on the retailer's bill.")
class MonthlyBill:
    """Amounts of one calendar month."""

    month: int = strawberry.field(description="1 to 12.")
    without_eur: Euro = strawberry.field(description="Without self-consumption [EUR].")
    before_eur: Euro | None = strawberry.field(
        description="Under the coefficients then in force [EUR]; null where there were none."
    )
    after_eur: Euro = strawberry.field(description="Under the proposed ones [EUR].")


@strawberry.type(description="Whole bills of a year, all taxes included.")
class YearlyAmounts:
    """Reads amounts of ``proposal.json``."""

    stated: strawberry.Private[dict[str, Any]]

    @strawberry.field(description="Without self-consumption [EUR].")
    def without_eur(self) -> Euro:
        """Read it."""
        return Euro(Decimal(self.stated["without_eur"]))

    @strawberry.field(
        description="Under the coefficients in force when the proposal was made [EUR]; null where "
        "there were none."
    )
    def before_eur(self) -> Euro | None:
        """Read it."""
        return read_money(self.stated["before_eur"])

    @strawberry.field(description="Under the proposed coefficients [EUR].")
    def after_eur(self) -> Euro:
        """Read it."""
        return Euro(Decimal(self.stated["after_eur"]))

    @strawberry.field(description="What the proposal saves against not sharing [EUR].")
    def saving_eur(self) -> Euro:
        """Read it."""
        return Euro(Decimal(self.stated["saving_eur"]))

    @strawberry.field(
        description="What it saves against the coefficients in force [EUR]; below zero for whoever "
        "loses."
    )
    def gain_eur(self) -> Euro | None:
        """Read it."""
        return read_money(self.stated["gain_eur"])


@strawberry.type(description="The year of one who shares on its retailer's bills.")
class YearlyBill(YearlyAmounts):
    """Shows a member's year."""

    proposal_id: strawberry.Private[UUID]
    supply_point_id: strawberry.Private[UUID]

    @strawberry.field(description="Name of the contract.")
    def contract(self) -> str:
        """Read it."""
        return str(self.stated["contract"])

    @strawberry.field(description="Whether no contract was known, so that a default was taken.")
    def is_assumed(self) -> bool:
        """Read it."""
        return bool(self.stated["is_assumed"])

    @strawberry.field(description="The same by calendar month.")
    async def months(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[MonthlyBill]:
        """Page through them."""
        loaders = info.context.loaders
        rows: list[tables.ProposedBill] = await loaders.rows(
            WholeList.BILLS_OF_PROPOSAL, self.proposal_id
        )
        own = next(row for row in rows if row.supply_point_id == self.supply_point_id)
        return loaders.cut(_list_months(own.months), first, after)


@strawberry.type(description="What all who share pay together, and what the bills rest on.")
class ProposalBills(YearlyAmounts):
    """Shows the totals."""

    @strawberry.field(description="Year whose law was taken; null for each day's own.")
    def law_year(self) -> int | None:
        """Read it."""
        year: int | None = self.stated["law_year"]
        return year

    @strawberry.field(description="How many have a default contract, because none is known.")
    def assumed_count(self) -> int:
        """Read it."""
        return int(self.stated["n_assumed"])

    @strawberry.field(description="Figures of law behind them that are not sure.")
    def unsure_figures(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[RegulatedFigure]:
        """Page through them."""
        listed = [show_figure(read_figure(each)) for each in self.stated["figures"]]
        return info.context.loaders.cut(listed, first, after)

    @strawberry.field(description="What they suppose or leave out.")
    def remarks(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[BillRemark]:
        """Page through them."""
        listed = [
            BillRemark(code=Remark(each["code"]), text=each["text"])
            for each in self.stated["remarks"]
        ]
        return info.context.loaders.cut(listed, first, after)


def _list_months(months: dict[str, list[int]]) -> list[MonthlyBill]:
    """Lay the amounts of each month side by side."""
    before = months.get("before")
    return [
        MonthlyBill(
            month=place + 1,
            without_eur=Euro(from_cents(months["without"][place])),
            before_eur=None if before is None else Euro(from_cents(before[place])),
            after_eur=Euro(from_cents(after)),
        )
        for place, after in enumerate(months["after"])
    ]
