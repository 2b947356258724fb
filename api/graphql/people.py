"""Erase people, and tell before what that takes away."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry

from api.clock import now
from api.graphql.context import Info
from api.graphql.enums import describe
from api.graphql.errors import UserError, attempt
from api.graphql.node import read_key
from api.graphql.pagination import DEFAULT_PAGE, After, Connection, First, paginate
from api.services.people.erase_person import UnconfirmedErasureError, erase_person
from api.services.people.find_person import UnknownPersonError
from api.services.people.preview_erasure import preview_erasure
from api.spoken_language import say, say_error
from models import tables
from models.personal_data import Fate
from models.values.errors import CommunityError, ErrorCode

describe(
    Fate,
    "What becomes of a person's rows of a table.",
    NOBODY="They are no person's.",
    KEPT="They stay as they are, by a law.",
    BLANKED="They stay without what names the person.",
    DELETED="They go.",
)


@strawberry.input(description="Who is to be erased.")
class ErasePersonInput:
    """A member, and its code once more."""

    member_id: strawberry.ID = strawberry.field(description="Global id of the member.")
    confirmation: str = strawberry.field(
        description="Code of that member, so that nobody is erased by mistake: it is for good."
    )


@strawberry.type(description="What an erasure means for the rows of one table.")
class ConcernedTable:
    """Shows a table."""

    name: str = strawberry.field(description="The table; docs/personal-data.md tells of each.")
    fate: Fate = strawberry.field(description="What becomes of the person's rows.")
    count: int = strawberry.field(description="How many they are.")
    law: str | None = strawberry.field(description="Why they stay; null for those that go.")
    until: date | None = strawberry.field(
        description="First local day on which nothing obliges to keep what names the person: six "
        "years from the end of the year of the last entry in the books (Código de Comercio, art. "
        "30), or four (Ley 58/2003, art. 66); null for what goes or names nobody."
    )


@strawberry.type(description="What stands in the way of an erasure.")
class ErasureHindrance:
    """Shows why nobody can be erased yet."""

    code: ErrorCode = strawberry.field(description="Kind of hindrance, for programs.")
    message: str = strawberry.field(description="What it is and what to do, for people.")


@strawberry.type(description="What an erasure would do; asking changes nothing.")
class ErasurePreview:
    """Shows a preview."""

    concerned: strawberry.Private[list[ConcernedTable]]
    found: strawberry.Private[list[ErasureHindrance]]

    code: str = strawberry.field(description="Code of the member, which confirms the act.")
    file_count: int = strawberry.field(
        description="Files beside the database that would go: all that the promoter has sent and "
        "not yet taken in, and all its exports, whoever they tell of."
    )

    @strawberry.field(description="Tables with rows of the person, by name.")
    def tables(
        self, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[ConcernedTable]:
        """Page through them."""
        return paginate(self.concerned, first, after)

    @strawberry.field(
        description="What stands in the way: the member still shares, owes or is owed something, "
        "or work is underway that may tell of it."
    )
    def hindrances(
        self, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[ErasureHindrance]:
        """Page through them."""
        return paginate(self.found, first, after)


@strawberry.type(description="That somebody was erased, by ids and counts alone.")
class Erasure:
    """Shows an erasure."""

    erased_at: datetime = strawberry.field(
        description="Instant from which no row told of the person but those that the law keeps."
    )
    cleared_at: datetime | None = strawberry.field(
        description="Instant from which no file and no page of the database did; null until a job "
        "has seen to it."
    )
    deleted_count: int = strawberry.field(description="How many rows went.")
    blanked_count: int = strawberry.field(description="How many stay without names.")
    kept_count: int = strawberry.field(description="How many stay as they are.")


@strawberry.type(description="The erasure, or why nobody was erased.")
class ErasePersonPayload:
    """Answer of ``erasePerson``."""

    erasure: Erasure | None = strawberry.field(description="As it stands.")
    user_errors: list[UserError] = strawberry.field(description="What kept it from being done.")


@strawberry.type
class PeopleQueries:
    """What can be asked about people."""

    @strawberry.field(
        description="What the erasure of a member would take away, what stays, by which law and "
        "until when (Reglamento (UE) 2016/679, art. 17); null for a member that there is not."
    )
    async def preview_erasure(
        self,
        info: Info,
        member_id: Annotated[
            strawberry.ID, strawberry.argument(description="Global id of the member.")
        ],
    ) -> ErasurePreview | None:
        """Look."""
        key = read_key(tables.Member, str(member_id))
        if key is None:
            return None
        try:
            found = await info.context.read(preview_erasure, member_id=key, now=now())
        except UnknownPersonError:
            return None
        return ErasurePreview(
            concerned=[
                ConcernedTable(
                    name=each.name,
                    fate=each.fate,
                    count=each.count,
                    law=None if each.law is None else say(each.law),
                    until=each.until,
                )
                for each in found.tables
            ],
            code=found.code,
            file_count=found.file_count,
            found=[
                ErasureHindrance(code=error.code, message=say_error(error))
                for error in found.hindrances
            ],
        )


@strawberry.type
class PeopleMutations:
    """What can be done about people."""

    @strawberry.mutation(
        description="Erase a member for good: every row and file but what the law keeps, such as "
        "issued invoices. Refused while it shares, while money is open and while work is underway; "
        "look at `previewErasure` first. Asked again it finds the same erasure."
    )
    async def erase_person(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            ErasePersonInput, strawberry.argument(description="Who.")
        ],
    ) -> ErasePersonPayload:
        """Erase."""
        row, errors = await attempt(_erase(info, input), _find_fault)
        return ErasePersonPayload(erasure=_show(row), user_errors=errors)


async def _erase(info: Info, given: ErasePersonInput) -> Any:
    key: UUID | None = read_key(tables.Member, str(given.member_id))
    if key is None:
        raise UnknownPersonError(None)
    return await info.context.write(
        erase_person,
        member_id=key,
        confirmation=given.confirmation,
        account_id=info.context.principal.account_id,
        keyring=info.context.keyring,
        now=now(),
    )


def _show(row: tables.Erasure | None) -> Erasure | None:
    if row is None or row.erased_at is None:
        return None
    deleted, blanked, kept = (
        sum(row.counts[fate].values()) for fate in (Fate.DELETED, Fate.BLANKED, Fate.KEPT)
    )
    return Erasure(
        erased_at=row.erased_at,
        cleared_at=row.cleared_at,
        deleted_count=deleted,
        blanked_count=blanked,
        kept_count=kept,
    )


def _find_fault(error: CommunityError) -> list[str]:
    """Name the input at fault."""
    return ["confirmation" if isinstance(error, UnconfirmedErasureError) else "memberId"]
