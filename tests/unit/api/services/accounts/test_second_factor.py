"""Codes of the second factor: the standard's own examples, and which half minutes are taken."""

from datetime import UTC, datetime, timedelta

import pytest

from api.services.accounts.second_factor import find_step

SECRET = b"12345678901234567890"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# RFC 4226, appendix D: what RFC 6238 shows in the half minutes 0 to 9.
CODES = (
    *("755224", "287082", "359152", "969429", "338314"),
    *("254676", "287922", "162583", "399871", "520489"),
)

# RFC 6238, appendix B, with the last six of its eight digits.
TIMES = {59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924",
         2000000000: "279037", 20000000000: "353130"}  # fmt: skip


def at(seconds: float) -> datetime:
    return EPOCH + timedelta(seconds=seconds)


@pytest.mark.parametrize(("step", "code"), list(enumerate(CODES)))
def test_the_codes_are_those_of_the_standard(step: int, code: str) -> None:
    assert find_step(SECRET, code, at=at(30 * step)) == step
    assert find_step(SECRET, code, at=at(30 * step + 29.999)) == step


@pytest.mark.parametrize(("seconds", "code"), TIMES.items())
def test_the_times_are_those_of_the_standard(seconds: int, code: str) -> None:
    assert find_step(SECRET, code, at=at(seconds)) == seconds // 30


def test_a_clock_may_be_half_a_minute_off() -> None:
    found = {off: find_step(SECRET, CODES[5], at=at(30 * (5 + off))) for off in range(-2, 3)}
    assert found == {-2: None, -1: 5, 0: 5, 1: 5, 2: None}


@pytest.mark.parametrize("code", ["", "000000", "28708", "2870820", "२८७०८२", "28708a", "\0"])
def test_nothing_else_is_a_code(code: str) -> None:
    assert find_step(SECRET, code, at=at(30)) is None


def test_blanks_do_not_count() -> None:
    assert find_step(SECRET, " 287 082 ", at=at(30)) == 1
