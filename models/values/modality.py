"""Modalities of self-consumption (RD 244/2019, article 4)."""

from enum import StrEnum


class Modality(StrEnum):
    """What becomes of the surplus; all members of an installation have the same one."""

    WITHOUT_SURPLUS = "without-surplus"
    COMPENSATED_SURPLUS = "compensated-surplus"
    SOLD_SURPLUS = "sold-surplus"
