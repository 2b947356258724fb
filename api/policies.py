"""Who may do what: pure answers, without a database and without a clock."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

from models.tables import ApiToken
from models.values.access import Capability, Role

_MANAGES = frozenset(
    {
        Capability.READ,
        Capability.PERSONAL,
        Capability.RECORD,
        Capability.PLAN,
        Capability.AGREE,
        Capability.READ_MONEY,
    }
)
_WORKS = _MANAGES | {Capability.BILL, Capability.COLLECT}

CAPABILITIES: Mapping[Role, frozenset[Capability]] = MappingProxyType(
    {
        Role.OPERATOR: frozenset({Capability.OPERATE}),
        Role.PROMOTER_ADMIN: _WORKS | {Capability.ADMINISTER},
        Role.PROMOTER_STAFF: _WORKS,
        Role.COMMUNITY_MANAGER: _MANAGES,
        Role.MEMBER: frozenset({Capability.OWN}),
        Role.CANDIDATE: frozenset({Capability.OWN}),
        Role.INTEGRATOR: _WORKS | {Capability.ADMINISTER},
        Role.PUBLIC: frozenset(),
    }
)
"""The most that each role may do; a token may do what its scopes name of its role's.

``OWN`` opens the fields of whatever lies within reach: only who reaches nothing but their own has
it.
"""


def may_use_token(token: ApiToken, *, at: datetime) -> bool:
    """Tell whether a token opens the API at an instant: not revoked, and not expired."""
    expired = token.expires_at is not None and token.expires_at <= at
    revoked = token.revoked_at is not None and token.revoked_at <= at
    return not expired and not revoked


def narrow_to_scopes(role: Role, scopes: str | None) -> frozenset[Capability]:
    """Tell what a token of a role may do: what it names of what the role may, or all of it."""
    most = CAPABILITIES[role]
    return most if scopes is None else most & frozenset(scopes.split())


def may_import_from(folder: Path, *, root: Path | None) -> bool:
    """Tell whether a folder, its links followed, lies below the one that the operator allowed."""
    return root is not None and folder != root and folder.is_relative_to(root)
