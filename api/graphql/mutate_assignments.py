"""Ask who of a community should share in which of its plants."""

from typing import Annotated

import strawberry

from api.graphql.context import Info
from api.graphql.errors import UserError
from api.graphql.jobs import JobRun
from api.graphql.node import read_key
from api.graphql.retail_terms import RetailTermsInput, read_retail_terms
from api.graphql.scalars import Coefficient
from api.graphql.study_inputs import NO_SHARE, WHOLE, StudyInput, queue_study
from api.services.communities.find_community import UnknownCommunityError
from api.services.proposals.retail_question import PriceBasis, choose_price_basis
from api.services.studies.request_assignment import AssignmentWish, request_assignment
from models import tables


@strawberry.input(description="Whose members to assign, and within which limits.")
class AssignMembersInput(StudyInput):
    """Names a community."""

    community_id: strawberry.ID = strawberry.field(description="Global id of the community.")
    min_beta: Coefficient = strawberry.field(
        default=NO_SHARE, description="Least coefficient of everybody in every plant."
    )
    max_beta: Coefficient = strawberry.field(
        default=WHOLE, description="Greatest coefficient of everybody in every plant."
    )
    most_members: int | None = strawberry.field(
        default=None, description="How many may share in one plant, at least 1."
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


@strawberry.type(description="The job that assigns members, or why there is none.")
class AssignMembersPayload:
    """Answer of ``assignMembers``."""

    job: JobRun | None = strawberry.field(description="The job; its result is a MemberAssignment.")
    user_errors: list[UserError] = strawberry.field(description="What kept it from being queued.")


@strawberry.type
class AssignmentMutations:
    """What can be asked about several plants."""

    @strawberry.mutation(
        description="Find, in a job, who of a community should share in which of its plants: each "
        "in one that is near enough. Nothing changes by it."
    )
    async def assign_members(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            AssignMembersInput, strawberry.argument(description="What to assign.")
        ],
    ) -> AssignMembersPayload:
        """Queue the job."""
        job, errors = await queue_study(info, request_assignment, lambda: _read_wish(input), input)
        return AssignMembersPayload(job=job, user_errors=errors)


def _read_wish(given: AssignMembersInput) -> AssignmentWish:
    """Turn the input into the names of the use case."""
    key = read_key(tables.Community, str(given.community_id))
    if key is None:
        raise UnknownCommunityError(str(given.community_id))
    retail = read_retail_terms(given.retail)
    return AssignmentWish(
        community_id=key,
        year=given.year,
        objective=given.objective.value,
        min_millionths=given.min_beta,
        max_millionths=given.max_beta,
        most_members=given.most_members,
        on=given.on_day,
        prices=choose_price_basis(given.prices, retail),
        retail=retail,
    )
