"""Access tariffs by their published names."""

from decimal import Decimal

import pytest

from models.values.tariff import ExcessivePowerError, Tariff, check_contracted_power


def test_tariffs_are_known_by_their_published_names() -> None:
    assert [tariff.value for tariff in Tariff] == ["2.0TD", "3.0TD", "6.1TD"]
    assert Tariff("3.0TD") is Tariff.LOW_VOLTAGE_ABOVE_15_KW


@pytest.mark.parametrize("text", ["", "2.0td", "2.0TD ", "2.1DHA"])
def test_other_names_are_unknown(text: str) -> None:
    with pytest.raises(ValueError, match="is not a valid Tariff"):
        Tariff(text)


def test_two_periods_of_power_are_for_fifteen_kilowatts() -> None:
    check_contracted_power(Tariff.LOW_VOLTAGE_UP_TO_15_KW, 15_000)
    check_contracted_power(Tariff.LOW_VOLTAGE_ABOVE_15_KW, 15_001)
    check_contracted_power(Tariff.HIGH_VOLTAGE_1_TO_30_KV, 2**31 - 1)
    with pytest.raises(ExcessivePowerError, match=r"15\.001 kW are contracted") as caught:
        check_contracted_power(Tariff.LOW_VOLTAGE_UP_TO_15_KW, 15_001)

    with pytest.raises(ExcessivePowerError, match=r"15\.0005 kW are contracted"):
        check_contracted_power(Tariff.LOW_VOLTAGE_UP_TO_15_KW, Decimal("15000.5"))

    error = caught.value
    assert (error.tariff.value, error.contracted_kw) == ("2.0TD", Decimal("15.001"))
    assert error.most_kw == 15
