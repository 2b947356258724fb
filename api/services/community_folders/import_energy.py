"""Append the months of readings and prices that differ from what is stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session

from api.services.community_folders.import_report import RoundingMove, StoredMonths
from loaders.records import CommunityYear, Energy
from models.repositories.packed_months import (
    NANO_PER_EUR,
    PackedEnergy,
    pack_energy,
    pack_prices,
)
from models.repositories.prices import add_price_month, list_latest_prices
from models.repositories.readings import add_month, list_latest_readings, month_instants
from models.tables import Channel, PriceKind
from models.values.calendar import Step, month_starts
from models.values.energy import round_to_wh, to_kwh
from models.values.errors import InvalidDataError

_LARGEST_PRICE_EUR = 1_000_000.0


@dataclass(frozen=True, slots=True)
class Meter:
    """A supply point or an installation, by its id and its CUPS or CAU."""

    meter_id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class _Month:
    """A local month of a year: its number, first instant, step and place in the year."""

    number: int
    starts_at: datetime
    step: Step
    span: slice


def store_readings(
    session: Session,
    *,
    promoter_id: UUID,
    community: CommunityYear,
    channel: Channel,
    meters: Sequence[Meter],
    imported_at: datetime,
) -> tuple[RoundingMove, StoredMonths]:
    """Append every month of readings that differs from the newest stored one.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    community : CommunityYear
        The folder's year.
    channel : Channel
        Consumption or generation.
    meters : sequence of Meter, length n_meters
        Whose energy each row of that channel is.
    imported_at : datetime
        Instant of the import.

    Returns
    -------
    RoundingMove
        How far whole watt-hours are from the folder's numbers.
    StoredMonths
        What was appended.

    Raises
    ------
    InvalidDataError
        If energy is negative, not finite or too large to store.
    """
    is_consumption = channel is Channel.CONSUMPTION
    energy_kwh = community.consumption_kwh if is_consumption else community.generation_kwh
    energy_wh = round_to_wh(energy_kwh)
    months = _months(community)
    latest = list_latest_readings(
        session,
        promoter_id=promoter_id,
        channel=channel,
        meter_ids=[meter.meter_id for meter in meters],
        since=months[0].starts_at,
        until=_end(community),
    )
    stored = {(reading.meter_id, reading.starts_at): reading for reading in latest}
    appended = StoredMonths()
    for meter, values_wh in zip(meters, energy_wh, strict=True):
        for month in months:
            packed = pack_energy(values_wh[month.span])
            previous = stored.get((meter.meter_id, month.starts_at))
            if (
                previous is not None
                and previous.step_seconds == month.step.seconds
                and PackedEnergy.of(previous) == packed
            ):
                continue
            add_month(
                session,
                promoter_id=promoter_id,
                channel=channel,
                meter_id=meter.meter_id,
                starts_at=month.starts_at,
                step=month.step,
                packed=packed,
                version=1 if previous is None else previous.version + 1,
                recorded_at=imported_at,
            )
            appended.count(meter.name, month.number, is_first=previous is None)
    session.flush()
    return _measure_rounding(energy_kwh, energy_wh), appended


def store_prices(
    session: Session,
    *,
    promoter_id: UUID,
    community_id: UUID,
    community: CommunityYear,
    imported_at: datetime,
) -> StoredMonths:
    """Append every month of prices that differs from the newest stored one.

    A folder without prices leaves those that are stored.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    community_id : UUID
        The stored community.
    community : CommunityYear
        The folder's year.
    imported_at : datetime
        Instant of the import.

    Returns
    -------
    StoredMonths
        What was appended.

    Raises
    ------
    InvalidDataError
        If a price is not finite or beyond a million euros.
    """
    months = _months(community)
    latest = list_latest_prices(
        session,
        promoter_id=promoter_id,
        community_id=community_id,
        since=months[0].starts_at,
        until=_end(community),
    )
    stored = {(price.kind, price.starts_at): price for price in latest}
    appended = StoredMonths()
    for kind, nano_eur in _nano_prices(community).items():
        for month in months:
            previous = stored.get((kind, month.starts_at))
            values = nano_eur[month.span]
            if (
                previous is not None
                and previous.step_seconds == month.step.seconds
                and previous.price_nano_eur_per_kwh == pack_prices(values)[0]
            ):
                continue
            add_price_month(
                session,
                promoter_id=promoter_id,
                community_id=community_id,
                kind=kind,
                starts_at=month.starts_at,
                step=month.step,
                nano_eur=values,
                version=1 if previous is None else previous.version + 1,
                recorded_at=imported_at,
            )
            appended.count(f"{kind} prices", month.number, is_first=previous is None)
    session.flush()
    return appended


def _months(community: CommunityYear) -> list[_Month]:
    borders = month_instants(community.year, community.timezone)
    firsts = month_starts(community.year, community.timezone, community.step).tolist()
    lasts = [*firsts[1:], community.starts.size]
    return [
        _Month(number, border, community.step, slice(first, last))
        for number, (border, first, last) in enumerate(
            zip(borders[:-1], firsts, lasts, strict=True), start=1
        )
    ]


def _end(community: CommunityYear) -> datetime:
    return month_instants(community.year, community.timezone)[-1]


def _nano_prices(community: CommunityYear) -> dict[PriceKind, NDArray[np.int64]]:
    prices = {
        PriceKind.ENERGY: community.energy_eur_per_kwh,
        PriceKind.SURPLUS: community.surplus_eur_per_kwh,
        PriceKind.DAY_AHEAD: community.day_ahead_eur_per_kwh,
    }
    return {kind: _to_nano(price) for kind, price in prices.items() if price is not None}


def _to_nano(price_eur: NDArray[np.float64]) -> NDArray[np.int64]:
    if not (np.abs(price_eur) <= _LARGEST_PRICE_EUR).all():
        raise InvalidDataError(f"a price must be a number within {_LARGEST_PRICE_EUR:,.0f} EUR/kWh")
    return np.rint(price_eur * NANO_PER_EUR).astype(np.int64)


def _measure_rounding(energy_kwh: Energy, energy_wh: NDArray[np.int32]) -> RoundingMove:
    moved_kwh = to_kwh(energy_wh) - energy_kwh
    return RoundingMove(
        total_kwh=float(moved_kwh.sum()),
        largest_kwh=float(np.abs(moved_kwh).max(initial=0.0)),
    )
