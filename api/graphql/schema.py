"""The schema: every noun's queries and mutations put together, its limits and its text."""

from asyncio import gather
from collections.abc import Iterator
from functools import cache
from typing import Annotated

import strawberry
from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLInputObjectType,
    OperationDefinitionNode,
    lexicographic_sort_schema,
    print_schema,
)
from strawberry.extensions import (
    MaxTokensLimiter,
    ParserCache,
    SchemaExtension,
    ValidationCache,
)
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from api.graphql.agency import AgencyQueries
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
from api.graphql.generated_files import FileQueries
from api.graphql.input_paths import name_inputs
from api.graphql.installations import InstallationQueries
from api.graphql.late_activations import LateActivationQueries
from api.graphql.ledger import LedgerQueries
from api.graphql.limits import DEFAULT_LIMITS, Limits, refuse_excess
from api.graphql.member_assignments import MemberAssignment
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
from api.graphql.mutate_files import FileMutations
from api.graphql.mutate_filings import FilingMutations
from api.graphql.mutate_holders import HolderMutations
from api.graphql.mutate_installations import InstallationMutations
from api.graphql.mutate_invoices import InvoiceMutations
from api.graphql.mutate_mandates import MandateMutations
from api.graphql.mutate_payment_plans import PaymentPlanMutations
from api.graphql.mutate_payments import PaymentMutations
from api.graphql.mutate_proposals import ProposalMutations
from api.graphql.mutate_readings import ReadingMutations
from api.graphql.mutate_reserve import ReserveMutations
from api.graphql.node import Node, read_global_id
from api.graphql.outbox import OutboxMutations, OutboxQueries
from api.graphql.pagination import LARGEST_PAGE, PageSizeError
from api.graphql.permissions import judge_document
from api.graphql.proposal_limits import LIMITS
from api.graphql.scalars import SCALARS
from api.graphql.vacancy_fillings import VacancyFilling

_CACHED_DOCUMENTS = 256

STUDIES = (VacancyFilling, CandidateSuitability, CapacitySharing, MemberAssignment)
"""Types that no field may name, because the result of a job is any node."""


@strawberry.type(description="What can be asked.")
class Query(
    CommunityQueries,
    InstallationQueries,
    FileQueries,
    DetectionQueries,
    CheckQueries,
    LateActivationQueries,
    AgencyQueries,
    OutboxQueries,
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
            raise PageSizeError(len(ids))
        return list(await gather(*(_find_node(info, text) for text in ids)))


@strawberry.type(description="What can be done.")
class Mutation(
    CommunityMutations,
    CreationMutations,
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
    AccountMutations,
):
    """The root of changes."""


async def _find_node(info: Info, text: str) -> Node | None:
    """Find a record; None for what is malformed, unknown or somebody else's."""
    opened = read_global_id(text)
    return None if opened is None else await info.context.loaders.record(*opened)


class LimitedValidation(ValidationCache):
    """Measure a document first: what is refused for its size is not validated."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(_CACHED_DOCUMENTS)
        self.limits = limits

    def on_validate(self) -> Iterator[None]:
        """Measure, then validate unless it was done before."""
        context = self.execution_context
        assert context.graphql_document is not None
        schema, document = context.schema._schema, context.graphql_document  # noqa: SLF001
        try:
            refuse_excess(schema, document, self.limits)
        except GraphQLError as error:
            context.pre_execution_errors = [error]
        else:
            errors = self.cached_validate_document(schema, document, context.validation_rules)
            context.pre_execution_errors = name_inputs(document, errors) or self._judge(document)
        yield

    def _judge(self, document: DocumentNode) -> list[GraphQLError]:
        """Refuse what the caller may not read or do."""
        context = self.execution_context
        held = context.context.principal.capabilities
        return list(judge_document(context.schema._schema, document, held))  # noqa: SLF001


class OneOperation(SchemaExtension):
    """Refuse several operations of which none is named; strawberry would take the first."""

    def on_validate(self) -> Iterator[None]:
        """Count the operations."""
        context = self.execution_context
        document = context.graphql_document
        definitions = document.definitions if document else ()
        operations = [one for one in definitions if isinstance(one, OperationDefinitionNode)]
        if len(operations) > 1 and context.context.operation_name is None:
            error = GraphQLError("the document has several operations: name one by `operationName`")
            context.pre_execution_errors = [*(context.pre_execution_errors or ()), error]
        yield


class ApiSchema(strawberry.Schema):
    """The schema; whoever answers a request reports its errors, with the request's own id."""

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Leave errors to the view: strawberry's own log would show what callers sent."""


@cache
def build_schema(limits: Limits = DEFAULT_LIMITS) -> ApiSchema:
    """Put the schema together; it holds nothing of any request, so one serves all."""
    schema = ApiSchema(
        query=Query,
        mutation=Mutation,
        types=[*dict.fromkeys(USER_ERRORS.values()), *LIMITS.values(), *STUDIES],
        config=StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=True),
        extensions=[
            lambda: MaxTokensLimiter(limits.tokens),
            lambda: ParserCache(_CACHED_DOCUMENTS),
            lambda: LimitedValidation(limits),
            OneOperation,
        ],
    )
    _mark_one_of(schema)
    return schema


def _mark_one_of(schema: ApiSchema) -> None:
    """Tell graphql-core which inputs take exactly one key: strawberry keeps it to itself."""
    for kind in schema._schema.type_map.values():  # noqa: SLF001
        if isinstance(kind, GraphQLInputObjectType):
            kind.is_one_of = kind.extensions["strawberry-definition"].is_one_of


def export_schema() -> str:
    """Write the schema as text, sorted, so that equal schemas make equal files."""
    schema = build_schema()
    # Sorting the live schema would break its unions and interfaces; the text alone is sorted.
    return print_schema(lexicographic_sort_schema(schema._schema)) + "\n"  # noqa: SLF001
