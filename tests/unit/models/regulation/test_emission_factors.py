"""What a kWh from the grid emits, by zone."""

from datetime import date
from decimal import Decimal

import pytest

from models.regulation.dated_figures import UnknownFigureError, read_figures
from models.regulation.emission_factors import emission_factor_on
from models.values.calendar import Zone


@pytest.mark.parametrize(
    ("zone", "factor"),
    [(Zone.PENINSULA, "0.331"), (Zone.BALEARES, "0.932"), (Zone.CANARIAS, "0.776")],
)
def test_factor(zone: Zone, factor: str) -> None:
    figure = emission_factor_on(date(2026, 11, 21), zone)
    assert (figure.value, figure.unit) == (Decimal(factor), "kg CO2/kWh")


def test_every_zone_has_a_factor_and_none_before_the_table() -> None:
    assert set(read_figures("emission_factors")) == set(Zone)
    with pytest.raises(UnknownFigureError, match="emission factor"):
        emission_factor_on(date(2016, 1, 13), Zone.PENINSULA)
