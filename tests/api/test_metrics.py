"""What the server counts about itself, who may read it, and that its labels are few."""

import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from api.app import create_app
from api.metrics import Metrics
from api.settings import Settings
from tests.support.api import CAU, PROPOSE, YEAR, bearer, connect
from tests.support.databases import on_sqlite

# What is counted of a database is a number of rows and of connections.
pytestmark = on_sqlite

TOKEN = "a token of the operator"


@pytest.fixture
def watched(api):
    """Serve the same to an operator who has set a token."""
    settings = api.settings.model_copy(update={"metrics_token": SecretStr(TOKEN)})
    with connect(create_app(settings)) as client:
        yield client


def read(client, token=TOKEN):
    """Read every sample, by its name and labels."""
    answer = client.request("GET", "/metrics", headers=bearer(token))
    assert answer.status_code == 200, answer.text
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def ask(client, api, query, **more):
    body = {"query": query} | more
    return client.request("POST", "/graphql", json=body, headers=bearer(api.own))


@pytest.mark.parametrize("token", ["", "another", TOKEN + "x"])
def test_only_who_shows_the_token_reads_them(api, watched, token):
    assert watched.request("GET", "/metrics", headers=bearer(token)).status_code == 401
    assert watched.request("GET", "/metrics", headers=bearer(api.own)).status_code == 401


def test_there_is_nothing_where_no_token_is_set(api):
    for token in ("", api.own, TOKEN):
        assert api.client.request("GET", "/metrics", headers=bearer(token)).status_code == 404


def test_requests_are_counted_by_route(api, watched):
    for _ in range(3):
        ask(watched, api, "{ __typename }")
    watched.request("GET", "/proposals/secret-1/report.xlsx", headers=bearer(api.own))
    watched.request("GET", "/secret-2", headers=bearer(api.own))
    watched.request("BREW", "/secret-3", headers=bearer(api.own))
    samples = read(watched)
    counted = {
        key[1:]: value for key, value in samples.items() if key[0].endswith("request_seconds_count")
    }
    assert counted == {
        ("/graphql", "200", "POST"): 3,
        ("/proposals/{proposal_id}/report.xlsx", "404", "GET"): 1,
        ("404", "GET", "other"): 1,
        ("404", "other", "other"): 1,
    }
    assert "secret" not in str(samples)


def test_operations_that_nobody_knows_are_one(api, watched):
    for name in ("First", "Second"):
        ask(watched, api, f"query {name} {{ __typename }}", operationName=name)
    ask(watched, api, "{ communities(first: 101) { totalCount } }")
    ask(watched, api, "{ nothing }")
    ask(watched, api, "{ ...F }")
    ask(watched, api, "{ " + " ".join(f"a{i}: __typename" for i in range(31)) + " }")
    samples = read(watched)
    assert samples["reparto_operation_seconds_count", "done", "other"] == 2
    assert samples["reparto_operation_seconds_count", "failed", "other"] == 1
    assert samples["reparto_refusals_total", "invalid_argument"] == 2
    assert samples["reparto_refusals_total", "too_large"] == 1
    assert "First" not in str(samples)


def test_known_operations_are_counted_by_name(database_kind):
    metrics = Metrics(["Known"])
    metrics.note_operation("Known", 0.1, has_failed=False)
    metrics.note_operation("Unknown", 0.1, has_failed=True)
    metrics.note_operation(None, 0.1, has_failed=False)
    text = metrics.write({}, 0).decode()
    assert 'operation_seconds_count{operation="Known",outcome="done"} 1.0' in text
    assert 'operation_seconds_count{operation="other",outcome="done"} 1.0' in text
    assert 'operation_seconds_count{operation="other",outcome="failed"} 1.0' in text
    assert "Unknown" not in text


def test_jobs_and_connections_are_told(api, watched):
    assert read(watched)["reparto_jobs", "queued"] == 0
    api.ask(PROPOSE, input={"cau": CAU, "year": YEAR})
    samples = read(watched)
    assert (samples["reparto_jobs", "queued"], samples["reparto_jobs", "running"]) == (1, 0)
    assert samples[("reparto_database_connections",)] == 0


def test_a_database_out_of_reach_keeps_nothing_else_from_being_told(database_kind, tmp_path):
    url = f"sqlite:///{tmp_path / 'nowhere' / 'reparto.db'}"
    settings = Settings(database_url=url, metrics_token=SecretStr(TOKEN))
    with connect(create_app(settings)) as client:
        samples = read(client)
    assert ("reparto_database_connections",) in samples
    assert ("reparto_jobs", "queued") not in samples
