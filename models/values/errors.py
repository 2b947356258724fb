"""The root of every error that reparto raises on purpose, and the codes callers rely on."""

from enum import StrEnum
from typing import ClassVar

_LONGEST_SHOWN = 60


class ErrorCode(StrEnum):
    """Stable names of expected failures; the list only grows."""

    INVALID_ARGUMENT = "invalid_argument"
    INVALID_IDENTIFIER = "invalid_identifier"
    INVALID_DATA = "invalid_data"
    INFEASIBLE = "infeasible"
    UNPROVEN = "unproven"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    TOO_LARGE = "too_large"
    RATE_LIMITED = "rate_limited"
    TOO_FAR = "too_far"
    UNAVAILABLE = "unavailable"
    UNEXPECTED = "unexpected"
    PERSISTED_QUERY_NOT_FOUND = "persisted_query_not_found"
    PERSISTED_QUERY_NOT_SUPPORTED = "persisted_query_not_supported"


class CommunityError(Exception):
    """Root of the expected failures: each says what, which and what to do about it."""

    code: ClassVar[ErrorCode] = ErrorCode.UNEXPECTED


class InvalidArgumentError(CommunityError):
    """A caller asked with a value that makes no sense."""

    code = ErrorCode.INVALID_ARGUMENT


class InvalidDataError(CommunityError):
    """Data that was handed in contradicts its own form."""

    code = ErrorCode.INVALID_DATA


class InfeasibleError(CommunityError):
    """No answer satisfies every limit of the request."""

    code = ErrorCode.INFEASIBLE


class NotFoundError(CommunityError):
    """The thing asked for does not exist, or not for this caller."""

    code = ErrorCode.NOT_FOUND


class ConflictError(CommunityError):
    """The request contradicts what is already stored."""

    code = ErrorCode.CONFLICT


class UnavailableError(CommunityError):
    """A service that reparto depends on is down, refuses, or answers nonsense."""

    code = ErrorCode.UNAVAILABLE


class UnsetSettingError(UnavailableError):
    """What is asked for needs a setting that the operator has not made.

    Those who ask from afar can only wait for it; at the command line it is theirs to make.
    """


class InvalidIdentifierError(InvalidDataError):
    """A text is not a valid identifier of its kind.

    Attributes
    ----------
    kind : str
        Name of the identifier, such as ``CUPS``.
    text : str
        The text that was offered.
    shown : str
        What is told of it: identifiers are short, and anything may be offered as one.
    reason : str
        What is wrong with it.
    """

    code = ErrorCode.INVALID_IDENTIFIER

    def __init__(self, kind: str, text: str, reason: str) -> None:
        self.kind = kind
        self.text = text
        self.shown = text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
        super().__init__(f"{kind} {self.shown!r}: {reason}")
        self.reason = reason
