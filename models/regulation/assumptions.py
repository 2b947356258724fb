"""What may be assumed where the law, or what is known of it, leaves a figure open."""

from enum import StrEnum


class Assumption(StrEnum):
    """A reading that takes another figure than the one the tables give by themselves.

    The tables give what holds without a further condition. To assume one of these takes its
    alternative, on the days for which a table has one.
    """

    TAX_CUT_IN_NOVEMBER_2026 = "tax_cut_in_november_2026"
    """Electricity was more than 15 % dearer in September 2026 than a year before (RDL 25/2026)."""
    TAX_CUT_IN_DECEMBER_2026 = "tax_cut_in_december_2026"
    """Electricity was more than 15 % dearer in October 2026 than a year before (RDL 25/2026)."""
    BONUS_FINANCING_FROM_JULY_2026 = "bonus_financing_from_july_2026"
    """TED/634/2026 counts from the settlement of July, not from the day after its publication."""
    POWER_YEAR_OF_365_DAYS = "power_year_of_365_days"
    """Yearly prices are divided by 365 in leap years too."""
    POWER_REDUCTIONS_ARE_FREE = "power_reductions_are_free"
    """The distributor charges no hook-up for less power (RD 1164/2001, article 5.4)."""
    BUSINESS_CHANGES_POWER_FREELY = "business_changes_power_freely"
    """The holder is a company or self-employed (RDL 7/2026, article 5)."""


Assumptions = frozenset[Assumption]
"""What is assumed; nothing by default."""

NOTHING: Assumptions = frozenset()
"""No assumption: what holds without a further condition."""
