"""A sound folder to break."""

from pathlib import Path

import pytest

from loaders.records import CommunityYear
from tests.support.community_folders import build_community_year, write_folder


@pytest.fixture(scope="session")
def community() -> CommunityYear:
    return build_community_year()


@pytest.fixture
def folder(community: CommunityYear, tmp_path: Path) -> Path:
    return write_folder(community, tmp_path / "community")
