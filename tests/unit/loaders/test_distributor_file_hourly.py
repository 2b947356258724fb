from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders.distributor_file import (
    UnfitCoefficientsError,
    format_distributor_file,
    name_distributor_file,
)
from loaders.distributor_file_check import validate_distributor_file
from loaders.distributor_file_hourly import NotHourlyError, format_hourly_file, read_hourly_file
from loaders.distributor_file_lines import HOURS
from loaders.faults import FaultyInputError, MissingInputError
from models.values.errors import InvalidArgumentError, InvalidDataError
from tests.support.community_folders import make_cau, make_cups

CAU = make_cau(1)
NAME = name_distributor_file(CAU, 2024)
CUPS = [make_cups(number) for number in (3, 1, 2)]


def draw_shares(n_members: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    cuts = np.sort(rng.integers(0, 1_000_001, (n_members - 1, HOURS)), axis=0)
    edges = [np.zeros((1, HOURS), int), cuts, np.full((1, HOURS), 1_000_000)]
    return np.diff(np.concatenate(edges), axis=0)


def test_the_bytes_are_those_of_the_regulation_page() -> None:
    shares = np.repeat([[500_000], [300_000], [200_000]], HOURS, axis=1)
    shares[:, -1] = 1_000_000, 0, 0
    lines = format_hourly_file(CAU, 2024, CUPS, shares).split(b"\r\n")

    assert lines[:4] == [
        f"{CUPS[0]};0001;0,500000".encode(),
        f"{CUPS[1]};0001;0,300000".encode(),
        f"{CUPS[2]};0001;0,200000".encode(),
        f"{CUPS[0]};0002;0,500000".encode(),
    ]
    assert lines[-4:] == [
        f"{CUPS[0]};8760;1,000000".encode(),
        f"{CUPS[1]};8760;0,000000".encode(),
        f"{CUPS[2]};8760;0,000000".encode(),
        b"",
    ]
    assert len(lines) == 3 * HOURS + 1


@settings(max_examples=5, deadline=None)
@given(n_members=st.integers(1, 4), seed=st.integers(0, 1000))
def test_what_is_written_is_sound_and_read_back(
    tmp_path_factory: pytest.TempPathFactory, n_members: int, seed: int
) -> None:
    cups = [make_cups(number) for number in range(n_members, 0, -1)]
    shares = draw_shares(n_members, seed)
    path = tmp_path_factory.mktemp("file") / NAME
    path.write_bytes(format_hourly_file(CAU, 2024, cups, shares))

    assert validate_distributor_file(path, members=cups, cau=CAU) == []
    back = read_hourly_file(path, members=cups, cau=CAU)
    assert list(back.cups) == cups
    assert back.millionths.tolist() == shares.tolist()


def test_lines_of_other_ends_and_order_are_read(tmp_path: Path) -> None:
    shares = draw_shares(3, 1)
    lines = format_hourly_file(CAU, 2024, CUPS, shares).split()
    path = tmp_path / NAME
    path.write_bytes(b"\n".join(lines[::-1]))
    back = read_hourly_file(path)

    assert list(back.cups) == CUPS[::-1]
    assert back.millionths.tolist() == shares[::-1].tolist()


def test_an_hour_that_does_not_sum_to_one_is_named() -> None:
    shares = draw_shares(3, 2)
    shares[0, [17, 40]] += 1

    with pytest.raises(
        UnfitCoefficientsError, match=r"1000001 millionths in hour 18.*; 2 hours"
    ) as e:
        format_hourly_file(CAU, 2024, CUPS, shares)
    assert e.value.total_millionths == 1_000_001


def test_other_tables_are_refused() -> None:
    shares = draw_shares(3, 3)
    with pytest.raises(UnfitCoefficientsError, match="name a supply point twice"):
        format_hourly_file(CAU, 2024, [CUPS[0], CUPS[1], CUPS[0]], shares)
    with pytest.raises(UnfitCoefficientsError, match=r"shape \(3, 8759\), not 3 supply points"):
        format_hourly_file(CAU, 2024, CUPS, shares[:, 1:])
    with pytest.raises(UnfitCoefficientsError, match=r"shape \(0, 8760\), not 0 supply points"):
        format_hourly_file(CAU, 2024, [], shares[:0])
    with pytest.raises(InvalidArgumentError, match="four digits"):
        format_hourly_file(CAU, 12, CUPS, shares)
    shares[:, 0] = -1, 0, 1_000_001
    with pytest.raises(InvalidDataError, match=f"coefficients of {CUPS[0]} fall below 0"):
        format_hourly_file(CAU, 2024, CUPS, shares)


def test_a_file_with_a_fault_is_refused_with_all_of_them(tmp_path: Path) -> None:
    lines = format_hourly_file(CAU, 2024, CUPS, draw_shares(3, 4)).split(b"\r\n")
    del lines[4]
    path = tmp_path / NAME
    path.write_bytes(b"\r\n".join([*lines, b"what"]))

    with pytest.raises(FaultyInputError) as caught:
        read_hourly_file(path)
    faults = [(fault.file, fault.place) for fault in caught.value.faults]
    assert (NAME, None) in faults
    assert any(place and place.startswith("line ") for _, place in faults)


def test_a_constant_file_is_not_hourly(tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_bytes(format_distributor_file(CAU, 2024, [(CUPS[0], 1_000_000)]))

    with pytest.raises(NotHourlyError, match="holds constant coefficients") as caught:
        read_hourly_file(path)
    assert caught.value.name == NAME
    with pytest.raises(MissingInputError):
        read_hourly_file(tmp_path / "none.txt")
