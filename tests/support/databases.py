"""Migrated SQLite databases for tests: migrated once, copied for every test."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from models.migrations.revisions import upgrade_database
from models.session import create_database_engine, write_session
from models.tables import Promoter

RECORDED_AT = datetime(2024, 3, 1, 9, 30, tzinfo=UTC)
"""Instant at which tests store things unless they say otherwise."""


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an empty database at the newest revision; copy it, never open it."""
    path = tmp_path_factory.mktemp("database") / "migrated.db"
    upgrade_database(f"sqlite:///{path}")
    return path


@pytest.fixture
def database_url(migrated_file: Path, tmp_path: Path) -> str:
    """Give the address of a migrated database that belongs to one test."""
    return f"sqlite:///{shutil.copy(migrated_file, tmp_path / 'reparto.db')}"


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """Open that database."""
    engine = create_database_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def promoter(engine: Engine) -> Promoter:
    """Store the promoter whose data a test works with."""
    return add_promoter(engine, "Ajuntament de la Peña")


@pytest.fixture
def other_promoter(engine: Engine) -> Promoter:
    """Store a promoter who must see none of that."""
    return add_promoter(engine, "Cooperativa del Ebro")


def add_promoter(engine: Engine, name: str) -> Promoter:
    """Store a promoter in a transaction of its own."""
    promoter = Promoter(name=name, created_at=RECORDED_AT)
    with write_session(engine) as session:
        session.add(promoter)
    return promoter
