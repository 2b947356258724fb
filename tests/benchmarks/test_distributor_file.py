"""Time to write, read and judge hourly coefficients of 100 members: 876,000 lines."""

from pytest_benchmark.fixture import BenchmarkFixture

from loaders.distributor_file import format_hourly_file, name_distributor_file
from loaders.distributor_file_reader import parse_distributor_file
from tests.support.community_folders import make_cau, make_cups
from tests.support.distributor_files import draw_shares

CAU = make_cau(1)
CUPS = [make_cups(number) for number in range(100)]


def test_write_100_members(benchmark: BenchmarkFixture) -> None:
    shares = draw_shares(100, seed=1)
    content = benchmark.pedantic(format_hourly_file, args=[CAU, 2026, CUPS, shares], rounds=3)
    assert len(content) == 100 * 8760 * 38


def test_read_100_members(benchmark: BenchmarkFixture) -> None:
    content = format_hourly_file(CAU, 2026, CUPS, draw_shares(100, seed=1))
    name = name_distributor_file(CAU, 2026)
    read = benchmark.pedantic(parse_distributor_file, args=[name, content], rounds=3)
    assert read.millionths.shape == (100, 8760)
