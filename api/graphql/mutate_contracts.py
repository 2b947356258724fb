"""Record what members agreed on with their retailers."""

from datetime import date
from typing import Annotated, Any

import strawberry

from api.clock import now
from api.graphql.context import Info
from api.graphql.contract_inputs import RetailContractInput, read_contract
from api.graphql.errors import UserError, attempt
from api.graphql.pagination import DEFAULT_PAGE, After, Connection, First, paginate
from api.graphql.retail_contracts import RetailContract
from api.services.bills.recorded_contracts import record_contracts
from api.services.communities.find_points import UnknownCupsError
from models.values.cups import Cups
from models.values.errors import CommunityError


@strawberry.input(description="A contract, and whose it is from a day on.")
class RecordRetailContractInput:
    """One contract of many supply points."""

    cups: list[Cups] = strawberry.field(description="Supply points that have it.")
    contract: RetailContractInput = strawberry.field(description="The contract.")
    valid_from: date = strawberry.field(description="First local day.")


@strawberry.type(description="The contracts as they are recorded, or why they are not.")
class RecordRetailContractPayload:
    """Answer of ``recordRetailContract``."""

    recorded: strawberry.Private[list[Any]]
    user_errors: list[UserError] = strawberry.field(description="What kept them from it.")

    @strawberry.field(description="One for each supply point, by CUPS.")
    def contracts(
        self, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[RetailContract]:
        """Page through them."""
        return paginate(self.recorded, first, after)


@strawberry.type
class ContractMutations:
    """What can be done about contracts."""

    @strawberry.mutation(
        description="Record the retail contract of supply points from a day on; their bills follow "
        "it until a later one begins. Nothing is ever changed: record it again to correct it."
    )
    async def record_retail_contract(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            RecordRetailContractInput, strawberry.argument(description="What, and whose.")
        ],
    ) -> RecordRetailContractPayload:
        """Record it."""

        async def record() -> Any:
            return await info.context.write(
                record_contracts,
                cups=input.cups,
                contracts=read_contract(input.contract),
                valid_from=input.valid_from,
                now=now(),
            )

        rows, errors = await attempt(record(), _find_fault)
        return RecordRetailContractPayload(recorded=rows or [], user_errors=errors)


def _find_fault(error: CommunityError) -> list[str]:
    return ["cups" if isinstance(error, UnknownCupsError) else "contract"]
