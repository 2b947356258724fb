"""ESIOS and REData: addresses, the token, and days that are not published yet."""

import json
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from pydantic import SecretStr

from api.clients.esios import EmptySpanError, fetch_archive_70, fetch_indicator
from api.clients.header_secrets import UnusableSecretError
from api.clients.remote_errors import NotPublishedError, RemoteNonsenseError, RemoteStatusError
from api.clients.transport import Transport
from models.values.errors import ErrorCode
from tests.support.remote_services import Reply

TOKEN = SecretStr("0123456789abcdef")
ARCHIVE = "/archives/70/download_json"
MADRID_SUMMER = timezone(timedelta(hours=2))
DAY = {
    "indicator_id": 1001,
    "start": datetime(2021, 6, 1, tzinfo=MADRID_SUMMER),
    "end": datetime(2021, 6, 2, tzinfo=MADRID_SUMMER),
    "geo_id": 8741,
}


@pytest.fixture
def esios(remote, slept):
    with Transport("ESIOS", remote.url, sleep=slept.append) as made:
        yield made


def test_an_indicator_is_asked_with_the_token(remote, esios):
    body = json.dumps({"indicator": {"id": 1001, "values": [{"value": 0.1}]}}).encode()
    remote.answer("/indicators/1001", Reply(body))
    assert fetch_indicator(esios, TOKEN, **DAY) == body
    (asked,) = remote.asked
    assert asked.headers["x-api-key"] == "0123456789abcdef"
    assert asked.params == {
        "locale": "es",
        "start_date": "2021-05-31T22:00:00Z",
        "end_date": "2021-06-01T21:59:00Z",
        "geo_ids[]": "8741",
    }


@pytest.mark.parametrize("length", [timedelta(0), timedelta(hours=-1)])
def test_a_span_without_an_instant_is_not_asked_for(remote, esios, length):
    with pytest.raises(EmptySpanError) as caught:
        fetch_indicator(esios, TOKEN, **DAY | {"end": DAY["start"] + length})
    assert (caught.value.start, caught.value.end) == (DAY["start"], DAY["start"] + length)
    assert remote.asked == []


@pytest.mark.parametrize("status", [401, 403])
def test_a_token_that_is_refused(remote, esios, status):
    remote.answer("/indicators/1001", Reply(b"HTTP Token: Access denied.", status))
    with pytest.raises(RemoteStatusError, match=f"ESIOS refuses with HTTP status {status}"):
        fetch_indicator(esios, TOKEN, **DAY)


@pytest.mark.parametrize("text", ["", "token\n", "to ken", "töken", "token\x00", "token\udcff"])
def test_a_token_that_no_header_can_carry_is_refused_unshown(remote, esios, text):
    with pytest.raises(UnusableSecretError) as caught:
        fetch_indicator(esios, SecretStr(text), **DAY)
    assert caught.value.name == "the token of ESIOS"
    assert caught.value.code is ErrorCode.INVALID_ARGUMENT
    assert str(caught.value) == (
        "the token of ESIOS is empty or holds spaces or special characters; copy it again"
    )
    assert remote.asked == []


def test_the_archive_needs_no_token(remote, esios):
    body = b'{"PVPC": [{"Dia": "30/10/2021", "Hora": "00-01", "PCB": "131,04"}]}'
    remote.answer(ARCHIVE, Reply(body))
    assert fetch_archive_70(esios, date(2021, 10, 30)) == body
    (asked,) = remote.asked
    assert asked.params == {"locale": "es", "date": "2021-10-30"}
    assert "x-api-key" not in asked.headers


@pytest.mark.parametrize("body", [b'{"message": "No values for specified archive"}', b"[]"])
def test_a_day_without_prices_is_told_as_such(remote, esios, slept, body):
    remote.answer(ARCHIVE, Reply(body))
    with pytest.raises(NotPublishedError) as caught:
        fetch_archive_70(esios, date(2026, 1, 2))
    assert (caught.value.service, caught.value.day) == ("ESIOS", date(2026, 1, 2))
    assert caught.value.code is ErrorCode.NOT_FOUND
    assert str(caught.value) == "ESIOS has published nothing for 2026-01-02; ask again later"
    assert slept == []


@pytest.mark.parametrize("path", ["/indicators/1001", ARCHIVE])
def test_a_page_is_no_data(remote, esios, path):
    remote.answer(path, Reply(b"<html>Request rejected</html>"))
    day = date(2026, 3, 29)
    calls = {
        "/indicators/1001": lambda: fetch_indicator(esios, TOKEN, **DAY),
        ARCHIVE: lambda: fetch_archive_70(esios, day),
    }
    with pytest.raises(RemoteNonsenseError, match="its answer is not JSON"):
        calls[path]()


def test_published_samples_come_through_unchanged(remote, esios, shared_data):
    folder = shared_data / "formats" / "esios"
    samples = {
        "/indicators/1001": folder / "PRICES_ESIOS_1001_2021_06_01.json",
        ARCHIVE: folder / "PVPC_CURV_DD_2022_03_27.json",
    }
    for path, sample in samples.items():
        remote.answer(path, Reply(sample.read_bytes()))
    assert fetch_indicator(esios, TOKEN, **DAY) == samples["/indicators/1001"].read_bytes()
    body = fetch_archive_70(esios, date(2022, 3, 27))
    assert len(json.loads(body)["PVPC"]) == 23


def test_instants_are_written_in_utc(remote, esios):
    remote.answer("/indicators/1739", Reply(b"{}"))
    start = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    fetch_indicator(
        esios, TOKEN, indicator_id=1739, start=start, end=start + timedelta(hours=1), geo_id=3
    )
    assert remote.asked[0].params["start_date"] == "2026-10-25T00:30:00Z"
    assert remote.asked[0].params["end_date"] == "2026-10-25T01:29:00Z"
