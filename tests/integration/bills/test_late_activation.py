"""What a retailer owes that activates late, reckoned by hand."""

from datetime import date
from decimal import Decimal
from functools import partial

import numpy as np
import pytest
from sqlalchemy import Engine

from api.services.bills.reckon_late_activation import (
    LateActivationReport,
    LateActivationWish,
    NothingLateError,
    reckon_late_activation,
)
from loaders.production_years import read_generation_profile
from models.session import read_session, write_session
from models.tables import PriceKind, SelfConsumptionInstallation
from models.values.calendar import Step, local_times, year_steps
from tests.support.agreements import MADRID, shared
from tests.support.databases import on_sqlite
from tests.support.stored_bills import ask, homes, store_prices
from tests.support.stored_records import StoredCommunity

__all__ = ["homes", "shared"]

pytestmark = on_sqlite

FEBRUARY_TO_APRIL = (date(2026, 2, 1), date(2026, 5, 1))
SINCE_NEW_YEAR = LateActivationWish(date(2026, 1, 10))


@pytest.fixture
def profile(tmp_path):
    """Write a year in which only the hours from 12 to 13 generate, all alike."""
    starts, local = (form(2025, MADRID, Step.HOUR) for form in (year_steps, local_times))
    hour = (local - local.astype("datetime64[D]")).astype("timedelta64[h]").astype(int)
    # Matched by the sun: noon of summer time is 11 by the clock of the year's beginning.
    rows = [f"{start}Z,{int(each == 12)}" for start, each in zip(starts, hour, strict=True)]
    path = tmp_path / "noon.csv"
    path.write_text("\n".join(["ts_utc,kwh", *rows]) + "\n")
    return path


@pytest.fixture
def priced(engine: Engine, homes: StoredCommunity) -> StoredCommunity:
    """Store a price of surplus of 0.05 EUR/kWh, and a plant of 30 kW."""
    store_prices(engine, homes, PriceKind.SURPLUS, np.full(8760, 0.05))
    power_of_plant(engine, homes, 30_000)
    return homes


def power_of_plant(engine: Engine, stored: StoredCommunity, power_w: int) -> None:
    with write_session(engine) as session:
        plant = session.get_one(SelfConsumptionInstallation, stored.installation.id)
        plant.inverter_power_w = power_w


def reckon(
    engine: Engine,
    stored: StoredCommunity,
    profile,
    wish: LateActivationWish = SINCE_NEW_YEAR,
    days: tuple[date, date] = FEBRUARY_TO_APRIL,
    place: int = 0,
) -> LateActivationReport:
    with read_session(engine) as session:
        return reckon_late_activation(
            session,
            promoter_id=stored.community.promoter_id,
            point_id=stored.points[place].id,
            question=ask(days=days),
            wish=wish,
            read_profile=partial(read_generation_profile, profile),
        )


# 30 kW x 1,200 h / 365 days = 98.630137 kWh a day at 0.05 EUR: 4.931507 EUR, for 22 days of March
# 108.49 EUR, more than the energy of March: 32.40 + 15.30 EUR of the bill made by hand, and the
# 2.65 EUR that it saves.
def test_the_value_of_the_energy_is_the_limit(engine: Engine, priced, profile):
    report = reckon(engine, priced, profile)

    assert (report.late.start, report.late.end) == (date(2026, 3, 10), None)
    assert [bill.discount_eur for bill in report.bills][:2] == [0, Decimal("50.35")]
    assert report.bills[1].grid_energy_eur == Decimal("50.35")
    assert [figure.values for figure in report.figures] == [(2,), (100,), (1200,)]
    assert report.discount_eur == sum(bill.discount_eur for bill in report.bills)


def test_a_small_part_is_paid_for_by_the_day_of_activation(engine: Engine, priced, profile):
    power_of_plant(engine, priced, 3_000)
    report = reckon(
        engine, priced, profile, LateActivationWish(date(2026, 1, 10), date(2026, 3, 20))
    )
    # 10 days x 3 kW x 1,200 h / 365 x 0.05 EUR = 4.9315 EUR
    assert [bill.discount_eur for bill in report.bills] == [0, Decimal("4.93"), 0]


@pytest.mark.parametrize(
    ("wish", "reason"),
    [
        (LateActivationWish(date(2026, 1, 10), date(2026, 3, 10)), "until 2026-03-10"),
        (LateActivationWish(date(2026, 3, 1)), "from 2026-05-01 on"),
    ],
)
def test_who_is_not_late_owes_nothing(engine: Engine, priced, profile, wish, reason):
    with pytest.raises(NothingLateError, match=reason):
        reckon(engine, priced, profile, wish)


def test_large_plants_and_who_shares_nothing_are_owed_nothing(engine: Engine, priced, profile):
    with pytest.raises(NothingLateError, match="no plant of at most 100 kW"):
        reckon(engine, priced, profile, place=1)
    power_of_plant(engine, priced, 100_001)
    with pytest.raises(NothingLateError, match="no plant of at most 100 kW"):
        reckon(engine, priced, profile)
