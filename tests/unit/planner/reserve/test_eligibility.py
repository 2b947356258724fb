"""Conditions of admission: each has a case where it decides."""

import pytest

from models.values.modality import Modality
from models.values.tariff import Tariff
from planner.places import Place, measure_distance
from planner.reserve.eligibility import (
    AdmissionRules,
    Applicant,
    DistanceLimit,
    Obstacle,
    judge_eligibility,
)
from planner.reserve.reasons import ReasonCode

PLANT, METER = Place(39.47, -0.38), Place(39.48, -0.38)
TARIFF = Tariff.LOW_VOLTAGE_UP_TO_15_KW


def rules(metres: float = 5000.0, plant: Place | None = PLANT, **asked: object) -> AdmissionRules:
    return AdmissionRules(plant, DistanceLimit(metres, "the law"), **asked)  # type: ignore[arg-type]


def codes(applicant: Applicant, asked: AdmissionRules) -> tuple[bool, list[ReasonCode]]:
    judged = judge_eligibility(applicant, asked)
    return judged.eligible, [reason.code for reason in judged.reasons]


def test_the_limit_itself_is_too_far() -> None:
    distance = measure_distance(PLANT, METER)

    assert codes(Applicant(METER, TARIFF), rules(distance)) == (False, [ReasonCode.TOO_FAR])
    assert codes(Applicant(METER, TARIFF), rules(distance + 1e-6)) == (
        True,
        [ReasonCode.NEAR_ENOUGH],
    )
    judged = judge_eligibility(Applicant(METER, TARIFF), rules(1000.0))
    assert judged.reasons[0].figures == {
        "distance_m": distance,
        "limit_m": 1000.0,
        "source": "the law",
    }


@pytest.mark.parametrize(("meter", "plant"), [(None, PLANT), (METER, None), (None, None)])
def test_an_unknown_distance_is_told_and_decides_nothing(
    meter: Place | None, plant: Place | None
) -> None:
    assert codes(Applicant(meter, TARIFF), rules(1.0, plant)) == (
        True,
        [ReasonCode.DISTANCE_UNKNOWN],
    )


def test_every_condition_that_fails_is_named() -> None:
    applicant = Applicant(METER, TARIFF, Modality.SOLD_SURPLUS, frozenset(Obstacle))
    strict = rules(10.0, tariffs=frozenset({Tariff.HIGH_VOLTAGE_1_TO_30_KV}))

    assert codes(applicant, strict) == (
        False,
        [
            ReasonCode.TOO_FAR,
            ReasonCode.TARIFF_NOT_ALLOWED,
            ReasonCode.OTHER_MODALITY,
            ReasonCode.CHANGE_IN_FLIGHT,
            ReasonCode.NO_HOURLY_METER,
        ],
    )


def test_the_same_modality_or_none_may_share() -> None:
    for modality in (None, Modality.COMPENSATED_SURPLUS):
        assert judge_eligibility(Applicant(METER, TARIFF, modality), rules()).eligible
