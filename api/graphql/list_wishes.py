"""How lists are narrowed and ordered: a filter and an order a noun, read into what lists take.

Names of fields and values are those of the columns that they are about.
"""

from dataclasses import fields, replace
from datetime import datetime
from enum import StrEnum

import strawberry

from api.graphql.enums import describe
from models.tables import AgreementState, ProposalState, SignUpState
from models.values.access import Role
from models.values.calendar import Zone
from models.values.errors import InvalidArgumentError
from models.values.listing import Direction, ListWish

_LONGEST_SEARCH = 200
_SEARCH = "Text that the name or key contains, small and capital letters alike."

describe(
    Direction,
    "Which end of an order comes first.",
    ASCENDING="The least, the earliest, the first of the alphabet.",
    DESCENDING="The greatest, the latest, the last of the alphabet.",
)


class LongSearchError(InvalidArgumentError):
    """Somebody searches for a text that nothing can contain.

    Attributes
    ----------
    length : int
        Its length [characters].
    """

    def __init__(self, length: int) -> None:
        super().__init__(
            f"the search has {length} characters, not 1 to {_LONGEST_SEARCH}: search for less"
        )
        self.length = length


class CommunityOrderField(StrEnum):
    """What communities are ordered by."""

    NAME = "name"
    CODE = "code"
    CREATED_AT = "created_at"


class MemberOrderField(StrEnum):
    """What members are ordered by."""

    CODE = "code"


class AgreementOrderField(StrEnum):
    """What agreements are ordered by."""

    CREATED_AT = "created_at"
    FILE_YEAR = "file_year"


class ProposalOrderField(StrEnum):
    """What proposals are ordered by."""

    CREATED_AT = "created_at"
    YEAR = "year"


describe(
    CommunityOrderField,
    "What communities are ordered by.",
    NAME="Their name.",
    CODE="The promoter's own id.",
    CREATED_AT="When they were first imported.",
)
describe(MemberOrderField, "What members are ordered by.", CODE="The promoter's own key.")
describe(
    AgreementOrderField,
    "What agreements are ordered by.",
    CREATED_AT="When they were drafted.",
    FILE_YEAR="The year of their file.",
)
describe(
    ProposalOrderField,
    "What proposals are ordered by.",
    CREATED_AT="When they were made.",
    YEAR="The year that they were planned on.",
)

_KINDS: dict[str, type] = {
    "name": str,
    "code": str,
    "created_at": datetime,
    "amount_cents": int,
    "year": int,
    "file_year": int,
}
"""Kind of the value by which each column orders, and therefore of its cursors."""


@strawberry.input(description="Which communities.")
class CommunityFilter:
    """Narrows communities."""

    search: str | None = strawberry.field(default=None, description=_SEARCH)
    zone: Zone | None = strawberry.field(default=None, description="Only those of this zone.")


@strawberry.input(description="In which order communities come.")
class CommunityOrder:
    """Orders communities."""

    by: CommunityOrderField = strawberry.field(description="What orders them.")
    direction: Direction = strawberry.field(
        default=Direction.ASCENDING, description="Which end comes first."
    )


@strawberry.input(description="Which members.")
class MemberFilter:
    """Narrows members."""

    search: str | None = strawberry.field(default=None, description=_SEARCH)
    kind: str | None = strawberry.field(
        default=None, description="Only this sort of consumer, in the promoter's words."
    )


@strawberry.input(description="In which order members come.")
class MemberOrder:
    """Orders members."""

    by: MemberOrderField = strawberry.field(description="What orders them.")
    direction: Direction = strawberry.field(
        default=Direction.ASCENDING, description="Which end comes first."
    )


@strawberry.input(description="Which accounts.")
class AccountFilter:
    """Narrows accounts."""

    search: str | None = strawberry.field(default=None, description=_SEARCH)
    role: Role | None = strawberry.field(default=None, description="Only those of this role.")
    is_disabled: bool | None = strawberry.field(
        default=None, description="Only those that are disabled, or only those that are not."
    )


@strawberry.input(description="Which agreements.")
class AgreementFilter:
    """Narrows agreements."""

    state: AgreementState | None = strawberry.field(
        default=None, description="Only those that stand so."
    )
    file_year: int | None = strawberry.field(
        default=None, description="Only those whose file is of this year."
    )


@strawberry.input(description="In which order agreements come.")
class AgreementOrder:
    """Orders agreements."""

    by: AgreementOrderField = strawberry.field(description="What orders them.")
    direction: Direction = strawberry.field(
        default=Direction.DESCENDING, description="Which end comes first."
    )


@strawberry.input(description="Which proposals.")
class ProposalFilter:
    """Narrows proposals."""

    state: ProposalState | None = strawberry.field(
        default=None, description="Only those that stand so."
    )
    year: int | None = strawberry.field(
        default=None, description="Only those planned on this local year."
    )


@strawberry.input(description="In which order proposals come.")
class ProposalOrder:
    """Orders proposals."""

    by: ProposalOrderField = strawberry.field(description="What orders them.")
    direction: Direction = strawberry.field(
        default=Direction.DESCENDING, description="Which end comes first."
    )


@strawberry.input(description="Which sign-ups.")
class SignUpFilter:
    """Narrows sign-ups."""

    state: SignUpState | None = strawberry.field(
        default=None, description="Only those that stand so."
    )


WHICH = strawberry.argument(description="Only what passes it; all without one.")
IN_ORDER = strawberry.argument(description="Their order; that of the description without one.")

Filter = (
    CommunityFilter | MemberFilter | AgreementFilter | ProposalFilter | AccountFilter | SignUpFilter
)
Order = CommunityOrder | MemberOrder | AgreementOrder | ProposalOrder


def read_wish(wanted: Filter | None, order: Order | None) -> ListWish:
    """Read a filter and an order; without either the list is whole and in its own order."""
    names = [] if wanted is None else [each.name for each in fields(wanted)]
    given = {name: getattr(wanted, name) for name in names if getattr(wanted, name) is not None}
    search = given.pop("search", None)
    if search is not None and not 1 <= len(search) <= _LONGEST_SEARCH:
        raise LongSearchError(len(search))
    is_disabled = given.pop("is_disabled", None)
    empty = () if is_disabled is None else (("disabled_at", not is_disabled),)
    wish = ListWish(search=search, equal=tuple(given.items()), empty=empty)
    return wish if order is None else replace(wish, order=order.by.value, direction=order.direction)


def kind_of(order: str) -> type:
    """Tell what kind of value orders a list."""
    return _KINDS[order]
