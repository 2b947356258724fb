"""Datadis: logging in, what is asked and how, and the rule of 24 hours."""

import json
import math
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest
from pydantic import SecretStr

from api.clients.datadis import (
    DATADIS_LIMITS,
    MOST_NOTES,
    ApiVersion,
    BackwardMonthsError,
    ConsumptionQuery,
    DatadisAccount,
    DatadisClient,
    DistributorNote,
    QuarterHourUnavailableError,
    QueryTooSoonError,
)
from api.clients.remote_errors import RemoteNonsenseError, RemoteStatusError
from api.clients.transport import Transport, TransportLimits
from models.values.calendar import Step
from models.values.cups import Cups
from models.values.errors import ErrorCode
from tests.support.datadis import (
    API,
    CURVE,
    LOGIN,
    SUPPLIES,
    QueriesInMemory,
    let_log_in,
    make_token,
)
from tests.support.remote_services import Reply

NOW = datetime(2026, 4, 2, 10, tzinfo=UTC)
CUPS = Cups("ES0021000000000001RK0F")
QUERY = ConsumptionQuery(CUPS, "8", date(2026, 3, 1), date(2026, 3, 31), point_type=5)


@dataclass(slots=True)
class Clock:
    """A clock that a test moves."""

    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at


@dataclass(slots=True)
class Bench:
    """A client and what it was given."""

    transport: Transport
    clock: Clock = field(default_factory=Clock)
    ledger: QueriesInMemory = field(default_factory=QueriesInMemory)

    def client(self, version: ApiVersion = ApiVersion.V2, user: str = "12345678Z") -> DatadisClient:
        """Make a client; several share clock and ledger."""
        account = DatadisAccount(SecretStr(user), SecretStr("pass&word ñ"))
        return DatadisClient(
            self.transport, account, ledger=self.ledger, clock=self.clock, version=version
        )


@pytest.fixture
def bench(remote, slept):
    let_log_in(remote, make_token("first"), make_token("second"), make_token("third"))
    limits = TransportLimits(read_seconds=5.0, total_seconds=5.0, attempts=3)
    with Transport("Datadis", remote.url, limits=limits, sleep=slept.append) as transport:
        yield Bench(transport)


def answer(remote, name: str, *replies) -> None:
    """Let Datadis answer a query with JSON, or with replies as they are."""
    made = [r if isinstance(r, Reply) else Reply(json.dumps(r).encode()) for r in replies]
    remote.answer(API + name, *made)


def paths(remote) -> list[str]:
    return [asked.path.removeprefix(API) for asked in remote.asked]


def test_datadis_is_given_more_time_than_others():
    assert (DATADIS_LIMITS.read_seconds, DATADIS_LIMITS.total_seconds) == (150.0, 300.0)


def test_name_and_password_go_into_the_body_and_the_token_into_the_header(remote, bench):
    answer(remote, "get-supplies-v2", {"supplies": SUPPLIES, "distributorError": []})
    got = bench.client().fetch_supplies()
    assert json.loads(got.body)["supplies"] == SUPPLIES
    assert got.distributor_notes == ()
    login, query = remote.asked
    assert (login.method, login.path, login.params) == ("POST", LOGIN, {})
    assert login.form == {"username": "12345678Z", "password": "pass&word ñ"}
    assert (query.method, query.params) == ("GET", {})
    assert query.headers["authorization"] == f"Bearer {make_token('first')}"
    assert query.headers["accept"] == "application/json"


@pytest.mark.parametrize(("version", "ending"), [(ApiVersion.V1, ""), (ApiVersion.V2, "-v2")])
def test_every_query_is_sent_as_datadis_reads_it(remote, bench, version, ending):
    for name in ("get-supplies", "get-contract-detail", "get-consumption-data"):
        answer(remote, name + ending, CURVE)
    client = bench.client(version)
    client.fetch_supplies(distributor_code="2", authorized_nif="00000000T")
    client.fetch_contract_detail(CUPS, "8", authorized_nif="00000000T")
    query = ConsumptionQuery(
        CUPS,
        "2",
        date(2025, 12, 31),
        date(2026, 2, 1),
        point_type=3,
        step=Step.QUARTER_HOUR,
        authorized_nif="00000000T",
    )
    assert json.loads(client.fetch_consumption(query).body) == CURVE
    assert paths(remote)[1:] == [
        f"get-supplies{ending}", f"get-contract-detail{ending}", f"get-consumption-data{ending}"
    ]  # fmt: skip
    _, supplies, contract, consumption = (asked.params for asked in remote.asked)
    assert supplies == {"distributorCode": "2", "authorizedNif": "00000000T"}
    assert contract == {"cups": CUPS, "distributorCode": "8", "authorizedNif": "00000000T"}
    assert consumption == {
        "cups": CUPS,
        "distributorCode": "2",
        "startDate": "2025/12",
        "endDate": "2026/02",
        "measurementType": "1",
        "pointType": "3",
        "authorizedNif": "00000000T",
    }


def test_of_ones_own_supply_no_nif_is_sent(remote, bench):
    answer(remote, "get-consumption-data-v2", {"timeCurve": CURVE})
    bench.client().fetch_consumption(QUERY)
    assert "authorizedNif" not in remote.asked[-1].params
    assert remote.asked[-1].params["measurementType"] == "0"


@pytest.mark.parametrize(
    ("distributor", "point_type", "offered"),
    [
        ("8", 1, True),
        ("8", 2, True),
        ("8", 3, False),
        ("2", 3, True),
        ("2", 4, False),
        ("2", 5, False),
    ],
)
def test_quarter_hours_are_asked_where_they_are_metered(distributor, point_type, offered):
    def build(step: Step) -> ConsumptionQuery:
        month = date(2026, 3, 1)
        return ConsumptionQuery(CUPS, distributor, month, month, point_type=point_type, step=step)

    assert build(Step.HOUR).to_params()["measurementType"] == 0
    if offered:
        assert build(Step.QUARTER_HOUR).to_params()["measurementType"] == 1
        return
    with pytest.raises(QuarterHourUnavailableError) as caught:
        build(Step.QUARTER_HOUR)
    assert (caught.value.distributor_code, caught.value.point_type) == (distributor, point_type)
    assert caught.value.code is ErrorCode.INVALID_ARGUMENT


def test_months_run_forwards():
    assert ConsumptionQuery(CUPS, "8", date(2026, 3, 31), date(2026, 3, 1), point_type=5)
    with pytest.raises(BackwardMonthsError, match="2026/02, comes before the first, 2026/03"):
        ConsumptionQuery(CUPS, "8", date(2026, 3, 1), date(2026, 2, 28), point_type=5)


def test_what_distributors_could_not_tell_is_carried(remote, bench):
    told = {
        "distributorCode": "8",
        "distributorName": "I-DE",
        "errorCode": "21",
        "errorDescription": "Error interno distribuidora",
    }
    answer(
        remote,
        "get-consumption-data-v2",
        {"timeCurve": [], "distributorError": [told, {"errorCode": 7}, "odd" * 400]},
    )
    got = bench.client().fetch_consumption(QUERY)
    assert got.distributor_notes == (
        DistributorNote("8", "I-DE", "21", "Error interno distribuidora"),
        DistributorNote("", "", "7", ""),
        DistributorNote("", "", "", ("odd" * 400)[:500]),
    )


def test_of_endless_notes_the_first_are_carried_and_the_others_counted(remote, bench):
    for n_notes in (MOST_NOTES, MOST_NOTES + 7):
        answer(remote, "get-supplies-v2", {"distributorError": list(range(n_notes))})
        got = bench.client().fetch_supplies(distributor_code=str(n_notes)).distributor_notes
        assert [note.description for note in got[:MOST_NOTES]] == list(map(str, range(MOST_NOTES)))
    assert got[MOST_NOTES:] == (DistributorNote("", "", "", "and 7 more notes"),)


@pytest.mark.parametrize("errors", [None, [], {}, ""])
def test_no_news_of_distributors_is_good_news(remote, bench, errors):
    answer(remote, "get-supplies-v2", {"supplies": [], "distributorError": errors})
    assert bench.client().fetch_supplies().distributor_notes == ()


def test_a_note_that_is_no_list_is_carried(remote, bench):
    answer(remote, "get-supplies-v2", {"distributorError": {"errorCode": "9"}})
    assert bench.client().fetch_supplies().distributor_notes == (DistributorNote("", "", "9", ""),)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<html>", "its answer is not JSON"),
        (b"", "its answer is not JSON"),
        (b"7", "its answer is not a list"),
        (b'"text"', "its answer is not a list"),
        (b"null", "its answer is not a list"),
    ],
)
def test_an_answer_that_is_no_list_is_nonsense(remote, bench, body, reason):
    answer(remote, "get-supplies-v2", Reply(body))
    with pytest.raises(RemoteNonsenseError) as caught:
        bench.client().fetch_supplies()
    assert (caught.value.service, caught.value.reason) == ("Datadis", reason)


def test_a_token_serves_until_it_ends(remote, bench):
    end = NOW + timedelta(hours=5)
    let_log_in(remote, make_token("first", exp=end.timestamp()), make_token("second"))
    answer(remote, "get-supplies-v2", [])
    client = bench.client()
    for hours, minutes, logins in ((0, 0, 1), (4, 57, 1), (4, 58, 2)):
        bench.clock.at = NOW + timedelta(hours=hours, minutes=minutes)
        client.fetch_supplies(distributor_code=str(minutes))
        assert paths(remote).count(LOGIN) == logins
    assert remote.asked[-1].headers["authorization"] == f"Bearer {make_token('second')}"


@pytest.mark.parametrize(
    ("claims", "life"),
    [
        ({}, timedelta(hours=1)),
        ({"exp": "soon"}, timedelta(hours=1)),
        ({"exp": None}, timedelta(hours=1)),
        ({"exp": "nan"}, timedelta(hours=1)),
        ({"exp": "-inf"}, timedelta(hours=1)),
        ({"exp": math.nan}, timedelta(hours=1)),
        ({"exp": 10**300}, timedelta(hours=1)),
        ({"exp": -(10**300)}, timedelta(hours=1)),
        ({"exp": 10**400}, timedelta(hours=1)),
        ({"exp": 10**11}, timedelta(hours=24, minutes=-2)),
        ({"exp": 0}, timedelta(0)),
    ],
)
def test_a_token_that_says_nonsense_of_its_end_is_kept_for_a_sensible_time(
    remote, bench, claims, life
):
    let_log_in(remote, make_token("first", **claims), make_token("second"))
    answer(remote, "get-supplies-v2", [])
    client = bench.client()
    client.fetch_supplies(distributor_code="1")
    if life:
        bench.clock.at = NOW + life - timedelta(seconds=1)
        client.fetch_supplies(distributor_code="2")
        assert paths(remote).count(LOGIN) == 1
    bench.clock.at = NOW + life
    client.fetch_supplies(distributor_code="3")
    assert paths(remote).count(LOGIN) == 2


@pytest.mark.parametrize("token", ["a.b.c", "a.W10.c", "a.MTI.c", "a._w.c"])
def test_a_token_without_readable_claims_is_a_token(remote, bench, token):
    let_log_in(remote, f' "{token}"\n')
    answer(remote, "get-supplies-v2", [])
    bench.client().fetch_supplies()
    assert remote.asked[-1].headers["authorization"] == f"Bearer {token}"


def test_a_refused_token_is_replaced_once(remote, bench):
    answer(remote, "get-supplies-v2", Reply(status=401), [])
    bench.client().fetch_supplies()
    assert paths(remote) == [LOGIN, "get-supplies-v2", LOGIN, "get-supplies-v2"]
    assert remote.asked[-1].headers["authorization"] == f"Bearer {make_token('second')}"


def test_a_token_refused_twice_is_a_refusal(remote, bench):
    answer(remote, "get-supplies-v2", Reply(status=401))
    with pytest.raises(RemoteStatusError) as caught:
        bench.client().fetch_supplies()
    assert caught.value.status == 401
    assert paths(remote) == [LOGIN, "get-supplies-v2", LOGIN, "get-supplies-v2"]
    assert bench.ledger.asked == {}


@pytest.mark.parametrize("status", [401, 403])
def test_a_wrong_password_is_tried_once_only(remote, bench, status):
    remote.answer(LOGIN, Reply(status=status))
    with pytest.raises(RemoteStatusError, match="check the credentials"):
        bench.client().fetch_supplies()
    assert paths(remote) == [LOGIN]


@pytest.mark.parametrize(
    "body", [b"", b"<html>closed</html>", b"{}", b"a.b", b"a.b.c\r\nx: y", b"\xff.b.c", b"a..c"]
)
def test_a_page_is_not_taken_for_a_token(remote, bench, body):
    remote.answer(LOGIN, Reply(body))
    with pytest.raises(RemoteNonsenseError, match="its answer to the login is no token"):
        bench.client().fetch_supplies()
    assert paths(remote) == [LOGIN]


def test_the_same_query_waits_for_24_hours(remote, bench):
    answer(remote, "get-consumption-data-v2", {"timeCurve": CURVE})
    client = bench.client()
    client.fetch_consumption(QUERY)
    bench.clock.at = NOW + timedelta(hours=23, minutes=59, seconds=59)
    n_asked = len(remote.asked)
    with pytest.raises(QueryTooSoonError) as caught:
        client.fetch_consumption(QUERY)
    assert len(remote.asked) == n_asked
    assert (caught.value.asked_at, caught.value.available_at) == (NOW, NOW + timedelta(hours=24))
    assert caught.value.code is ErrorCode.CONFLICT
    assert str(caught.value) == (
        "Datadis answered this query at 2026-04-02T10:00:00+00:00 and refuses it for 24 hours; "
        "ask again after 2026-04-03T10:00:00+00:00"
    )
    bench.clock.at = NOW + timedelta(hours=24)
    client.fetch_consumption(QUERY)
    assert list(bench.ledger.asked.values()) == [NOW + timedelta(hours=24)]


def test_other_queries_do_not_wait(remote, bench):
    for name in ("get-supplies-v2", "get-supplies", "get-consumption-data-v2"):
        answer(remote, name, CURVE)
    bench.client().fetch_supplies()
    bench.client().fetch_consumption(QUERY)
    bench.client().fetch_supplies(distributor_code="8")
    bench.client(ApiVersion.V1).fetch_supplies()
    bench.client(user="00000000T").fetch_supplies()
    assert len(bench.ledger.asked) == 5
    with pytest.raises(QueryTooSoonError):
        bench.client().fetch_supplies()


def test_the_ledger_does_not_tell_whose_data_were_asked_for(remote, bench):
    answer(remote, "get-consumption-data-v2", CURVE)
    bench.client().fetch_consumption(QUERY)
    (key,) = bench.ledger.asked
    assert len(key) == len("datadis:") + 64
    assert CUPS not in key
    assert "12345678Z" not in key


@pytest.mark.parametrize("reply", [Reply(status=500), Reply(status=404), Reply(status=429)])
def test_what_was_not_answered_may_be_asked_again(remote, bench, reply):
    answer(remote, "get-supplies-v2", reply)
    with pytest.raises(RemoteStatusError) as caught:
        bench.client().fetch_supplies()
    assert caught.value.status == reply.status
    assert bench.ledger.asked == {}


def test_nonsense_is_an_answer_that_datadis_counts(remote, bench):
    answer(remote, "get-supplies-v2", Reply(b"<html>"))
    with pytest.raises(RemoteNonsenseError):
        bench.client().fetch_supplies()
    with pytest.raises(QueryTooSoonError):
        bench.client().fetch_supplies()


def test_a_client_and_what_it_is_made_of_show_no_secrets(remote, bench):
    answer(remote, "get-supplies-v2", [])
    client = bench.client()
    client.fetch_supplies()
    shown = repr(client) + repr(vars(client)) + str(vars(client))
    for secret in ("12345678Z", "pass&word", make_token("first")):
        assert secret not in shown
