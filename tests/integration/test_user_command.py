"""``reparto user create``: accounts of operators and promoters."""

import io

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine
from sqlmodel import select

from api.services.accounts.sessions import open_session
from models.session import write_session
from models.tables import Promoter, UserAccount, UserSession
from models.values.access import Role
from tests.support.command_line import Reparto
from tests.support.databases import RECORDED_AT, on_sqlite
from tests.support.imports import rows_of

# No database can change what is said here.
pytestmark = on_sqlite

PASSWORD = "una clave bien larga"


@pytest.fixture
def create(reparto: Reparto, database_url: str, monkeypatch: pytest.MonkeyPatch):
    """Run the command with a password on standard input."""
    monkeypatch.setenv("REPARTO_DATABASE_URL", database_url)

    def run(*arguments: str, password: str = PASSWORD):
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
        return reparto("user", "create", *arguments, "--password-stdin")

    return run


def test_an_operator_and_a_promoter_are_made(engine: Engine, create):
    assert create("Ops@Example.org", "--role", "operator").out == "USER ops@example.org operator\n"
    made = create(
        "ana@vila.example", "--role", "promoter-admin", "--promoter", "Vila", "--name", "Ana"
    )
    assert (made.code, made.out) == (0, "USER ana@vila.example promoter-admin\n")

    (vila,) = rows_of(engine, Promoter)
    accounts = {account.email: account for account in rows_of(engine, UserAccount)}
    operator, ana = accounts["ops@example.org"], accounts["ana@vila.example"]
    assert (operator.role, operator.promoter_id) == (Role.OPERATOR, None)
    assert operator.name == "Ops@Example.org"
    assert (ana.role, ana.promoter_id, ana.name) == (Role.PROMOTER_ADMIN, vila.id, "Ana")
    assert PasswordHasher().verify(ana.password_hash, PASSWORD)
    assert PASSWORD not in ana.password_hash


def test_a_password_is_asked_for_twice(
    engine: Engine, reparto: Reparto, database_url: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("REPARTO_DATABASE_URL", database_url)
    asked = []

    def prompt(text: str, **options: object) -> str:
        asked.append((text, options))
        return PASSWORD

    monkeypatch.setattr("typer.prompt", prompt)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    assert reparto("user", "create", "o@example.org", "--role", "operator").code == 0
    assert asked == [("Password", {"hide_input": True, "confirmation_prompt": True})]
    assert len(rows_of(engine, UserAccount)) == 1


@pytest.mark.parametrize(
    ("arguments", "password", "told"),
    [
        (["nobody", "--role", "operator"], PASSWORD, "is not an e-mail address"),
        (["a b@c.es", "--role", "operator"], PASSWORD, "is not an e-mail address"),
        (["a@c", "--role", "operator"], PASSWORD, "is not an e-mail address"),
        ([f"a@{'c' * 260}.es", "--role", "operator"], PASSWORD, "is not an e-mail address"),
        (["a@c.es", "--role", "operator"], "short", "has 5 characters, not 12 to 200"),
        (["a@c.es", "--role", "operator"], "x" * 201, "has 201 characters, not 12 to 200"),
        (["a@c.es", "--role", "operator", "--promoter", "V"], PASSWORD, "belongs to no promoter"),
        (["a@c.es", "--role", "promoter-admin"], PASSWORD, "belongs to a promoter: name it"),
        (["a@c.es", "--role", "operator", "--name", " "], PASSWORD, "name"),
    ],
)
def test_what_does_not_fit_is_told_and_leaves_nothing(
    engine: Engine, create, arguments, password, told
):
    run = create(*arguments, password=password)
    assert run.code == 2
    assert told in run.err
    assert password not in run.err
    assert rows_of(engine, UserAccount) == []


def test_an_address_has_one_account(engine: Engine, create):
    assert create("a@c.es", "--role", "operator").code == 0
    again = create("A@C.ES", "--role", "operator")
    assert (again.code, again.err) == (2, "error: a@c.es has an account already\n")
    assert len(rows_of(engine, UserAccount)) == 1


def test_without_a_terminal_no_password_is_asked_for(
    engine: Engine, reparto: Reparto, database_url: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("REPARTO_DATABASE_URL", database_url)
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    ran = reparto("user", "create", "o@example.org", "--role", "operator")
    assert (ran.code, "use --password-stdin" in ran.err) == (2, True)
    assert rows_of(engine, UserAccount) == []


def test_a_lost_second_factor_is_taken_away(engine: Engine, create, reparto: Reparto):
    create("a@c.es", "--role", "operator")
    with write_session(engine) as session:
        [account] = session.exec(select(UserAccount))
        account.totp_secret, account.totp_confirmed_at = b"sealed", RECORDED_AT
        account.totp_step, account.failed_sign_ins = 7, 9
        account.locked_until = RECORDED_AT
        open_session(session, account=account, now=RECORDED_AT)
    ran = reparto("user", "reset-second-factor", "A@c.es")
    assert (ran.code, ran.out) == (0, "second factor removed, sessions ended\n")
    [account] = rows_of(engine, UserAccount)
    assert (account.totp_secret, account.totp_confirmed_at, account.totp_step) == (None,) * 3
    assert (account.failed_sign_ins, account.locked_until) == (0, None)
    assert rows_of(engine, UserSession)[0].ended_at is not None
    unknown = reparto("user", "reset-second-factor", "b@c.es")
    assert (unknown.code, unknown.err) == (2, "error: nobody signs in with b@c.es\n")
