"""A marked community, stored once for all tests of a module and copied for each."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.support.databases import DatabaseKind, Databases, Server, add_promoter, opened
from tests.support.marked_people import MarkedCommunity, add_marked_community


@dataclass(frozen=True, slots=True)
class Template:
    """What is copied: a database, its files, and what is known of them."""

    url: str
    marked: MarkedCommunity


@pytest.fixture(scope="module")
def template(
    databases: Databases, database_kind: DatabaseKind, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Template]:
    server = databases.server(database_kind)
    url = server.copy(databases.migrated(database_kind))
    with opened(url) as engine:
        promoter = add_promoter(engine, "Ajuntament de la Peña")
        marked = add_marked_community(engine, promoter, tmp_path_factory.mktemp("data"))
    yield Template(url, marked)
    server.drop(url)


@pytest.fixture
def marked(template: Template, server: Server, tmp_path: Path) -> Iterator[MarkedCommunity]:
    url, data_dir = server.copy(template.url), tmp_path / "data"
    shutil.copytree(template.marked.data_dir, data_dir)
    with opened(url) as engine:
        billed = replace(template.marked.billed, engine=engine)
        yield replace(template.marked, billed=billed, data_dir=data_dir)
    server.drop(url)
