"""What is taken back opens nothing at the next request, however lately it opened something."""

import pytest

from api.http import recent_callers
from api.services.accounts.passwords import hash_new_password
from models.values.access import Role
from tests.api.test_accounts import act
from tests.api.test_api_tokens import REVOKE, create
from tests.api.test_people import ERASE, find, name
from tests.api.test_sign_in import CHANGE, NOBODY, OTHER, SIGN_OUT, VIEWER, enter
from tests.support.accounts_of_roles import (
    PASSWORD,
    add_account,
    call_as,
    quick_hashing,
    sign_in_as,
)
from tests.support.databases import on_sqlite
from tests.support.invitations import name_community

__all__ = ["quick_hashing"]

# No database can change what is said here.
pytestmark = [on_sqlite, pytest.mark.usefixtures("quick_hashing")]

COMMUNITIES = "{ communities { totalCount } }"


@pytest.fixture(autouse=True)
def _kept_for_long(monkeypatch):
    """Let nothing be forgotten because a test is slow."""
    monkeypatch.setattr(recent_callers, "SECONDS_KEPT", 3600.0)


@pytest.fixture
def admin(api):
    return call_as(api, Role.PROMOTER_ADMIN)


@pytest.fixture
def staff(api):
    return add_account(api.engine, Role.PROMOTER_STAFF)


def come_in(api, account):
    """Sign in, and be known from the last request."""
    caller = sign_in_as(api, account)
    assert caller.ask(VIEWER)["viewer"] is not None
    return caller


def test_a_revoked_token(api, admin):
    made = create(admin)
    assert api.ask(COMMUNITIES, token=made["secret"])
    admin.ask(REVOKE, input={"tokenId": made["token"]["id"]})
    assert api.post(COMMUNITIES, token=made["secret"]).status_code == 401


def test_a_changed_password(api):
    add_account(api.engine, Role.PROMOTER_ADMIN, password_hash=hash_new_password(PASSWORD))
    here, there = (enter(call_as(api, Role.PUBLIC)) for _ in range(2))
    assert there.ask(VIEWER)["viewer"]
    here.ask(CHANGE, input={"currentPassword": PASSWORD, "newPassword": OTHER})
    assert there.post(VIEWER).json() == NOBODY


def test_a_session_ended_from_elsewhere(api, staff):
    here, there = come_in(api, staff), come_in(api, staff)
    here.ask(SIGN_OUT, input={"everywhere": True})
    assert there.post(VIEWER).json() == NOBODY


def test_a_role_that_was_taken_away(api, admin, staff):
    caller = come_in(api, staff)
    wish = {"role": "COMMUNITY_MANAGER", "communityIds": [name_community(api)]}
    assert act(admin, "changeAccountRole", staff, **wish)["userErrors"] == []
    assert caller.post(VIEWER).json() == NOBODY


def test_access_that_was_withdrawn(api, admin):
    account = add_account(api.engine, Role.COMMUNITY_MANAGER)
    caller = come_in(api, account)
    assert caller.ask(COMMUNITIES)["communities"]["totalCount"] == 1
    told = act(admin, "withdrawAccess", account, communityIds=[name_community(api)])
    assert told["userErrors"] == []
    assert caller.ask(COMMUNITIES)["communities"]["totalCount"] == 0


def test_an_account_that_was_locked_away(api, admin, staff):
    caller = come_in(api, staff)
    assert act(admin, "disableAccount", staff)["userErrors"] == []
    assert caller.post(VIEWER).json() == NOBODY


def test_a_person_who_was_erased(api, admin):
    account = add_account(api.engine, Role.CANDIDATE, members=["R1"])
    caller = come_in(api, account)
    wish = {"memberId": name(find(api, "R1")), "confirmation": "R1"}
    assert admin.ask(ERASE, input=wish)["erasePerson"]["userErrors"] == []
    assert caller.post(VIEWER).json() == NOBODY
