"""Retail bills as they are simulated: lines, causes, figures of law, remarks."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import strawberry

from api.graphql.context import Info
from api.graphql.contract_inputs import RetailContractInput, read_contract
from api.graphql.energy import UnderAgreement, UnderProposal, find_document
from api.graphql.enums import describe
from api.graphql.pagination import DEFAULT_PAGE, After, Connection, First, paginate
from api.graphql.scalars import Euro, Kwh
from api.services.bills.bill_question import BillQuestion
from api.services.bills.contract_document import Per
from api.services.bills.describe_bills import describe_amounts, write_values
from api.services.bills.remarks import REMARK_TEXTS, Remark
from api.services.bills.segment_terms import LawChoice
from api.services.bills.simulated_bills import BillLine, LineKind, SimulatedBills
from api.services.bills.used_figures import UsedFigure
from api.services.energy.find_shares import CoefficientBasis
from models.regulation.assumptions import Assumption
from models.values.certainty import Certainty
from models.values.invoicing import TaxKind

describe(
    Assumption,
    "A reading of the law where it, or what is known of it, is open.",
    TAX_CUT_IN_NOVEMBER_2026="Taxes on electricity are lowered in November 2026 (RDL 25/2026).",
    TAX_CUT_IN_DECEMBER_2026="Taxes on electricity are lowered in December 2026 (RDL 25/2026).",
    BONUS_FINANCING_FROM_JULY_2026="TED/634/2026 counts from July 2026.",
    POWER_YEAR_OF_365_DAYS="Yearly prices are divided by 365 in leap years too.",
    POWER_REDUCTIONS_ARE_FREE="The distributor charges nothing for less power.",
    BUSINESS_CHANGES_POWER_FREELY="The holder may change power at any time (RDL 7/2026).",
)
describe(
    Remark,
    "Something that a simulated bill supposes or leaves out.",
    **{remark.name: f"{text[:1].upper()}{text[1:]}." for remark, text in REMARK_TEXTS.items()},
)
describe(
    LineKind,
    "What a line of a bill is for.",
    POWER="Contracted power.",
    POWER_TOLLS="Tolls and charges of power, where they are apart.",
    POWER_DISCOUNT="Discount on power.",
    EXCESS_BY_MAXIMETER="Demand above the contracted power, by the greatest of the bill.",
    EXCESS_BY_QUARTER_HOURS="Demand above the contracted power, by every quarter of an hour.",
    ENERGY="Energy from the grid.",
    INDEXED_ENERGY="Energy from the grid at prices of each hour.",
    ENERGY_TOLLS="Tolls and charges of energy, where they are apart.",
    ENERGY_DISCOUNT="Discount on energy.",
    REACTIVE_ENERGY="Reactive energy.",
    SURPLUS="Compensation of surplus.",
    INDEXED_SURPLUS="Compensation of surplus at prices of each hour.",
    COMPENSATION_LIMIT="What passes the limit of the compensation.",
    SOCIAL_BONUS_DISCOUNT="Discount of the social bonus.",
    SOCIAL_BONUS_FINANCING="Financing of the social bonus.",
    FIXED_DISCOUNT="Discount for time.",
    ELECTRICITY_TAX="Tax on electricity.",
    LEAST_ELECTRICITY_TAX="Least tax on electricity, by energy.",
    METER_RENTAL="Rent of the meter.",
    SERVICES="Further services.",
    SALES_TAX="VAT, IGIC or IPSI.",
    METER_TAX="The same on the meter, where it has a rate of its own.",
    SERVICES_TAX="The same on services, where they have a rate of their own.",
)

FirstDay = Annotated[date, strawberry.argument(description="First local day.")]
EndDay = Annotated[date, strawberry.argument(description="The day after the last.")]
UnderContract = Annotated[
    RetailContractInput | None,
    strawberry.argument(
        description="Its contract; without, what is recorded, or a default one, named as such."
    ),
]
UnderLaw = Annotated[
    int | None,
    strawberry.argument(
        description="Year whose tolls, charges and taxes are taken for the same days; each "
        "day's own by default."
    ),
]
Assuming = Annotated[
    list[Assumption] | None,
    strawberry.argument(description="What is assumed where the law is open."),
]
Sharing = Annotated[
    bool,
    strawberry.argument(description="With self-consumption, as by default, or without."),
]


@strawberry.type(description="What sharing saves, by its cause.")
class SavedByCause:
    """Parts that sum to the saving."""

    grid_energy: Euro = strawberry.field(description="Less energy from the grid [EUR].")
    compensation: Euro = strawberry.field(description="Surplus that is paid for [EUR].")
    power: Euro = strawberry.field(description="Power [EUR].")
    social_bonus: Euro = strawberry.field(description="Social bonus [EUR].")
    fees_and_discounts: Euro = strawberry.field(description="Fees and discounts [EUR].")
    electricity_tax: Euro = strawberry.field(description="Tax on electricity [EUR].")
    sales_tax: Euro = strawberry.field(description="VAT, IGIC or IPSI [EUR].")


@strawberry.type(description="Energy and amounts of one or several bills.")
class BillAmounts:
    """Sums."""

    consumption_kwh: Kwh = strawberry.field(description="At the boundary meter [kWh].")
    allocated_kwh: Kwh = strawberry.field(description="Share of the generation [kWh].")
    self_consumed_kwh: Kwh = strawberry.field(description="What was used of it [kWh].")
    surplus_kwh: Kwh = strawberry.field(description="What was left of it [kWh].")
    grid_import_kwh: Kwh = strawberry.field(description="From the grid [kWh].")
    without_eur: Euro = strawberry.field(description="Without self-consumption [EUR].")
    sharing_eur: Euro = strawberry.field(description="With self-consumption [EUR].")
    saved_eur: Euro = strawberry.field(description="Between the two [EUR].")
    saved_by_cause: SavedByCause = strawberry.field(description="The same by cause.")


@strawberry.type(description="A line of a bill.")
class RetailBillLine:
    """Everything that is needed to multiply it out."""

    kind: LineKind = strawberry.field(description="What it is for.")
    tariff_period: int | None = strawberry.field(description="Tariff period, from 1.")
    start: date = strawberry.field(description="First day that it is for.")
    end: date | None = strawberry.field(description="The day after the last.")
    quantity: str = strawberry.field(description="How much, as exact decimal text.")
    unit: str = strawberry.field(description="Unit of the quantity.")
    unit_price: str | None = strawberry.field(
        description="EUR a unit, or the share, as exact decimal text; null where each hour had "
        "a price."
    )
    price_per: Per | None = strawberry.field(description="What a price of power or time is for.")
    year_days: int | None = strawberry.field(
        description="Days over which a price for a month or a year is spread."
    )
    sales_tax: TaxKind | None = strawberry.field(description="Which tax on sales.")
    amount_eur: Euro = strawberry.field(description="Rounded to cents [EUR].")


@strawberry.type(description="A bill of at most a month.")
class RetailBill:
    """Shows one bill."""

    bills: strawberry.Private[SimulatedBills]
    place: strawberry.Private[int]

    start: date = strawberry.field(description="First local day.")
    end: date | None = strawberry.field(description="The day after the last.")

    @strawberry.field(description="Its energy and amounts.")
    def amounts(self) -> BillAmounts:
        """Sum it."""
        return _sum(self.bills, [self.place])

    @strawberry.field(description="Its lines, in their order.")
    def lines(
        self, sharing: Sharing = True, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[RetailBillLine]:
        """Page through them."""
        lines = self.bills.list_lines(self.place, sharing=sharing)
        return paginate([_show_line(line) for line in lines], first, after)


@strawberry.type(description="What a figure of law is if something is assumed.")
class FigureAlternative:
    """One alternative."""

    assumption: Assumption = strawberry.field(description="What is assumed.")
    value: str = strawberry.field(description="The figure, as exact decimal text.")


@strawberry.type(description="A figure of law that bills took.")
class RegulatedFigure:
    """Where it stands, and how sure it is."""

    figure: strawberry.Private[UsedFigure]

    name: str = strawberry.field(description="What it is.")
    value: str = strawberry.field(
        description="The figure as exact decimal text; one for each tariff period, from P1, with "
        "spaces between."
    )
    unit: str = strawberry.field(description="Its unit.")
    source: str = strawberry.field(description="Where it stands.")
    certainty: Certainty = strawberry.field(description="How it is known.")
    valid_from: date = strawberry.field(description="First day on which it holds.")
    valid_until: date | None = strawberry.field(description="First day on which it does not.")

    @strawberry.field(description="What it is if something is assumed.")
    def alternatives(
        self, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[FigureAlternative]:
        """Page through them."""
        listed = [
            FigureAlternative(assumption=assumption, value=f"{value:f}")
            for assumption, value in self.figure.alternatives
        ]
        return paginate(listed, first, after)


@strawberry.type(description="Something that the bills suppose or leave out.")
class BillRemark:
    """A remark and its text."""

    code: Remark = strawberry.field(description="Which.")
    text: str = strawberry.field(description="In a sentence.")


@strawberry.type(description="Retail bills of a supply point as they are simulated.")
class RetailBills:
    """Shows bills, and what they rest on."""

    bills: strawberry.Private[SimulatedBills]

    contract: str = strawberry.field(description="Name of the contract.")
    basis: CoefficientBasis | None = strawberry.field(
        description="Where the coefficients come from; null where none hold."
    )

    @strawberry.field(description="All bills together.")
    def total(self) -> BillAmounts:
        """Sum them."""
        return _sum(self.bills, range(len(self.bills.bill_days)))

    @strawberry.field(name="bills", description="Each bill, in the order of its days.")
    def list_bills(
        self, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[RetailBill]:
        """Page through them."""
        listed = [
            RetailBill(bills=self.bills, place=place, start=days.start, end=days.end)
            for place, days in enumerate(self.bills.bill_days)
        ]
        return paginate(listed, first, after)

    @strawberry.field(description="Every figure of law behind them, once.")
    def figures(
        self, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[RegulatedFigure]:
        """Page through them."""
        return paginate([show_figure(figure) for figure in self.bills.figures], first, after)

    @strawberry.field(description="What they suppose or leave out.")
    def remarks(self, first: First = DEFAULT_PAGE, after: After = None) -> Connection[BillRemark]:
        """Page through them."""
        listed = [BillRemark(code=code, text=REMARK_TEXTS[code]) for code in self.bills.remarks]
        return paginate(listed, first, after)


async def read_bills(
    info: Info,
    key: UUID,
    start: date,
    end: date,
    contract: UnderContract,
    law_year: int | None,
    assuming: Sequence[Assumption] | None,
    proposal_id: UnderProposal,
    agreement_id: UnderAgreement,
) -> RetailBills | None:
    """Simulate bills together with all others that this request asks for."""
    proposal, agreement = find_document(proposal_id, agreement_id)
    question = BillQuestion(
        start=start,
        end=end,
        contracts=read_contract(contract),
        choice=LawChoice(frozenset(assuming or ()), law_year),
        proposal_id=proposal,
        agreement_id=agreement,
    )
    bills = await info.context.loaders.bills(key, question)
    return RetailBills(bills=bills, contract=bills.contract, basis=bills.basis)


def _sum(bills: SimulatedBills, places: Sequence[int]) -> BillAmounts:
    sums = describe_amounts(bills, places)
    causes = {
        cause.replace("-", "_"): Euro(Decimal(amount))
        for cause, amount in sums["saved_by_cause"].items()
    }
    return BillAmounts(
        consumption_kwh=Kwh(sums["consumption_kwh"]),
        allocated_kwh=Kwh(sums["allocated_kwh"]),
        self_consumed_kwh=Kwh(sums["self_consumed_kwh"]),
        surplus_kwh=Kwh(sums["surplus_kwh"]),
        grid_import_kwh=Kwh(sums["grid_import_kwh"]),
        without_eur=Euro(Decimal(sums["without_eur"])),
        sharing_eur=Euro(Decimal(sums["sharing_eur"])),
        saved_eur=Euro(Decimal(sums["saved_eur"])),
        saved_by_cause=SavedByCause(**causes),
    )


def _show_line(line: BillLine) -> RetailBillLine:
    return RetailBillLine(
        kind=line.kind,
        tariff_period=line.tariff_period,
        start=line.days.start,
        end=line.days.end,
        quantity=f"{line.quantity:f}",
        unit=line.unit,
        unit_price=None if line.unit_price is None else f"{line.unit_price:f}",
        price_per=line.price_per,
        year_days=line.year_days,
        sales_tax=line.sales_tax,
        amount_eur=Euro(line.amount_eur),
    )


def show_figure(figure: UsedFigure) -> RegulatedFigure:
    """Show a figure of law."""
    return RegulatedFigure(
        figure=figure,
        name=figure.name,
        value=" ".join(write_values(figure)),
        unit=figure.unit,
        source=figure.source,
        certainty=figure.certainty,
        valid_from=figure.period.start,
        valid_until=figure.period.end,
    )
