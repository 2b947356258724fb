"""The application with data in it, and callers of several kinds, for tests of the API."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from httpx import ASGITransport, AsyncClient, Response
from sqlalchemy import Engine
from starlette.applications import Starlette

from api.app import create_app
from api.clock import now
from api.jobs.worker import drain_queue
from api.services.accounts.create_token import NewToken, create_token, revoke_token
from api.services.community_folders.import_community import import_community
from api.settings import Settings
from loaders.records import CommunityYear
from models.session import write_session
from models.tables import ApiToken
from tests.support.community_folders import build_community_year, make_cau, make_cups, write_folder
from tests.support.databases import DatabaseKind, Databases, Server, opened
from tests.support.stored_once import StoredState, Tools, find_builders, recall_for

NOW = datetime(2024, 3, 1, 9, 30, tzinfo=UTC)
YEAR = 2023
CAU = make_cau(1)

PROPOSE = """
mutation ($input: ProposeCoefficientsInput!) {
  proposeCoefficients(input: $input) {
    job { id state progress result { id } }
    userErrors { __typename code message path }
  }
}
"""
ACCEPT = """
mutation ($input: AcceptProposalInput!) {
  acceptProposal(input: $input) {
    agreement { id state fileYear publishedAt proposal { id state } }
    userErrors { __typename code message path }
  }
}
"""
IMPORT = """
mutation ($input: ImportCommunityInput!) {
  importCommunity(input: $input) {
    job { id state }
    userErrors { __typename code message path }
  }
}
"""


@dataclass(frozen=True, slots=True)
class Client:
    """A caller without threads or loops of its own to mind."""

    portal: BlockingPortal
    session: AsyncClient

    def request(self, method: str, path: str, **content: Any) -> Response:
        """Send a request and wait for the answer."""
        return self.portal.call(partial(self.session.request, method, path, **content))


@dataclass(frozen=True, slots=True)
class Api:
    """The application under test and the tokens of those who call it."""

    app: Starlette
    client: Client
    settings: Settings
    engine: Engine
    own: str
    other: str
    expired: str
    revoked: str

    def post(self, query: str, *, token: str | None = None, **variables: Any) -> Response:
        """Send an operation as the owner, unless another token is given."""
        return self.client.request(
            "POST",
            "/graphql",
            json={"query": query, "variables": variables},
            headers=bearer(self.own if token is None else token),
        )

    def ask(self, query: str, *, token: str | None = None, **variables: Any) -> dict[str, Any]:
        """Send an operation that must succeed, and give its data."""
        answer = self.post(query, token=token, **variables).json()
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    def error(self, query: str, *, token: str | None = None, **variables: Any) -> dict[str, Any]:
        """Send an operation that must fail with one error, and give the error."""
        answer = self.post(query, token=token, **variables).json()
        assert len(answer["errors"]) == 1, answer
        return answer["errors"][0]

    def get(self, path: str, *, token: str | None = None) -> Response:
        """Fetch a file as the owner, unless another token is given."""
        return self.client.request(
            "GET", path, headers=bearer(self.own if token is None else token)
        )

    def drain(self) -> int:
        """Run the jobs that wait."""
        return drain_queue(self.settings)

    def propose(self, **limits: Any) -> str:
        """Plan coefficients with a job and give the proposal's global id."""
        wish = {"cau": CAU, "year": YEAR} | limits
        job = self.ask(PROPOSE, input=wish)["proposeCoefficients"]["job"]
        self.drain()
        found = self.ask(
            "query ($id: ID!) { node(id: $id) { ... on JobRun { result { id } } } }", id=job["id"]
        )
        return found["node"]["result"]["id"]


def bearer(token: str) -> dict[str, str]:
    """Give the header that shows a token; none for an empty one."""
    return {"authorization": f"Bearer {token}"} if token else {}


@dataclass(frozen=True, slots=True)
class FilledDatabase:
    """A database with one imported community, and its tokens; copy it, never open it.

    The folder of its files is copied too, where there are some.
    """

    url: str
    own: str
    other: str
    expired: str
    revoked: str
    data_dir: Path | None = None


@pytest.fixture(scope="session")
def filled_databases(databases: Databases) -> Callable[[DatabaseKind], FilledDatabase]:
    """Fill one database of each kind, and each only once."""
    return cache(partial(_fill_database, databases))


@pytest.fixture(scope="session")
def filled_database(
    filled_databases: Callable[[DatabaseKind], FilledDatabase], database_kind: DatabaseKind
) -> FilledDatabase:
    """Give the filled database of this kind."""
    return filled_databases(database_kind)


def _fill_database(databases: Databases, kind: DatabaseKind) -> FilledDatabase:
    """Import a community of three members and one who waits."""
    url = databases.keep(kind, databases.server(kind).copy(databases.migrated(kind)))
    with opened(url) as engine:
        own = add_token(engine, "Ajuntament de la Peña")
        other = add_token(engine, "Cooperativa del Ebro")
        expired = add_token(engine, "Ajuntament de la Peña", expires_at=NOW + timedelta(days=1))
        revoked = add_token(engine, "Ajuntament de la Peña")
        with write_session(engine) as session:
            revoke_token(session, token=revoked.prefix, now=NOW)
            import_community(
                session,
                promoter_id=own.promoter_id,
                community=build_community_year(),
                imported_at=NOW,
            )
    return FilledDatabase(url, own.text, other.text, expired.text, revoked.text)


def add_token(engine: Engine, promoter: str, **terms: Any) -> NewToken:
    """Make a token in a transaction of its own; that it is used was written down already."""
    with write_session(engine) as session:
        made = create_token(session, promoter=promoter, name="test", now=NOW, **terms)
        session.get_one(ApiToken, made.token_id).last_used_at = now()
    return made


@dataclass(frozen=True, slots=True)
class ServedDatabase:
    """A filled database, in which more is stored by the application that serves it."""

    kind: DatabaseKind
    filled: FilledDatabase

    @property
    def state(self) -> StoredState:
        """What is in it from the start."""
        return StoredState(self.filled.url, self.filled.data_dir)

    @contextmanager
    def opened(self, url: str, folder: Path) -> Iterator[Tools]:
        """Serve a copy."""
        with serving(self.filled, url, folder) as api:
            yield {"api": api, "engine": api.engine}

    def find_state(self, request: pytest.FixtureRequest, databases: Databases) -> StoredState:
        """Give the state that a test begins with."""
        return databases.stored(self, *find_builders(request, "api"))


@pytest.fixture
def filled_url(
    request: pytest.FixtureRequest,
    databases: Databases,
    database_kind: DatabaseKind,
    server: Server,
    filled_database: FilledDatabase,
) -> Iterator[str]:
    """Give the address of a filled database that belongs to one test, with what fixtures store."""
    served = ServedDatabase(database_kind, filled_database)
    url = server.copy(served.find_state(request, databases).url)
    yield url
    server.drop(url)


@pytest.fixture
def api(
    request: pytest.FixtureRequest,
    databases: Databases,
    database_kind: DatabaseKind,
    filled_database: FilledDatabase,
    filled_url: str,
    tmp_path: Path,
) -> Iterator[Api]:
    """Serve that database to one test."""
    state = ServedDatabase(database_kind, filled_database).find_state(request, databases)
    state.copy_files(tmp_path)
    with serving(filled_database, filled_url, tmp_path) as api:
        recall_for(request, state, {"api": api, "engine": api.engine})
        yield api


@contextmanager
def serving(filled: FilledDatabase, url: str, folder: Path) -> Iterator[Api]:
    """Serve the copy of a filled database at an address, with its files below a folder."""
    root = folder / "allowed"
    root.mkdir()
    settings = Settings(
        database_url=url,
        data_dir=folder / "data",
        import_root=root,
        upload_max_bytes=1_000_000,
        public_url="https://reparto.example",
        billing_installation="1",
        billing_producer_name="Cooperativa",
        billing_producer_nif="F12345674",
    )
    app = create_app(settings)
    with connect(app) as client:
        yield Api(
            app=app,
            client=client,
            settings=settings,
            engine=app.state.engine,
            own=filled.own,
            other=filled.other,
            expired=filled.expired,
            revoked=filled.revoked,
        )


@contextmanager
def connect(app: Starlette) -> Iterator[Client]:
    """Call an application in this process, its lifespan included."""
    with start_blocking_portal() as portal:
        transport = ASGITransport(app, raise_app_exceptions=False)
        session = AsyncClient(transport=transport, base_url="http://reparto.test")
        with portal.wrap_async_context_manager(app.router.lifespan_context(app)):
            yield Client(portal, session)
        portal.call(session.aclose)


@pytest.fixture(scope="session")
def community_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the folder of another community than the stored one."""
    return write_folder(build_newcomers(), tmp_path_factory.mktemp("folder") / "c2")


def build_newcomers() -> CommunityYear:
    """Build a community that shares no meter with the stored one."""
    community = build_community_year(seed=2)
    return replace(
        community,
        installations=(replace(community.installations[0], cau=make_cau(2)),),
        members=tuple(
            replace(member, cups=make_cups(200 + place))
            for place, member in enumerate(community.members)
        ),
    )
