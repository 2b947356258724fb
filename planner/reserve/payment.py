"""What sharing costs a member, and when its savings have paid for it."""

import math
from dataclasses import dataclass

from models.values.errors import InvalidArgumentError


class PaymentModelError(InvalidArgumentError):
    """A price of the payment model makes no sense.

    Attributes
    ----------
    name : str
        Which one.
    value : float
        What was offered.
    reason : str
        What it must be.
    """

    def __init__(self, name: str, value: float, reason: str) -> None:
        super().__init__(f"{name} is {value}: {reason}")
        self.name = name
        self.value = value
        self.reason = reason


@dataclass(frozen=True, slots=True)
class PaymentModel:
    """What a member pays for its share of the plant.

    Attributes
    ----------
    upfront_eur, upfront_eur_per_kw : float
        Paid once: an entry, and so much for each kW of its share [EUR, EUR/kW].
    annual_fee_eur : float
        Paid every year [EUR].
    price_eur_per_self_consumed_kwh : float
        Paid for the energy that it uses of its share [EUR/kWh].
    horizon_years : int
        Years that are looked at, at least 1.
    discount_rate : float
        By how much a euro of next year is worth less, above -1.

    Raises
    ------
    PaymentModelError
        If a price is negative or no number, the horizon below one year or the rate at most -1.
    """

    upfront_eur: float = 0.0
    upfront_eur_per_kw: float = 0.0
    annual_fee_eur: float = 0.0
    price_eur_per_self_consumed_kwh: float = 0.0
    horizon_years: int = 25
    discount_rate: float = 0.0

    def __post_init__(self) -> None:
        prices = {
            "upfront_eur": self.upfront_eur,
            "upfront_eur_per_kw": self.upfront_eur_per_kw,
            "annual_fee_eur": self.annual_fee_eur,
            "price_eur_per_self_consumed_kwh": self.price_eur_per_self_consumed_kwh,
        }
        for name, value in prices.items():
            if not (math.isfinite(value) and value >= 0):
                raise PaymentModelError(name, value, "must be a number of at least 0")
        if self.horizon_years < 1:
            raise PaymentModelError("horizon_years", self.horizon_years, "must be at least 1")
        if not (math.isfinite(self.discount_rate) and self.discount_rate > -1):
            raise PaymentModelError("discount_rate", self.discount_rate, "must be above -1")


@dataclass(frozen=True, slots=True)
class Economics:
    """What sharing leaves a member, all in EUR.

    Attributes
    ----------
    saving_eur : float
        What a year of sharing saves on its bill.
    yearly_net_eur : float
        What is left of that after the year's payments.
    upfront_eur : float
        What it pays once.
    first_year_net_eur : float
        The first year's net less what is paid once.
    horizon_net_eur : float
        The years of the horizon, discounted to the day of payment, less what is paid once.
    payback_years : float or None
        Years until the yearly net has returned what was paid once; None if it never does.
    """

    saving_eur: float
    yearly_net_eur: float
    upfront_eur: float
    first_year_net_eur: float
    horizon_net_eur: float
    payback_years: float | None


def settle_payments(
    model: PaymentModel, *, saving_eur: float, self_consumed_kwh: float, share_kw: float
) -> Economics:
    """Hold a member's saving against what it pays.

    Parameters
    ----------
    model : PaymentModel
        What it pays.
    saving_eur : float
        What a year of sharing saves on its bill [EUR].
    self_consumed_kwh : float
        Energy that it uses of its share in a year [kWh].
    share_kw : float
        Its share of the plant's power [kW].

    Returns
    -------
    Economics
        Every year like the first; simple payback, without discount.

    Examples
    --------
    >>> paid = settle_payments(PaymentModel(upfront_eur_per_kw=1000.0, annual_fee_eur=20.0,
    ...     horizon_years=10), saving_eur=270.0, self_consumed_kwh=1000.0, share_kw=0.5)
    >>> paid.yearly_net_eur, paid.payback_years, paid.horizon_net_eur
    (250.0, 2.0, 2000.0)
    """
    paid_by_use = model.price_eur_per_self_consumed_kwh * self_consumed_kwh
    yearly = saving_eur - model.annual_fee_eur - paid_by_use
    upfront = model.upfront_eur + model.upfront_eur_per_kw * share_kw
    factors = [(1 + model.discount_rate) ** -year for year in range(1, model.horizon_years + 1)]
    return Economics(
        saving_eur=saving_eur,
        yearly_net_eur=yearly,
        upfront_eur=upfront,
        first_year_net_eur=yearly - upfront,
        horizon_net_eur=yearly * math.fsum(factors) - upfront,
        payback_years=_pay_back(upfront, yearly),
    )


def _pay_back(upfront_eur: float, yearly_net_eur: float) -> float | None:
    """Divide what was paid by what comes back; nothing to pay back takes no time."""
    if upfront_eur == 0 and yearly_net_eur >= 0:
        return 0.0
    return upfront_eur / yearly_net_eur if yearly_net_eur > 0 else None
