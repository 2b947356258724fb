"""Time to read a community folder of 500 members x 8,760 hours, by format."""

from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from loaders.community_folder import read_community_folder
from loaders.community_folder_writer import write_community_folder
from loaders.series_files import SeriesFormat
from tests.support.community_folders import build_community_year


@pytest.mark.parametrize("energy_format", SeriesFormat)
def test_read_500_members(
    benchmark: BenchmarkFixture, tmp_path: Path, energy_format: SeriesFormat
) -> None:
    community = build_community_year(n_members=500, n_reserve=0)
    write_community_folder(community, tmp_path, energy_format=energy_format)
    read = benchmark.pedantic(read_community_folder, args=[tmp_path], rounds=3)
    assert read.consumption_kwh.shape == (500, 8760)
