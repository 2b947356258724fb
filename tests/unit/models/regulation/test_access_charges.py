"""Tolls and charges against totals that were read elsewhere."""

from datetime import date
from decimal import Decimal

import pytest

from models.regulation.access_charges import AccessTerm, access_prices_on
from models.regulation.dated_figures import UnknownFigureError
from models.values.certainty import Certainty
from models.values.tariff import Tariff

POWER = {
    (2024, "2.0TD"): "25.391661 0.968852",
    (2024, "3.0TD"): "15.713047 9.547036 4.658211 4.142560 2.285209 1.553638",
    (2024, "6.1TD"): "24.414407 14.692911 11.328635 9.250764 1.727525 0.967900",
    (2025, "2.0TD"): "26.930550 0.697588",
    (2025, "3.0TD"): "19.658495 10.251651 4.262536 3.681551 2.328167 1.356394",
    (2025, "6.1TD"): "28.791866 15.077643 6.559170 5.172085 1.932805 0.916088",
    (2026, "2.0TD"): "27.704413 0.725423",
    (2026, "3.0TD"): "20.376927 10.617621 4.481534 3.886333 2.513851 1.442287",
    (2026, "6.1TD"): "29.595368 15.514709 6.801881 5.393829 2.125113 1.004181",
}
ENERGY = {
    (2024, "2.0TD"): ".076974 .027963 .002752",
    (2024, "3.0TD"): ".048443 .030938 .017361 .010389 .003561 .002192",
    (2024, "6.1TD"): ".035204 .021531 .012716 .008037 .002112 .001276",
    (2025, "2.0TD"): ".092539 .028201 .002994",
    (2025, "3.0TD"): ".061031 .036409 .017674 .009183 .004286 .002631",
    (2025, "6.1TD"): ".044778 .024986 .011795 .006274 .002388 .001443",
    (2026, "2.0TD"): ".097553 .029267 .003292",
    (2026, "3.0TD"): ".063352 .038914 .019279 .009795 .004706 .002898",
    (2026, "6.1TD"): ".046274 .026717 .012928 .006678 .002619 .001588",
}
TOTALS = [
    (term, year, Tariff(tariff), tuple(map(Decimal, figures.split())))
    for term, table in ((AccessTerm.POWER, POWER), (AccessTerm.ENERGY, ENERGY))
    for (year, tariff), figures in table.items()
]
HOME = Tariff.LOW_VOLTAGE_UP_TO_15_KW


@pytest.mark.parametrize(("term", "year", "tariff", "totals"), TOTALS)
def test_tolls_and_charges_make_the_published_totals(
    term: AccessTerm, year: int, tariff: Tariff, totals: tuple[Decimal, ...]
) -> None:
    for day in (date(year, 1, 1), date(year, 12, 31)):
        prices = access_prices_on(day, tariff, term)
        assert prices.totals == totals
        assert prices.tolls.unit == prices.charges.unit
        assert prices.tolls.certainty is Certainty.VERIFIED


@pytest.mark.parametrize(
    ("term", "tolls", "charges", "unit"),
    [
        (AccessTerm.POWER, "23.324952 0.443770", "4.379461 0.281653", "EUR/kW/year"),
        (AccessTerm.ENERGY, ".033261 .016409 .000077", ".064292 .012858 .003215", "EUR/kWh"),
    ],
)
def test_the_two_parts_of_2026(term: AccessTerm, tolls: str, charges: str, unit: str) -> None:
    prices = access_prices_on(date(2026, 6, 1), HOME, term)
    assert prices.tolls.values == tuple(map(Decimal, tolls.split()))
    assert prices.charges.values == tuple(map(Decimal, charges.split()))
    assert prices.tolls.unit == unit
    assert "BOE-A-2025-26348" in prices.tolls.source
    assert "TED/1524/2025" in prices.charges.source


@pytest.mark.parametrize("day", [date(2023, 12, 31), date(2027, 1, 1)])
@pytest.mark.parametrize("term", AccessTerm)
@pytest.mark.parametrize("tariff", Tariff)
def test_other_years_are_not_known(day: date, term: AccessTerm, tariff: Tariff) -> None:
    with pytest.raises(UnknownFigureError, match=f"{tariff} {term} tolls is known for {day}"):
        access_prices_on(day, tariff, term)


def test_prices_change_with_the_year() -> None:
    days = (date(2025, 12, 31), date(2026, 1, 1))
    prices = [access_prices_on(day, HOME, AccessTerm.POWER).totals[0] for day in days]
    assert prices == [Decimal("26.930550"), Decimal("27.704413")]
