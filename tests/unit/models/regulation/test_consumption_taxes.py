"""VAT, IGIC and IPSI by day, place, power, use and protection."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.regulation.assumptions import Assumption, Assumptions
from models.regulation.consumption_taxes import Taxed, consumption_tax_of, consumption_tax_on
from models.regulation.dated_figures import UnknownFigureError
from models.regulation.supply_scopes import Supply, SupplyUse
from models.values.calendar import Zone
from models.values.certainty import Certainty
from models.values.invoicing import TaxKind

HOME = Supply(Decimal("4.6"), SupplyUse.DWELLING)
AT_THE_LIMIT = Supply(Decimal(10), SupplyUse.OTHER)
SHOP = Supply(Decimal("10.001"), SupplyUse.OTHER)
SEVERE = Supply(Decimal(12), SupplyUse.DWELLING, severely_vulnerable=True)
BIG_HOME = Supply(Decimal(12), SupplyUse.DWELLING)
NOVEMBER = frozenset({Assumption.TAX_CUT_IN_NOVEMBER_2026})
DECEMBER = frozenset({Assumption.TAX_CUT_IN_DECEMBER_2026})


def percent(
    day: date,
    supply: Supply = HOME,
    zone: Zone = Zone.PENINSULA,
    taxed: Taxed = Taxed.ELECTRICITY,
    assumed: Assumptions = frozenset(),
) -> int:
    return int(consumption_tax_on(day, zone, supply, taxed, assumed).value * 100)


@pytest.mark.parametrize(
    ("day", "home", "shop", "severe"),
    [
        (date(2012, 9, 1), 21, 21, 21),
        (date(2021, 6, 25), 21, 21, 21),
        (date(2021, 6, 26), 10, 21, 10),
        (date(2022, 6, 30), 10, 21, 10),
        (date(2022, 7, 1), 5, 21, 5),
        (date(2023, 12, 31), 5, 21, 5),
        (date(2024, 1, 1), 10, 21, 10),
        (date(2024, 2, 29), 10, 21, 10),
        (date(2024, 3, 1), 21, 21, 10),
        (date(2024, 6, 30), 21, 21, 10),
        (date(2024, 7, 1), 10, 21, 10),
        (date(2024, 12, 31), 10, 21, 10),
        (date(2025, 1, 1), 21, 21, 21),
        (date(2026, 3, 21), 21, 21, 21),
        (date(2026, 3, 22), 10, 21, 10),
        (date(2026, 5, 31), 10, 21, 10),
        (date(2026, 6, 1), 21, 21, 21),
        (date(2026, 11, 1), 21, 21, 21),
        (date(2026, 12, 31), 21, 21, 21),
        (date(2027, 1, 1), 21, 21, 21),
    ],
)
def test_vat(day: date, home: int, shop: int, severe: int) -> None:
    assert [percent(day, supply) for supply in (HOME, SHOP, SEVERE)] == [home, shop, severe]
    assert percent(day, AT_THE_LIMIT) == home
    assert percent(day, HOME, Zone.BALEARES, Taxed.METER) == home
    assert percent(day, HOME, taxed=Taxed.SERVICES) == 21


MONTHS_OF_2024 = (10, 10, 21, 21, 21, 21, 10, 10, 10, 10, 10, 10)


@pytest.mark.parametrize("month", range(1, 13))
def test_vat_of_each_month_of_2024(month: int) -> None:
    assert percent(date(2024, month, 15)) == MONTHS_OF_2024[month - 1]


def test_months_whose_market_means_were_read_are_derived() -> None:
    figures = [
        consumption_tax_on(date(2024, month, 1), Zone.PENINSULA, HOME, Taxed.ELECTRICITY)
        for month in range(1, 13)
    ]
    assert "".join(figure.certainty.value for figure in figures) == "RRRDDDRRRRRD"


@pytest.mark.parametrize(
    ("day", "assumed", "home", "shop", "severe"),
    [
        (date(2026, 10, 31), NOVEMBER | DECEMBER, 21, 21, 21),
        (date(2026, 11, 1), NOVEMBER, 10, 21, 10),
        (date(2026, 11, 30), DECEMBER, 21, 21, 21),
        (date(2026, 12, 1), NOVEMBER, 21, 21, 21),
        (date(2026, 12, 31), DECEMBER, 10, 21, 10),
        (date(2027, 1, 1), NOVEMBER | DECEMBER, 21, 21, 21),
    ],
)
def test_cuts_that_are_open(
    day: date, assumed: Assumptions, home: int, shop: int, severe: int
) -> None:
    found = [percent(day, supply, assumed=assumed) for supply in (HOME, SHOP, SEVERE)]
    assert found == [home, shop, severe]


def test_only_supplies_that_a_cut_could_reach_are_open() -> None:
    figures = [
        consumption_tax_on(date(2026, 11, 21), Zone.PENINSULA, supply, Taxed.ELECTRICITY)
        for supply in (HOME, SEVERE, SHOP)
    ]
    assert [figure.certainty for figure in figures] == [
        Certainty.OPEN,
        Certainty.OPEN,
        Certainty.VERIFIED,
    ]


@pytest.mark.parametrize("day", [date(2024, 1, 1), date(2025, 12, 31), date(2026, 1, 1)])
def test_the_canary_islands(day: date) -> None:
    at_limit = Supply(Decimal(10), SupplyUse.DWELLING)
    supplies = (HOME, at_limit, BIG_HOME, AT_THE_LIMIT, SHOP)
    assert [percent(day, each, Zone.CANARIAS) for each in supplies] == [0, 0, 3, 3, 3]
    for each in supplies:
        assert percent(day, each, Zone.CANARIAS, Taxed.METER) == 7
        assert percent(day, each, Zone.CANARIAS, Taxed.SERVICES) == 7


@pytest.mark.parametrize("zone", [Zone.CEUTA, Zone.MELILLA])
def test_ceuta_and_melilla(zone: Zone) -> None:
    day = date(2026, 11, 21)
    assert [percent(day, each, zone) for each in (HOME, SHOP)] == [1, 1]
    assert [percent(day, HOME, zone, each) for each in (Taxed.METER, Taxed.SERVICES)] == [4, 4]


def test_every_zone_has_its_tax() -> None:
    taxes = {zone: consumption_tax_of(zone) for zone in Zone}
    assert taxes == {
        Zone.PENINSULA: TaxKind.VAT,
        Zone.BALEARES: TaxKind.VAT,
        Zone.CANARIAS: TaxKind.IGIC,
        Zone.CEUTA: TaxKind.IPSI,
        Zone.MELILLA: TaxKind.IPSI,
    }


@given(
    day=st.dates(date(2024, 1, 1), date(2030, 12, 31)),
    zone=st.sampled_from(Zone),
    taxed=st.sampled_from(Taxed),
    supply=st.builds(
        Supply,
        contracted_kw=st.decimals("0.1", "450", places=3),
        use=st.sampled_from(SupplyUse),
        severely_vulnerable=st.booleans(),
    ),
)
def test_every_supply_has_a_rate_on_every_day(
    day: date, zone: Zone, taxed: Taxed, supply: Supply
) -> None:
    figure = consumption_tax_on(day, zone, supply, taxed)
    assert figure.unit == "share"
    assert figure.period.contains(day)
    assert figure.value <= Decimal("0.21")


def test_before_the_table_nothing_is_known() -> None:
    with pytest.raises(UnknownFigureError, match="rate of IGIC on electricity"):
        percent(date(2023, 12, 31), HOME, Zone.CANARIAS)
