"""A database that another transaction holds: those who ask are told to come back, and why."""

import pytest
from sqlalchemy import Engine

from tests.support.api import (
    CAU,
    PROPOSE,
    YEAR,
    filled_database,
    filled_databases,
    filled_url,
    serving,
)
from tests.support.command_line import Reparto
from tests.support.databases import held_tables, make_impatient, on_postgres

__all__ = ["filled_database", "filled_databases", "filled_url"]

TOLD = "the database is busy with something else: ask again in a moment"


def test_a_command_that_waited_for_nothing_ends_with_5(
    engine: Engine, database_url: str, reparto: Reparto, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPARTO_DATABASE_URL", make_impatient(database_url))
    with held_tables(engine, "promoter"):
        busy = reparto("token", "create", "--name", "ours")
    assert (busy.code, busy.out, busy.err) == (5, "", f"error: {TOLD}\n")
    assert reparto("token", "create", "--name", "ours").code == 0


def test_a_mutation_answers_that_it_is_unavailable(filled_database, filled_url, tmp_path) -> None:
    with serving(filled_database, make_impatient(filled_url), tmp_path) as api:
        wish = {"cau": CAU, "year": YEAR}
        with held_tables(api.engine, "job_run"):
            payload = api.ask(PROPOSE, input=wish)["proposeCoefficients"]
        (error,) = payload["userErrors"]
        assert (error["__typename"], error["code"]) == ("UnavailableUserError", "UNAVAILABLE")
        assert (payload["job"], error["message"]) == (None, TOLD)
        assert api.ask(PROPOSE, input=wish)["proposeCoefficients"]["userErrors"] == []


@on_postgres
def test_a_query_answers_that_it_is_unavailable(filled_database, filled_url, tmp_path) -> None:
    with serving(filled_database, make_impatient(filled_url), tmp_path) as api:
        with held_tables(api.engine, "community"):
            error = api.error("{ communities { totalCount } }")
        assert (error["extensions"], error["message"]) == ({"code": "UNAVAILABLE"}, TOLD)


@on_postgres
def test_who_calls_cannot_be_found_out_just_now(filled_database, filled_url, tmp_path) -> None:
    with (
        serving(filled_database, make_impatient(filled_url), tmp_path) as api,
        held_tables(api.engine, "api_token"),
    ):
        answer = api.post("{ communities { totalCount } }")
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["message"]) == (503, TOLD)
    assert error["extensions"]["code"] == "UNAVAILABLE"
