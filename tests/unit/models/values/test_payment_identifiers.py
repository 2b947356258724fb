"""IBAN, creditor identifier and SEPA reference: vectors, own checks, and what a log may show."""

import pickle
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.values.creditor_id import CreditorId
from models.values.errors import ErrorCode, InvalidIdentifierError
from models.values.iban import Iban, hide_ibans
from models.values.sepa_reference import SepaReference
from tests.support.sepa_messages import CREDITOR_ID, IBAN, spanish_iban

NUMBERS = st.tuples(st.integers(0, 10**8 - 1), st.integers(0, 10**10 - 1))


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("ES91 2100 0418 4502 0005 1332", "ES"),
        ("es7921000813610123456789", "ES"),
        ("DE89370400440532013000", "DE"),
        ("GB82 WEST 1234 5698 7654 32", "GB"),
        ("NO9386011117947", "NO"),
        ("MT84MALT011000012345MTLCAST001S", "MT"),
    ],
)
def test_published_accounts_are_revealed_without_spaces(text: str, country: str) -> None:
    iban = Iban(text)
    assert iban.reveal() == text.replace(" ", "").upper()
    assert iban.country == country


@given(numbers=NUMBERS)
def test_spanish_accounts_by_their_own_rules(numbers: tuple[int, int]) -> None:
    text = spanish_iban(*numbers)
    assert Iban(text).reveal() == text


@given(numbers=NUMBERS, position=st.integers(2, 23), shift=st.integers(1, 9))
def test_one_wrong_digit_is_found_and_not_told(
    numbers: tuple[int, int], position: int, shift: int
) -> None:
    text = spanish_iban(*numbers)
    wrong = text[:position] + str((int(text[position]) + shift) % 10) + text[position + 1 :]
    with pytest.raises(InvalidIdentifierError) as refusal:
        Iban(wrong)
    told = "".join(traceback.format_exception(refusal.value)) + refusal.value.text
    assert wrong not in told
    assert wrong[4:20] not in told


@given(numbers=NUMBERS)
def test_an_account_shows_country_and_last_four_only(numbers: tuple[int, int]) -> None:
    text = spanish_iban(*numbers)
    iban = Iban(text)
    shown = f"ES…{text[-4:]}"
    assert (str(iban), f"{iban}", repr(iban)) == (shown, shown, f"Iban('{shown}')")
    assert str([iban, {"of": iban}]) == f"[Iban('{shown}'), {{'of': Iban('{shown}')}}]"


def test_accounts_are_values() -> None:
    iban, same, other = Iban(IBAN), Iban(IBAN.lower()), Iban("DE89370400440532013000")
    assert iban == same
    assert {iban, same, other} == {other, iban}
    assert iban != other
    assert iban != IBAN
    assert pickle.loads(pickle.dumps(iban)) == iban


@pytest.mark.parametrize(
    ("text", "shown", "reason"),
    [
        ("", "…", "is not 2 letters, 2 digits and 11 to 30 letters or digits"),
        ("ES91", "…", "is not 2 letters, 2 digits and 11 to 30 letters or digits"),
        (
            "ES91-2100-0418-4502-0005-1332",
            "ES…1332",
            "is not 2 letters, 2 digits and 11 to 30 letters or digits",
        ),
        (
            "ES٩١21000418450200051332",
            "ES…1332",
            "is not 2 letters, 2 digits and 11 to 30 letters or digits",
        ),
        (
            "MT84MALT0110000ß2345MTLCAST001",
            "MT…T001",
            "is not 2 letters, 2 digits and 11 to 30 letters or digits",
        ),
        (
            IBAN + "\n",
            "ES…332\n",
            "is not 2 letters, 2 digits and 11 to 30 letters or digits",
        ),
    ],
)
def test_a_wrong_account_says_what_is_wrong(text: str, shown: str, reason: str) -> None:
    with pytest.raises(InvalidIdentifierError) as refusal:
        Iban(text)
    error = refusal.value
    assert (error.kind, error.text, error.reason) == ("IBAN", shown, reason)
    assert error.code is ErrorCode.INVALID_IDENTIFIER


def test_a_spanish_account_with_wrong_inner_digits_is_refused() -> None:
    # the outer check holds, the inner digits 45 should be others
    inner = "21000418460200051332"
    outer = f"ES{98 - int(inner + '142800') % 97:02}{inner}"
    with pytest.raises(InvalidIdentifierError, match="fails its check"):
        Iban(outer)


def test_published_creditor_identifiers_are_kept() -> None:
    for text in (CREDITOR_ID, "ES2300047690558N", "DE98ZZZ09999999999", "NL79ZZZ999999990000"):
        assert CreditorId(text) == text


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("ES24ZZZ47690558N", "has check digits 24, should be 23"),
        ("ES23ZZZ47690558P", "has check digits 23, should be 66"),
        ("ES23ZZZ", "is not 2 letters, 2 digits and 4 to 31 characters"),
        ("es23ZZZ47690558N", "is not 2 letters, 2 digits and 4 to 31 characters"),
        ("ES23ZZZ47690558N\n", "is not 2 letters, 2 digits and 4 to 31 characters"),
        ("ES 23 ZZZ 47690558N", "is not 2 letters, 2 digits and 4 to 31 characters"),
    ],
)
def test_a_wrong_creditor_identifier_says_what_is_wrong(text: str, reason: str) -> None:
    with pytest.raises(InvalidIdentifierError) as refusal:
        CreditorId(text)
    assert (refusal.value.kind, refusal.value.reason) == ("creditor identifier", reason)


@given(
    nif=st.from_regex(r"[A-Z0-9]{9}", fullmatch=True),
    branch=st.from_regex(r"[A-Z0-9]{3}", fullmatch=True),
)
def test_creditor_identifiers_by_their_own_rule(nif: str, branch: str) -> None:
    moved = "".join(str(int(each, 36)) for each in f"{nif}ES00")
    digits = f"{98 - int(moved) % 97:02}"
    assert CreditorId(f"ES{digits}{branch}{nif}") == f"ES{digits}{branch}{nif}"


@pytest.mark.parametrize("text", ["A", "x" * 35, "MND 2026/1?(:).,'+-", "0"])
def test_references_are_kept(text: str) -> None:
    assert SepaReference(text) == text


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "has 0 characters, not 1 to 35"),
        ("x" * 36, "has 36 characters, not 1 to 35"),
        ("MND_1", "has a character other than A-Z a-z 0-9 / - ? : ( ) . , ' + and space"),
        ("MÑD", "has a character other than A-Z a-z 0-9 / - ? : ( ) . , ' + and space"),
        ("M\n", "has a character other than A-Z a-z 0-9 / - ? : ( ) . , ' + and space"),
        ("/M", "begins or ends with a space or a slash, or has two slashes together"),
        ("M/", "begins or ends with a space or a slash, or has two slashes together"),
        (" M", "begins or ends with a space or a slash, or has two slashes together"),
        ("M//1", "begins or ends with a space or a slash, or has two slashes together"),
    ],
)
def test_a_wrong_reference_says_what_is_wrong(text: str, reason: str) -> None:
    with pytest.raises(InvalidIdentifierError) as refusal:
        SepaReference(text)
    assert (refusal.value.kind, refusal.value.reason) == ("SEPA reference", reason)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"de {IBAN} cuota", "de ES…1332 cuota"),
        (f"{IBAN.lower()}", "ES…1332"),
        ("ES91 2100 0418 4502 0005 1332 2026", "ES…1332 2026"),
        (f"{IBAN} {IBAN}", "ES…1332 ES…1332"),
        (f"{IBAN}, DE89 3704 0044 0532 0130 00.", "ES…1332, DE…3000."),
        (f"X{IBAN}", f"X{IBAN}"),
        ("ES9121000418450200051333", "ES9121000418450200051333"),
        ("fra ES00", "fra ES00"),
        ("", ""),
    ],
)
def test_accounts_in_a_text_are_masked(text, shown):
    assert hide_ibans(text) == shown
