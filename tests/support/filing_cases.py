"""Cases for the rules of filing: one that keeps them all, and ways to change it."""

from dataclasses import replace
from datetime import date
from typing import Any

from api.services.agreements.filing_rules.findings import (
    FiledAgreement,
    FiledPlant,
    FilingCase,
    Sharer,
)
from models.tables import AgreementState, CoefficientMode
from models.values.modality import Modality
from planner.places import Place

PLANT_PLACE = Place(39.47, -0.38)
NEAR = Place(39.48, -0.38)  # 1,110 m
FAR = Place(39.52, -0.38)  # 5,551 m
COMPENSATED = Modality.COMPENSATED_SURPLUS

SOUND = FilingCase(
    filed_on=date(2026, 11, 9),
    plant=FiledPlant(
        power_w=100_000,
        modality=COMPENSATED,
        is_internal=False,
        place=PLANT_PLACE,
        sharers=(Sharer("A", COMPENSATED, NEAR), Sharer("B", COMPENSATED, NEAR)),
    ),
    agreement=FiledAgreement(
        state=AgreementState.PUBLISHED,
        mode=CoefficientMode.CONSTANT,
        file_year=2026,
        cups=frozenset({"A", "B"}),
    ),
)
"""Filed on a day from which it holds on 1 December 2026."""


def with_plant(**changed: Any) -> FilingCase:
    """Change the plant of the sound case."""
    return replace(SOUND, plant=replace(SOUND.plant, **changed))


def with_agreement(**changed: Any) -> FilingCase:
    """Change the agreement of the sound case."""
    return replace(SOUND, agreement=replace(SOUND.agreement, **changed))


def with_sharer(**changed: Any) -> FilingCase:
    """Change the second of those who share."""
    first, second = SOUND.plant.sharers
    return with_plant(sharers=(first, replace(second, **changed)))
