"""The community that the server is asked about: a hundred members, a year of hours."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from sqlmodel import select

from api.graphql.node import write_global_id
from api.graphql.schema import build_schema
from api.services.accounts.create_token import create_token
from api.services.community_folders.import_community import import_community
from models.migrations.revisions import upgrade_database
from models.session import create_database_engine, read_session, write_session
from models.tables import Community
from tests.support.community_folders import build_community_year, make_cau

CAU = str(make_cau(1))
YEAR = 2023
N_MEMBERS = 100

_IMPORTED_AT = datetime(2024, 3, 1, 9, 30, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class StoredCase:
    """A filled database, what opens it, and the community's global id."""

    url: str
    token: str
    community_id: str


def store_community(folder: Path) -> StoredCase:
    """Fill a database with a community whose agreement is in force."""
    url = f"sqlite:///{folder / 'measured.db'}"
    upgrade_database(url)
    engine = create_database_engine(url)
    year = build_community_year(n_members=N_MEMBERS, n_reserve=0, year=YEAR)
    members = tuple(replace(each, current_beta=1 / N_MEMBERS) for each in year.members)
    with write_session(engine) as session:
        token = create_token(session, promoter="Measured", name="benchmark", now=_IMPORTED_AT)
        import_community(
            session,
            promoter_id=token.promoter_id,
            community=replace(year, members=members),
            imported_at=_IMPORTED_AT,
        )
    build_schema()
    with read_session(engine) as session:
        key = session.exec(select(Community.id)).one()
    engine.dispose()
    return StoredCase(url, token.text, write_global_id(Community, key))
