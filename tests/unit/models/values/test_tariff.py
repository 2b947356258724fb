"""Access tariffs by their published names."""

import pytest

from models.values.tariff import Tariff


def test_tariffs_are_known_by_their_published_names() -> None:
    assert [tariff.value for tariff in Tariff] == ["2.0TD", "3.0TD", "6.1TD"]
    assert Tariff("3.0TD") is Tariff.LOW_VOLTAGE_ABOVE_15_KW


@pytest.mark.parametrize("text", ["", "2.0td", "2.0TD ", "2.1DHA"])
def test_other_names_are_unknown(text: str) -> None:
    with pytest.raises(ValueError, match="is not a valid Tariff"):
        Tariff(text)
