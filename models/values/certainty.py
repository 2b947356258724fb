"""How a fact that is kept as data is known."""

from enum import StrEnum


class Certainty(StrEnum):
    """How a fact is known: read in its source, derived from such facts, or recalled."""

    VERIFIED = "V"
    DERIVED = "D"
    RECALLED = "R"
