"""How a fact that is kept as data is known."""

from enum import StrEnum


class Certainty(StrEnum):
    """How a fact is known: read in its source, derived from such facts, recalled, or open.

    Open is what depends on a decision that is not known.
    """

    VERIFIED = "V"
    DERIVED = "D"
    RECALLED = "R"
    OPEN = "OPEN"
