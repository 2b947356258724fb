"""What whoever reads a simulated bill has to know about it, beside the figures of law."""

from enum import StrEnum


class Remark(StrEnum):
    """Something that a bill supposes or leaves out."""

    DEFAULT_CONTRACT = "default_contract"
    LAW_OF_ANOTHER_YEAR = "law_of_another_year"
    TOLLS_OF_STORED_PRICES = "tolls_of_stored_prices"
    NO_COEFFICIENTS = "no_coefficients"
    PUBLISHED_COEFFICIENTS = "published_coefficients"
    TAXES_BY_DAYS = "taxes_by_days"
    EXCESS_UNKNOWN = "excess_unknown"
    REACTIVE_UNKNOWN = "reactive_unknown"
    USE_SUPPOSED = "use_supposed"


REMARK_TEXTS = {
    Remark.DEFAULT_CONTRACT: "no contract was given, so a default one is taken",
    Remark.LAW_OF_ANOTHER_YEAR: "tolls, charges and taxes are those of another year",
    Remark.TOLLS_OF_STORED_PRICES: "stored hourly prices hold the tolls of their own year",
    Remark.NO_COEFFICIENTS: "no coefficients hold on these days: nothing is shared",
    Remark.PUBLISHED_COEFFICIENTS: "nothing is recorded as applied: the agreement in force counts",
    Remark.TAXES_BY_DAYS: "where a tax changes inside a bill, each rate is on its days; "
    "retailers may take one rate",
    Remark.EXCESS_UNKNOWN: "readings are by the hour: power above the contracted one is not billed",
    Remark.REACTIVE_UNKNOWN: "reactive energy is not known and not billed",
    Remark.USE_SUPPOSED: "2.0TD is taken for a dwelling, other tariffs are not",
}
"""Each in a sentence."""
