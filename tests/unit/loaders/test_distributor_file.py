from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.distributor_file import (
    UnfitCoefficientsError,
    format_distributor_file,
    name_distributor_file,
)
from loaders.distributor_file_check import validate_distributor_file
from models.values.cau import Cau
from models.values.cups import Cups
from models.values.errors import InvalidArgumentError, InvalidDataError
from tests.support.community_folders import make_cau, make_cups

CAU = Cau("ES0021000000000001RK0FA000")
SHARES = [
    (Cups("ES0021000000000001RK0F"), 500_000),
    (Cups("ES0021000000000002RE0F"), 300_000),
    (Cups("ES0021000000000003WT0F"), 200_000),
]


def write_file(folder: Path, cau: Cau, year: int, shares: list[tuple[Cups, int]]) -> Path:
    content = format_distributor_file(cau, year, shares)
    path = folder / name_distributor_file(cau, year)
    path.write_bytes(content)
    return path


def test_the_bytes_are_those_of_the_regulation_page() -> None:
    content = format_distributor_file(CAU, 2026, SHARES)
    assert content == (
        b"ES0021000000000001RK0F;0,500000\r\n"
        b"ES0021000000000002RE0F;0,300000\r\n"
        b"ES0021000000000003WT0F;0,200000\r\n"
    )
    assert len(content) == 99


def test_the_file_is_written_under_its_name(tmp_path: Path) -> None:
    path = write_file(tmp_path, CAU, 2026, SHARES)
    assert path == tmp_path / "ES0021000000000001RK0FA000_2026.txt"
    assert path.read_bytes() == format_distributor_file(CAU, 2026, SHARES)
    assert validate_distributor_file(path, members=[cups for cups, _ in SHARES], cau=CAU) == []


@pytest.mark.parametrize("total", [999_999, 1_000_001, 0])
def test_a_sum_other_than_one_is_refused(tmp_path: Path, total: int) -> None:
    with pytest.raises(UnfitCoefficientsError) as caught:
        write_file(tmp_path, CAU, 2026, [(SHARES[0][0], total)] if total else [])
    assert caught.value.total_millionths == total
    assert list(tmp_path.iterdir()) == []


def test_a_supply_point_twice_and_a_negative_share_are_refused() -> None:
    cups = SHARES[0][0]
    with pytest.raises(UnfitCoefficientsError, match="name a supply point twice"):
        format_distributor_file(CAU, 2026, [(cups, 500_000), (cups, 500_000)])
    with pytest.raises(InvalidDataError, match="is not between 0 and 1"):
        format_distributor_file(CAU, 2026, [(cups, -1), (SHARES[1][0], 1_000_001)])


@pytest.mark.parametrize("year", [999, 10_000])
def test_a_year_has_four_digits(year: int) -> None:
    with pytest.raises(InvalidArgumentError, match=f"year {year} does not have four digits"):
        name_distributor_file(CAU, year)


@given(cuts=st.lists(st.integers(0, 1_000_000), max_size=30), year=st.integers(2000, 2100))
def test_whatever_sums_to_one_is_valid(
    tmp_path_factory: pytest.TempPathFactory, cuts: list[int], year: int
) -> None:
    borders = [0, *sorted(cuts), 1_000_000]
    shares = [(make_cups(i), after - before) for i, (before, after) in enumerate(pairwise(borders))]
    folder = tmp_path_factory.mktemp("file")
    path = write_file(folder, make_cau(1), year, shares)
    members = [cups for cups, _ in shares]
    assert validate_distributor_file(path, members=members, cau=make_cau(1)) == []
