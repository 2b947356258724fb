"""Jobs on one community: months shared out, readings checked, prices and readings fetched."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from uuid import uuid4

import pytest
from pydantic import SecretStr
from sqlmodel import select

from api.clients.datadis import BackwardMonthsError, DatadisAccount
from api.services.communities.community_meters import UnknownCommunityError
from api.services.energy.run_allocation import run_allocation
from api.services.fetching.request_fetch import request_price_fetch, request_reading_fetch
from api.services.fetching.run_price_fetch import PriceSource, run_price_fetch
from api.services.fetching.run_reading_fetch import FetchWish, run_reading_fetch
from api.services.jobs.request_community_job import request_community_job
from api.services.jobs.request_job import JobKind, request_job
from api.services.readings.run_reading_check import run_reading_check
from models.repositories.packed_months import unpack_prices
from models.repositories.prices import list_latest_prices
from models.session import ConcurrentChangeError, read_session, write_session
from models.tables import (
    MISSING_PRICE,
    JobState,
    MonthAllocation,
    PriceKind,
    Reading,
    RemoteQuery,
    SupplyPoint,
)
from tests.support.community_folders import build_community_year
from tests.support.databases import RECORDED_AT
from tests.support.datadis import API, let_log_in, make_token
from tests.support.imports import import_year, with_betas
from tests.support.jobs import run_asked
from tests.support.meter_texts import MADRID, day_of, make_readings, write_datadis_json
from tests.support.price_texts import esios_json, pvpc_archive
from tests.support.remote_services import RemoteService, Reply, run_remote_service
from tests.support.stored_once import stored_once
from tests.support.stored_records import StoredCommunity, add_community

EVENING = datetime(2026, 6, 10, 19, 0, tzinfo=UTC)
PVPC = "/archives/70/download_json"
SURPLUS = "/indicators/1739"
TODAY, TOMORROW = date(2026, 6, 10), date(2026, 6, 11)


@pytest.fixture(scope="module")
def running_service() -> Iterator[RemoteService]:
    with run_remote_service() as service:
        yield service


@pytest.fixture
def remote(running_service) -> RemoteService:
    running_service.forget()
    return running_service


@stored_once
def shared(engine, promoter):
    """Give a community of a whole year whose members share by coefficients that are applied."""
    community = build_community_year(n_members=3, n_reserve=0)
    return import_year(engine, promoter, with_betas(community, 0.5, 0.3, 0.2)).community_id


@stored_once
def stored(engine, promoter) -> StoredCommunity:
    with write_session(engine) as session:
        return add_community(session, promoter.id, n_members=3)


def asking(request, promoter, community_id, **more):
    return partial(
        request,
        promoter_id=promoter.id,
        community_id=community_id,
        idempotency_key=None,
        now=RECORDED_AT,
        **more,
    )


request_allocation = partial(request_community_job, kind=JobKind.ALLOCATE_MONTHS)
request_reading_check = partial(request_community_job, kind=JobKind.CHECK_READINGS)


def rows_of(engine, table):
    with read_session(engine) as session:
        return list(session.exec(select(table)))


@pytest.mark.parametrize(
    "request_work", [request_allocation, request_reading_check, request_price_fetch]
)
def test_work_is_asked_for_ones_own_communities_only(
    engine, promoter, other_promoter, stored, request_work
):
    with write_session(engine) as session:
        with pytest.raises(UnknownCommunityError):
            asking(request_work, other_promoter, stored.community.id)(session)
        asked = asking(request_work, promoter, stored.community.id)(session)
    assert asked.arguments["community_id"] == str(stored.community.id)


@pytest.mark.parametrize(
    "work",
    [
        run_allocation,
        run_reading_check,
        partial(run_price_fetch, source=PriceSource("https://127.0.0.1", None)),
    ],
)
def test_a_community_that_is_gone_fails_its_job(engine, promoter, work):
    ask = partial(
        request_job,
        promoter_id=promoter.id,
        kind=JobKind.ALLOCATE_MONTHS,
        arguments={"community_id": str(uuid4())},
        idempotency_key=None,
        now=RECORDED_AT,
    )
    assert run_asked(engine, ask, work).error_code == "not_found"


# Allocation


def test_all_months_are_shared_out_and_only_once(engine, promoter, shared):
    ask = asking(request_allocation, promoter, shared)
    first = run_asked(engine, ask, run_allocation)
    assert (first.state, first.result_id) == (JobState.SUCCEEDED, shared)
    assert (first.report["stored_count"], first.report["unchanged_count"]) == (12, 0)
    assert first.report["stored"][0]["month"] == "2023-01"
    again = run_asked(engine, ask, run_allocation)
    assert (again.report["stored_count"], again.report["unchanged_count"]) == (0, 12)
    assert len(rows_of(engine, MonthAllocation)) == 12


def test_months_that_cannot_be_shared_out_are_told(engine, promoter):
    community = build_community_year(n_members=2, n_reserve=0)
    community_id = import_year(engine, promoter, community).community_id
    job = run_asked(engine, asking(request_allocation, promoter, community_id), run_allocation)
    assert (job.state, job.report["stored_count"]) == (JobState.SUCCEEDED, 0)
    assert [each["month"] for each in job.report["failed"]] == [
        f"2023-{month:02d}" for month in range(1, 13)
    ]
    assert {each["code"] for each in job.report["failed"]} == {"not_found"}


# Checks


def test_a_whole_year_lacks_nothing_of_itself(engine, promoter, shared):
    at = datetime(2023, 12, 31, 23, 0, tzinfo=UTC)  # a new year in Madrid
    ask = asking(request_reading_check, promoter, shared)
    job = run_asked(engine, ask, run_reading_check, at=at)
    assert job.report["months"][0] == "2023-01"
    assert job.report["months"][-1] == "2024-01"
    assert len(job.report["months"]) == 13
    hours = 8760 * 4
    assert (job.report["expected"], job.report["present"]) == (hours, hours)
    assert job.report["missing"] == 0


def test_what_lacks_most_is_told_first(engine, promoter, shared):
    at = datetime(2024, 2, 29, 11, 0, tzinfo=UTC)
    job = run_asked(
        engine, asking(request_reading_check, promoter, shared), run_reading_check, at=at
    )
    assert job.report["months"] == [
        "2023-02",
        *(f"2023-{m:02d}" for m in range(3, 13)),
        "2024-01",
        "2024-02",
    ]
    january, february = 31 * 24, 28 * 24 + 12
    assert job.report["missing"] == 4 * (january + february)
    worst = job.report["worst"]
    assert [(each["month"], each["missing"]) for each in worst[:8]] == [
        *[("2024-01", january)] * 4,
        *[("2024-02", february)] * 4,
    ]
    lacks = [each["missing"] for each in worst]
    assert lacks == sorted(lacks, reverse=True)


# Prices


def pvpc_of(day: date, price: str = "131,04") -> Reply:
    hours = [(f"{hour:02d}-{(hour + 1) % 24:02d}", price, price) for hour in range(24)]
    return Reply(pvpc_archive(f"{day:%d/%m/%Y}", hours))


def surplus_of(day: date, price: str = "50.5") -> Reply:
    return Reply(
        esios_json(1739, [(price, f"{day}T{hour:02d}:00:00.000+02:00", 3) for hour in range(24)])
    )


NOTHING = Reply(b'{"message": "No values for specified archive"}')


def fetch_prices(engine, promoter, community_id, remote, *, token: str | None = None, **arguments):
    ask = partial(
        request_job,
        promoter_id=promoter.id,
        kind=JobKind.FETCH_PRICES,
        arguments={"community_id": str(community_id), **arguments},
        idempotency_key=None,
        now=RECORDED_AT,
    )
    source = PriceSource(remote.url, token and SecretStr(token))
    return run_asked(engine, ask, partial(run_price_fetch, source=source), at=EVENING)


def stored_prices(engine, promoter, community_id) -> dict[PriceKind, list[int]]:
    """Read the known prices of June 2026."""
    with read_session(engine) as session:
        prices = list_latest_prices(
            session,
            promoter_id=promoter.id,
            community_id=community_id,
            since=datetime(2026, 5, 31, tzinfo=UTC),
            until=datetime(2026, 7, 1, tzinfo=UTC),
        )
    unpacked = {price.kind: unpack_prices(price, price.interval_count) for price in prices}
    return {kind: nano[nano != MISSING_PRICE].tolist() for kind, nano in unpacked.items()}


def test_prices_of_two_days_are_fetched_for_who_asks(engine, promoter, stored, remote):
    remote.answer(f"{PVPC}?locale=es&date={TODAY}", pvpc_of(TODAY))
    remote.answer(f"{PVPC}?locale=es&date={TOMORROW}", pvpc_of(TOMORROW, "-1,5"))
    ask = asking(request_price_fetch, promoter, stored.community.id)
    source = PriceSource(remote.url, None)
    job = run_asked(engine, ask, partial(run_price_fetch, source=source), at=EVENING)
    assert job.report == {
        "has_hourly_prices": True,
        "days": [
            {
                "kind": "pvpc",
                "day": str(day),
                "is_published": True,
                "accepted_count": 24,
                "unchanged": False,
            }
            for day in (TODAY, TOMORROW)
        ],
    }
    found = stored_prices(engine, promoter, stored.community.id)
    assert found == {PriceKind.ENERGY: [131_040_000] * 24 + [-1_500_000] * 24}


def test_surplus_prices_are_fetched_with_a_token(engine, promoter, stored, remote):
    remote.answer(PVPC, NOTHING)
    remote.answer(SURPLUS, surplus_of(TODAY), surplus_of(TOMORROW))
    job = fetch_prices(
        engine, promoter, stored.community.id, remote, token="secret", is_wanted=True
    )
    assert [(each["kind"], each["is_published"]) for each in job.report["days"]] == [
        ("pvpc", False),
        ("pvpc", False),
        ("surplus", True),
        ("surplus", True),
    ]
    found = stored_prices(engine, promoter, stored.community.id)
    assert found == {PriceKind.SURPLUS: [50_500_000] * 48}
    asked = [each.params for each in remote.asked if each.path == SURPLUS]
    assert [(each["start_date"], each["end_date"]) for each in asked] == [
        ("2026-06-09T22:00:00Z", "2026-06-10T21:59:00Z"),
        ("2026-06-10T22:00:00Z", "2026-06-11T21:59:00Z"),
    ]


def test_a_day_of_zeros_is_not_published_yet(engine, promoter, stored, remote):
    remote.answer(f"{PVPC}?locale=es&date={TODAY}", pvpc_of(TODAY))
    remote.answer(f"{PVPC}?locale=es&date={TOMORROW}", pvpc_of(TOMORROW, "0,00"))
    remote.answer(
        SURPLUS, surplus_of(TODAY, "0.0"), Reply(b'{"indicator": {"id": 1739, "values": []}}')
    )
    job = fetch_prices(
        engine, promoter, stored.community.id, remote, token="secret", is_wanted=True
    )
    assert [each["is_published"] for each in job.report["days"]] == [True, False, False, False]
    found = stored_prices(engine, promoter, stored.community.id)
    assert found == {PriceKind.ENERGY: [131_040_000] * 24}


def test_prices_that_come_again_change_nothing(engine, promoter, stored, remote):
    remote.answer(f"{PVPC}?locale=es&date={TODAY}", pvpc_of(TODAY))
    remote.answer(f"{PVPC}?locale=es&date={TOMORROW}", NOTHING)
    fetch_prices(engine, promoter, stored.community.id, remote, is_wanted=True)
    # Hourly prices are there now, so nobody has to ask for them.
    again = fetch_prices(engine, promoter, stored.community.id, remote)
    assert [each["unchanged"] for each in again.report["days"]] == [True, True]


def test_who_has_no_hourly_prices_and_did_not_ask_is_left_alone(engine, promoter, stored, remote):
    job = fetch_prices(engine, promoter, stored.community.id, remote)
    assert (job.state, job.report) == (
        JobState.SUCCEEDED,
        {"has_hourly_prices": False, "days": []},
    )
    assert remote.asked == []


def test_a_service_that_refuses_fails_the_job(engine, promoter, stored, remote):
    remote.answer(PVPC, Reply(b"", 403))
    job = fetch_prices(engine, promoter, stored.community.id, remote, is_wanted=True)
    assert (job.state, job.error_code) == (JobState.FAILED, "unavailable")
    assert "403" in job.error_message


# Readings

JULY = date(2023, 7, 1)
ACCOUNT = DatadisAccount(SecretStr("12345678Z"), SecretStr("secret"))
SUPPLIES = f"{API}get-supplies-v2"
CONSUMPTION = f"{API}get-consumption-data-v2"


def listed(points, *, point_type: int = 5) -> Reply:
    """List supplies as Datadis does."""
    supplies = [
        {"cups": point.cups, "distributorCode": "2", "pointType": point_type, "address": "x"}
        for point in points
    ]
    return Reply(json.dumps({"supplies": supplies, "distributorError": []}).encode())


def answer_consumption(remote, points) -> None:
    for point in points:
        readings = make_readings(*day_of(2023, 7, 1, MADRID), codes=[point.cups])
        query = (
            f"cups={point.cups}&distributorCode=2&startDate=2023%2F07&endDate=2023%2F07"
            "&measurementType=0&pointType=5"
        )
        body = write_datadis_json(readings, MADRID, version=2)
        remote.answer(f"{CONSUMPTION}?{query}", Reply(body))


@pytest.fixture
def datadis(remote, stored) -> RemoteService:
    """Answer for all supply points but the last."""
    let_log_in(remote, make_token("a", exp=4_000_000_000))
    remote.answer(SUPPLIES, listed(stored.points[:2]))
    answer_consumption(remote, stored.points)
    return remote


def fetch_readings(engine, promoter, stored, remote, *, at=RECORDED_AT, account=ACCOUNT, **wish):
    wish = FetchWish(JULY, JULY, **wish)
    ask = asking(request_reading_fetch, promoter, stored.community.id, wish=wish)
    work = partial(run_reading_fetch, account=account, url=remote.url)
    return run_asked(engine, ask, work, at=at)


def states(job) -> list[str]:
    return [each["state"] for each in job.report["supply_points"]]


def test_each_supply_point_is_fetched_by_itself(engine, promoter, stored, datadis):
    job = fetch_readings(engine, promoter, stored, datadis)
    assert (job.state, job.result_id) == (JobState.SUCCEEDED, stored.community.id)
    assert states(job) == ["stored", "stored", "failed"]
    assert (job.report["stored_count"], job.report["failed_count"]) == (2, 1)
    first, _, third = job.report["supply_points"]
    assert (first["cups"], first["accepted_count"]) == (stored.points[0].cups, 24)
    assert third["code"] == "not_found"
    assert "authorise" in third["reason"]
    assert len(rows_of(engine, Reading)) == 2


def test_what_datadis_knows_of_a_supply_point_is_kept(engine, promoter, stored, datadis):
    fetch_readings(engine, promoter, stored, datadis)
    with read_session(engine) as session:
        kept = {
            point.cups: (point.distributor_code, point.point_type)
            for point in session.exec(select(SupplyPoint))
        }
    one, two, three = (point.cups for point in stored.points)
    assert kept == {one: ("2", 5), two: ("2", 5), three: (None, None)}
    later = RECORDED_AT + timedelta(hours=25)
    datadis.asked.clear()
    fetch_readings(engine, promoter, stored, datadis, at=later, cups=(one, two[:20]))
    assert SUPPLIES not in {each.path for each in datadis.asked}


def test_what_was_answered_is_not_asked_again_within_a_day(engine, promoter, stored, datadis):
    fetch_readings(engine, promoter, stored, datadis)
    datadis.asked.clear()
    again = fetch_readings(engine, promoter, stored, datadis, at=RECORDED_AT + timedelta(hours=23))
    assert states(again) == ["asked_before", "asked_before", "asked_before"]
    assert again.report["asked_before_count"] == 3
    assert datadis.asked == []
    later = fetch_readings(engine, promoter, stored, datadis, at=RECORDED_AT + timedelta(hours=25))
    assert states(later) == ["stored", "stored", "failed"]
    assert later.report["supply_points"][0]["unchanged"]


def test_what_was_asked_of_datadis_is_kept_without_telling_whom_it_was_about(
    engine, promoter, stored, datadis
):
    fetch_readings(engine, promoter, stored, datadis)
    kept = rows_of(engine, RemoteQuery)
    assert {(row.promoter_id, row.asked_at) for row in kept} == {(promoter.id, RECORDED_AT)}
    assert len(kept) == 3
    assert not any("ES0" in row.key_sha256 for row in kept)


def test_a_failure_at_one_does_not_lose_the_others(engine, promoter, stored, datadis):
    datadis.answer(SUPPLIES, listed(stored.points))
    second = stored.points[1].cups
    query = (
        f"cups={second}&distributorCode=2&startDate=2023%2F07&endDate=2023%2F07"
        "&measurementType=0&pointType=5"
    )
    datadis.answer(f"{CONSUMPTION}?{query}", Reply(b"", 404))
    job = fetch_readings(engine, promoter, stored, datadis)
    assert states(job) == ["stored", "failed", "stored"]
    assert job.report["supply_points"][1]["code"] == "unavailable"
    assert len(rows_of(engine, Reading)) == 2


def test_an_answer_that_cannot_be_read_counts_as_asked(engine, promoter, stored, datadis):
    datadis.forget()
    let_log_in(datadis, make_token("a", exp=4_000_000_000))
    datadis.answer(SUPPLIES, listed(stored.points[:1]))
    datadis.answer(CONSUMPTION, Reply(b'{"timeCurve": [{"cups": 1}]}'))
    only = (stored.points[0].cups,)
    job = fetch_readings(engine, promoter, stored, datadis, cups=only)
    assert job.report["supply_points"][0]["code"] == "invalid_data"
    again = fetch_readings(engine, promoter, stored, datadis, cups=only)
    assert states(again) == ["asked_before"]


@pytest.mark.parametrize(
    "body", [b"[]", b'{"supplies": 3}', b'[{"cups": "x", "distributorCode": "2", "pointType": 9}]']
)
def test_a_list_of_supplies_that_does_not_help_fails_each_of_them(
    engine, promoter, stored, datadis, body
):
    datadis.answer(SUPPLIES, Reply(body))
    job = fetch_readings(engine, promoter, stored, datadis)
    assert (job.state, states(job)) == (JobState.SUCCEEDED, ["failed"] * 3)


def test_a_holder_is_named_in_every_question(engine, promoter, stored, datadis):
    fetch_readings(engine, promoter, stored, datadis, authorized_nif="87654321X")
    asked = [
        each.params.get("authorizedNif")
        for each in datadis.asked
        if each.path != "/nikola-auth/tokens/login"
    ]
    assert set(asked) == {"87654321X"}


def test_without_an_account_nobody_is_asked(engine, promoter, stored, datadis):
    job = fetch_readings(engine, promoter, stored, datadis, account=None)
    assert (job.state, job.error_code) == (JobState.FAILED, "invalid_argument")
    assert "REPARTO_DATADIS_USERNAME" in job.error_message
    assert datadis.asked == []


def test_others_who_change_the_same_make_the_fetch_wait(
    engine, promoter, stored, datadis, monkeypatch
):
    def come_second(*_args, **_more):
        raise ConcurrentChangeError

    monkeypatch.setattr("api.services.fetching.run_reading_fetch.import_readings", come_second)
    job = fetch_readings(engine, promoter, stored, datadis)
    assert (job.state, job.due_at) == (JobState.QUEUED, RECORDED_AT + timedelta(seconds=2))


def test_months_are_asked_for_in_order(engine, promoter, stored):
    wish = FetchWish(date(2023, 8, 1), JULY)
    with write_session(engine) as session, pytest.raises(BackwardMonthsError):
        asking(request_reading_fetch, promoter, stored.community.id, wish=wish)(session)
    assert FetchWish.from_json(wish.to_json()) == wish
