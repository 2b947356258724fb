"""Retail contracts as they were recorded."""

from datetime import date, datetime
from typing import Any

import orjson
import strawberry

from api.graphql.node import Node, shows
from models import tables


@strawberry.type(
    description="What a member agreed on with its retailer from a day on, until a later one begins."
)
@shows(tables.RetailContract)
class RetailContract(Node):
    """Shows a contract."""

    document: strawberry.Private[dict[str, Any]]

    name: str = strawberry.field(description="How it is called.")
    valid_from: date = strawberry.field(description="First local day.")
    recorded_at: datetime = strawberry.field(
        description="When it was recorded; of two from one day, the last one holds."
    )

    @strawberry.field(
        description="All of it as JSON text, in the words of docs/retail-contracts.md."
    )
    def text(self) -> str:
        """Write the document."""
        return orjson.dumps(self.document).decode()
