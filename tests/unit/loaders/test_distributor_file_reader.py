from itertools import pairwise
from pathlib import Path
from time import perf_counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders.distributor_file import (
    format_constant_file,
    format_hourly_file,
    name_distributor_file,
)
from loaders.distributor_file_check import validate_distributor_file
from loaders.distributor_file_lines import MOST_LINES
from loaders.distributor_file_reader import parse_distributor_file
from loaders.faults import FaultyInputError
from loaders.file_profile import FileProfile, read_profiles
from tests.support.community_folders import make_cau, make_cups
from tests.support.distributor_files import draw_shares

CAU = make_cau(1)
NAME = name_distributor_file(CAU, 2024)
CUPS = [make_cups(number) for number in (3, 1, 2)]
profiles = st.sampled_from(list(read_profiles().values()))


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("file") / NAME


@given(cuts=st.lists(st.integers(0, 1_000_000), max_size=30), profile=profiles)
def test_constant_coefficients_come_back(file: Path, cuts: list[int], profile: FileProfile) -> None:
    shares = [after - before for before, after in pairwise([0, *sorted(cuts), 1_000_000])]
    cups = [make_cups(number) for number in range(len(shares), 0, -1)]
    file.write_bytes(format_constant_file(CAU, 2024, cups, shares, profile))

    assert validate_distributor_file(file, members=cups, cau=CAU) == []
    back = parse_distributor_file(NAME, file.read_bytes(), members=cups, cau=CAU)
    assert not back.is_hourly
    assert (list(back.cups), back.millionths.tolist()) == (cups, shares)


@settings(max_examples=15, deadline=None)
@given(n_members=st.integers(1, 4), seed=st.integers(0, 1000), profile=profiles)
def test_hourly_coefficients_come_back(
    file: Path, n_members: int, seed: int, profile: FileProfile
) -> None:
    cups = [make_cups(number) for number in range(n_members, 0, -1)]
    shares = draw_shares(n_members, seed)
    file.write_bytes(format_hourly_file(CAU, 2024, cups, shares, profile))

    assert validate_distributor_file(file, members=cups, cau=CAU) == []
    back = parse_distributor_file(NAME, file.read_bytes(), members=cups, cau=CAU)
    assert back.is_hourly
    assert list(back.cups) == cups
    np.testing.assert_array_equal(back.millionths, shares)


def test_lines_of_any_order_are_read() -> None:
    shares = draw_shares(3, seed=1)
    lines = format_hourly_file(CAU, 2024, CUPS, shares).split()
    back = parse_distributor_file(NAME, b"\n".join(lines[::-1]))

    assert list(back.cups) == CUPS[::-1]
    np.testing.assert_array_equal(back.millionths, shares[::-1])


def test_a_hundred_members_come_back_within_seconds(tmp_path: Path) -> None:
    cups, shares = [make_cups(number) for number in range(100)], draw_shares(100, seed=7)
    path = tmp_path / NAME
    started = perf_counter()
    path.write_bytes(format_hourly_file(CAU, 2024, cups, shares))
    back = parse_distributor_file(NAME, path.read_bytes(), members=cups, cau=CAU)
    seconds = perf_counter() - started

    np.testing.assert_array_equal(back.millionths, shares)
    assert path.stat().st_size == 100 * 8760 * 38
    assert seconds < 15  # about 1.5 on a quiet machine


def test_a_file_with_a_fault_is_refused_with_all_of_them() -> None:
    lines = format_hourly_file(CAU, 2024, CUPS, draw_shares(3, seed=4)).split(b"\r\n")
    del lines[4]
    content = b"\r\n".join([*lines, b"what"])

    with pytest.raises(FaultyInputError) as caught:
        parse_distributor_file(NAME, content)
    assert [str(fault) for fault in caught.value.faults] == [
        f"{NAME}, line 26280: the line is empty, should be CUPS;hour;coefficient",
        f"{NAME}, line 26281: 'what' is not CUPS;hour;coefficient",
        f"{NAME}: {CUPS[1]} has no line for hour 2",
    ]


def test_bytes_are_read_as_a_file_is() -> None:
    shares = [500_000, 300_000, 200_000]
    read = parse_distributor_file(NAME, format_constant_file(CAU, 2024, CUPS, shares), cau=CAU)
    assert (read.cau, read.year) == (CAU, 2024)
    assert (list(read.cups), read.millionths.tolist()) == (CUPS, shares)
    with pytest.raises(FaultyInputError, match="lines, more than") as caught:
        parse_distributor_file(NAME, b"\n" * MOST_LINES)
    assert [(fault.file, fault.code) for fault in caught.value.faults] == [(NAME, None)]


def test_a_file_that_is_no_text_is_refused() -> None:
    with pytest.raises(FaultyInputError, match="line 1: the file is not text"):
        parse_distributor_file(NAME, b"\0")
