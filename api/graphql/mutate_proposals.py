"""Ask for proposals and accept them."""

from typing import Annotated

import strawberry

from api.clock import now
from api.graphql.agreements import DistributionAgreement
from api.graphql.context import Info
from api.graphql.errors import UserError, build_user_error, show_error
from api.graphql.goals import (
    CarbonFactorInput,
    HourClasses,
    MixInput,
    Objective,
    ReferenceRule,
    RobustAim,
)
from api.graphql.jobs import JobRun
from api.graphql.limit_inputs import LimitInput, find_input, list_limits
from api.graphql.node import require_key
from api.graphql.plant_names import InstallationNamedTwiceError, read_plant
from api.graphql.retail_terms import RetailTermsInput, read_retail_terms
from api.graphql.scalars import Coefficient, Share
from api.services.agreements.accept_proposal import accept_proposal
from api.services.agreements.draft_agreement import FileYearError
from api.services.bills.contract_document import ContractDocumentError
from api.services.communities.find_plant import PlanYearError, UnknownInstallationError
from api.services.proposals.find_proposal import UnknownProposalError
from api.services.proposals.listed_limits import FaultyWishError, TooManyLimitsError
from api.services.proposals.plan_request import OutOfRangeError
from api.services.proposals.request_proposal import (
    CarbonWish,
    MixWish,
    ProposalWish,
    request_proposal,
)
from api.services.proposals.retail_question import (
    LawYearError,
    PriceBasis,
    choose_price_basis,
)
from models import tables
from models.values.cau import Cau
from models.values.coefficient import MILLIONTHS
from models.values.errors import CommunityError

_NONE = Coefficient(0)
_ALL = Coefficient(MILLIONTHS)
_LIMITS = {"floor": "floor", "min-beta": "minBeta", "max-beta": "maxBeta"}


@strawberry.input(description="What to propose coefficients for, and within which limits.")
class ProposeCoefficientsInput:
    """Exactly one of ``installation_id`` and ``cau`` names the plant."""

    year: int = strawberry.field(description="Local year of readings to plan with, 2000 to 2099.")
    installation_id: strawberry.ID | None = strawberry.field(
        default=None, description="Global id of the plant to share; or give its cau."
    )
    cau: Cau | None = strawberry.field(
        default=None, description="Code of the plant to share; or give its installationId."
    )
    objective: Objective = strawberry.field(
        default=Objective.SELF_CONSUMPTION, description="What to make as large as possible."
    )
    floor: Share | None = strawberry.field(
        default=None,
        description="Least share of the reference rule's energy that every member keeps.",
    )
    reference: ReferenceRule = strawberry.field(
        default=ReferenceRule.CONSUMPTION,
        description="Rule that the floor, the curve and the check on unseen data are measured "
        "against.",
    )
    min_beta: Coefficient = strawberry.field(
        default=_NONE, description="Least coefficient of every member."
    )
    max_beta: Coefficient = strawberry.field(
        default=_ALL, description="Greatest coefficient of every member."
    )
    mix: MixInput | None = strawberry.field(
        default=None, description="What the parts of the objective MIX count for."
    )
    carbon_factor: CarbonFactorInput | None = strawberry.field(
        default=None,
        description="What a kWh from the grid emits; without it, the dated figure of the zone.",
    )
    limits: list[LimitInput] = strawberry.field(
        default_factory=list, description="What else the coefficients must keep; at most 1,000."
    )
    classes: HourClasses | None = strawberry.field(
        default=None, description="Also give each class of hours its own coefficients."
    )
    curve: bool = strawberry.field(
        default=False, description="Also trace what floors from 0 to 100 % cost."
    )
    out_of_sample: bool = strawberry.field(
        default=False, description="Also judge the plan on data that it did not see."
    )
    robust: RobustAim | None = strawberry.field(
        default=None, description="Plan for years drawn from the weeks of the planned one."
    )
    fill_gaps: bool = strawberry.field(
        default=False,
        description="Take consumption that was not measured from profiles of others, not refuse "
        "it; who was completed so is marked.",
    )
    prices: PriceBasis | None = strawberry.field(
        default=None,
        description="What euros are counted by; by default the stored prices, or the retail bills "
        "where contracts are named.",
    )
    retail: RetailTermsInput | None = strawberry.field(
        default=None,
        description="Contracts and law that yearly bills must be made from; without it they are "
        "made from what is known, where that is possible.",
    )
    idempotency_key: str | None = strawberry.field(
        default=None,
        description="The caller's own name for the request, 1 to 100 characters: the same key "
        "finds the same job again.",
    )


@strawberry.type(description="The job that plans, or why there is none.")
class ProposeCoefficientsPayload:
    """Answer of ``proposeCoefficients``."""

    job: JobRun | None = strawberry.field(description="The job; its result is the proposal.")
    user_errors: list[UserError] = strawberry.field(description="What kept it from being queued.")


@strawberry.input(description="Which proposal to accept, and from when.")
class AcceptProposalInput:
    """Names a proposal."""

    proposal_id: strawberry.ID = strawberry.field(description="Global id of the proposal.")
    file_year: int = strawberry.field(description="Year of the distributor's file, 2000 to 2099.")


@strawberry.type(description="The agreement in force, or why there is no new one.")
class AcceptProposalPayload:
    """Answer of ``acceptProposal``."""

    agreement: DistributionAgreement | None = strawberry.field(
        description="The agreement that came from the proposal."
    )
    user_errors: list[UserError] = strawberry.field(description="What kept it from being accepted.")


@strawberry.type
class ProposalMutations:
    """What can be done about proposals."""

    @strawberry.mutation(
        description="Plan the best coefficients for an installation, in a job: ask for its state "
        "by `node(id:)` until it has ended."
    )
    async def propose_coefficients(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            ProposeCoefficientsInput, strawberry.argument(description="What to plan.")
        ],
    ) -> ProposeCoefficientsPayload:
        """Queue the job."""
        try:
            job = await info.context.write(
                request_proposal,
                wish=_read_wish(input),
                idempotency_key=input.idempotency_key,
                now=now(),
            )
        except FaultyWishError as error:
            return ProposeCoefficientsPayload(job=None, user_errors=_show_faults(error))
        except CommunityError as error:
            shown = show_error(error, *_find_fault(error, input))
            return ProposeCoefficientsPayload(job=None, user_errors=[shown])
        return ProposeCoefficientsPayload(job=job, user_errors=[])

    @strawberry.mutation(
        description="Publish a proposal's coefficients as the agreement in force; the previous "
        "one is superseded. Accepting again for the same year changes nothing."
    )
    async def accept_proposal(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            AcceptProposalInput, strawberry.argument(description="What to accept.")
        ],
    ) -> AcceptProposalPayload:
        """Publish the agreement."""
        try:
            proposal_id = require_key(
                tables.CoefficientProposal, input.proposal_id, UnknownProposalError
            )
            agreement = await info.context.write(
                accept_proposal, proposal_id=proposal_id, file_year=input.file_year, now=now()
            )
        except CommunityError as error:
            field = "fileYear" if isinstance(error, FileYearError) else "proposalId"
            shown = show_error(error, "input", field)
            return AcceptProposalPayload(agreement=None, user_errors=[shown])
        return AcceptProposalPayload(agreement=agreement, user_errors=[])


def _read_wish(given: ProposeCoefficientsInput) -> ProposalWish:
    """Turn the input into the names of the use case."""
    retail = read_retail_terms(given.retail)
    return ProposalWish(
        installation=read_plant(given),
        year=given.year,
        objective=given.objective.value,
        floor_share=given.floor,
        reference=given.reference.value,
        min_millionths=given.min_beta,
        max_millionths=given.max_beta,
        mix=MixWish(given.mix.kwh, given.mix.eur, given.mix.kg) if given.mix else None,
        carbon=_read_carbon(given.carbon_factor),
        limits=list_limits(given.limits),
        classes=given.classes and given.classes.value,
        has_curve=given.curve,
        is_checked=given.out_of_sample,
        robust=given.robust and given.robust.value,
        fills_gaps=given.fill_gaps,
        prices=choose_price_basis(given.prices, retail),
        retail=retail,
    )


def _read_carbon(factor: CarbonFactorInput | None) -> CarbonWish | None:
    """Turn the input into the names of the use case."""
    return None if factor is None else CarbonWish(factor.kg_per_kwh, factor.label)


def _show_faults(error: FaultyWishError) -> list[UserError]:
    """Name every input at fault."""
    return [
        build_user_error(error.code, fault.reason, ["input", *find_input(fault.path)])
        for fault in error.faults
    ]


def _find_fault(error: CommunityError, given: ProposeCoefficientsInput) -> list[str]:
    """Name the input at fault."""
    if isinstance(error, UnknownInstallationError):
        return ["input", "installationId" if given.cau is None else "cau"]
    if isinstance(error, OutOfRangeError):
        return ["input", _LIMITS[error.name]]
    if isinstance(error, PlanYearError):
        return ["input", "year"]
    if isinstance(error, TooManyLimitsError):
        return ["input", "limits"]
    if isinstance(error, ContractDocumentError):
        return ["input", "retail", "contracts"]
    if isinstance(error, LawYearError):
        return ["input", "retail", "lawYear"]
    if isinstance(error, InstallationNamedTwiceError):
        return ["input"]
    return ["input", "idempotencyKey"]
