"""The invented community is a community folder like any other."""

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from loaders.community_folder import read_community_folder
from loaders.community_folder_writer import write_community_folder
from loaders.records import CommunityYear
from loaders.series_files import SeriesFormat
from scripts.demo_community import generate_demo_community


@pytest.mark.parametrize("energy_format", SeriesFormat)
@pytest.mark.parametrize("year", [2024, 2025])
def test_it_is_read_back_without_a_fault_and_bit_by_bit(
    tmp_path: Path, energy_format: SeriesFormat, year: int
) -> None:
    demo = generate_demo_community(year)
    write_community_folder(demo, tmp_path, energy_format=energy_format)
    again = read_community_folder(tmp_path)
    for field in fields(CommunityYear):
        written, read = getattr(demo, field.name), getattr(again, field.name)
        if isinstance(written, np.ndarray):
            np.testing.assert_array_equal(read, written)
        else:
            assert read == written
