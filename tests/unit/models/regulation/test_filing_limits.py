"""Figures that filings are held against."""

from datetime import date
from decimal import Decimal

import pytest

from models.regulation.dated_figures import UnknownFigureError, read_figures
from models.regulation.filing_limits import FilingLimit, filing_limit_on


@pytest.mark.parametrize(
    ("limit", "value", "unit"),
    [
        (FilingLimit.MONTHS_BETWEEN_CHANGES, "4", "months"),
        (FilingLimit.EXEMPT_MONTHS_TO_HOURLY, "4", "months"),
        (FilingLimit.LAST_DAY_FOR_NEXT_MONTH, "10", "day of the month"),
        (FilingLimit.YEARS_OF_FILES, "20", "years"),
        (FilingLimit.COMPENSATED_POWER, "100", "kW"),
    ],
)
def test_figures_in_force(limit: FilingLimit, value: str, unit: str):
    figure = filing_limit_on(date(2026, 11, 21), limit)
    assert (figure.value, figure.unit) == (Decimal(value), unit)
    assert "BOE-A-" in figure.source


def test_every_figure_of_the_table_has_a_name():
    assert set(read_figures("filing_limits")) == set(FilingLimit)


def test_before_the_law_nothing_is_known():
    with pytest.raises(UnknownFigureError, match="compensated_power"):
        filing_limit_on(date(2019, 4, 6), FilingLimit.COMPENSATED_POWER)
