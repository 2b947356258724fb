"""NIF: published numbers, an own check of people's, and every way to be wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.values.errors import InvalidIdentifierError
from models.values.nif import Nif

LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"


@pytest.mark.parametrize(
    ("text", "is_natural"),
    [
        ("12345678Z", True),
        ("X1234567L", True),
        ("P2807900B", False),
        ("B23103039", False),
        ("A00000000", False),
    ],
)
def test_published_numbers_are_kept(text: str, is_natural: bool) -> None:
    assert Nif(text) == text
    assert Nif(text).is_natural is is_natural


@given(number=st.integers(0, 99_999_999), letter=st.sampled_from(LETTERS))
def test_the_letter_of_a_person_is_the_remainder_by_23(number: int, letter: str) -> None:
    text = f"{number:08}{letter}"
    if LETTERS[number % 23] == letter:
        assert Nif(text) == text
    else:
        with pytest.raises(InvalidIdentifierError, match="wrong check character"):
            Nif(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("ES12345678Z", "separators, a prefix or small letters"),
        ("12345678-Z", "separators, a prefix or small letters"),
        (" 12345678Z", "separators, a prefix or small letters"),
        ("12345678z", "separators, a prefix or small letters"),
        ("", "has not the form of one"),
        ("1234567Z", "has not the form of one"),
        ("１２３４５６７８Z", "separators"),
        ("'; DROP--", "separators"),
    ],
)
def test_other_forms_are_refused(text: str, reason: str) -> None:
    with pytest.raises(InvalidIdentifierError, match=reason) as refusal:
        Nif(text)
    assert (refusal.value.kind, refusal.value.text) == ("NIF", text)
