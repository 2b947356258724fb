"""The audit trail, for those who administer: who did what, newest first."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from sqlmodel import SQLModel

from api.graphql.context import Info
from api.graphql.enums import describe
from api.graphql.list_wishes import WHICH
from api.graphql.node import Node, find_table, open_key, shows, write_global_id
from api.graphql.pagination import DEFAULT_PAGE, After, Connection, First
from api.services.audit import read_trail
from models import tables
from models.values.access import Role
from models.values.audit import AuditChannel, AuditOutcome
from models.values.errors import ErrorCode

describe(
    AuditChannel,
    "By which way something was done.",
    GRAPHQL="A mutation.",
    FILE="A file that was sent or fetched over HTTP.",
    COMMAND_LINE="A command of the operator's.",
    JOB="The end of a job.",
    SIGN_IN="What happened at the door, by whichever way somebody came to it.",
)
describe(
    AuditOutcome,
    "How it ended.",
    DONE="It was done, and is stored.",
    REFUSED="It was refused: the caller may not do it, or did not show who it is.",
)


@strawberry.type(description="A row that was changed or handed out.")
class AuditSubject:
    """Names a row."""

    table: str = strawberry.field(description="Name of the table in which it lay.")
    key: str = strawberry.field(description="Its key there: a UUID.")
    node_id: strawberry.ID | None = strawberry.field(
        description="Global id by which `node` finds it while it is there; null where it has none."
    )


@strawberry.type(
    description="One thing that was done or refused. It holds ids, never a name or a value, and is "
    "chained to the entry before it by SHA-256: docs/security.md tells how."
)
@shows(tables.AuditEntry)
class AuditEntry(Node):
    """Shows an entry."""

    account_id: strawberry.Private[UUID | None]
    token_id: strawberry.Private[UUID | None]
    subjects: strawberry.Private[str | None]

    position: int = strawberry.field(
        description="Its place in the promoter's chain, from 1 on without a gap."
    )
    at: datetime = strawberry.field(description="When, to the microsecond.")
    channel: AuditChannel = strawberry.field(description="By which way.")
    actor_role: Role | None = strawberry.field(
        description="What kind of caller it was; null at the command line and of jobs."
    )
    action: str = strawberry.field(
        description="Root field of the mutation, command, kind of job, method and route of a file, "
        "or event at the door: sign-in, sign-in-begun, sign-in-refused, lock-out, sign-out."
    )
    outcome: AuditOutcome = strawberry.field(description="How it ended.")
    error_code: ErrorCode | None = strawberry.field(
        description="Why it was refused; null when it was done."
    )
    subject_count: int = strawberry.field(
        description="How many rows were changed or handed out; `subjects` names 50 at most."
    )
    correlation_id: str = strawberry.field(
        description="What all that one request, command or job did has in common; the header "
        "X-Request-Id of an answer."
    )
    previous_hash: str | None = strawberry.field(
        description="Hash of the entry before it, in hexadecimal; null of the first."
    )
    hash: str = strawberry.field(description="SHA-256 of all the others, in hexadecimal.")

    @strawberry.field(
        name="accountId",
        description="Global id of the account that had signed in; it may be gone; null without.",
    )
    def account(self) -> strawberry.ID | None:
        """Seal its key."""
        return None if self.account_id is None else _seal(tables.UserAccount, self.account_id)

    @strawberry.field(
        name="tokenId", description="Global id of the token by which it came; null without one."
    )
    def token(self) -> strawberry.ID | None:
        """Seal its key."""
        return None if self.token_id is None else _seal(tables.ApiToken, self.token_id)

    @strawberry.field(name="subjects", description="What was changed or handed out, the first 50.")
    def named_subjects(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[AuditSubject]:
        """Page through them."""
        found = read_trail.list_subjects(self.subjects)
        shown = [_show_subject(table, key) for table, key in found]
        return info.context.loaders.cut(shown, first, after)


@strawberry.input(description="Which entries; every condition that is given holds for all of them.")
class AuditFilter:
    """Narrows the trail."""

    since: datetime | None = strawberry.field(
        default=None, description="From this instant on, itself included."
    )
    until: datetime | None = strawberry.field(default=None, description="Before this instant.")
    action: str | None = strawberry.field(
        default=None, description="Only this action, such as `publishAgreement`."
    )
    account_id: strawberry.ID | None = strawberry.field(
        default=None, description="Only of the account of this global id."
    )
    outcome: AuditOutcome | None = strawberry.field(default=None, description="Only what ended so.")


@strawberry.type
class AuditQueries:
    """Ways to the trail."""

    @strawberry.field(description="The promoter's audit trail, newest first.")
    async def audit_entries(
        self,
        info: Info,
        filter: Annotated[AuditFilter | None, WHICH] = None,  # noqa: A002
        first: First = DEFAULT_PAGE,
        after: After = None,
    ) -> Connection[AuditEntry]:
        """Page through it."""
        given = filter or AuditFilter()
        wanted = read_trail.AuditFilter(
            since=given.since,
            until=given.until,
            action=given.action,
            account_id=open_key(tables.UserAccount, given.account_id),
            outcome=given.outcome,
        )
        return await info.context.loaders.audit_entries(wanted, first, after)


def _show_subject(table: str, key: UUID) -> AuditSubject:
    kind = find_table(table)
    node_id = None if kind is None else _seal(kind, key)
    return AuditSubject(table=table, key=str(key), node_id=node_id)


def _seal(table: type[SQLModel], key: UUID) -> strawberry.ID:
    return strawberry.ID(write_global_id(table, key))
