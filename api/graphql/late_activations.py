"""What a retailer owes that activates self-consumption too late."""

from datetime import date
from typing import Annotated

import strawberry

from api.graphql.context import Info
from api.graphql.contract_inputs import read_contract
from api.graphql.detections import read_upload_id
from api.graphql.energy import UnderAgreement, UnderProposal, find_document
from api.graphql.pagination import DEFAULT_PAGE, After, Connection, First, paginate
from api.graphql.retail_bills import (
    Assuming,
    EndDay,
    FirstDay,
    RegulatedFigure,
    UnderContract,
    UnderLaw,
    show_figure,
)
from api.graphql.scalars import Euro
from api.services.bills.bill_question import BillQuestion
from api.services.bills.late_activation_of_upload import late_activation_of_upload
from api.services.bills.reckon_late_activation import LateActivationReport, LateActivationWish
from api.services.bills.segment_terms import LawChoice
from models.values.cups import Cups


@strawberry.input(description="How late self-consumption was activated.")
class LateActivationInput:
    """Days, and how a plant generates."""

    documents_on: date = strawberry.field(
        description="Day on which the distributor had the documents."
    )
    activated_on: date | None = strawberry.field(
        description="Day of the activation; none while it is not.", default=None
    )
    profile_upload_id: strawberry.ID = strawberry.field(
        description="Id that POST /uploads answered with: a year of generation, `ts_utc,kwh`, the "
        "profile of RD 413/2014, annex IV."
    )


@strawberry.type(description="What is owed on one bill.")
class LateBill:
    """Amounts before taxes."""

    start: date = strawberry.field(description="First local day of the bill.")
    end: date | None = strawberry.field(description="The day after the last.")
    discount_eur: Euro = strawberry.field(description="Discount before taxes [EUR].")
    grid_energy_eur: Euro = strawberry.field(
        description="Value of its energy from the grid, which the discount does not pass [EUR]."
    )


@strawberry.type(description="What a retailer owes for late activation: RD 244/2019, art. 16 bis.")
class LateActivation:
    """Bill by bill."""

    report: strawberry.Private[LateActivationReport]

    late_from: date = strawberry.field(description="First day on which it is late.")
    late_until: date | None = strawberry.field(description="First day on which it is not any more.")
    discount_eur: Euro = strawberry.field(description="All bills together [EUR].")

    @strawberry.field(description="Each bill, in the order of its days.")
    def bills(self, first: First = DEFAULT_PAGE, after: After = None) -> Connection[LateBill]:
        """Page through them."""
        listed = [
            LateBill(
                start=bill.days.start,
                end=bill.days.end,
                discount_eur=Euro(bill.discount_eur),
                grid_energy_eur=Euro(bill.grid_energy_eur),
            )
            for bill in self.report.bills
        ]
        return paginate(listed, first, after)

    @strawberry.field(description="Every figure of law behind them, once.")
    def figures(
        self, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[RegulatedFigure]:
        """Page through them."""
        return paginate([show_figure(figure) for figure in self.report.figures], first, after)


@strawberry.type
class LateActivationQueries:
    """What retailers owe."""

    @strawberry.field(
        description="What a retailer owes that activates self-consumption too late: RD 244/2019, "
        "article 16 bis; null, with an error, when nothing is late."
    )
    async def late_activation(
        self,
        info: Info,
        cups: Annotated[Cups, strawberry.argument(description="The supply point.")],
        start: FirstDay,
        end: EndDay,
        late: Annotated[
            LateActivationInput, strawberry.argument(description="How late it was activated.")
        ],
        contract: UnderContract = None,
        law_year: UnderLaw = None,
        assuming: Assuming = None,
        proposal_id: UnderProposal = None,
        agreement_id: UnderAgreement = None,
    ) -> LateActivation | None:
        """Reckon it."""
        proposal, agreement = find_document(proposal_id, agreement_id)
        report: LateActivationReport = await info.context.read(
            late_activation_of_upload,
            cups=cups,
            question=BillQuestion(
                start=start,
                end=end,
                contracts=read_contract(contract),
                choice=LawChoice(frozenset(assuming or ()), law_year),
                proposal_id=proposal,
                agreement_id=agreement,
            ),
            wish=LateActivationWish(late.documents_on, late.activated_on),
            upload_id=read_upload_id(late.profile_upload_id),
            data_dir=info.context.settings.data_dir,
        )
        return LateActivation(
            report=report,
            late_from=report.late.start,
            late_until=report.late.end,
            discount_eur=Euro(report.discount_eur),
        )
