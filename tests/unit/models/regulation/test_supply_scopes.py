"""Which supplies a figure is for."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.regulation.supply_scopes import EVERY_SUPPLY, Scope, Supply, SupplyUse
from models.values.errors import InvalidDataError

TEN = Decimal(10)
SMALL, LARGE = Scope(up_to_kw=TEN), Scope(above_kw=TEN)
HOME, SHOP = Scope(use=SupplyUse.DWELLING), Scope(use=SupplyUse.OTHER)
SEVERE, NOT_SEVERE = Scope(severely_vulnerable=True), Scope(severely_vulnerable=False)
SCOPES = (EVERY_SUPPLY, SMALL, LARGE, HOME, SHOP, SEVERE, NOT_SEVERE)

supplies = st.builds(
    Supply,
    contracted_kw=st.decimals("0.001", "500", places=3),
    use=st.sampled_from(SupplyUse),
    severely_vulnerable=st.booleans(),
)


def test_the_limit_of_power_belongs_to_the_smaller() -> None:
    at, above = (Supply(Decimal(kw), SupplyUse.OTHER) for kw in ("10", "10.001"))
    assert (SMALL.covers(at), LARGE.covers(at)) == (True, False)
    assert (SMALL.covers(above), LARGE.covers(above)) == (False, True)


@given(supplies)
def test_each_pair_of_opposites_has_every_supply_once(supply: Supply) -> None:
    for one, other in ((SMALL, LARGE), (HOME, SHOP), (SEVERE, NOT_SEVERE)):
        assert one.covers(supply) != other.covers(supply)
    assert EVERY_SUPPLY.covers(supply)


@given(supplies, st.sampled_from(SCOPES), st.sampled_from(SCOPES))
def test_scopes_that_share_a_supply_overlap(supply: Supply, one: Scope, other: Scope) -> None:
    if one.covers(supply) and other.covers(supply):
        assert one.overlaps(other)


def test_opposites_do_not_overlap_and_others_do() -> None:
    overlapping = [[one.overlaps(other) for other in SCOPES] for one in SCOPES]
    assert overlapping == [
        [True, True, True, True, True, True, True],
        [True, True, False, True, True, True, True],
        [True, False, True, True, True, True, True],
        [True, True, True, True, False, True, True],
        [True, True, True, False, True, True, True],
        [True, True, True, True, True, True, False],
        [True, True, True, True, True, False, True],
    ]


@pytest.mark.parametrize("power", ["0", "-1", "NaN", "Infinity"])
def test_a_supply_has_a_power(power: str) -> None:
    with pytest.raises(InvalidDataError, match="above 0"):
        Supply(Decimal(power), SupplyUse.DWELLING)
