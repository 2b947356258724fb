"""To which supplies a figure applies: by contracted power, use, and protection of the holder."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from models.values.errors import InvalidDataError


class SupplyUse(StrEnum):
    """What a supply serves, as taxes tell it apart."""

    DWELLING = "dwelling"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Supply:
    """What figures of the law ask about a supply.

    Attributes
    ----------
    contracted_kw : Decimal
        The greatest of its contracted powers [kW].
    use : SupplyUse
        What it serves.
    severely_vulnerable : bool
        Whether the holder draws the social bonus as a severely vulnerable consumer, or one at
        risk of exclusion.

    Raises
    ------
    InvalidDataError
        If the power is not above zero.
    """

    contracted_kw: Decimal
    use: SupplyUse
    severely_vulnerable: bool = False

    def __post_init__(self) -> None:
        if not (self.contracted_kw.is_finite() and self.contracted_kw > 0):
            raise InvalidDataError(f"a contracted power of {self.contracted_kw} kW is not above 0")


@dataclass(frozen=True, slots=True)
class Scope:
    """The supplies that a figure is for; what is not said does not matter.

    Attributes
    ----------
    above_kw : Decimal
        Contracted power is above this [kW].
    up_to_kw : Decimal
        Contracted power is at most this [kW].
    use : SupplyUse, optional
        What the supply serves.
    severely_vulnerable : bool, optional
        Whether the holder is.

    Examples
    --------
    >>> Scope(up_to_kw=Decimal(10)).covers(Supply(Decimal(10), SupplyUse.DWELLING))
    True
    """

    above_kw: Decimal = Decimal(0)
    up_to_kw: Decimal = Decimal("Infinity")
    use: SupplyUse | None = None
    severely_vulnerable: bool | None = None

    def covers(self, supply: Supply) -> bool:
        """Tell whether the figure is for a supply."""
        return (
            self.above_kw < supply.contracted_kw <= self.up_to_kw
            and self.use in (None, supply.use)
            and self.severely_vulnerable in (None, supply.severely_vulnerable)
        )

    def overlaps(self, other: "Scope") -> bool:
        """Tell whether a supply can be in both."""
        return (
            max(self.above_kw, other.above_kw) < min(self.up_to_kw, other.up_to_kw)
            and (None in (self.use, other.use) or self.use is other.use)
            and (
                None in (self.severely_vulnerable, other.severely_vulnerable)
                or self.severely_vulnerable is other.severely_vulnerable
            )
        )


EVERY_SUPPLY = Scope()
"""What most figures are for."""
