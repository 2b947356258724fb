"""CUPS, CAU and CIL: published vectors, an own check, and every way to be wrong."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.values.cau import Cau
from models.values.cil import Cil
from models.values.cups import Cups
from models.values.errors import ErrorCode, InvalidDataError, InvalidIdentifierError

LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"


def check_letters(digits: int) -> str:
    """Work out the two letters as the rule says: the number modulo 529, in base 23."""
    first, second = divmod(digits % 529, 23)
    return LETTERS[first] + LETTERS[second]


numbers = st.integers(0, 10**16 - 1)
endings = st.sampled_from(["", "0F", "1P", "9Z"])


@pytest.mark.parametrize(
    "text",
    [
        "ES0021000000000001RK",
        "ES0021000000000001RK0F",
        "ES0021000000000002RE0F",
        "ES0021000000000003WT0F",
        "ES0026000010096279CP1F",
        "ES0184000000080001VF0F",
    ],
)
def test_published_cups_are_kept_as_they_are(text: str) -> None:
    cups = Cups(text)
    assert cups == text
    assert isinstance(cups, str)


@given(digits=numbers, ending=endings)
def test_every_number_with_its_own_letters_is_a_cups(digits: int, ending: str) -> None:
    text = f"ES{digits:016}{check_letters(digits)}{ending}"
    assert Cups(text) == text


@given(digits=numbers, first=st.sampled_from(LETTERS), second=st.sampled_from(LETTERS))
def test_other_letters_are_refused_and_the_right_ones_named(
    digits: int, first: str, second: str
) -> None:
    right = check_letters(digits)
    if first + second == right:
        return
    with pytest.raises(InvalidIdentifierError) as refusal:
        Cups(f"ES{digits:016}{first}{second}")
    assert refusal.value.reason == f"has check letters {first}{second}, should be {right}"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "has 0 characters, not 20 or 22"),
        ("ES0021000000000001R", "has 19 characters, not 20 or 22"),
        ("ES0021000000000001RK0", "has 21 characters, not 20 or 22"),
        ("ES0021000000000001RK0F0", "has 23 characters, not 20 or 22"),
        ("FR0021000000000001RK", "is not ES, 16 digits and 2 letters"),
        ("es0021000000000001rk", "is not ES, 16 digits and 2 letters"),
        ("ES00210000000000O1RK", "is not ES, 16 digits and 2 letters"),
        ("ES0021000000000001RK0A", "is not ES, 16 digits and 2 letters"),
        ("ES0021000000000001RKFF", "is not ES, 16 digits and 2 letters"),
        ("ES0021000000000001RK\r\n", "is not ES, 16 digits and 2 letters"),
        (" ES0021000000000001R", "is not ES, 16 digits and 2 letters"),
        ("ES٠٠٢١٠٠٠٠٠٠٠٠٠٠٠١RK", "is not ES, 16 digits and 2 letters"),
        ("ES0021000000000001RE", "has check letters RE, should be RK"),
        ("ES0021000000000010RK", "has check letters RK, should be WF"),
    ],
)
def test_a_wrong_cups_says_what_is_wrong(text: str, reason: str) -> None:
    with pytest.raises(InvalidIdentifierError) as refusal:
        Cups(text)
    error = refusal.value
    assert (error.kind, error.text, error.reason) == ("CUPS", text, reason)
    assert str(error) == f"CUPS {text!r}: {reason}"
    assert error.code is ErrorCode.INVALID_IDENTIFIER
    assert isinstance(error, InvalidDataError)


@given(text=st.text(max_size=30))
def test_any_text_is_a_cups_or_refused_as_one(text: str) -> None:
    with suppress(InvalidIdentifierError):
        assert Cups(text) == text


def test_a_cau_knows_the_cups_of_its_generation() -> None:
    cau = Cau("ES0026000010096279CP1FA000")
    assert cau.cups == "ES0026000010096279CP1F"
    assert isinstance(cau.cups, Cups)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("ES0021000000000001RK0FA00", "has 25 characters, not 26"),
        ("ES0021000000000001RK0FA0000", "has 27 characters, not 26"),
        ("ES0021000000000001RK0FB000", "does not end in A and 3 digits"),
        ("ES0021000000000001RK0FA00X", "does not end in A and 3 digits"),
        ("ES0021000000000001RK0FA00\n", "does not end in A and 3 digits"),
        (
            "ES0021000000000001RE0FA000",
            "the CUPS inside has check letters RE, should be RK",
        ),
        ("es0021000000000001rk0fA000", "the CUPS inside is not ES, 16 digits and 2 letters"),
        ("ES0021000000000001RKXFA000", "the CUPS inside is not ES, 16 digits and 2 letters"),
    ],
)
def test_a_wrong_cau_says_what_is_wrong(text: str, reason: str) -> None:
    with pytest.raises(InvalidIdentifierError) as refusal:
        Cau(text)
    assert (refusal.value.kind, refusal.value.text, refusal.value.reason) == ("CAU", text, reason)


def test_a_published_cil_is_kept_as_it_is() -> None:
    assert Cil("ES0184000000080001VF0F001") == "ES0184000000080001VF0F001"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("ES0184000000080001VF0F01", "has 24 characters, not 25"),
        ("ES0184000000080001VF0F0001", "has 26 characters, not 25"),
        ("ES0184000000080001VF0F0A1", "does not end in 3 digits"),
        ("ES0184000000080001VF0F٠٠١", "does not end in 3 digits"),
        ("ES0184000000080001VV0F001", "the CUPS inside has check letters VV, should be VF"),
    ],
)
def test_a_wrong_cil_says_what_is_wrong(text: str, reason: str) -> None:
    with pytest.raises(InvalidIdentifierError) as refusal:
        Cil(text)
    assert (refusal.value.kind, refusal.value.text, refusal.value.reason) == ("CIL", text, reason)
