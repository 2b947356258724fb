"""Words of debts that are followed, and of supplies that are not cut off."""

from enum import StrEnum


class DebtStage(StrEnum):
    """What is done about a debt, one after the other."""

    REMINDER = "reminder"
    DEMAND = "demand"
    """Payment is required, which begins the time that the law gives."""
    NOTICE = "notice"
    """The suspension is announced."""
    SUSPENSION = "suspension"
    TERMINATION = "termination"

    @property
    def is_written(self) -> bool:
        """Whether it is a letter; the others are decisions of a person."""
        return self in (DebtStage.REMINDER, DebtStage.DEMAND, DebtStage.NOTICE)

    @property
    def cuts_off(self) -> bool:
        """Whether it takes from a member, or announces it: it is never done to a protected one."""
        return self not in (DebtStage.REMINDER, DebtStage.DEMAND)


class SupplyProtection(StrEnum):
    """Why a supply is not cut off for a debt."""

    ESSENTIAL = "essential"
    """Somebody's life hangs on a device, or it serves the public (Ley 24/2013, article 52.4)."""
    VULNERABLE = "vulnerable"
    """A vulnerable holder whom social services help (RD 897/2017)."""
