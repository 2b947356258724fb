"""Buckets that are emptied by what is asked for and filled by time, and how many are kept."""

import pytest

from api.rate_limit import RateLimit, TooMuchAskedError, name_address, name_network


def test_a_bucket_holds_a_minute_and_is_refilled_evenly():
    limit = RateLimit(600)
    for _ in range(6):
        limit.charge("a", 100, at=10.0)
    with pytest.raises(TooMuchAskedError) as caught:
        limit.charge("a", 100, at=10.0)
    assert caught.value.seconds == 11
    limit.charge("a", 50, at=15.0)
    with pytest.raises(TooMuchAskedError) as caught:
        limit.charge("a", 15, at=15.0)
    assert caught.value.seconds == 2
    limit.charge("b", 600, at=15.0)


def test_a_refusal_costs_nothing_and_a_bucket_never_runs_over():
    limit = RateLimit(600)
    limit.charge("a", 590, at=0.0)
    for _ in range(3):
        with pytest.raises(TooMuchAskedError):
            limit.charge("a", 20, at=0.0)
    limit.charge("a", 10, at=0.0)
    limit.charge("a", 600, at=10_000.0)
    with pytest.raises(TooMuchAskedError):
        limit.charge("a", 1, at=10_000.0)


def test_what_costs_more_than_a_bucket_holds_empties_a_full_one():
    limit = RateLimit(600)
    limit.charge("a", 1_000_000, at=0.0)
    with pytest.raises(TooMuchAskedError) as caught:
        limit.charge("a", 1_000_000, at=30.0)
    assert caught.value.seconds == 31
    limit.charge("a", 1_000_000, at=60.0)


def test_a_clock_that_goes_back_refills_nothing():
    limit = RateLimit(600)
    limit.charge("a", 600, at=100.0)
    with pytest.raises(TooMuchAskedError):
        limit.charge("a", 1, at=50.0)


def test_what_was_spent_already_is_owed():
    limit = RateLimit(600)
    limit.spend("a", 700, at=0.0)
    with pytest.raises(TooMuchAskedError) as caught:
        limit.charge("a", 0, at=0.0)
    assert caught.value.seconds == 11
    limit.charge("a", 0, at=10.0)


def test_only_so_many_callers_are_remembered_the_latest():
    limit = RateLimit(600, most_buckets=2)
    for caller in ("a", "b", "a", "c"):
        limit.charge(caller, 300, at=0.0)
    with pytest.raises(TooMuchAskedError):
        limit.charge("a", 1, at=0.0)
    limit.charge("b", 600, at=0.0)
    assert len(limit._buckets) == 2


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("testclient", "testclient"),
        (None, "nowhere"),
        ("", "nowhere"),
    ],
)
def test_addresses_of_one_network_are_one_caller(host, name):
    assert name_address(host) == name


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("192.0.2.7", "192.0.2.0/24"),
        ("::ffff:192.0.2.200", "192.0.2.0/24"),
        ("2001:db8:0:7::1", "2001:db8::/48"),
        ("2001:db8:1::1", "2001:db8:1::/48"),
        ("testclient", "testclient"),
        (None, "nowhere"),
    ],
)
def test_a_network_holds_the_addresses_of_one_owner(host, name):
    assert name_network(host) == name
