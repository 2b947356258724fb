"""Others' documents held against ours: retailers' bills, distributors' curves and invoices."""

from datetime import date
from decimal import Decimal
from typing import Annotated

import strawberry

from api.graphql.bill_inputs import RetailBillInput, read_bill
from api.graphql.context import Info
from api.graphql.contract_inputs import read_contract
from api.graphql.curve_checks import CurveComparison, show_curves
from api.graphql.detections import read_upload_id
from api.graphql.energy import UnderAgreement, UnderProposal, find_document
from api.graphql.enums import describe
from api.graphql.invoice_checks import AccessInvoiceCheck, CheckNote, show_invoices
from api.graphql.pagination import DEFAULT_PAGE, After, Connection, First, paginate
from api.graphql.retail_bills import Assuming, UnderContract, UnderLaw
from api.graphql.scalars import Euro
from api.services.bills.bill_question import BillQuestion
from api.services.bills.segment_terms import LawChoice
from api.services.checks.check_retail_bill import check_retail_bill
from api.services.checks.check_upload import FileCheck, check_upload
from api.services.checks.describe_checks import describe_retail_check
from api.services.checks.retail_check import BillCause, RetailBillCheck

describe(
    BillCause,
    "Why a retailer's bill differs from ours.",
    LINE_SUM="The lines do not sum to the total: look for a typing error.",
    DAYS="Other days of power, meter, bonus or services.",
    POWER="Another contracted power.",
    POWER_PRICE="Another price of power.",
    ENERGY="Other energy from the grid.",
    ENERGY_PRICE="Another price of energy.",
    SURPLUS="Other surplus.",
    SURPLUS_PRICE="Another price of surplus.",
    COMPENSATION_LIMIT="Another limit of the compensation.",
    EXCESS_POWER="Demand above the contracted power.",
    REACTIVE_ENERGY="Reactive energy.",
    DISCOUNT="Other discounts.",
    SOCIAL_BONUS="Social bonus, or its financing.",
    METER_RENTAL="Another rent of the meter.",
    SERVICES="Other services.",
    ELECTRICITY_TAX_RATE="Another rate of the tax on electricity.",
    SALES_TAX_RATE="Another rate of VAT, IGIC or IPSI.",
    TAX_BASE="A tax is taken of another amount.",
    ROUNDING="Up to a cent a line.",
    UNEXPLAINED="No figure of the bill explains it.",
)


@strawberry.type(description="What a cause makes a retailer's bill dearer by.")
class BillDifferenceCause:
    """A part of the difference."""

    cause: BillCause = strawberry.field(description="Which.")
    tariff_period: int | None = strawberry.field(description="Of power or energy, from 1.")
    eur: Euro = strawberry.field(description="Taxes included; below zero is cheaper [EUR].")
    taxes_eur: Euro = strawberry.field(description="Taxes in that [EUR].")


@strawberry.type(description="A retailer's bill held against ours of the same days.")
class RetailBillComparison:
    """Shows why they differ."""

    check: strawberry.Private[RetailBillCheck]

    start: date = strawberry.field(description="First local day.")
    end: date = strawberry.field(description="The day after the last.")
    contract: str = strawberry.field(description="Name of the contract that ours is made by.")
    ours_eur: Euro = strawberry.field(description="What ours amounts to [EUR].")
    theirs_eur: Euro = strawberry.field(description="What theirs amounts to [EUR].")
    difference_eur: Euro = strawberry.field(description="Theirs less ours [EUR].")
    agrees: bool = strawberry.field(description="Whether rounding explains everything.")

    @strawberry.field(description="Why they differ; the causes sum to the difference.")
    def causes(
        self, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[BillDifferenceCause]:
        """Page through them."""
        listed = [
            BillDifferenceCause(
                cause=BillCause(each["cause"]),
                tariff_period=each["tariff_period"],
                eur=Euro(Decimal(each["eur"])),
                taxes_eur=Euro(Decimal(each["taxes_eur"])),
            )
            for each in describe_retail_check(self.check)["causes"]
        ]
        return paginate(listed, first, after)

    @strawberry.field(description="What to know beside them.")
    def remarks(self, first: First = DEFAULT_PAGE, after: After = None) -> Connection[CheckNote]:
        """Page through them."""
        listed = [CheckNote(code=code.value, text=text) for code, text in self.check.texts]
        return paginate(listed, first, after)


@strawberry.type(description="A distributor's file held against ours.")
class DistributorFileComparison:
    """Shows curves and invoices, whichever it holds."""

    found: strawberry.Private[FileCheck]

    agrees: bool = strawberry.field(description="Whether nothing differs but by rounding.")

    @strawberry.field(description="Hourly curves, supply point by supply point.")
    def curves(
        self, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[CurveComparison]:
        """Page through them."""
        return paginate(show_curves(self.found.curves), first, after)

    @strawberry.field(description="Invoices of access.")
    def invoices(
        self, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[AccessInvoiceCheck]:
        """Page through them."""
        return paginate(show_invoices(self.found.invoices), first, after)


@strawberry.type
class CheckQueries:
    """Ways to hold others' documents against ours."""

    @strawberry.field(
        description="A retailer's bill, typed, held against ours of its days: why they differ."
    )
    async def check_retail_bill(
        self,
        info: Info,
        bill: Annotated[RetailBillInput, strawberry.argument(description="Their bill.")],
        contract: UnderContract = None,
        law_year: UnderLaw = None,
        assuming: Assuming = None,
        proposal_id: UnderProposal = None,
        agreement_id: UnderAgreement = None,
    ) -> RetailBillComparison | None:
        """Simulate ours, and compare."""
        document = read_bill(bill)
        proposal, agreement = find_document(proposal_id, agreement_id)
        question = BillQuestion(
            start=document.start,
            end=document.end,
            contracts=read_contract(contract),
            choice=LawChoice(frozenset(assuming or ()), law_year),
            proposal_id=proposal,
            agreement_id=agreement,
        )
        found = await info.context.read(check_retail_bill, document=document, question=question)
        described = describe_retail_check(found)
        amounts = {
            name: Euro(Decimal(described[name]))
            for name in ("ours_eur", "theirs_eur", "difference_eur")
        }
        return RetailBillComparison(
            check=found,
            start=document.start,
            end=document.end,
            contract=described["contract"],
            agrees=found.agrees(),
            **amounts,
        )

    @strawberry.field(
        description="An uploaded file of a distributor held against ours: hourly curves after "
        "sharing (A5D, B5D), or invoices of access (F1)."
    )
    async def check_distributor_file(
        self,
        info: Info,
        upload_id: Annotated[
            strawberry.ID, strawberry.argument(description="Id that POST /uploads answered with.")
        ],
    ) -> DistributorFileComparison | None:
        """Read it, and compare."""
        found: FileCheck = await info.context.read(
            check_upload,
            upload_id=read_upload_id(upload_id),
            data_dir=info.context.settings.data_dir,
        )
        return DistributorFileComparison(found=found, agrees=found.agrees)
