"""What a job that failed means to the command that asked for it."""

from models.tables import JobRun
from models.values.errors import (
    CommunityError,
    ErrorCode,
    InfeasibleError,
    InvalidArgumentError,
    InvalidDataError,
    UnavailableError,
)

_KINDS: dict[ErrorCode, type[CommunityError]] = {
    ErrorCode.INFEASIBLE: InfeasibleError,
    ErrorCode.INVALID_DATA: InvalidDataError,
    ErrorCode.INVALID_IDENTIFIER: InvalidDataError,
    ErrorCode.UNAVAILABLE: UnavailableError,
    ErrorCode.UNEXPECTED: CommunityError,
}


def failure_of(job: JobRun) -> CommunityError:
    """Give the error that a failed job kept, of the kind that it was."""
    kind = _KINDS.get(ErrorCode(job.error_code or ErrorCode.UNEXPECTED), InvalidArgumentError)
    return kind(job.error_message)
