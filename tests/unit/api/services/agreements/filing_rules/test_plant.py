"""Rules of the plant and its members."""

from dataclasses import replace
from datetime import date

import pytest

from api.services.agreements.filing_rules.findings import FindingCode, Severity
from api.services.agreements.filing_rules.plant import (
    check_connection,
    check_distance,
    check_modality,
    check_power,
)
from models.values.modality import Modality
from tests.support.filing_cases import FAR, SOUND, with_plant, with_sharer

WITHOUT, SOLD = Modality.WITHOUT_SURPLUS, Modality.SOLD_SURPLUS


def found(findings) -> list[tuple[FindingCode, Severity]]:
    return [(finding.code, finding.severity) for finding in findings]


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (SOUND, []),
        (with_sharer(modality=SOLD), [(FindingCode.MODALITIES_DIFFER, Severity.ERROR)]),
        (with_plant(modality=SOLD), [(FindingCode.MODALITIES_DIFFER, Severity.ERROR)]),
        (with_sharer(modality=None), [(FindingCode.MODALITY_UNKNOWN, Severity.UNKNOWN)]),
        (with_plant(modality=None), [(FindingCode.MODALITY_UNKNOWN, Severity.UNKNOWN)]),
    ],
)
def test_one_modality(case, expected):
    assert found(check_modality(case)) == expected


def test_members_can_differ_while_the_plant_is_unknown():
    case = with_sharer(modality=SOLD)
    case = replace(case, plant=replace(case.plant, modality=None))
    differ, unknown = check_modality(case)
    assert differ.message.startswith(
        "all members must be in one modality; not in compensated-surplus: B sold-surplus:"
    )
    assert "but that of the installation is not known: enter it" in unknown.message


@pytest.mark.parametrize(
    ("power_w", "modality", "codes"),
    [
        (100_000, Modality.COMPENSATED_SURPLUS, []),
        (100_001, Modality.COMPENSATED_SURPLUS, [FindingCode.TOO_MUCH_POWER]),
        (100_001, SOLD, []),
        (100_001, None, []),
    ],
)
def test_power_of_compensated_plants(power_w: int, modality, codes):
    case = with_plant(power_w=power_w, modality=modality)
    assert [finding.code for finding in check_power(case)] == codes


@pytest.mark.parametrize(
    ("is_internal", "modality", "expected"),
    [
        (False, WITHOUT, [(FindingCode.SURPLUS_NEEDED, Severity.ERROR)]),
        (True, WITHOUT, []),
        (None, WITHOUT, [(FindingCode.CONNECTION_UNKNOWN, Severity.UNKNOWN)]),
        (False, SOLD, []),
    ],
)
def test_through_the_network_there_is_surplus(is_internal, modality, expected):
    case = with_plant(is_internal=is_internal, modality=modality)
    assert found(check_connection(case)) == expected


@pytest.mark.parametrize(
    ("is_internal", "severity"), [(False, Severity.ERROR), (None, Severity.WARNING), (True, None)]
)
def test_distance(is_internal, severity):
    case = with_sharer(place=FAR)
    case = replace(case, plant=replace(case.plant, is_internal=is_internal))
    expected = [] if severity is None else [(FindingCode.TOO_FAR, severity)]
    assert found(check_distance(case)) == expected


def test_the_limit_of_the_day_of_filing_holds():
    case = replace(SOUND, filed_on=date(2022, 11, 9))
    (finding,) = check_distance(case)
    assert finding.code is FindingCode.TOO_FAR
    assert "must be less than 1000 m from the plant; too far: A (1,110 m), B" in finding.message


def test_places_that_are_not_known():
    assert found(check_distance(with_sharer(place=None))) == [
        (FindingCode.PLACE_UNKNOWN, Severity.UNKNOWN)
    ]
    assert found(check_distance(with_plant(place=None))) == [
        (FindingCode.PLACE_UNKNOWN, Severity.UNKNOWN)
    ]
