"""Prices of a community: months are appended, and the newest version of each is what counts."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session, and_, col, func, select

from models.repositories.packed_months import pack_prices, unpack_prices
from models.repositories.readings import month_instants
from models.tables.prices import MISSING_PRICE, Price, PriceKind
from models.values.calendar import Step, month_starts, year_steps
from models.values.errors import NotFoundError

PLANNED_KINDS = (PriceKind.ENERGY, PriceKind.SURPLUS)
"""Prices that a plan is made with."""


class MissingPricesError(NotFoundError):
    """Some months of a year have prices and others lack them, or those by the step asked for."""

    def __init__(self, kind: PriceKind, year: int, months: tuple[int, ...]) -> None:
        named = ", ".join(f"{year}-{month:02d}" for month in months)
        super().__init__(f"no usable {kind} prices are stored of {named}: import the year again")
        self.kind = kind
        self.year = year
        self.months = months


def list_latest_prices(
    session: Session,
    *,
    promoter_id: UUID,
    community_id: UUID,
    since: datetime,
    until: datetime,
) -> list[Price]:
    """Read the newest version of every month of prices that starts in [since, until)."""
    return list_prices_of_communities(
        session, promoter_id=promoter_id, community_ids=[community_id], since=since, until=until
    )


def list_prices_of_communities(
    session: Session,
    *,
    promoter_id: UUID,
    community_ids: Collection[UUID],
    since: datetime,
    until: datetime,
) -> list[Price]:
    """Read the newest version of communities' months of prices that start in [since, until)."""
    newest = (
        select(
            Price.community_id, Price.kind, Price.starts_at, func.max(Price.version).label("newest")
        )
        .where(
            Price.promoter_id == promoter_id,
            col(Price.community_id).in_(community_ids),
            col(Price.starts_at) >= since,
            col(Price.starts_at) < until,
        )
        .group_by(col(Price.community_id), col(Price.kind), col(Price.starts_at))
        .subquery()
    )
    rows = select(Price).join(
        newest,
        and_(
            col(Price.community_id) == newest.c.community_id,
            col(Price.kind) == newest.c.kind,
            col(Price.starts_at) == newest.c.starts_at,
            col(Price.version) == newest.c.newest,
        ),
    )
    return list(session.exec(rows))


def list_priced_months(
    session: Session,
    *,
    promoter_id: UUID,
    community_ids: Collection[UUID],
    kind: PriceKind,
    since: datetime,
    until: datetime,
) -> list[tuple[UUID, datetime]]:
    """List of which communities and months that start in [since, until) a price is stored."""
    rows = select(Price.community_id, Price.starts_at).where(
        Price.promoter_id == promoter_id,
        col(Price.community_id).in_(community_ids),
        Price.kind == kind,
        col(Price.starts_at) >= since,
        col(Price.starts_at) < until,
    )
    return list(session.exec(rows.distinct()))


def has_hourly_prices(session: Session, *, promoter_id: UUID, community_id: UUID) -> bool:
    """Tell whether energy prices of a community are stored by the hour."""
    rows = select(Price.id).where(
        Price.promoter_id == promoter_id,
        Price.community_id == community_id,
        Price.kind == PriceKind.ENERGY,
        Price.step_seconds == Step.HOUR.seconds,
    )
    return session.exec(rows.limit(1)).first() is not None


def load_price_year(
    session: Session,
    *,
    promoter_id: UUID,
    community_id: UUID,
    year: int,
    timezone: str,
    step: Step,
    kinds: Collection[PriceKind] = PLANNED_KINDS,
) -> dict[PriceKind, NDArray[np.int64]]:
    """Read a local year of prices [nEUR/kWh], shape (n_steps,) each; empty when none are stored.

    Hourly prices serve quarter-hours; a month that lacks the price of an interval is missing.
    Raises MissingPricesError or DamagedMonthError.
    """
    borders = month_instants(year, timezone)
    prices = list_latest_prices(
        session,
        promoter_id=promoter_id,
        community_id=community_id,
        since=borders[0],
        until=borders[-1],
    )
    stored = {(price.kind, price.starts_at): price for price in prices}
    n_steps = year_steps(year, timezone, step).size
    sizes = np.diff(month_starts(year, timezone, step), append=n_steps).tolist()
    return {
        kind: _join_months(kind, year, step, months, sizes)
        for kind in kinds
        if any(months := [stored.get((kind, border)) for border in borders[:-1]])
    }


def add_price_month(
    session: Session,
    *,
    promoter_id: UUID,
    community_id: UUID,
    kind: PriceKind,
    starts_at: datetime,
    step: Step,
    nano_eur: NDArray[np.int64],
    version: int,
    recorded_at: datetime,
) -> None:
    """Append a version of a month of prices [nEUR/kWh]."""
    packed, crc32 = pack_prices(nano_eur)
    session.add(
        Price(
            promoter_id=promoter_id,
            community_id=community_id,
            kind=kind,
            starts_at=starts_at,
            step_seconds=step.seconds,
            interval_count=nano_eur.size,
            version=version,
            price_nano_eur_per_kwh=packed,
            crc32=crc32,
            recorded_at=recorded_at,
        )
    )


def _join_months(
    kind: PriceKind, year: int, step: Step, months: list[Price | None], sizes: list[int]
) -> NDArray[np.int64]:
    spread: list[NDArray[np.int64]] = []
    missing: list[int] = []
    for month, (price, size) in enumerate(zip(months, sizes, strict=True), start=1):
        nano_eur = None if price is None else _spread_month(price, step, size)
        if nano_eur is None:
            missing.append(month)
        else:
            spread.append(nano_eur)
    if missing:
        raise MissingPricesError(kind, year, tuple(missing))
    return np.concatenate(spread)


def _spread_month(price: Price, step: Step, size: int) -> NDArray[np.int64] | None:
    """Give a month by the step asked for; None when it cannot, or not for every interval."""
    if price.step_seconds not in (step.seconds, Step.HOUR.seconds):
        return None
    repeats = price.step_seconds // step.seconds
    nano_eur = unpack_prices(price, size // repeats)
    if (nano_eur == MISSING_PRICE).any():
        return None
    return np.repeat(nano_eur, repeats)
