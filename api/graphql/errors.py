"""Failures as callers see them: expected ones typed and told, all others masked and logged."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import strawberry
import structlog
from graphql import ArgumentNode, FieldNode, GraphQLError, ValueNode

from api.graphql.pagination import DEFAULT_PAGE, After, Connection, First, paginate
from api.services.jobs.describe_failure import describe_faults
from api.spoken_language import say, say_error
from models.values.errors import CommunityError, ErrorCode

_SUGGESTION = re.compile(r" Did you mean [^?]*\?")

_log = structlog.get_logger(__name__)

DoneT = TypeVar("DoneT")


@strawberry.interface(description="An expected failure: what is wrong, where, and what to do.")
class UserError:
    """What a mutation or a job could not do."""

    code: ErrorCode = strawberry.field(description="Kind of failure, for programs.")
    message: str = strawberry.field(description="What is wrong and what to do, for people.")
    path: list[str] = strawberry.field(
        description="Names of the input at fault, from the outside in; empty if it is no one's."
    )


@strawberry.type(description="A value of the input makes no sense.")
class InvalidArgumentUserError(UserError):
    """The caller can mend its input."""


@strawberry.type(description="Something named in the input does not exist for this caller.")
class NotFoundUserError(UserError):
    """Unknown, deleted and foreign things look alike."""


@strawberry.type(description="Nobody is signed in by this.")
class UnauthenticatedUserError(UserError):
    """Why is not told."""


@strawberry.type(description="The caller may not do this, or not with such data.")
class ForbiddenUserError(UserError):
    """Somebody else may."""


@strawberry.type(description="The request contradicts what is stored.")
class ConflictUserError(UserError):
    """The caller should read again."""


@strawberry.type(description="A limit that cannot hold together with others.")
class ConflictingLimit:
    """One limit."""

    label: str = strawberry.field(description="Its name, as docs/formulation.md has it.")


@strawberry.type(description="No answer keeps every limit of the request.")
class InfeasibleUserError(UserError):
    """The caller can loosen a limit."""

    labels: strawberry.Private[Sequence[str]] = ()

    largest_floor: float | None = strawberry.field(
        default=None,
        description="The largest share that a floor could ask for beside the other limits; null "
        "if floors are not at fault.",
    )

    @strawberry.field(
        description="A smallest set of limits that cannot hold together; empty if it is unknown."
    )
    def conflict(
        self, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[ConflictingLimit]:
        """Page through the limits."""
        return paginate([ConflictingLimit(label=label) for label in self.labels], first, after)


@strawberry.type(description="More was sent or asked for than is allowed.")
class TooLargeUserError(UserError):
    """The caller can ask for less."""


@strawberry.type(description="A supply point is too far from every plant for the law.")
class TooFarUserError(UserError):
    """The caller cannot share here."""

    distance_m: int | None = strawberry.field(
        default=None, description="To the nearest plant, whole metres [m]."
    )
    limit_m: int | None = strawberry.field(
        default=None,
        description="What it must be strictly below [m] (RD 244/2019, article 3.g, as it holds "
        "today).",
    )


@strawberry.type(description="The optimum was not proven; nothing was stored.")
class UnprovenUserError(UserError):
    """The caller can try another method."""


@strawberry.type(description="A service that reparto asks is down, refuses, or answers nonsense.")
class UnavailableUserError(UserError):
    """The caller can ask again later."""


@strawberry.type(description="A fault of the program; the message names its log entry.")
class UnexpectedUserError(UserError):
    """The operator can look it up."""


@strawberry.type(description="One thing that is wrong with a file.")
class DataFault:
    """Where and why."""

    file: str = strawberry.field(description="Name of the file.")
    place: strawberry.Private[str]
    reason: strawberry.Private[str]
    code: str | None = strawberry.field(
        default=None,
        description="Stable name of the fault where the form of the file has names for what can be "
        "wrong: rows of readings and prices (as in `rejected`), files of coefficients "
        "(docs/reference.md), direct debits; null for others.",
    )

    @strawberry.field(name="place", description="Line, column or timestamp in the file.")
    def spoken_place(self) -> str:
        """Say it in the language of the request."""
        return say(self.place)

    @strawberry.field(name="reason", description="What is wrong there.")
    def spoken_reason(self) -> str:
        """Say it in the language of the request."""
        return say(self.reason)


@strawberry.type(description="Data that was handed in contradicts its own form.")
class InvalidDataUserError(UserError):
    """Every fault of every file, found in one pass."""

    found: strawberry.Private[Sequence[DataFault]] = ()

    @strawberry.field(description="The faults, file by file.")
    def faults(self, first: First = DEFAULT_PAGE, after: After = None) -> Connection[DataFault]:
        """Page through the faults."""
        return paginate(self.found, first, after)


USER_ERRORS: dict[ErrorCode, type[UserError]] = {
    ErrorCode.INVALID_ARGUMENT: InvalidArgumentUserError,
    ErrorCode.INVALID_IDENTIFIER: InvalidDataUserError,
    ErrorCode.INVALID_DATA: InvalidDataUserError,
    ErrorCode.INFEASIBLE: InfeasibleUserError,
    ErrorCode.UNPROVEN: UnprovenUserError,
    ErrorCode.NOT_FOUND: NotFoundUserError,
    ErrorCode.FORBIDDEN: ForbiddenUserError,
    ErrorCode.CONFLICT: ConflictUserError,
    ErrorCode.UNAUTHENTICATED: UnauthenticatedUserError,
    ErrorCode.TOO_LARGE: TooLargeUserError,
    ErrorCode.TOO_FAR: TooFarUserError,
    ErrorCode.UNAVAILABLE: UnavailableUserError,
    ErrorCode.UNEXPECTED: UnexpectedUserError,
}


def show_error(error: CommunityError, *path: str) -> UserError:
    """Turn an expected failure into the error of a payload, with every fault of a faulty file."""
    far = {name: getattr(error, name, None) for name in ("distance_m", "limit_m")}
    return _build(error.code, say_error(error), path, {"faults": describe_faults(error)} | far)


async def attempt(
    work: Awaitable[DoneT], find_fault: Callable[[CommunityError], Sequence[str]]
) -> tuple[DoneT | None, list[UserError]]:
    """Do what a mutation asks for, or name its failure and the path of the input at fault."""
    try:
        return await work, []
    except CommunityError as error:
        return None, [show_error(error, "input", *find_fault(error))]


def build_user_error(
    code: ErrorCode, message: str, path: Sequence[str], report: Mapping[str, Any] | None = None
) -> UserError:
    """Make the error whose type belongs to a code out of an English sentence and a job's report."""
    return _build(code, say(message), path, report or {})


def _build(
    code: ErrorCode, message: str, path: Sequence[str], report: Mapping[str, Any]
) -> UserError:
    """Make the error whose type belongs to a code, with what a report adds to it."""
    kind = USER_ERRORS.get(code, UnexpectedUserError)
    more: dict[str, Any] = {}
    if kind is InvalidDataUserError:
        more = {"found": [DataFault(**fault) for fault in report.get("faults", ())]}
    elif kind is TooFarUserError:
        more = {name: report.get(name) for name in ("distance_m", "limit_m")}
    elif kind is InfeasibleUserError:
        more = {
            "labels": report.get("conflict", ()),
            "largest_floor": report.get("largest_floor"),
        }
    return kind(code=code, message=message, path=list(path), **more)


@dataclass(frozen=True, slots=True)
class ErrorReporter:
    """Present the errors of one request; what nobody expected is masked, and logged by its id."""

    request_id: str
    suggests: bool = False
    """Whether names of the schema are suggested that look like what was asked for."""

    def present(self, error: GraphQLError) -> dict[str, Any]:
        """Write one error of a result as its answer shows it."""
        code, message = self._judge(error)
        shown: dict[str, Any] = {"message": message, "extensions": {"code": code}}
        if error.locations:
            shown["locations"] = [location.formatted for location in error.locations]
        if error.path is not None:
            shown["path"] = error.path
        if code == ErrorCode.UNEXPECTED.name:
            shown["extensions"]["correlationId"] = self.request_id
        return shown

    def _judge(self, error: GraphQLError) -> tuple[str, str]:
        cause = find_cause(error)
        if isinstance(cause, CommunityError):
            return cause.code.name, _say_within(error.message, cause)
        if cause is None and (error.path is None or _is_about_argument(error)):
            extensions = error.extensions or {}
            message = error.message if self.suggests else _SUGGESTION.sub("", error.message)
            return extensions.get("code", ErrorCode.INVALID_ARGUMENT.name), message
        _log.error("unexpected", field=_name_field(error), exc_info=cause or error)
        return (
            ErrorCode.UNEXPECTED.name,
            say(f"something went wrong; the operator finds it as {self.request_id}"),
        )


def _say_within(message: str, cause: CommunityError) -> str:
    """Say what GraphQL reports of a failure: its own words about the place stay English."""
    return message.replace(str(cause), say_error(cause))


def find_cause(error: GraphQLError) -> Exception | None:
    """Follow the wrappers to the error that was raised; None when GraphQL itself refused."""
    cause: Exception | None = error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return cause


def _is_about_argument(error: GraphQLError) -> bool:
    """Tell a value that an argument cannot take, found as late as its field is executed."""
    return any(isinstance(node, ArgumentNode | ValueNode) for node in error.nodes or ())


def _name_field(error: GraphQLError) -> str:
    """Name the field as the schema does: what callers call it may be anything."""
    named = (node.name.value for node in error.nodes or () if isinstance(node, FieldNode))
    return next(named, "")
