from itertools import pairwise

import numpy as np
import pytest

from loaders.distributor_file import (
    UnfitCoefficientsError,
    format_constant_file,
    format_hourly_file,
    name_distributor_file,
)
from loaders.file_profile import find_profile
from models.values.calendar import CLOCK_HOURS
from models.values.cau import Cau
from models.values.cups import Cups
from models.values.errors import InvalidArgumentError, InvalidDataError
from tests.support.distributor_files import draw_shares

CAU = Cau("ES0021000000000001RK0FA000")
CUPS = [
    Cups("ES0021000000000001RK0F"),
    Cups("ES0021000000000002RE0F"),
    Cups("ES0021000000000003WT0F"),
]
SHARES = [500_000, 300_000, 200_000]
LINES = [
    b"ES0021000000000001RK0F;0,500000",
    b"ES0021000000000002RE0F;0,300000",
    b"ES0021000000000003WT0F;0,200000",
]


def hourly_shares() -> np.ndarray:
    shares = np.repeat(np.array(SHARES)[:, np.newaxis], CLOCK_HOURS, axis=1)
    shares[:, -1] = 1_000_000, 0, 0
    return shares


def test_the_bytes_are_those_of_the_regulation_page() -> None:
    content = format_constant_file(CAU, 2026, CUPS, SHARES)
    assert content == b"".join(line + b"\r\n" for line in LINES)
    assert len(content) == 99


@pytest.mark.parametrize(
    ("profile", "content"),
    [
        ("default", b"\r\n".join([*LINES, b""])),
        ("plain-hours", b"\r\n".join([*LINES, b""])),
        ("crlf-open-end", b"\r\n".join(LINES)),
        ("lf", b"\n".join([*LINES, b""])),
        ("lf-open-end-by-supply", b"\n".join(LINES)),
    ],
)
def test_a_profile_ends_the_lines(profile: str, content: bytes) -> None:
    assert format_constant_file(CAU, 2026, CUPS, SHARES, find_profile(profile)) == content


def test_hours_have_the_bytes_of_the_regulation_page() -> None:
    content = format_hourly_file(CAU, 2024, CUPS, hourly_shares())

    assert content.startswith(
        b"ES0021000000000001RK0F;0001;0,500000\r\n"
        b"ES0021000000000002RE0F;0001;0,300000\r\n"
        b"ES0021000000000003WT0F;0001;0,200000\r\n"
        b"ES0021000000000001RK0F;0002;0,500000\r\n"
    )
    assert content.endswith(
        b"ES0021000000000001RK0F;8760;1,000000\r\n"
        b"ES0021000000000002RE0F;8760;0,000000\r\n"
        b"ES0021000000000003WT0F;8760;0,000000\r\n"
    )
    assert len(content) == 3 * CLOCK_HOURS * 38


@pytest.mark.parametrize(
    ("profile", "first", "last", "n_bytes"),
    [
        ("crlf-open-end", [";0001;", ";0001;", ";0001;"], b";8760;0,000000", 3 * 8760 * 38 - 2),
        ("lf", [";0001;", ";0001;", ";0001;"], b";8760;0,000000\n", 3 * 8760 * 37),
        ("lf-open-end-by-supply", [";0001;", ";0002;", ";0003;"], b";8760;0,000000", 972_359),
        # 9 hours of one digit, 90 of two, 900 of three
        ("plain-hours", [";1;", ";1;", ";1;"], b";8760;0,000000\r\n", 3 * (8760 * 38 - 1107)),
    ],
)
def test_a_profile_orders_and_pads_the_hours(
    profile: str, first: list[str], last: bytes, n_bytes: int
) -> None:
    content = format_hourly_file(CAU, 2026, CUPS, hourly_shares(), find_profile(profile))
    lines = content.decode("ascii").splitlines()

    assert [line[22:].rpartition(";")[0] + ";" for line in lines[:3]] == first
    assert content.endswith(last)
    assert len(content) == n_bytes


@pytest.mark.parametrize("profile", ["plain-hours", "lf-open-end-by-supply"])
def test_hourly_lines_are_what_a_loop_would_write(profile: str) -> None:
    shares = draw_shares(3, seed=5)
    lines = [
        (hour, supply, f"{cups};{{}};{share // 10**6},{share % 10**6:06d}")
        for supply, (cups, row) in enumerate(zip(CUPS, shares.tolist(), strict=True))
        for hour, share in enumerate(row, 1)
    ]
    if profile == "plain-hours":
        expected = "".join(line.format(hour) + "\r\n" for hour, _, line in sorted(lines))
    else:
        expected = "\n".join(line.format(f"{hour:04d}") for hour, _, line in lines)
    content = format_hourly_file(CAU, 2026, CUPS, shares, find_profile(profile))
    assert content.decode("ascii") == expected


@pytest.mark.parametrize("total", [999_999, 1_000_001])
def test_a_sum_other_than_one_is_refused(total: int) -> None:
    with pytest.raises(UnfitCoefficientsError, match=f"sum to {total} millionths") as caught:
        format_constant_file(CAU, 2026, CUPS[:1], [total])
    assert (caught.value.cau, caught.value.total_millionths) == (CAU, total)


def test_no_coefficients_are_refused() -> None:
    with pytest.raises(UnfitCoefficientsError, match="sum to 0 millionths"):
        format_constant_file(CAU, 2026, [], [])
    with pytest.raises(UnfitCoefficientsError, match="are 1, not one for each of 2 supply points"):
        format_constant_file(CAU, 2026, CUPS[:2], [1_000_000])


def test_a_supply_point_twice_and_a_negative_share_are_refused() -> None:
    with pytest.raises(UnfitCoefficientsError, match="name a supply point twice"):
        format_constant_file(CAU, 2026, [CUPS[0], CUPS[0]], [500_000, 500_000])
    with pytest.raises(InvalidDataError, match="is not between 0 and 1"):
        format_constant_file(CAU, 2026, CUPS[:2], [-1, 1_000_001])


@pytest.mark.parametrize("year", [999, 10_000])
def test_a_year_has_four_digits(year: int) -> None:
    message = f"year {year} does not have four digits"
    with pytest.raises(InvalidArgumentError, match=message):
        name_distributor_file(CAU, year)
    with pytest.raises(InvalidArgumentError, match=message):
        format_constant_file(CAU, year, CUPS, SHARES)
    with pytest.raises(InvalidArgumentError, match=message):
        format_hourly_file(CAU, year, CUPS, hourly_shares())


def test_an_hour_that_does_not_sum_to_one_is_named() -> None:
    shares = draw_shares(3, seed=2)
    shares[0, [17, 40]] += 1

    with pytest.raises(
        UnfitCoefficientsError, match=r"1000001 millionths in hour 18.*; 2 hours"
    ) as caught:
        format_hourly_file(CAU, 2024, CUPS, shares)
    assert caught.value.total_millionths == 1_000_001


def test_other_tables_are_refused() -> None:
    shares = draw_shares(3, seed=3)
    with pytest.raises(UnfitCoefficientsError, match="name a supply point twice"):
        format_hourly_file(CAU, 2024, [CUPS[0], CUPS[1], CUPS[0]], shares)
    with pytest.raises(UnfitCoefficientsError, match=r"shape \(3, 8759\), not 3 supply points"):
        format_hourly_file(CAU, 2024, CUPS, shares[:, 1:])
    with pytest.raises(UnfitCoefficientsError, match=r"shape \(0, 8760\), not 0 supply points"):
        format_hourly_file(CAU, 2024, [], shares[:0])
    shares[:, 0] = -1, 0, 1_000_001
    with pytest.raises(InvalidDataError, match=f"coefficients of {CUPS[0]} fall below 0"):
        format_hourly_file(CAU, 2024, CUPS, shares)


def test_lines_of_hours_rise() -> None:
    content = format_hourly_file(CAU, 2026, CUPS, hourly_shares(), find_profile("plain-hours"))
    hours = [int(line.split(b";")[1]) for line in content.splitlines()]
    assert all(before <= after for before, after in pairwise(hours))
    assert (hours[0], hours[-1], len(hours)) == (1, 8760, 3 * 8760)
