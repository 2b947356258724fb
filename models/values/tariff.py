"""Access tariffs of the supply points that can share (Circular 3/2020, article 7)."""

from enum import StrEnum


class Tariff(StrEnum):
    """Access tariff of a supply point, by its published name."""

    LOW_VOLTAGE_UP_TO_15_KW = "2.0TD"
    LOW_VOLTAGE_ABOVE_15_KW = "3.0TD"
    HIGH_VOLTAGE_1_TO_30_KV = "6.1TD"
