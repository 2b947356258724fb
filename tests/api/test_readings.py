"""Look after stored readings: versions, completeness, gaps, fetching."""

from datetime import UTC, datetime

import pytest
from sqlmodel import select

from models import tables
from models.session import read_session, write_session
from tests.support.api import CAU
from tests.support.community_folders import make_cups
from tests.support.databases import on_sqlite
from tests.support.file_imports import community_of, import_file, nodes_of, report_of
from tests.support.meter_series import add_damaged_month
from tests.support.meter_texts import MADRID, make_readings, write_datadis_csv
from tests.support.queries import count_queries
from tests.support.stored_records import add_community

# Use cases run on both databases in tests/integration/test_import_readings.py.
pytestmark = on_sqlite

CUPS = make_cups(1)
FEBRUARY = datetime(2024, 1, 31, 23, tzinfo=UTC)
HOURS = 29 * 24
VERSIONS = """query ($cau: Cau!, $year: Int!) { installation(cau: $cau) {
  readings(year: $year) { totalCount edges { node { month version channel } } }
  memberships(first: 1) { edges { node { supplyPoint { cups
    readings(year: $year, first: 100) { totalCount edges { node {
      channel month version isNewest recordedAt step totalKwh
      real estimated corrected filled missing } } } } } } } } }"""
COMPLETENESS = """query ($id: ID!, $year: Int!) { community(id: $id) {
  completeness(year: $year) { totalCount edges { node { name channel
    months(first: 12) { edges { node { month step version expected present missing estimated
      corrected filled spikes flatLines nightGeneration idleDays } } } } } } } }"""
FILL = """mutation ($input: FillGapsInput!) { fillGaps(input: $input) {
  report { filledCount leftCount isDryRun touchedProposals { totalCount }
    touchedMonths { totalCount }
    months { edges { node { name channel month left version
      linear: filled(rule: LINEAR) days: filled(rule: SIMILAR_DAYS) } } } }
  userErrors { code path message } } }"""
FETCH_READINGS = """mutation ($input: FetchReadingsInput!) { fetchReadings(input: $input) {
  job { id kind } userErrors { code path message } } }"""
FETCH_PRICES = """mutation ($input: FetchPricesInput!) { fetchPrices(input: $input) {
  job { id kind } userErrors { code path message } } }"""


def february(*skipped: int) -> bytes:
    readings = make_readings(FEBRUARY, HOURS, codes=[CUPS])
    kept = [each for place, each in enumerate(readings) if place not in skipped]
    return write_datadis_csv(kept, MADRID)


def test_every_version_of_a_month_is_told(api):
    report_of(import_file(api, february(5, 6)))
    report_of(import_file(api, february()))
    found = api.ask(VERSIONS, cau=CAU, year=2024)["installation"]
    (membership,) = nodes_of(found["memberships"])
    point = membership["supplyPoint"]
    first, second = nodes_of(point["readings"])
    assert (point["cups"], point["readings"]["totalCount"]) == (CUPS, 2)
    assert [(each["month"], each["version"], each["isNewest"]) for each in (first, second)] == [
        ("2024-02", 1, False),
        ("2024-02", 2, True),
    ]
    assert (first["missing"], second["missing"]) == (2, 0)
    assert first["real"] + first["estimated"] == HOURS - 2
    readings = make_readings(FEBRUARY, HOURS, codes=[CUPS])
    total_wh = sum(sum(each.energy_wh.values()) for each in readings)
    assert second["totalKwh"] == total_wh / 1000
    assert second["estimated"] == sum(each.is_estimated for each in readings)
    assert (second["step"], second["corrected"], second["filled"]) == ("PT1H", 0, 0)
    assert found["readings"]["totalCount"] == 0


def test_generation_has_versions_too(api):
    found = api.ask(VERSIONS, cau=CAU, year=2023)["installation"]["readings"]
    assert found["totalCount"] == 12
    assert nodes_of(found)[0] == {"month": "2023-01", "version": 1, "channel": "GENERATION"}


def completeness_of(api, year: int) -> dict[tuple[str, str], list[dict]]:
    found = api.ask(COMPLETENESS, id=community_of(api), year=year)["community"]["completeness"]
    assert found["totalCount"] == len(found["edges"])
    return {(each["name"], each["channel"]): nodes_of(each["months"]) for each in nodes_of(found)}


def test_a_whole_year_is_complete(api):
    found = completeness_of(api, 2023)
    assert set(found) == {
        *((make_cups(number), "CONSUMPTION") for number in (1, 2, 3, 4)),
        (CAU, "GENERATION"),
    }
    for months in found.values():
        assert sum(month["expected"] for month in months) == 8760
        assert sum(month["present"] for month in months) == 8760
        assert sum(month["missing"] for month in months) == 0


def test_gaps_are_counted_by_meter_and_month(api):
    report_of(import_file(api, february(5, 6)))
    month = completeness_of(api, 2024)[CUPS, "CONSUMPTION"][1]
    assert (month["month"], month["expected"], month["present"]) == ("2024-02", HOURS, HOURS - 2)
    assert (month["missing"], month["version"], month["step"]) == (2, 1, "PT1H")
    january = completeness_of(api, 2024)[CUPS, "CONSUMPTION"][0]
    assert (january["version"], january["present"], january["missing"]) == (None, 0, 744)


def test_nothing_is_expected_of_years_to_come(api):
    for months in completeness_of(api, 2099).values():
        assert sum(month["expected"] for month in months) == 0


SINGLE = """query ($cau: Cau!, $first: Int!) { installation(cau: $cau) {
  completeness(year: 2023) { edges { node { name channel } } }
  memberships(first: $first) { edges { node { supplyPoint {
    completeness(year: 2023) { edges { node { name months { totalCount } } } }
    readings(year: 2023) { totalCount }
    energyByTariffPeriod(year: 2023, measure: CONSUMPTION) { p1 } } } } } } }"""


def test_single_meters_tell_the_same(api):
    found = api.ask(SINGLE, cau=CAU, first=10)["installation"]
    assert nodes_of(found["completeness"]) == [{"name": CAU, "channel": "GENERATION"}]
    points = [node["supplyPoint"] for node in nodes_of(found["memberships"])]
    for number, point in enumerate(points, 1):
        (channel,) = nodes_of(point["completeness"])
        assert channel == {"name": make_cups(number), "months": {"totalCount": 12}}
        assert point["readings"]["totalCount"] == 12


def test_questions_do_not_grow_with_supply_points(api):
    api.ask(SINGLE, cau=CAU, first=3)
    counts = []
    for first in (1, 3):
        with count_queries(api.engine) as statements:
            api.ask(SINGLE, cau=CAU, first=first)
        counts.append(len(statements))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    "query",
    [
        "completeness(year: 1999) { totalCount }",
        "installations { edges { node { readings(year: 2100) { totalCount } } } }",
        "installations { edges { node { completeness(year: 2100) { totalCount } } } }",
    ],
)
def test_years_that_no_meter_knows_are_refused(api, query):
    text = f"query ($id: ID!) {{ community(id: $id) {{ {query} }} }}"
    assert api.error(text, id=community_of(api))["extensions"]["code"] == "INVALID_ARGUMENT"


DAMAGED = """query { communities { edges { node { code
  completeness(year: 2023) { totalCount }
  members { edges { node { supplyPoints { edges { node {
    cups completeness(year: 2023) { totalCount } readings(year: 2023) { totalCount }
  } } } } } } } } } }"""


def test_a_damaged_month_fails_the_fields_that_hold_it_alone(api):
    with write_session(api.engine) as session:
        owner = session.exec(select(tables.Community.promoter_id)).first()
        add_damaged_month(session, add_community(session, owner, number=7), 0)
    answer = api.post(DAMAGED).json()
    whole, damaged = sorted(
        nodes_of(answer["data"]["communities"]), key=lambda each: each["code"] == "c7"
    )
    assert whole["completeness"] == {"totalCount": 5}
    assert damaged["completeness"] is None
    points = [
        point
        for member in nodes_of(damaged["members"])
        for point in nodes_of(member["supplyPoints"])
    ]
    assert [point["completeness"] for point in points] == [None, {"totalCount": 1}]
    assert [point["readings"] for point in points] == [None, {"totalCount": 0}]
    paths = sorted(error["path"][-1] for error in answer["errors"])
    assert paths == ["completeness", "completeness", "readings"]
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"INVALID_DATA"}


def fill(api, **wish):
    given = {"communityId": community_of(api), "year": 2024, "rules": ["LINEAR"]} | wish
    return api.ask(FILL, input=given)["fillGaps"]


def test_gaps_are_filled_by_the_stated_rule_and_marked(api):
    report_of(import_file(api, february(5, 6)))
    for is_dry_run in (True, False):
        payload = fill(api, dryRun=is_dry_run)
        assert payload["userErrors"] == []
        report = payload["report"]
        assert (report["filledCount"], report["isDryRun"]) == (2, is_dry_run)
        filled = [each for each in nodes_of(report["months"]) if each["version"]]
        (month,) = filled
        assert (month["name"], month["linear"], month["days"]) == (CUPS, 2, 0)
        assert (month["left"], month["version"]) == (0, 2)
    month = completeness_of(api, 2024)[CUPS, "CONSUMPTION"][1]
    assert (month["missing"], month["filled"], month["version"]) == (0, 2, 2)


@pytest.mark.parametrize(
    ("wish", "path"),
    [({"rules": []}, "rules"), ({"year": 1999}, "year"), ({"communityId": "x"}, "communityId")],
)
def test_fillings_that_make_no_sense_are_refused(api, wish, path):
    payload = fill(api, **wish)
    assert payload["report"] is None
    assert [error["path"] for error in payload["userErrors"]] == [["input", path]]


def fetch(api, **wish):
    given = {"communityId": community_of(api), "firstMonth": "2024-01", "lastMonth": "2024-02"}
    return api.ask(FETCH_READINGS, input=given | wish)["fetchReadings"]


@pytest.mark.parametrize(
    ("wish", "path"),
    [
        ({"communityId": "x"}, "communityId"),
        ({"firstMonth": "2024"}, "firstMonth"),
        ({"lastMonth": "2024-13"}, "lastMonth"),
        ({"lastMonth": "2023-12"}, "lastMonth"),
        ({"idempotencyKey": ""}, "idempotencyKey"),
    ],
)
def test_fetches_that_make_no_sense_are_refused(api, wish, path):
    payload = fetch(api, **wish)
    assert payload["job"] is None
    assert [error["path"] for error in payload["userErrors"]] == [["input", path]]


def test_fetching_is_queued_as_a_job(api):
    assert fetch(api, cups=[CUPS])["job"]["kind"] == "FETCH_READINGS"
    payload = api.ask(FETCH_PRICES, input={"communityId": community_of(api)})["fetchPrices"]
    assert payload["job"]["kind"] == "FETCH_PRICES"
    with read_session(api.engine) as session:
        arguments = [job.arguments for job in session.exec(select(tables.JobRun))]
    assert sorted(map(len, arguments)) == [2, 2]


FETCHED = """query ($id: ID!) { node(id: $id) { ... on JobRun {
  fetchedSupplyPoints { edges { node { cups state acceptedCount rejectedCount reason } } }
  fetchedDays { edges { node { kind day isPublished acceptedCount } } } } } }"""


def test_what_was_fetched_is_told(api):
    job = fetch(api)["job"]
    report = {
        "supply_points": [
            {"cups": CUPS, "state": "stored", "accepted_count": 3, "rejected_count": 1},
            {"cups": make_cups(2), "state": "failed", "code": "not_found", "reason": "why"},
        ],
        "days": [{"kind": "pvpc", "day": "2024-02-03", "is_published": True, "accepted_count": 24}],
    }
    with write_session(api.engine) as session:
        row = session.exec(select(tables.JobRun)).one()
        row.report = report
        session.add(row)
    found = api.ask(FETCHED, id=job["id"])["node"]
    first, second = nodes_of(found["fetchedSupplyPoints"])
    assert first == {
        "cups": CUPS,
        "state": "stored",
        "acceptedCount": 3,
        "rejectedCount": 1,
        "reason": None,
    }
    assert (second["state"], second["acceptedCount"], second["reason"]) == ("failed", 0, "why")
    assert nodes_of(found["fetchedDays"]) == [
        {"kind": "pvpc", "day": "2024-02-03", "isPublished": True, "acceptedCount": 24}
    ]
