"""Every list asks the database as often for one row as for fifty."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import make_url

from api.graphql.node import write_global_id
from models import tables
from models.values.access import Capability
from tests.support.api import Api, FilledDatabase, add_token, serving
from tests.support.databases import DatabaseKind, Databases, on_sqlite, opened
from tests.support.list_paths import is_record, name_lists, write_list_documents
from tests.support.many_of_each import store_many
from tests.support.queries import count_queries
from tests.support.row_keys import IDS

pytestmark = [pytest.mark.usefixtures("database_kind"), on_sqlite]

DOCUMENTS = write_list_documents(
    {"issuerId": write_global_id(tables.InvoiceIssuer, UUID(IDS["issuer"]))}
)

"""A question for each list, of all the parents that there are."""

AT_HAND = {
    "AuditEntry.subjects",
    "CandidateSuitability.reasons",
    "CapacitySharing.shares",
    "CoefficientProposal.members",
    "CoefficientProposal.rules",
    "Invoice.plants",
    "MemberAssignment.plants",
    "Query.verifyInvoiceChain",
    "VacancyFilling.candidates",
    "VacancyFilling.coefficients",
    "VacancyFilling.unfilled",
}
"""Lists cut out of a document that is stored whole, of which the sound rows hold none."""


@pytest.fixture(scope="module")
def few_and_many(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Api]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("api.authentication.narrow_to_scopes", lambda *_: frozenset(Capability))
        patch.setattr("api.graphql.dataloaders.MOST_ROWS", 10**9)
        with (
            _serving_many(databases, tmp_path_factory.mktemp("few"), 1) as few,
            _serving_many(databases, tmp_path_factory.mktemp("many"), 50) as many,
        ):
            yield [few, many]


@contextmanager
def _serving_many(databases: Databases, folder: Path, times: int) -> Iterator[Api]:
    """Serve as many of each row."""
    kind = DatabaseKind.SQLITE
    server = databases.server(kind)
    url = server.copy(databases.migrated(kind))
    store_many(Path(make_url(url).database or ""), times)
    with opened(url) as engine:
        token = add_token(engine, "P").text
    with serving(FilledDatabase(url, token, "", "", ""), url, folder) as api:
        yield api
    server.drop(url)


def test_every_list_of_a_record_is_asked_for():
    kinds = {name.partition(".")[0] for name in name_lists()}
    read = {kind for kind in kinds if kind == "Query" or is_record(kind)}
    lists = {name for name in name_lists() if name.partition(".")[0] in read}
    assert lists == DOCUMENTS.keys() | AT_HAND


@pytest.mark.parametrize("name", sorted(DOCUMENTS.keys() - AT_HAND))
def test_fifty_rows_take_as_many_questions_as_one(few_and_many: list[Api], name: str):
    asked = []
    for api in few_and_many:
        with count_queries(api.engine) as queries:
            api.ask(DOCUMENTS[name])
        asked.append(len(queries))
    few, many = asked
    # A list that ends on its page is not counted.
    assert many <= few + 1, asked
