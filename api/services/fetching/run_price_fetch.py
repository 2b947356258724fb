"""Fetch the prices of today and tomorrow for a community whose prices change by the hour."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import numpy as np
from pydantic import SecretStr
from sqlmodel import Session

from api.clients.esios import fetch_archive_70, fetch_indicator
from api.clients.remote_errors import NotPublishedError
from api.clients.transport import Transport
from api.services.communities.find_community import require_community
from api.services.file_imports.file_report import SourceFile
from api.services.file_imports.import_prices import PriceOptions, import_prices
from api.services.jobs.run_jobs import RunningJob
from loaders.json_text import parse_json_object
from loaders.price_files.esios import read_esios_json
from loaders.price_files.pvpc import read_pvpc_archive
from loaders.price_files.records import PriceFile
from models.repositories.prices import has_hourly_prices
from models.session import read_session
from models.values.calendar import LAW_CLOCK, local_day, local_midnight

_SURPLUS_INDICATOR = 1739
_SPAIN = 3

_Fetch = Callable[[Transport, date], bytes]
_READERS = {"pvpc": read_pvpc_archive, "surplus": read_esios_json}


@dataclass(frozen=True, slots=True)
class PriceSource:
    """Where prices come from.

    Attributes
    ----------
    url : str
        Address of ESIOS.
    token : SecretStr or None
        Personal token, without which surplus prices are left out.
    """

    url: str
    token: SecretStr | None


@dataclass(frozen=True, slots=True)
class _FetchedDay:
    """Prices of one kind and day; None when they are not published yet."""

    kind: str
    day: date
    body: bytes | None

    @property
    def file(self) -> PriceFile | None:
        """Read them; a day of nothing but zeros is not published yet."""
        if self.body is None:
            return None
        file = _READERS[self.kind](self.body)
        return file if any(each.nano_eur_per_kwh.any() for each in file.series) else None


def run_price_fetch(job: RunningJob, *, source: PriceSource) -> None:
    """Fetch PVPC, and surplus prices where there is a token, of today and tomorrow.

    Parameters
    ----------
    job : RunningJob
        Of the kind ``fetch_prices``; with ``is_wanted`` a community without hourly prices gets
        them too.
    source : PriceSource
        Where prices come from.

    Raises
    ------
    UnknownCommunityError
        If the promoter has no such community.
    RemoteUnreachableError, RemoteStatusError, RemoteNonsenseError
        If ESIOS is down, refuses, or answers nonsense.
    CommunityError
        If the prices contradict what is stored.
    LostClaimError
        If another worker took the job; nothing is stored.

    Notes
    -----
    A day whose every price is 0,00 is one that is not published yet, not a day of zeros: ESIOS
    answers so since October 2026.
    """
    community_id = UUID(job.arguments["community_id"])
    with read_session(job.engine) as session:
        is_wanted = _wants_prices(job, session, community_id)
    fetched = _fetch_days(job, source) if is_wanted else []
    with job.storing() as session:
        days = [_store(job, session, community_id, each) for each in fetched]
        report = {"has_hourly_prices": is_wanted, "days": days}
        job.complete(session, result_id=community_id, report=report)


def _wants_prices(job: RunningJob, session: Session, community_id: UUID) -> bool:
    owner = job.promoter_id
    require_community(session, promoter_id=owner, community_id=community_id)
    return bool(job.arguments.get("is_wanted")) or has_hourly_prices(
        session, promoter_id=owner, community_id=community_id
    )


def _fetch_days(job: RunningJob, source: PriceSource) -> list[_FetchedDay]:
    """Ask for every day and kind; what is not published is no failure."""
    today = local_day(job.clock(), LAW_CLOCK)
    fetchers: dict[str, _Fetch] = {"pvpc": fetch_archive_70}
    if source.token is not None:
        fetchers["surplus"] = partial(_fetch_surplus, token=source.token)
    wanted = [(kind, today + timedelta(days)) for kind in fetchers for days in (0, 1)]
    fetched = []
    with Transport("ESIOS", source.url) as esios:
        for number, (kind, day) in enumerate(wanted):
            job.report(number / len(wanted), f"fetching {kind} prices of {day}")
            fetched.append(_FetchedDay(kind, day, _try(fetchers[kind], esios, day)))
    return fetched


def _try(fetch: _Fetch, esios: Transport, day: date) -> bytes | None:
    try:
        return fetch(esios, day)
    except NotPublishedError:
        return None


def _fetch_surplus(esios: Transport, day: date, *, token: SecretStr) -> bytes:
    body = fetch_indicator(
        esios,
        token,
        indicator_id=_SURPLUS_INDICATOR,
        start=_midnight(day),
        end=_midnight(day + timedelta(1)),
        geo_id=_SPAIN,
    )
    indicator = parse_json_object(body.decode()).get("indicator")
    # A day that is not published yet is answered with an empty list.
    if isinstance(indicator, dict) and indicator.get("values") == []:
        raise NotPublishedError(esios.service, day)
    return body


def _midnight(day: date) -> datetime:
    seconds = local_midnight(day, LAW_CLOCK).astype(np.int64)
    return datetime.fromtimestamp(int(seconds), UTC)


def _store(
    job: RunningJob, session: Session, community_id: UUID, fetched: _FetchedDay
) -> dict[str, Any]:
    file = fetched.file
    described = {"kind": fetched.kind, "day": fetched.day.isoformat()}
    if file is None or fetched.body is None:
        return described | {"is_published": False, "accepted_count": 0, "unchanged": True}
    digest = hashlib.sha256(fetched.body).hexdigest()
    report = import_prices(
        session,
        promoter_id=job.promoter_id,
        community_id=community_id,
        file=file,
        source=SourceFile(f"esios-{fetched.kind}-{fetched.day}.json", digest),
        options=PriceOptions(accepts_partial=True),
        imported_at=job.clock(),
    )
    return described | {
        "is_published": True,
        "accepted_count": report.accepted_count,
        "unchanged": report.is_repeat or report.is_unchanged,
    }
