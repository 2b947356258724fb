"""The shared data folder, which tests may read when it is there."""

import os
from pathlib import Path

import pytest


def shared_data_folder() -> Path:
    """Give the folder of samples that ``REPARTO_TEST_DATA`` names, or skip the test.

    The variable may name the folder above, too, in which it is called ``data``.
    """
    named = os.environ.get("REPARTO_TEST_DATA")
    if not named:
        pytest.skip("REPARTO_TEST_DATA names no folder of shared data")
    inside = Path(named) / "data"
    return inside if inside.is_dir() else Path(named)
