"""Whether the process lives, and whether it can serve."""

import pytest

from api.app import create_app
from api.settings import Settings
from models.migrations.revisions import newest_revision
from tests.support.api import connect


def test_a_process_that_answers_lives(api):
    answer = api.client.request("GET", "/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_a_current_database_is_ready(api):
    answer = api.client.request("GET", "/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready", "database": "ok"})


def test_a_database_of_another_revision_is_not_ready(api):
    with api.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
    answer = api.client.request("GET", "/readyz")
    assert (answer.status_code, answer.json()) == (
        503,
        {"status": "not ready", "database": "run `reparto db upgrade`"},
    )
    assert newest_revision() != "0000"
    assert api.client.request("GET", "/healthz").status_code == 200


def test_a_database_out_of_reach_is_not_ready(tmp_path):
    settings = Settings(database_url=f"sqlite:///{tmp_path / 'nowhere' / 'reparto.db'}")
    with connect(create_app(settings)) as client:
        answer = client.request("GET", "/readyz")
    assert (answer.status_code, answer.json()["database"]) == (503, "unreachable")


@pytest.mark.parametrize("path", ["/healthz/", "/readyz/x", "/HEALTHZ"])
def test_only_the_two_addresses_are_public(api, path):
    assert api.client.request("GET", path).status_code == 401
