"""What a meter counts, and how well each value of it is known."""

from enum import IntEnum, StrEnum


class Channel(StrEnum):
    """What a meter counted, or a distributor derived from it."""

    CONSUMPTION = "consumption"
    """Energy that a supply point took in at its boundary meter."""
    GENERATION = "generation"
    """Net energy that an installation generated."""
    ALLOCATED = "allocated"
    """A supply point's share of the generation, as the distributor states it."""
    SELF_CONSUMED = "self-consumed"
    """What a supply point used of its share, as the distributor states it."""
    SURPLUS = "surplus"
    """What a supply point left of its share, as the distributor states it."""


class Quality(IntEnum):
    """How a value came to be; stored as one byte."""

    REAL = 0
    """Read from the meter."""
    ESTIMATED = 1
    """Estimated by the distributor."""
    CORRECTED = 2
    """Corrected by hand, with a reason."""
    FILLED = 3
    """Filled by reparto by a stated rule."""
    MISSING = 0xFF
    """Nothing is known; the energy beside it is zero and means nothing."""
