"""What a job and a proposal keep of a wish, and how older ones are read."""

from decimal import Decimal
from uuid import UUID

import orjson
import pytest

from api.services.proposals.limits_document import LimitsDocument, parse_limits
from api.services.proposals.plan_request import PlanRequest, Robust
from api.services.proposals.request_proposal import (
    CarbonWish,
    MixWish,
    ProposalWish,
    read_plan_request,
)
from planner.classes.step_classes import Classes
from planner.coefficients.rules import Rule
from planner.goal import CarbonFactor, Objective, Weights

PLANT = UUID(int=7)
FIRST_FORM = {
    "installation_id": str(PLANT),
    "year": 2023,
    "objective": "savings",
    "floor": "0.9",
    "reference": "equal",
    "min_beta": "0.010000",
    "max_beta": "0.500000",
}
"""What the first version stored."""


def test_a_wish_without_extras_is_stored_as_ever() -> None:
    wish = ProposalWish(PLANT, 2023, "savings", 0.9, "equal", 10_000, 500_000)

    assert wish.to_json(PLANT, LimitsDocument()) == FIRST_FORM


def test_what_the_first_version_stored_is_read() -> None:
    assert read_plan_request(FIRST_FORM) == PlanRequest(
        objective=Objective.SAVINGS,
        floor_share=Decimal("0.9"),
        reference=Rule.EQUAL,
        min_beta=Decimal("0.01"),
        max_beta=Decimal("0.5"),
    )


LIMITS = parse_limits(
    {
        "floor": [{"share": "0.5", "unit": "eur", "kinds": ["home"]}],
        "coefficient": [{"exactly": "0.1", "members": ["M1"]}, {"at_most": "0.4"}],
        "group": [{"name": "g", "at_least": "0.2", "kinds": ["home"]}],
        "change": {"each": "0.1", "total": "0.3"},
        "blocks": {"kw": "0.5"},
        "contribution": {"yearly_cost_eur": "12.30"},
        "payback": {"years": "7.5"},
    }
)


@pytest.mark.parametrize("kind", Classes)
@pytest.mark.parametrize("robust", Robust)
def test_everything_survives_as_json(kind: Classes, robust: Robust) -> None:
    wish = ProposalWish(
        PLANT,
        2023,
        "mix",
        None,
        "current",
        0,
        1_000_000,
        mix=MixWish(kwh=0.05, eur=1.0, kg=0.1),
        carbon=CarbonWish(0.12, "our own"),
        classes=kind.value,
        has_curve=True,
        is_checked=True,
        robust=robust.value,
    )

    kept = orjson.loads(orjson.dumps(wish.to_json(PLANT, LIMITS)))

    assert read_plan_request(kept) == PlanRequest(
        objective=Objective.MIX,
        mix=Weights(0.05, 1.0, 0.1),
        carbon=CarbonFactor(0.12, "our own"),
        reference=Rule.CURRENT,
        limits=LIMITS,
        classes=kind,
        has_curve=True,
        is_checked=True,
        robust=robust,
    )
