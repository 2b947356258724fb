import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.values.errors import InvalidDataError
from models.values.power import to_kw, to_watts


@pytest.mark.parametrize(
    ("power_kw", "power_w"), [(0.001, 1), (0.00051, 1), (3.45, 3450), (2147483.647, 2**31 - 1)]
)
def test_powers_become_whole_watts(power_kw, power_w):
    assert to_watts(power_kw) == power_w


@pytest.mark.parametrize("power_kw", [0.0, 0.0005, -3.0, 2147483.6475, float("inf"), float("nan")])
def test_powers_that_cannot_be_stored(power_kw):
    with pytest.raises(InvalidDataError, match=r"is not between 0\.001 kW and 2147483 kW"):
        to_watts(power_kw)


@given(st.integers(1, 2**31 - 1))
def test_watts_come_back(power_w):
    assert to_watts(to_kw(power_w)) == power_w
