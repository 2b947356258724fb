"""What accounts are granted, as inputs name it, and which of them is at fault."""

from collections.abc import Sequence
from uuid import UUID

import strawberry

from api.graphql.community_ids import read_community
from api.graphql.node import require_key
from api.services.accounts.access_subjects import (
    AccessSubjects,
    ForbiddenRoleError,
    MissingAccountError,
    UnfitGrantError,
)
from api.services.accounts.create_user import EmailTakenError
from api.services.communities.find_community import UnknownCommunityError
from api.services.invoices.record_parties import UnknownMemberError
from models import tables
from models.values.email_address import UnfitEmailError
from models.values.errors import CommunityError
from models.values.names import InvalidNameError


def read_subjects(
    community_ids: Sequence[strawberry.ID], member_ids: Sequence[strawberry.ID]
) -> AccessSubjects:
    """Open the global ids of communities and members."""
    return AccessSubjects(
        tuple(read_community(str(text)) for text in community_ids),
        tuple(require_key(tables.Member, str(text), UnknownMemberError) for text in member_ids),
    )


def read_account(text: strawberry.ID) -> UUID:
    """Open the global id of an account."""
    return require_key(tables.UserAccount, str(text), MissingAccountError)


def find_account_fault(error: CommunityError) -> list[str]:
    """Name the input at fault."""
    match error:
        case UnfitEmailError() | EmailTakenError():
            return ["email"]
        case InvalidNameError():
            return ["promoter" if error.kind == "promoter" else "name"]
        case UnfitGrantError():
            return ["communityIds" if error.field == "communities" else "memberIds"]
        case UnknownCommunityError():
            return ["communityIds"]
        case UnknownMemberError():
            return ["memberIds"]
        case ForbiddenRoleError():
            return ["role"]
        case MissingAccountError():
            return ["accountId"]
    return []
