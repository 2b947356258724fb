"""Three metered months of three who share, their exports, and their sums by hand."""

import csv
import io
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from sqlmodel import select

from api.services.exports.export_wish import (
    ExportFormat,
    ExportSubject,
    ExportWish,
)
from api.services.exports.write_export import write_export
from models.repositories.prices import add_price_month
from models.repositories.readings import month_instants
from models.session import read_session, write_session
from models.tables import Community, PriceKind
from models.values.calendar import Step, month_starts
from models.values.language import Language
from models.values.period import Period
from models.values.resolution import Resolution
from tests.support.agreements import (
    MADRID,
    NOW,
    agree,
    apply,
    random_year,
    store_meters,
)
from tests.support.stored_once import stored_once

GENERATION, CONSUMPTION = random_year(3)
SHARES = ((500_000, 300_000, 200_000), (200_000, 300_000, 500_000))
CHANGE = date(2023, 2, 10)
SPRING = Period(date(2023, 1, 1), date(2023, 4, 1))
LOCAL = [
    (datetime(2022, 12, 31, 23, tzinfo=UTC) + timedelta(hours=hour)).astimezone(ZoneInfo(MADRID))
    for hour in range(24 * 90 - 1)
]
"""The hours of the first three months; the last of them has 743."""
MICRO = 10**6
Hours = list[tuple[datetime, int, list[int], list[int], list[int]]]


@stored_once
def metered(engine, shared):
    """Store three months of three who share, whose coefficients changed in the second."""
    store_meters(engine, shared, GENERATION, CONSUMPTION, n_months=3)
    apply(engine, shared, agree(engine, shared, *SHARES[0]), date(2023, 1, 1))
    apply(engine, shared, agree(engine, shared, *SHARES[1]), CHANGE)
    return shared


def reckon() -> Hours:
    """Reckon every hour by hand: instant, generation [Wh], and three lists [1e-6 Wh]."""
    hours = []
    for place, local in enumerate(LOCAL):
        shares = SHARES[local.date() >= CHANGE]
        given = [share * int(GENERATION[place]) for share in shares]
        taken = [int(wh) * MICRO for wh in CONSUMPTION[:, place]]
        used = [min(pair) for pair in zip(given, taken, strict=True)]
        hours.append((local, int(GENERATION[place]), taken, given, used))
    return hours


def sum_kwh(key: Callable[[datetime], object], point: int | None) -> dict[object, list[float]]:
    """Sum the five measures of a supply point, or of all, by what a local hour belongs to [kWh]."""
    sums: dict[object, list[int]] = defaultdict(lambda: [0] * 5)
    for local, _, *held in reckon():
        taken, given, used = (sum(each) if point is None else each[point] for each in held)
        measures = (taken, given, used, given - used, taken - used)
        sums[key(local)] = [a + b for a, b in zip(sums[key(local)], measures, strict=True)]
    return {key: [each / 1e9 for each in measures] for key, measures in sums.items()}


def export(engine, subject=ExportSubject.ENERGY, **options) -> bytes:
    """Write an export of all communities."""
    known = {
        "subject": subject,
        "days": SPRING,
        "resolution": Resolution.MONTH,
        "is_per_member": False,
        "file_format": ExportFormat.CSV,
        "language": Language.SPANISH,
    }
    wish = ExportWish(**(known | options))
    file = io.BytesIO()
    with read_session(engine) as session:
        communities = session.exec(select(Community)).all()
        write_export(session, file, wish, communities, now=NOW)
    return file.getvalue()


MEASURES = [
    "consumption_kwh",
    "allocated_kwh",
    "self_consumed_kwh",
    "surplus_kwh",
    "grid_import_kwh",
]


def add_prices(engine, stored, n_months=3, surplus=True):
    """Store hourly prices of some months; the surplus is dear, so that the cap binds."""
    random = np.random.default_rng(8)
    nano_eur = {
        PriceKind.ENERGY: random.integers(50_000_000, 250_000_000, len(LOCAL)),
        PriceKind.SURPLUS: random.integers(-10_000_000, 400_000_000, len(LOCAL)),
    }
    starts = [*month_starts(2023, MADRID, Step.HOUR).tolist()]
    with write_session(engine) as session:
        for number, begin in enumerate(month_instants(2023, MADRID)[:n_months]):
            for kind in PriceKind.ENERGY, *((PriceKind.SURPLUS,) if surplus else ()):
                add_price_month(
                    session,
                    promoter_id=stored.community.promoter_id,
                    community_id=stored.community.id,
                    kind=kind,
                    starts_at=begin,
                    step=Step.HOUR,
                    nano_eur=nano_eur[kind][starts[number] : starts[number + 1]],
                    version=1,
                    recorded_at=NOW,
                )
    return nano_eur[PriceKind.ENERGY].tolist(), nano_eur[PriceKind.SURPLUS].tolist()


def read_csv(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode())))
