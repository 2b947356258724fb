"""What is said of a community that is not there."""

import pytest

from api.services.agency.waiting_message import UnknownIssuerNumberError
from api.services.communities.find_community import UnknownCommunityError


@pytest.mark.parametrize(
    ("others", "says"),
    [
        (None, "no community villa"),
        ([], "no community villa; its promoter has none"),
        (["a", "b"], "no community villa; its promoter has a, b"),
        (list("abcdef"), "no community villa; its promoter has a, b, c, d, e and others"),
    ],
)
def test_a_few_codes_that_there_are_are_named(others: list[str] | None, says: str) -> None:
    assert str(UnknownCommunityError("villa", others)) == says


def test_what_steers_a_terminal_is_escaped() -> None:
    assert str(UnknownCommunityError("\x1b[2J", ["\x9b31m"])) == (
        "no community \\x1b[2J; its promoter has \\x9b31m"
    )
    assert "\x1b" not in str(UnknownIssuerNumberError("\x1b[2J"))
