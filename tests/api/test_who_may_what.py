"""What each role is answered, field by field: real calls against the table that people wrote."""

import pytest

from models.values.access import Role
from tests.api.test_permissions import TABLE
from tests.support.accounts_of_roles import call_as
from tests.support.audit_trail import list_all_entries
from tests.support.databases import on_sqlite
from tests.support.least_calls import write_calls
from tests.support.whole_databases import everything_in

pytestmark = on_sqlite

AT_ONCE = 10
ROOTS = ("Query", "Mutation")
LAST = "signOut"
"""After it nobody is there any more."""

USED = {"api_token", "user_session", "audit_entry"}
"""Rows that tell when they were last used, and who was refused."""

REFUSALS = {"FORBIDDEN", "UNAUTHENTICATED"}


def list_calls(kind: str, role: Role, answer: str) -> list[list[str]]:
    """List the fields of a root that the table opens to a role, or closes, some at a time."""
    names = [
        field.partition(".")[2]
        for field, row in TABLE.items()
        if field.startswith(f"{kind}.") and row[role] == answer
    ]
    names.sort(key=lambda name: name == LAST)
    return [names[place : place + AT_ONCE] for place in range(0, len(names), AT_ONCE)]


def refused_of(answer) -> dict[str, str]:
    """Name the root fields that an answer refuses, and how; not those refused for their reach."""
    errors = answer.json().get("errors", [])
    told = {error["message"].split()[0]: error["extensions"]["code"] for error in errors}
    return {
        name: code for name, code in told.items() if code in REFUSALS and name.startswith(ROOTS)
    }


@pytest.mark.parametrize("role", Role)
def test_what_the_table_closes_is_refused_and_leaves_nothing(api, role):
    caller = call_as(api, role)
    before = everything_in(api.engine)
    told = "UNAUTHENTICATED" if role is Role.PUBLIC else "FORBIDDEN"
    for kind in ROOTS:
        for names in list_calls(kind, role, "no"):
            answer = caller.post(write_calls(kind, names))
            assert refused_of(answer) == {f"{kind}.{name}": told for name in names}
            assert answer.json()["data"] is None
    after = everything_in(api.engine)
    assert [name for name in before if before[name] != after[name] and name not in USED] == []
    closed = [name for names in list_calls("Mutation", role, "no") for name in names]
    refused = [] if role is Role.PUBLIC else [(name, "forbidden") for name in closed]
    told = [(each.action, each.error_code) for each in list_all_entries(api.engine)]
    assert sorted(told) == sorted(refused)


@pytest.mark.parametrize("role", Role)
def test_what_the_table_opens_is_not_refused(api, role):
    caller = call_as(api, role)
    for kind in ROOTS:
        for names in list_calls(kind, role, "yes"):
            answer = caller.post(write_calls(kind, names))
            assert answer.status_code == 200, answer.text
            assert refused_of(answer) == {}
