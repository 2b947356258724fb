"""Who may be there, what each kind may do, and how much of the database a caller reaches."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

NOBODY = UUID(int=0)
"""Promoter of those who work for none: nothing is stored under it."""


class Role(StrEnum):
    """A kind of caller."""

    OPERATOR = "operator"
    PROMOTER_ADMIN = "promoter-admin"
    PROMOTER_STAFF = "promoter-staff"
    COMMUNITY_MANAGER = "community-manager"
    MEMBER = "member"
    CANDIDATE = "candidate"
    INTEGRATOR = "integrator"
    PUBLIC = "public"


class Capability(StrEnum):
    """A kind of thing that a caller may do; tokens name theirs as scopes."""

    READ = "read"
    """See communities, their plants, energy, proposals and agreements."""
    PERSONAL = "personal"
    """See who the members are: names, tax numbers, addresses, single consumptions."""
    RECORD = "record"
    """Take in communities, members, readings, prices and contracts."""
    PLAN = "plan"
    """Ask for proposals and studies."""
    AGREE = "agree"
    """Make agreements, file them and apply them."""
    READ_MONEY = "read-money"
    """See invoices, debts and books."""
    BILL = "bill"
    """Issue, correct and cancel invoices."""
    COLLECT = "collect"
    """Book payments, make debit runs, follow debts."""
    ADMINISTER = "administer"
    """Look after accounts, tokens, issuers and their bank accounts."""
    INVITE = "invite"
    """Invite people, and say what they look after or who they are."""
    OPERATE = "operate"
    """Look after the installation: promoters and their first accounts."""
    OWN = "own"
    """See and do what concerns the caller alone."""
    ACCOUNT = "account"
    """Look after one's own way in: password and second factor."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How much of the database a caller can touch; what lies beyond does not exist for it.

    Attributes
    ----------
    promoter_id : UUID
        Whose rows; those of ``NOBODY`` are none.
    community_ids : frozenset of UUID, optional
        The communities of these rows; all of the promoter's when None.
    member_ids : frozenset of UUID, optional
        The members of these rows, sharing or waiting; all of the communities' when None.
    account_id : UUID, optional
        Who calls with a narrow reach, and so reaches the jobs that it asked for too.

    Raises
    ------
    ValueError
        If members are named without their communities.
    """

    promoter_id: UUID
    community_ids: frozenset[UUID] | None = None
    member_ids: frozenset[UUID] | None = None
    account_id: UUID | None = None

    def __post_init__(self) -> None:
        if self.member_ids is not None and self.community_ids is None:
            raise ValueError("members are reached within their communities: name these")
