"""Error codes: stable names, one for every class of failure."""

import pytest

from models.values import errors
from models.values.errors import CommunityError, ErrorCode, InvalidIdentifierError

CODES = {
    errors.CommunityError: "unexpected",
    errors.InvalidArgumentError: "invalid_argument",
    errors.InvalidDataError: "invalid_data",
    errors.InfeasibleError: "infeasible",
    errors.NotFoundError: "not_found",
    errors.ConflictError: "conflict",
    errors.UnavailableError: "unavailable",
    errors.InvalidIdentifierError: "invalid_identifier",
}


@pytest.mark.parametrize(("kind", "code"), CODES.items())
def test_a_class_has_its_code(kind: type[CommunityError], code: str) -> None:
    assert kind.code == ErrorCode(code)
    assert issubclass(kind, CommunityError)


def test_codes_are_never_taken_away() -> None:
    assert {code.value for code in ErrorCode} >= {
        *CODES.values(), "unproven", "unauthenticated", "forbidden", "too_large"
    }  # fmt: skip


def test_an_identifier_error_says_what_which_and_why() -> None:
    error = InvalidIdentifierError("CUPS", "ES1", "is short")
    assert str(error) == "CUPS 'ES1': is short"
    assert (error.kind, error.text, error.reason) == ("CUPS", "ES1", "is short")
