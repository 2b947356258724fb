"""Access tariffs of the supply points that can share (Circular 3/2020, article 7)."""

from decimal import Decimal
from enum import StrEnum

from models.values.errors import InvalidDataError

SMALL_SUPPLY_KW = Decimal(15)
"""Greatest contracted power of 2.0TD; 3.0TD has more in some period."""

_W_DECIMALS = 3


class Tariff(StrEnum):
    """Access tariff of a supply point, by its published name."""

    LOW_VOLTAGE_UP_TO_15_KW = "2.0TD"
    LOW_VOLTAGE_ABOVE_15_KW = "3.0TD"
    HIGH_VOLTAGE_1_TO_30_KV = "6.1TD"


class ExcessivePowerError(InvalidDataError):
    """More power is contracted than the access tariff is for.

    Attributes
    ----------
    tariff : Tariff
        The access tariff.
    contracted_kw, most_kw : Decimal
        What is contracted, and what the tariff is for [kW].
    """

    def __init__(self, tariff: Tariff, contracted_kw: Decimal) -> None:
        super().__init__(
            f"{contracted_kw:f} kW are contracted, and {tariff} is for at most {SMALL_SUPPLY_KW} "
            "kW: correct the power or the tariff"
        )
        self.tariff = tariff
        self.contracted_kw = contracted_kw
        self.most_kw = SMALL_SUPPLY_KW


def check_contracted_power(tariff: Tariff, contracted_w: int | Decimal) -> None:
    """Make sure that an access tariff is for a contracted power.

    Parameters
    ----------
    tariff : Tariff
        Access tariff of a supply point.
    contracted_w : int or Decimal
        The greatest of its contracted powers, not rounded [W].

    Raises
    ------
    ExcessivePowerError
        If 2.0TD has more than 15 kW.

    Notes
    -----
    Circular 3/2020, article 7: 2.0TD is for at most 15 kW in every period, 3.0TD for more in some
    period. Which period a single figure is of is not known, so 3.0TD takes less as well.

    Examples
    --------
    >>> check_contracted_power(Tariff.LOW_VOLTAGE_UP_TO_15_KW, 15_000)
    """
    contracted_kw = Decimal(contracted_w).scaleb(-_W_DECIMALS)
    if tariff is Tariff.LOW_VOLTAGE_UP_TO_15_KW and contracted_kw > SMALL_SUPPLY_KW:
        raise ExcessivePowerError(tariff, contracted_kw)
