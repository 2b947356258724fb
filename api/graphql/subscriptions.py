"""What can be followed: how a job gets on, and what happens to a promoter.

A subscription tells what is stored, from the place that the caller names; it is woken when there
may be more, and reads on. Nothing is kept for anybody in between, so nothing is lost when the
server, the connection or the client breaks off.
"""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from sqlmodel import SQLModel

from api.graphql.change_feed import Watched
from api.graphql.context import Context, Info
from api.graphql.enums import describe
from api.graphql.jobs import JobRun
from api.graphql.node import NOTHING, Node, read_key
from api.graphql.pagination import LARGEST_PAGE
from api.services.notifications.read_notifications import (
    find_newest_place,
    read_job_mark,
    read_notifications,
)
from models import tables
from models.tables import NotificationKind
from models.values.errors import InvalidArgumentError

_LONGEST_PLACE = 18

describe(
    NotificationKind,
    "What happened, and to what.",
    JOB_SUCCEEDED="A job that somebody asked for is done; the subject is the job.",
    JOB_FAILED="A job failed; the subject is the job.",
    MESSAGE_FAILED="An e-mail was refused for good; the subject is the e-mail.",
    MESSAGE_UNCERTAIN="Nobody knows whether an e-mail arrived; the subject is the e-mail.",
    SUBMISSION_FAILED="The tax agency did not take a message, which goes again; the subject is the "
    "message.",
    RECORD_REFUSED="The tax agency refused the record of an invoice; the subject is the invoice.",
    RECORD_FAULTY="The tax agency keeps the record of an invoice, and found something wrong; the "
    "subject is the invoice.",
)

_SUBJECTS: dict[NotificationKind, type[SQLModel]] = {
    NotificationKind.JOB_SUCCEEDED: tables.JobRun,
    NotificationKind.JOB_FAILED: tables.JobRun,
    NotificationKind.MESSAGE_FAILED: tables.OutboxMessage,
    NotificationKind.MESSAGE_UNCERTAIN: tables.OutboxMessage,
    NotificationKind.SUBMISSION_FAILED: tables.AgencySubmission,
    NotificationKind.RECORD_REFUSED: tables.Invoice,
    NotificationKind.RECORD_FAULTY: tables.Invoice,
}

From = Annotated[
    str | None,
    strawberry.argument(
        description="Cursor of the last event that was received: go on after it. Every event has "
        "one in its `extensions`; over SSE it is the event's id, and `Last-Event-ID` says the same."
    ),
]


class UnknownPlaceError(InvalidArgumentError):
    """A subscription is to go on from where none ever was."""

    def __init__(self) -> None:
        super().__init__("after: not a cursor of this subscription; pass that of its last event")


@strawberry.type(description="Something that happened.")
class Notification:
    """Shows a notification."""

    kind: NotificationKind = strawberry.field(description="What happened.")
    noted_at: datetime = strawberry.field(description="When.")
    subject_id: strawberry.Private[UUID]

    @strawberry.field(description="What it happened to; null when that is gone.")
    async def subject(self, info: Info) -> Node | None:
        """Find it."""
        return await info.context.loaders.record(_SUBJECTS[self.kind], self.subject_id)


@strawberry.type(description="What can be followed, over SSE or graphql-transport-ws.")
class Subscription:
    """The root of what is told as it happens."""

    @strawberry.subscription(
        description="How a job stands now, and anew whenever that changes; ends when the job has "
        "ended. Null, and the end, when the caller has no such job."
    )
    async def job(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="Id of a job.")],  # noqa: A002
        after: From = None,
    ) -> AsyncIterator[JobRun | None]:
        """Tell every state that is not the one told last."""
        context, key = info.context, read_key(tables.JobRun, id) or NOTHING
        context.cursor = context.cursor if after is None else after
        with context.changes.watching(Watched.JOB, key) as changed:
            while True:
                changed.clear()
                context.begin_anew()
                found, mark = await context.read(read_job_mark, job_id=key)
                if found is None or mark != context.cursor:
                    context.cursor = mark
                    yield found
                if found is None or found.finished_at is not None:
                    return
                await changed.wait()

    @strawberry.subscription(
        description="What happens from now on, or has happened since the event of a cursor, each "
        "once and in order. Failures of e-mails and fiscal records are told to those who may see "
        "the money. Kept as long as ended jobs are."
    )
    async def notifications(self, info: Info, after: From = None) -> AsyncIterator[Notification]:
        """Tell what is stored after the place told last."""
        context = info.context
        place = await _find_place(context, after or context.cursor)
        reader = {"capabilities": context.principal.capabilities, "at_most": LARGEST_PAGE}
        promoter_id = context.principal.promoter_id
        with context.changes.watching(Watched.PROMOTER, promoter_id) as changed:
            while True:
                changed.clear()
                news = await context.read(read_notifications, after=place, **reader)
                for each in news:
                    context.begin_anew()
                    place, context.cursor = each.position, str(each.position)
                    yield each
                if not news:
                    await changed.wait()


async def _find_place(context: Context, text: str | None) -> int:
    """Read a cursor; without one the news begin after what is stored now."""
    if text is None:
        newest: int = await context.read(find_newest_place)
        return newest
    if not (text.isascii() and text.isdigit() and len(text) <= _LONGEST_PLACE):
        raise UnknownPlaceError
    return int(text)
