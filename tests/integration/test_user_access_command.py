"""``reparto user``: people invited, granted, shut out and let in again at a terminal."""

import json
import re

import pytest
from sqlalchemy import Engine

from api.services.accounts.accept_invitation import accept_invitation
from models.session import write_session
from models.tables import Promoter, UserAccount
from models.values.access import Role
from tests.support.command_line import Reparto
from tests.support.databases import RECORDED_AT, on_sqlite
from tests.support.imports import rows_of
from tests.support.stored_records import add_community

# No database can change what is said here.
pytestmark = on_sqlite

ANA = ("ana@vila.example", "--promoter", "Vila")


@pytest.fixture
def user(engine: Engine, database_url: str, reparto: Reparto, monkeypatch: pytest.MonkeyPatch):
    """Run a command about users of a promoter with two communities and one admin."""
    monkeypatch.setenv("REPARTO_DATABASE_URL", database_url)
    monkeypatch.setenv("REPARTO_PUBLIC_URL", "https://reparto.example")
    with write_session(engine) as session:
        vila = Promoter(name="Vila", created_at=RECORDED_AT)
        session.add(vila)
        session.flush()
        for number in (1, 2):
            add_community(session, vila.id, number=number)
        session.add(
            UserAccount(
                promoter_id=vila.id,
                email="cap@vila.example",
                name="Cap",
                role=Role.PROMOTER_ADMIN,
                password_hash="kept",
                created_at=RECORDED_AT,
            )
        )
    return lambda *arguments: reparto("user", *arguments)


def listed(user):
    told = json.loads(user("list", "--promoter", "Vila", "--json").out)
    return {each["email"]: (each["role"], each["state"], each["granted"]) for each in told}


def test_somebody_is_invited_granted_and_withdrawn(engine, user):
    manager = ("--role", "community-manager", "--community", "c1")
    ran = user("invite", *ANA, *manager, "--show")
    assert ran.code == 0, ran.err
    user_line, sent, link = ran.out.splitlines()
    assert user_line == "USER ana@vila.example community-manager"
    assert re.fullmatch(r"the link goes out by e-mail; it works once, until .{16} UTC", sent)
    found = re.fullmatch(r"LINK https://reparto\.example/invitation#(.{43})", link)
    assert listed(user)["ana@vila.example"] == ("community-manager", "invited", ["c1"])

    ran = user("grant", *ANA, "--community", "c2")
    assert (ran.code, "c1, c2" in ran.out) == (0, True)
    ran = user("withdraw", *ANA, "--community", "c1")
    assert listed(user)["ana@vila.example"] == ("community-manager", "invited", ["c2"])
    with write_session(engine) as session:
        accept_invitation(session, secret=found[1], new_hash="kept", now=RECORDED_AT)
    assert user("disable", *ANA).code == 0
    assert listed(user)["ana@vila.example"][1] == "disabled"
    assert "disabled" in user("list", "--promoter", "Vila").out
    assert user("enable", *ANA).code == 0
    assert listed(user)["ana@vila.example"][1] == "open"


def test_a_member_is_named_by_its_community(user):
    ran = user("invite", *ANA, "--role", "member", "--member", "c2/M1")
    assert ran.code == 0
    assert "LINK" not in ran.out
    assert listed(user)["ana@vila.example"] == ("member", "invited", ["c2/M1"])
    ran = user("grant", *ANA, "--member", "c2/M9")
    assert (ran.code, "name it as COMMUNITY/MEMBER" in ran.err) == (2, True)


def test_a_lost_password_is_reset_by_a_link(user):
    ran = user("reset", "cap@vila.example", "--show")
    assert (ran.code, "/password-reset#" in ran.out) == (0, True)
    ran = user("reset", "no@vila.example")
    assert (ran.code, "no@vila.example gets no link" in ran.err) == (2, True)


def test_what_cannot_be_is_told(user, monkeypatch):
    ran = user("disable", "cap@vila.example", "--promoter", "Vila")
    assert (ran.code, "last admin" in ran.err) == (2, True)
    ran = user("enable", *ANA)
    assert (ran.code, "nobody signs in with ana@vila.example" in ran.err) == (2, True)
    ran = user("invite", *ANA, "--role", "community-manager")
    assert (ran.code, "which commands name by --community CODE" in ran.err) == (2, True)
    monkeypatch.delenv("REPARTO_PUBLIC_URL")
    ran = user("reset", "cap@vila.example")
    assert (ran.code, "set REPARTO_PUBLIC_URL" in ran.err) == (2, True)


@pytest.mark.parametrize(
    ("command", "role"),
    [
        ("invite", "operator"),
        ("invite", "integrator"),
        ("create", "integrator"),
        ("create", "public"),
    ],
)
def test_no_role_is_offered_that_would_be_refused(user, command, role):
    ran = user(command, "ana@vila.example", "--role", role)
    assert (ran.code, f"'{role}' is not one of" in ran.err) == (2, True)
    assert role not in user(command, "--help").out


def test_nobody_is_listed_where_nobody_is(engine, user):
    with write_session(engine) as session:
        session.add(Promoter(name="Buit", created_at=RECORDED_AT))
    assert user("list", "--promoter", "Buit").out == "no accounts\n"
    assert [account.email for account in rows_of(engine, UserAccount)] == ["cap@vila.example"]
