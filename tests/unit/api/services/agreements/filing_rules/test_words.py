"""What the rules find is told in every language: each finding, of cases that break each rule."""

from dataclasses import replace
from datetime import date

import pytest

from api.services.agreements.filing_rules.findings import AppliedAgreement, FindingCode
from api.services.agreements.filing_rules.judge import judge_filing
from models.tables import AgreementState, CoefficientMode
from models.texts.phrases import translate
from models.values.language import Language
from models.values.modality import Modality
from models.values.period import Period
from tests.support.filing_cases import FAR, SOUND, with_agreement, with_plant, with_sharer

CONSTANT, HOURLY = CoefficientMode.CONSTANT, CoefficientMode.HOURLY
SINCE = Period(date(2026, 10, 1))
WITHOUT = Modality.WITHOUT_SURPLUS

CASES = [
    *(with_agreement(state=state) for state in AgreementState if state != "published"),
    with_agreement(cups=frozenset({"A"})),
    with_agreement(cups=frozenset({"A", "B", "C"})),
    with_agreement(cups=frozenset({"A", "C"})),
    with_agreement(wrong_sums=((0, 999_999),)),
    with_agreement(mode=HOURLY, wrong_sums=((4_001, 1_000_001), (4_002, 2))),
    with_agreement(file_year=2025),
    with_agreement(file_year=2028),
    with_sharer(modality=WITHOUT),
    with_sharer(modality=None),
    with_plant(modality=None),
    with_plant(power_w=100_001),
    with_plant(is_internal=None),
    with_plant(
        modality=WITHOUT,
        sharers=tuple(replace(each, modality=WITHOUT) for each in SOUND.plant.sharers),
    ),
    with_plant(place=None),
    with_sharer(place=FAR),
    with_sharer(place=None),
    replace(SOUND, in_flight_since=date(2026, 11, 1)),
    replace(SOUND, applied=(AppliedAgreement(True, CONSTANT, SINCE),)),
    replace(SOUND, applied=(AppliedAgreement(False, CONSTANT, SINCE),)),
    replace(with_agreement(mode=HOURLY), applied=(AppliedAgreement(False, CONSTANT, SINCE),)),
]


def test_the_cases_break_every_rule():
    found = {finding.code for case in CASES for finding in judge_filing(case)}
    assert found == set(FindingCode)


@pytest.mark.parametrize("language", [Language.SPANISH, Language.CATALAN])
@pytest.mark.parametrize("case", CASES)
def test_every_finding_has_words(case, language):
    for finding in judge_filing(case):
        told = translate(finding.message, language)
        assert told != finding.message
        assert " the " not in told
