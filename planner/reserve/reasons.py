"""Why a candidate is admitted, recommended or not: codes with their figures, worded elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class ReasonCode(StrEnum):
    """What a reason is about; each has one sentence a language."""

    EXCLUDED = "excluded"
    TOO_FAR = "too-far"
    NEAR_ENOUGH = "near-enough"
    DISTANCE_UNKNOWN = "distance-unknown"
    TARIFF_NOT_ALLOWED = "tariff-not-allowed"
    OTHER_MODALITY = "other-modality"
    NO_HOURLY_METER = "no-hourly-meter"
    CHANGE_IN_FLIGHT = "change-in-flight"
    NEVER_CONSUMES = "never-consumes"
    ADDS_ENERGY = "adds-energy"
    ADDS_NO_ENERGY = "adds-no-energy"
    ADDS_SAVINGS = "adds-savings"
    LOSES_SAVINGS = "loses-savings"
    FILLS_HOURS = "fills-hours"
    FILLS_MONTH = "fills-month"
    PINNED = "pinned"
    IN_THE_BEST_GROUP = "in-the-best-group"
    IN_THE_GROUP_FOUND = "in-the-group-found"
    TAKES_VACANCY = "takes-vacancy"
    ROOM_FOR_ALL = "room-for-all"
    OTHERS_BRING_MORE = "others-bring-more"
    SAVES_A_YEAR = "saves-a-year"
    LOSES_A_YEAR = "loses-a-year"
    PAYS_BACK = "pays-back"
    NOTHING_TO_PAY_BACK = "nothing-to-pay-back"
    NEVER_PAYS_BACK = "never-pays-back"
    NET_OF_HORIZON = "net-of-horizon"
    SAVINGS_UNKNOWN = "savings-unknown"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason and the figures that its sentence names."""

    code: ReasonCode
    figures: Mapping[str, float | str] = field(default_factory=dict)
