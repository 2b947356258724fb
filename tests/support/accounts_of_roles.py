"""One caller of each role: people in sessions, a program with a token, and nobody in particular."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from argon2 import PasswordHasher
from httpx import Response
from sqlalchemy import Engine
from sqlmodel import Session, select

from api.clock import now
from api.graphql import mutate_sign_ins
from api.http.same_origin import MARK
from api.services.accounts import passwords
from api.services.accounts.sessions import open_session
from api.session_cookie import COOKIE
from models.session import write_session
from models.tables import AccountGrant, Community, Member, Promoter, UserAccount
from models.values.access import Role
from tests.support.api import NOW, Api, bearer

OWNER = "Ajuntament de la Peña"
COMMUNITY = "test-1"
"""Promoter of a stored community: M1 to M3 share, R1 waits."""

PEOPLE = tuple(role for role in Role if role not in (Role.INTEGRATOR, Role.PUBLIC))
"""Roles of those who sign in."""


PASSWORD = "una clave bien larga"


@pytest.fixture
def quick_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash passwords in no time, and tell of failures at once."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_HASHER", quick)
    monkeypatch.setattr(mutate_sign_ins, "_FAILURE_SECONDS", 0.0)


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who calls the API.

    ``ask`` gives the data of what must succeed, ``error`` the one error of what must fail.
    """

    api: Api
    role: Role
    headers: dict[str, str] = field(default_factory=dict)
    account_id: UUID | None = None

    def post(self, query: str, *, more: dict[str, str] | None = None, **variables: Any) -> Response:
        """Send an operation, with further headers."""
        content = {"query": query, "variables": variables}
        headers = self.headers | (more or {})
        return self.api.client.request("POST", "/graphql", json=content, headers=headers)

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """Send an operation that must succeed, and give its data."""
        answer = self.post(query, **variables).json()
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    def error(self, query: str, **variables: Any) -> dict[str, Any]:
        """Send an operation that must fail with one error, and give the error."""
        answer = self.post(query, **variables).json()
        assert len(answer["errors"]) == 1, answer
        return answer["errors"][0]

    def get(self, path: str) -> Response:
        """Fetch a file."""
        return self.api.client.request("GET", path, headers=self.headers)


def add_account(
    engine: Engine,
    role: Role,
    *,
    promoter: str = OWNER,
    community: str = COMMUNITY,
    members: Collection[str] = (),
    **columns: Any,
) -> UserAccount:
    """Make an account ``<role>@vila.example``.

    Managers are granted the community of a code, others its members of some codes.
    """
    with write_session(engine) as session:
        owner = session.exec(select(Promoter).where(Promoter.name == promoter)).one()
        promoter_id = None if role is Role.OPERATOR else owner.id
        given = {"email": f"{role.value}@vila.example", "name": role.value.title()} | columns
        account = UserAccount(promoter_id=promoter_id, role=role, created_at=NOW, **given)
        session.add(account)
        session.flush()
        place = select(Community).where(Community.promoter_id == owner.id)
        found = session.exec(place.where(Community.code == community)).one_or_none()
        if found is not None and role is Role.COMMUNITY_MANAGER:
            _grant(session, account, community_id=found.id)
        for code in members if found is not None else ():
            named = select(Member).where(Member.community_id == found.id, Member.code == code)
            _grant(session, account, member_id=session.exec(named).one().id)
    return account


def _grant(session: Session, account: UserAccount, **subject: UUID) -> None:
    session.add(
        AccountGrant(
            promoter_id=account.promoter_id, account_id=account.id, created_at=NOW, **subject
        )
    )


def sign_in_as(api: Api, account: UserAccount) -> Caller:
    """Begin a session of an account, without its password."""
    with write_session(api.engine) as session:
        opened = open_session(session, account=account, now=now())
    return Caller(api, account.role, carry(opened.secret), account.id)


def carry(secret: str) -> dict[str, str]:
    """Give the headers with which our own page sends the cookie of a session."""
    return {"cookie": f"{COOKIE}={secret}", MARK: "1"}


def call_as(api: Api, role: Role) -> Caller:
    """Call as somebody of a role: managers have the community, members are M1, candidates R1."""
    if role is Role.PUBLIC:
        return Caller(api, role)
    if role is Role.INTEGRATOR:
        return Caller(api, role, bearer(api.own))
    members = {Role.MEMBER: ["M1"], Role.CANDIDATE: ["R1"]}.get(role, [])
    return sign_in_as(api, add_account(api.engine, role, members=members))


def call_as_each(api: Api) -> dict[Role, Caller]:
    """Call as one of each role."""
    return {role: call_as(api, role) for role in Role}
