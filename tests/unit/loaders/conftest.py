"""A sound folder to break."""

import shutil
from pathlib import Path

import pytest

from loaders.records import CommunityYear
from tests.support.community_folders import build_community_year, write_folder


@pytest.fixture(scope="session")
def community() -> CommunityYear:
    return build_community_year()


@pytest.fixture(scope="session")
def sound_folder(community: CommunityYear, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_folder(community, tmp_path_factory.mktemp("sound"))


@pytest.fixture
def folder(sound_folder: Path, tmp_path: Path) -> Path:
    return shutil.copytree(sound_folder, tmp_path / "community")
