"""Words of the audit trail: by which way somebody came, what happened, how it ended."""

from enum import StrEnum


class AuditChannel(StrEnum):
    """By which way something was done."""

    GRAPHQL = "graphql"
    """A mutation."""
    FILE = "file"
    """A file that was sent or fetched over HTTP."""
    COMMAND_LINE = "command-line"
    JOB = "job"
    SIGN_IN = "sign-in"
    """What happened at the door, by whichever way somebody came to it."""


class AuditOutcome(StrEnum):
    """How it ended."""

    DONE = "done"
    REFUSED = "refused"


class AuditEvent(StrEnum):
    """What happens at the door."""

    SIGN_IN = "sign-in"
    SIGN_IN_BEGUN = "sign-in-begun"
    """The password was right; a second factor is asked for."""
    SIGN_IN_REFUSED = "sign-in-refused"
    LOCK_OUT = "lock-out"
    SIGN_OUT = "sign-out"
