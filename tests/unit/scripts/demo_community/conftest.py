import pytest

from loaders.records import CommunityYear
from scripts.demo_community import generate_demo_community


@pytest.fixture(scope="session")
def demo() -> CommunityYear:
    return generate_demo_community(2025)
