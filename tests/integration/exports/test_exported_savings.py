"""Exported savings, against months that are settled by hand in whole numbers."""

from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from api.services.exports.export_wish import (
    ExportSubject,
)
from models.repositories.prices import add_price_month
from models.repositories.readings import month_instants
from models.session import write_session
from models.tables import PriceKind
from models.values.calendar import Step
from models.values.period import Period
from tests.support.agreements import (
    MADRID,
    NOW,
    agree,
    apply,
    shared,
    store_meters,
)
from tests.support.databases import on_sqlite
from tests.support.exported_months import (
    CONSUMPTION,
    GENERATION,
    LOCAL,
    add_prices,
    export,
    metered,
    read_csv,
    reckon,
)

__all__ = ["metered", "shared"]

pytestmark = on_sqlite


def reckon_savings(point: int, month: int, energy: list[int], surplus: list[int]) -> list[Decimal]:
    """Settle a supply point's month in whole numbers [1e-18 EUR], then in cents."""
    without = grid = earned = 0
    for (local, _, *held), dear, cheap in zip(reckon(), energy, surplus, strict=True):
        if local.month == month:
            taken, given, used = (each[point] for each in held)
            without += taken * dear
            grid += (taken - used) * dear
            earned += (given - used) * cheap
    exact = [Decimal(each).scaleb(-18) for each in (without, grid, min(earned, grid))]
    cents = [each.quantize(Decimal("0.01"), "ROUND_HALF_UP") for each in exact]
    return [*cents, cents[0] - cents[1] + cents[2]]


AMOUNTS = ("cost_without_eur", "grid_cost_eur", "compensation_eur", "savings_eur")


def test_savings_by_month_at_stored_prices(engine, metered):
    energy, surplus = add_prices(engine, metered, n_months=2)
    rows = read_csv(export(engine, ExportSubject.ECONOMY, is_per_member=True))
    sums = read_csv(export(engine, ExportSubject.ECONOMY))
    assert [row["first_day"] for row in sums] == ["2023-01-01", "2023-02-01", "2023-03-01"]
    for month in (1, 2):
        told = [row for row in rows if row["first_day"] == f"2023-{month:02d}-01"]
        expected = [reckon_savings(point, month, energy, surplus) for point in range(3)]
        assert [[Decimal(row[key]) for key in AMOUNTS] for row in told] == expected
        together = [sum(column) for column in zip(*expected, strict=True)]
        assert [Decimal(sums[month - 1][key]) for key in AMOUNTS] == together
        spans = [n for n, local in enumerate(LOCAL) if local.month == month]
        mean = sum(energy[n] for n in spans) / len(spans) / 1e9
        assert float(told[0]["energy_price_eur"]) == pytest.approx(mean, abs=5e-7)
    # The cap of the law binds for somebody, and not for all.
    capped = {row["compensation_eur"] == row["grid_cost_eur"] for row in rows[:6]}
    assert capped == {True, False}
    # March has readings, and no prices.
    assert [rows[6][key] for key in (*AMOUNTS, "energy_price_eur")] == [""] * 5
    assert [sums[2][key] for key in AMOUNTS] == [""] * 4


def test_surplus_without_a_price_earns_nothing(engine, metered):
    energy, _ = add_prices(engine, metered, surplus=False)
    row = read_csv(export(engine, ExportSubject.ECONOMY, is_per_member=True))[0]
    expected = reckon_savings(0, 1, energy, [0] * len(LOCAL))
    assert [Decimal(row[key]) for key in AMOUNTS] == expected
    assert (row["compensation_eur"], row["surplus_price_eur"]) == ("0.00", "0.0")


def test_fewer_than_five_members_are_not_told_together(engine, metered):
    add_prices(engine, metered)
    for subject in (ExportSubject.ENERGY, ExportSubject.ENVIRONMENT, ExportSubject.ECONOMY):
        told = {
            fewest: read_csv(export(engine, subject, fewest=fewest))[0] for fewest in (1, 3, 4, 5)
        }
        own = {"consumption_kwh", "self_consumed_kwh", "co2_avoided_kg"}
        for fewest, row in told.items():
            assert {row[key] == "" for key in own & row.keys()} == {fewest > 3}
    # The cap binds for some of the three, so money is told of nobody beside them.
    assert [told[fewest]["savings_eur"] != "" for fewest in told] == [True, False, False, False]
    assert {told[3][key] for key in AMOUNTS} == {""}
    assert read_csv(export(engine, fewest=5))[0]["generation_kwh"] != ""


def test_parts_of_months_are_not_told_together(engine, metered):
    add_prices(engine, metered)
    days = Period(date(2023, 1, 1), date(2023, 2, 20))
    for subject in (ExportSubject.ENERGY, ExportSubject.ENVIRONMENT, ExportSubject.ECONOMY):
        for fewest, expected in ((1, [True, True]), (3, [True, False])):
            rows = read_csv(export(engine, subject, fewest=fewest, days=days))
            assert [row["self_consumed_kwh"] != "" for row in rows] == expected


def test_who_has_no_share_hides_nobody_and_saves_nothing(engine, shared):
    store_meters(engine, shared, GENERATION, CONSUMPTION[:2], points=shared.points[:2])
    apply(engine, shared, agree(engine, shared, 600_000, 400_000, 0), date(2023, 1, 1))
    add_prices(engine, shared)
    for subject in (ExportSubject.ENERGY, ExportSubject.ECONOMY):
        rows = [read_csv(export(engine, subject, fewest=fewest))[0] for fewest in (2, 3)]
        assert [row["self_consumed_kwh"] != "" for row in rows] == [True, False]
    own = read_csv(export(engine, ExportSubject.ECONOMY, is_per_member=True))
    paid = "cost_without_eur", "grid_cost_eur", "compensation_eur", "savings_eur"
    assert [own[2][key] for key in paid] == ["", "", "0.00", "0.00"]
    sums = [sum(Decimal(row[key]) for row in own[:2]) for key in paid[2:]]
    together = read_csv(export(engine, ExportSubject.ECONOMY))[0]
    assert [together[key] for key in paid] == ["", "", *map(str, sums)]


def test_prices_by_the_quarter_of_an_hour_count_as_an_hours_mean(engine, metered):
    quarters = np.random.default_rng(3).integers(10**8, 2 * 10**8, 744 * 4)
    with write_session(engine) as session:
        add_price_month(
            session,
            promoter_id=metered.community.promoter_id,
            community_id=metered.community.id,
            kind=PriceKind.ENERGY,
            starts_at=month_instants(2023, MADRID)[0],
            step=Step.QUARTER_HOUR,
            nano_eur=quarters,
            version=1,
            recorded_at=NOW,
        )
    row = read_csv(export(engine, ExportSubject.ECONOMY, is_per_member=True))[0]
    means = quarters.reshape(744, 4).mean(axis=1)
    cost = sum(
        int(wh) / 1000 * eur / 1e9 for wh, eur in zip(CONSUMPTION[0][:744], means, strict=True)
    )
    assert row["cost_without_eur"] == f"{cost:.2f}"
