"""Rules of the coefficients."""

import pytest

from api.services.agreements.filing_rules.coefficients import check_members, check_state, check_sums
from api.services.agreements.filing_rules.findings import FindingCode, Severity
from models.tables import AgreementState
from tests.support.filing_cases import with_agreement


@pytest.mark.parametrize(
    ("state", "advice"),
    [
        (AgreementState.DRAFT, "publish it"),
        (AgreementState.SUPERSEDED, "file the one that is published"),
        (AgreementState.WITHDRAWN, "file the one that is published"),
    ],
)
def test_only_what_is_published_is_filed(state: AgreementState, advice: str):
    (finding,) = check_state(with_agreement(state=state))
    assert (finding.code, finding.severity) == (FindingCode.NOT_PUBLISHED, Severity.ERROR)
    assert str(state) in finding.message
    assert finding.message.endswith(advice)


@pytest.mark.parametrize(
    ("cups", "words"),
    [
        ({"A"}, "1 share without a coefficient (B):"),
        ({"A", "B", "C"}, "1 have one and do not share (C):"),
        ({"C"}, "2 share without a coefficient (A, B) and 1 have one and do not share (C):"),
    ],
)
def test_coefficients_are_of_those_who_share(cups: set[str], words: str):
    (finding,) = check_members(with_agreement(cups=frozenset(cups)))
    assert (finding.code, finding.severity) == (FindingCode.MEMBERS, Severity.ERROR)
    assert finding.message.startswith(words)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (((0, 999_999),), "but they sum to 999999 millionths"),
        (((3, 1_000_001), (9, 0)), "but in 2 hours, first in hour 3, sum to 1000001 millionths"),
    ],
)
def test_coefficients_sum_to_one(wrong, words: str):
    (finding,) = check_sums(with_agreement(wrong_sums=wrong))
    assert (finding.code, finding.severity) == (FindingCode.SUM, Severity.ERROR)
    assert words in finding.message
