"""What sharing leaves a member, by hand."""

import math

import pytest

from planner.reserve.payment import PaymentModel, PaymentModelError, settle_payments

PAID = {"saving_eur": 300.0, "self_consumed_kwh": 1000.0, "share_kw": 2.0}


def test_all_payments_count() -> None:
    model = PaymentModel(
        upfront_eur=100.0,
        upfront_eur_per_kw=400.0,
        annual_fee_eur=30.0,
        price_eur_per_self_consumed_kwh=0.045,
        horizon_years=2,
        discount_rate=0.25,
    )
    economics = settle_payments(model, **PAID)

    assert economics.yearly_net_eur == 225.0
    assert economics.upfront_eur == 900.0
    assert economics.first_year_net_eur == -675.0
    assert economics.horizon_net_eur == pytest.approx(225 / 1.25 + 225 / 1.25**2 - 900)
    assert economics.payback_years == 4.0


@pytest.mark.parametrize(
    ("model", "years"),
    [
        (PaymentModel(), 0.0),
        (PaymentModel(annual_fee_eur=301.0), None),
        (PaymentModel(upfront_eur=1.0, annual_fee_eur=300.0), None),
        (PaymentModel(upfront_eur=600.0), 2.0),
    ],
)
def test_when_it_has_paid_for_itself(model: PaymentModel, years: float | None) -> None:
    assert settle_payments(model, **PAID).payback_years == years


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("upfront_eur", -1.0),
        ("upfront_eur_per_kw", math.nan),
        ("annual_fee_eur", math.inf),
        ("price_eur_per_self_consumed_kwh", -0.1),
        ("horizon_years", 0),
        ("discount_rate", -1.0),
        ("discount_rate", math.nan),
    ],
)
def test_prices_that_make_no_sense_are_refused(name: str, value: float) -> None:
    with pytest.raises(PaymentModelError, match=name) as error:
        PaymentModel(**{name: value})  # type: ignore[arg-type]
    assert error.value.name == name
