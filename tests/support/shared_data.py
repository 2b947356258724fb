"""The shared data folder, which tests may read when it is there."""

import os
from pathlib import Path

import pytest


def shared_data_folder() -> Path:
    """Give the folder that ``REPARTO_TEST_DATA`` names, or skip the test."""
    named = os.environ.get("REPARTO_TEST_DATA")
    if not named:
        pytest.skip("REPARTO_TEST_DATA names no folder of shared data")
    return Path(named)
