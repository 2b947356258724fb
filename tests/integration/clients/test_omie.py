"""OMIE: of several versions of a day's file the newest."""

from datetime import date

import pytest

from api.clients.omie import MarketFile, fetch_marginalpdbc
from api.clients.remote_errors import NotPublishedError, RemoteStatusError
from api.clients.transport import Transport, TransportLimits
from models.values.errors import ErrorCode
from tests.support.remote_services import Reply

DAY = date(2025, 12, 2)


@pytest.fixture
def omie(remote, slept):
    limits = TransportLimits(attempts=2)
    with Transport("OMIE", remote.url, limits=limits, sleep=slept.append) as made:
        yield made


def address(version: int) -> str:
    return f"/es/file-download?parents=marginalpdbc&filename=marginalpdbc_20251202.{version}"


def market_file(version: int) -> bytes:
    return f"MARGINALPDBC;\r\n2025;12;02;1;99.01;{version};\r\n*\r\n".encode()


def publish(remote, *versions: int) -> None:
    for version in versions:
        remote.answer(address(version), Reply(market_file(version)))


def versions_asked(remote) -> list[str]:
    return [
        asked.params["filename"].removeprefix("marginalpdbc_20251202") for asked in remote.asked
    ]


@pytest.mark.parametrize("n_versions", [1, 2, 3])
def test_the_newest_version_wins(remote, omie, slept, n_versions):
    publish(remote, *range(1, n_versions + 1))
    name = f"marginalpdbc_20251202.{n_versions}"
    assert fetch_marginalpdbc(omie, DAY) == MarketFile(name, market_file(n_versions))
    assert versions_asked(remote) == [f".{version}" for version in range(1, n_versions + 2)]
    assert slept == []


def test_versions_end_somewhere(remote, omie):
    remote.answer("/es/file-download", Reply(market_file(0)))
    assert fetch_marginalpdbc(omie, DAY).name == "marginalpdbc_20251202.9"
    assert len(remote.asked) == 9


@pytest.mark.parametrize("page", [b"<html>not found</html>", b""])
def test_a_page_in_place_of_a_version_means_there_is_none(remote, omie, page):
    publish(remote, 1)
    remote.answer(address(2), Reply(page))
    assert fetch_marginalpdbc(omie, DAY).name == "marginalpdbc_20251202.1"


@pytest.mark.parametrize("reply", [Reply(status=404), Reply(b"<html>soon</html>")])
def test_a_day_that_is_not_published(remote, omie, reply):
    remote.answer(address(1), reply)
    with pytest.raises(NotPublishedError) as caught:
        fetch_marginalpdbc(omie, DAY)
    assert (caught.value.service, caught.value.day) == ("OMIE", DAY)
    assert caught.value.code is ErrorCode.NOT_FOUND


def test_an_older_version_is_not_given_for_a_newer_that_fails(remote, omie, slept):
    publish(remote, 1)
    remote.answer(address(2), Reply(status=500))
    with pytest.raises(RemoteStatusError, match="OMIE fails with HTTP status 500"):
        fetch_marginalpdbc(omie, DAY)
    assert len(slept) == 1


def test_a_published_sample_comes_through_unchanged(remote, omie, shared_data):
    sample = (shared_data / "formats" / "omie" / "conluz_omie_quarter_prices.txt").read_bytes()
    remote.answer(address(1), Reply(sample))
    assert fetch_marginalpdbc(omie, DAY).body == sample
