"""Tables of figures: their order, their days, and what is assumed."""

from datetime import date, timedelta
from decimal import Decimal
from importlib.resources import files
from itertools import pairwise
from typing import Any

import pytest

from models.regulation import dated_figures
from models.regulation.assumptions import Assumption
from models.regulation.dated_figures import (
    Dated,
    Figure,
    OverlappingFiguresError,
    UnknownFigureError,
    figure_on,
    for_supply,
    read_figures,
    read_period_figures,
)
from models.regulation.supply_scopes import Supply, SupplyUse
from models.values.certainty import Certainty

BY_PERIOD = ("access_charges", "excess_power", "loss_coefficients")
SINGLE = tuple(
    sorted(
        path.name.removesuffix(".toml")
        for path in files("models.regulation").iterdir()
        if path.name.endswith(".toml") and path.name.removesuffix(".toml") not in BY_PERIOD
    )
)
ROW: dict[str, Any] = {
    "valid_from": date(2020, 1, 1),
    "value": "1",
    "unit": "m",
    "condition": "",
    "source": "",
    "certainty": "V",
}
SUPPLIES = [
    Supply(Decimal(kw), use, severe)
    for kw in ("4.6", "10", "10.1", "60")
    for use in SupplyUse
    for severe in (False, True)
]


def read_every_row() -> dict[str, tuple[Dated, ...]]:
    """Read all tables, rows by table and name."""
    single = {(table, name): rows for table in SINGLE for name, rows in read_figures(table).items()}
    by_period = {
        (table, name): rows
        for table in BY_PERIOD
        for name, rows in read_period_figures(table).items()
    }
    return {f"{table}: {name}": rows for (table, name), rows in (single | by_period).items()}


EVERY_ROW = read_every_row()


def make_figure(**fields: Any) -> Figure:
    return dated_figures._parse_figure(ROW | fields)


@pytest.mark.parametrize("name", EVERY_ROW)
def test_the_days_of_a_name_have_no_gap_for_any_supply(name: str) -> None:
    for supply in SUPPLIES:
        rows = for_supply(EVERY_ROW[name], supply)
        assert all(one.period.end == other.period.start for one, other in pairwise(rows))


@pytest.mark.parametrize("name", EVERY_ROW)
def test_any_known_day_has_exactly_one_row(name: str) -> None:
    # Rows change at their borders only, so that first and last days stand for all between.
    for rows in {for_supply(EVERY_ROW[name], supply) for supply in SUPPLIES}:
        for row in rows:
            last = (row.period.end or date(2040, 1, 1)) - timedelta(days=1)
            for day in (row.period.start, last):
                assert [each for each in rows if each.period.contains(day)] == [row]
                assert figure_on(name, rows, day) == row


@pytest.mark.parametrize("name", EVERY_ROW)
def test_every_row_says_its_unit_condition_and_source(name: str) -> None:
    for row in EVERY_ROW[name]:
        assert row.unit
        assert row.condition
        assert row.source


def test_what_is_open_names_what_would_be_true_otherwise() -> None:
    rows = [row for rows in EVERY_ROW.values() for row in rows if row.certainty is Certainty.OPEN]
    assert len(rows) == 6
    assert all(isinstance(row, Figure) and row.alternatives for row in rows)


def test_every_assumption_changes_a_figure() -> None:
    named = {
        assumption
        for rows in EVERY_ROW.values()
        for row in rows
        if isinstance(row, Figure)
        for assumption, _ in row.alternatives
    }
    assert named == set(Assumption)


def test_an_assumption_takes_its_alternative_and_others_do_not() -> None:
    figure = make_figure(assuming={"tax_cut_in_november_2026": "2"})
    assert figure.under(frozenset()) is figure
    assert figure.under(frozenset({Assumption.TAX_CUT_IN_DECEMBER_2026})) is figure
    other = figure.under(frozenset({Assumption.TAX_CUT_IN_NOVEMBER_2026}))
    assert (figure.value, other.value) == (1, 2)
    assert other.alternatives == figure.alternatives


def test_an_assumption_without_a_name_is_refused() -> None:
    with pytest.raises(ValueError, match="rain_in_may"):
        make_figure(assuming={"rain_in_may": "2"})


def test_figures_of_one_day_for_different_supplies_stand_together() -> None:
    small = make_figure(scope={"up_to_kw": "10"})
    large = make_figure(scope={"above_kw": "10"}, value="2")
    assert dated_figures._order("limit", [small, large]) == (small, large)


def test_two_figures_for_one_day_and_supply_are_refused() -> None:
    small = make_figure(scope={"up_to_kw": "10"})
    home = make_figure(scope={"use": "dwelling"}, valid_from=date(2021, 1, 1))
    with pytest.raises(OverlappingFiguresError, match="limit hold on 2021-01-01"):
        dated_figures._order("limit", [home, small])


def test_a_day_after_the_table_says_where_it_ends() -> None:
    figure = make_figure(valid_until=date(2021, 1, 1))
    with pytest.raises(UnknownFigureError) as error:
        figure_on("limit", [figure], date(2021, 1, 1))
    assert str(error.value) == (
        "no limit is known for 2021-01-01; "
        "the table begins on 2020-01-01 and ends before 2021-01-01"
    )
    assert (error.value.name, error.value.day) == ("limit", date(2021, 1, 1))
