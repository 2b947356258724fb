"""The schema: every noun's queries and mutations put together, its limits and its text."""

from asyncio import gather
from functools import cache
from typing import Annotated

import strawberry
from graphql import (
    GraphQLInputObjectType,
    GraphQLSchema,
    lexicographic_sort_schema,
    print_schema,
)
from strawberry.schema.config import StrawberryConfig

from api.graphql.agency import AgencyQueries
from api.graphql.api_tokens import TokenMutations, TokenQueries
from api.graphql.audit_trail import AuditQueries
from api.graphql.audited_mutations import watch_mutations
from api.graphql.billing_runs import InvoiceQueries
from api.graphql.candidate_suitabilities import CandidateSuitability
from api.graphql.capacity_sharings import CapacitySharing
from api.graphql.communities import CommunityQueries
from api.graphql.context import Info
from api.graphql.create_communities import CreationMutations
from api.graphql.debit_runs import DebitQueries
from api.graphql.debts import DebtQueries
from api.graphql.detections import DetectionQueries
from api.graphql.document_checks import CheckQueries
from api.graphql.errors import USER_ERRORS
from api.graphql.external_identities import SignInQueries
from api.graphql.generated_files import FileQueries
from api.graphql.installations import InstallationQueries
from api.graphql.jobs import JobQueries
from api.graphql.late_activations import LateActivationQueries
from api.graphql.lean_fields import make_lean
from api.graphql.ledger import LedgerQueries
from api.graphql.member_assignments import MemberAssignment
from api.graphql.mutate_access import AccessMutations
from api.graphql.mutate_accounts import AccountMutations
from api.graphql.mutate_agency import AgencyMutations
from api.graphql.mutate_agreements import AgreementMutations
from api.graphql.mutate_applications import ApplicationMutations
from api.graphql.mutate_assignments import AssignmentMutations
from api.graphql.mutate_bank_files import BankFileMutations
from api.graphql.mutate_communities import CommunityMutations
from api.graphql.mutate_contracts import ContractMutations
from api.graphql.mutate_debits import DebitMutations
from api.graphql.mutate_debts import DebtMutations
from api.graphql.mutate_exports import ExportMutations
from api.graphql.mutate_files import FileMutations
from api.graphql.mutate_filings import FilingMutations
from api.graphql.mutate_holders import HolderMutations
from api.graphql.mutate_identities import IdentityMutations
from api.graphql.mutate_installations import InstallationMutations
from api.graphql.mutate_invitations import InvitationMutations
from api.graphql.mutate_invoices import InvoiceMutations
from api.graphql.mutate_lost_passwords import LostPasswordMutations
from api.graphql.mutate_mandates import MandateMutations
from api.graphql.mutate_payment_plans import PaymentPlanMutations
from api.graphql.mutate_payments import PaymentMutations
from api.graphql.mutate_proposals import ProposalMutations
from api.graphql.mutate_public_pages import PublicPageMutations
from api.graphql.mutate_readings import ReadingMutations
from api.graphql.mutate_reserve import ReserveMutations
from api.graphql.mutate_second_factors import SecondFactorMutations
from api.graphql.mutate_sign_ins import SignInMutations
from api.graphql.mutate_sign_ups import SignUpMutations, SignUpQueries
from api.graphql.node import Node, name_type, read_global_id
from api.graphql.outbox import OutboxMutations, OutboxQueries
from api.graphql.pagination import LARGEST_PAGE, TooManyIdsError
from api.graphql.people import PeopleMutations, PeopleQueries
from api.graphql.permissions import list_openers
from api.graphql.proposal_limits import LIMITS
from api.graphql.public_communities import PublicQueries
from api.graphql.scalars import SCALARS
from api.graphql.subscriptions import Subscription
from api.graphql.user_accounts import UserAccountQueries
from api.graphql.vacancy_fillings import VacancyFilling
from api.graphql.viewer import ViewerQueries

STUDIES = (VacancyFilling, CandidateSuitability, CapacitySharing, MemberAssignment)
"""Types that no field may name, because the result of a job is any node."""


@strawberry.type(description="What can be asked.")
class Query(
    ViewerQueries,
    PublicQueries,
    SignUpQueries,
    SignInQueries,
    TokenQueries,
    AuditQueries,
    UserAccountQueries,
    JobQueries,
    CommunityQueries,
    InstallationQueries,
    FileQueries,
    DetectionQueries,
    CheckQueries,
    LateActivationQueries,
    AgencyQueries,
    OutboxQueries,
    PeopleQueries,
    InvoiceQueries,
    DebitQueries,
    LedgerQueries,
    DebtQueries,
):
    """The root of questions."""

    @strawberry.field(description="Anything by its global id; null when the caller has none of it.")
    async def node(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="Global id.")],  # noqa: A002
    ) -> Node | None:
        """Find it."""
        return await _find_node(info, id)

    @strawberry.field(description="Several things by their global ids, in the order of the ids.")
    async def nodes(
        self,
        info: Info,
        ids: Annotated[
            list[strawberry.ID], strawberry.argument(description="Global ids, at most 100.")
        ],
    ) -> list[Node | None]:
        """Find them."""
        if len(ids) > LARGEST_PAGE:
            raise TooManyIdsError(len(ids))
        return list(await gather(*(_find_node(info, text) for text in ids)))


@strawberry.type(description="What can be done.")
class Mutation(
    SignInMutations,
    SecondFactorMutations,
    IdentityMutations,
    TokenMutations,
    InvitationMutations,
    AccessMutations,
    LostPasswordMutations,
    CommunityMutations,
    CreationMutations,
    SignUpMutations,
    PublicPageMutations,
    ContractMutations,
    FileMutations,
    ReadingMutations,
    InstallationMutations,
    ProposalMutations,
    AgreementMutations,
    FilingMutations,
    ApplicationMutations,
    ReserveMutations,
    AssignmentMutations,
    AgencyMutations,
    OutboxMutations,
    PaymentPlanMutations,
    InvoiceMutations,
    MandateMutations,
    DebitMutations,
    PaymentMutations,
    BankFileMutations,
    DebtMutations,
    HolderMutations,
    PeopleMutations,
    AccountMutations,
    ExportMutations,
):
    """The root of changes."""


async def _find_node(info: Info, text: str) -> Node | None:
    """Find a record; None for what is malformed, unknown, somebody else's or of a closed type."""
    opened = read_global_id(text)
    if opened is None:
        return None
    openers = list_openers(name_type(opened[0]), "id")
    if openers is not None and not openers & info.context.principal.capabilities:
        return None
    return await info.context.loaders.record(*opened)


@cache
def build_schema() -> GraphQLSchema:
    """Put the schema together; it holds nothing of any request, so one serves all."""
    described = strawberry.Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=[*dict.fromkeys(USER_ERRORS.values()), *LIMITS.values(), *STUDIES],
        config=StrawberryConfig(scalar_map=SCALARS),
    )
    schema = described._schema  # noqa: SLF001
    _mark_one_of(schema)
    make_lean(schema, described.config.name_converter)
    assert schema.mutation_type is not None, "there is much to be done"
    watch_mutations(schema.mutation_type)
    return schema


def _mark_one_of(schema: GraphQLSchema) -> None:
    """Tell graphql-core which inputs take exactly one key: strawberry keeps it to itself."""
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLInputObjectType):
            kind.is_one_of = kind.extensions["strawberry-definition"].is_one_of


def export_schema() -> str:
    """Write the schema as text, sorted, so that equal schemas make equal files."""
    # Sorting the live schema would break its unions and interfaces; the text alone is sorted.
    return print_schema(lexicographic_sort_schema(build_schema())) + "\n"
