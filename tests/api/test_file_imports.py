"""Bring files of readings and prices in, and see what became of them."""

import bz2
import gzip
import io
import zipfile
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlmodel import select

from models import tables
from models.session import read_session
from models.values.access import Capability
from models.values.metering import Channel
from tests.support.accounts_of_roles import OWNER
from tests.support.api import CAU, add_token
from tests.support.community_folders import make_cups
from tests.support.databases import on_sqlite
from tests.support.file_imports import (
    ask_import,
    community_of,
    import_file,
    months_of,
    nodes_of,
    report_of,
    send,
)
from tests.support.meter_texts import (
    MADRID,
    day_of,
    make_readings,
    write_datadis_csv,
    write_ide,
    year_of,
)
from tests.support.price_texts import esios_json, marginalpdbc
from tests.support.sepa_messages import statement, status_report

# What is stored of a file is tested on every engine without the API, in integration.
pytestmark = on_sqlite

CUPS = [make_cups(number) for number in (1, 2, 3, 4)]
JANUARY = datetime(2023, 12, 31, 23, tzinfo=UTC)
HOURS_OF_JANUARY = 31 * 24
DETECT = """query ($id: ID!) { detectFile(uploadId: $id) {
  nextStep needs detection { format reason confidence
    alternatives { edges { node { format } } } inside { format } } } }"""
MAPPING = """
decimal = ","
[time]
columns = ["Hora"]
format = "%d/%m/%Y %H:%M"
marks = "begin"
zone = "utc"
minutes = 60
[meter]
code = "{}"
[[values]]
column = "kWh"
channel = "generation"
unit = "kWh"
"""


def january(codes=CUPS, seed=4) -> bytes:
    readings = make_readings(JANUARY, HOURS_OF_JANUARY, codes=codes, seed=seed)
    return write_datadis_csv(readings, MADRID)


def count(api, table) -> int:
    with read_session(api.engine) as session:
        return len(session.exec(select(table)).all())


def zip_files(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "step", "form", "inside"),
    [
        (january(CUPS[:1]), "x", "IMPORT_FILE", "datadis-csv", None),
        (gzip.compress(january(CUPS[:1])), "x.gz", "IMPORT_FILE", "gzip", "datadis-csv"),
        (b"id;cups;tarifa;potencia\n", "x", "IMPORT_MEMBERS", "members-list", None),
        (
            b"ES0031300000000101AH0F;1,000000\n",
            "x",
            "DRAFT_AGREEMENT",
            "distributor-constant",
            None,
        ),
        (statement([]), "x", "BOOK_BANK_FILE", "camt-053", None),
        (status_report(""), "x", "READ_DEBIT_STATUSES", "pain-002", None),
        (b"<Facturae/>", "x", "NOTHING", "facturae-xml", None),
    ],
    ids=["readings", "packed", "members", "coefficients", "bank", "statuses", "refused"],
)
def test_a_file_is_told_with_what_can_be_done(api, content, name, step, form, inside):
    advice = api.ask(DETECT, id=send(api, content, name))["detectFile"]
    seen = advice["detection"]
    assert (advice["nextStep"], seen["format"]) == (step, form)
    assert (seen["inside"] and seen["inside"]["format"]) == inside
    assert seen["reason"]


def test_an_ambiguous_file_names_its_alternatives(api):
    line = b"ES0021000000000001RK0F;2024/01/01 01:00;0;5;0;0;0;0;0;1;1;F1\n"
    advice = api.ask(DETECT, id=send(api, line))["detectFile"]
    seen = advice["detection"]
    others = [node["format"] for node in nodes_of(seen["alternatives"])]
    assert (seen["confidence"], seen["format"]) == ("AMBIGUOUS", "simel-f5d")
    assert others == ["simel-f5", "simel-a5d", "simel-b5d"]
    assert advice["needs"] == "the format, one of simel-f5d, simel-f5, simel-a5d, simel-b5d"


@pytest.mark.parametrize("text", ["x", "00000000-0000-0000-0000-000000000001"])
def test_what_was_not_sent_cannot_be_told(api, text):
    assert api.error(DETECT, id=text)["extensions"]["code"] == "NOT_FOUND"


def test_a_file_of_readings_is_stored_and_told(api):
    job = import_file(api, january(), "enero.csv")
    report = report_of(job)
    assert (job["kind"], report["format"], report["subject"]) == (
        "IMPORT_FILE",
        "datadis-csv",
        "READINGS",
    )
    assert (report["rowCount"], report["acceptedCount"], report["rejectedCount"]) == (2976, 2976, 0)
    assert months_of(report) == {
        (cups, "consumption", "2024-01"): (1, HOURS_OF_JANUARY, 0, 0, 0) for cups in CUPS
    }


def test_the_same_file_again_stores_nothing(api):
    content = january()
    import_file(api, content)
    before = count(api, tables.Reading), count(api, tables.FileImport)
    report = report_of(import_file(api, content))
    assert (report["unchanged"], report["isRepeat"]) == (True, True)
    assert (count(api, tables.Reading), count(api, tables.FileImport)) == before


def test_other_bytes_that_say_the_same_store_no_months(api):
    import_file(api, january())
    before = count(api, tables.Reading)
    report = report_of(import_file(api, january().replace(b"\n", b"\r\n")))
    assert (report["unchanged"], report["isRepeat"]) == (True, False)
    assert set(months_of(report).values()) == {(1, 0, 0, HOURS_OF_JANUARY, 0)}
    assert count(api, tables.Reading) == before


def test_a_dry_run_stores_nothing_and_keeps_the_upload(api):
    tables_before = count(api, tables.Reading), count(api, tables.FileImport)
    report = report_of(import_file(api, january(), dryRun=True))
    assert (report["isDryRun"], report["acceptedCount"]) == (True, 2976)
    assert (count(api, tables.Reading), count(api, tables.FileImport)) == tables_before
    assert count(api, tables.Upload) == 1


def test_a_correction_names_months_and_proposals(api):
    proposal = api.propose()
    readings = make_readings(datetime(2023, 3, 9, 23, tzinfo=UTC), 24, codes=CUPS[:1])
    readings = [reading._replace(is_estimated=False) for reading in readings]
    report = report_of(import_file(api, write_datadis_csv(readings, MADRID)))
    ((key, (version, new, changed, same, kept)),) = months_of(report).items()
    assert key == (CUPS[0], "consumption", "2023-03")
    assert (version, new, changed + same, kept) == (2, 0, 24, 0)
    assert changed > 0
    assert nodes_of(report["touchedProposals"]) == [{"proposalId": proposal}]


def test_faulty_rows_refuse_the_file_and_are_told(api):
    content = january().replace(b'"2024/01/02"', b'"2024/13/02"', 1)
    before = count(api, tables.Reading)
    job = import_file(api, content, "enero.csv")
    assert (job["state"], job["error"]["code"]) == ("FAILED", "INVALID_DATA")
    (fault,) = nodes_of(job["error"]["faults"])
    assert (fault["file"], fault["place"], fault["code"]) == ("enero.csv", "line 26", "time")
    assert "(time)" not in fault["reason"]
    (report,) = nodes_of(job["fileReports"])
    assert nodes_of(report["rejectedCounts"]) == [{"code": "time", "count": 1}]
    (row,) = nodes_of(report["rejected"])
    assert (row["line"], row["code"]) == (26, "time")
    assert f'"{CUPS[0]}";"2024/13/02"' in row["excerpt"]
    assert count(api, tables.Reading) == before


def test_why_a_job_failed_is_told_to_who_may_see_members(api):
    content = january().replace(b'"2024/01/02"', b'"2024/13/02"', 1)
    payload = ask_import(api, content, "enero.csv")
    api.drain()
    query = """query ($id: ID!) { node(id: $id) { ... on JobRun { state error {
      code message ... on InvalidDataUserError { faults { totalCount } } } } } }"""
    told = {}
    for scopes in ((), (Capability.PERSONAL,), (Capability.READ_MONEY,)):
        token = add_token(api.engine, OWNER, scopes=[Capability.READ, *scopes]).text
        node = api.ask(query, id=payload["job"]["id"], token=token)["node"]
        assert (node["state"], node["error"]["code"]) == ("FAILED", "INVALID_DATA")
        told[scopes] = node["error"]
    assert "may name members" in told[()]["message"]
    assert told[()]["faults"]["totalCount"] == 0
    for error in (told[Capability.PERSONAL,], told[Capability.READ_MONEY,]):
        assert "enero.csv, line 26" in error["message"]
        assert error["faults"]["totalCount"] == 1


def test_good_rows_are_taken_alone_on_request(api):
    content = january().replace(b'"2024/01/02"', b'"2024/13/02"', 1)
    report = report_of(import_file(api, content, acceptPartial=True))
    assert (report["acceptedCount"], report["rejectedCount"]) == (2975, 1)


def test_unknown_meters_are_told(api):
    job = import_file(api, january([make_cups(99)]))
    (report,) = nodes_of(job["fileReports"])
    assert nodes_of(report["rejectedCounts"]) == [{"code": "unknown_meter", "count": 744}]


def test_an_archive_brings_all_of_its_files_or_none(api):
    good, bad = january(CUPS[:1]), b"<Facturae/>"
    job = import_file(api, zip_files(**{"a.csv": good, "b.xml": bad}), "all.zip")
    (fault,) = nodes_of(job["error"]["faults"])
    assert fault["file"] == "b.xml"
    assert fault["reason"] == (
        "holds no readings and no prices: it is a Facturae invoice; not imported"
    )
    packed = bz2.compress(good)
    assert report_of(import_file(api, packed, "a.csv.bz2"))["acceptedCount"] == 744


def test_what_an_import_in_part_left_out_is_told(api):
    files = {"a.csv": january(CUPS[:1]), "b.xml": b"<Facturae/>"}
    job = import_file(api, zip_files(**files), "all.zip", acceptPartial=True)
    assert report_of(job)["fileName"] == "a.csv"
    assert [fault["file"] for fault in nodes_of(job["leftOut"])] == ["b.xml"]


def test_curves_of_uncertain_meaning_need_a_word(api):
    line = f"{CUPS[0]};2024/01/01 01:00;0;500;0;0;0;0;0;1;1;F1\n".encode()
    job = import_file(api, line, "A5D_0021_20240101.0")
    assert "then say whether" in job["error"]["message"]
    report = report_of(import_file(api, line, "A5D_0021_20240101.0", consumptionIs="BOUNDARY"))
    assert (report["format"], report["acceptedCount"]) == ("simel-a5d", 2)
    assert "recalled, not confirmed" in report["notes"]


def test_net_curves_need_what_was_self_consumed(api):
    line = f"{CUPS[0]};2024/01/01 01:00;0;500;0;0;0;0;0;1;1;F1\n".encode()
    job = import_file(api, line, "B5D_0021_20240101.0", consumptionIs="NET")
    (report,) = nodes_of(job["fileReports"])
    assert "nothing says how much that was" in nodes_of(report["rejected"])[0]["reason"]


def test_an_ambiguous_format_can_be_named(api):
    line = f"{CUPS[0]};2024/01/01 01:00;0;500;0;0;0;0;0;1;1;F1\n".encode()
    assert "say which format it is" in import_file(api, line)["error"]["message"]
    assert report_of(import_file(api, line, format="simel-f5d"))["acceptedCount"] == 2


@pytest.mark.parametrize(
    ("wish", "path"),
    [
        ({"communityId": "x"}, "communityId"),
        ({"uploadId": "x"}, "uploadId"),
        ({"format": "facturae-xml"}, "format"),
        ({"mapping": "="}, "mapping"),
        ({"mapping": "decimal = ','"}, "mapping"),
        ({"idempotencyKey": ""}, "idempotencyKey"),
    ],
)
def test_requests_that_make_no_sense_queue_nothing(api, wish, path):
    payload = ask_import(api, january(CUPS[:1]), **wish)
    assert payload["job"] is None
    assert [error["path"] for error in payload["userErrors"]] == [["input", path]]
    assert count(api, tables.JobRun) == 0


def test_the_same_key_asks_once(api):
    wish = {"uploadId": send(api, january(CUPS[:1])), "idempotencyKey": "enero"}
    first, second = (ask_import(api, b"x", **wish)["job"] for _ in range(2))
    assert first == second
    api.drain()
    assert ask_import(api, b"x", **wish)["job"]["id"] == first["id"]
    (error,) = ask_import(api, b"x", uploadId=wish["uploadId"])["userErrors"]
    assert error["code"] == "NOT_FOUND"


IMPORTS = """query ($id: ID!) { community(id: $id) { fileImports(first: 5) { totalCount
  edges { node {
  id subject format fileName sha256 acceptedCount rejectedCount createdAt
  report { fileName } membersReport { memberCount } } } } } }"""


def test_imports_are_kept_newest_first(api):
    import_file(api, january(CUPS[:1]), "a.csv")
    import_file(api, january(CUPS[1:2]), "b.csv")
    listed = api.ask(IMPORTS, id=community_of(api))["community"]["fileImports"]
    assert listed["totalCount"] == 2
    names = [(node["fileName"], node["report"]["fileName"]) for node in nodes_of(listed)]
    assert names == [("b.csv", "b.csv"), ("a.csv", "a.csv")]
    assert nodes_of(listed)[0]["membersReport"] is None
    found = api.ask(
        "query ($id: ID!) { node(id: $id) { ... on FileImport { fileName } } }",
        id=nodes_of(listed)[0]["id"],
    )
    assert found == {"node": {"fileName": "b.csv"}}


ENERGY = """query ($cau: Cau!) { installation(cau: $cau) {
  hours: energy(year: 2024, resolution: HOUR, measure: GENERATION) { start values }
  days: energy(year: 2024, resolution: DAY, measure: CONSUMPTION) { values }
  memberships { edges { node { supplyPoint { cups
    energy(year: 2024, resolution: HOUR, measure: CONSUMPTION) { start values }
    energyByTariffPeriod(year: 2024, measure: CONSUMPTION) { start step unit p1 p2 p3 p4 p5 p6 }
  } } } } } }"""


def test_a_year_with_both_changes_of_the_clock_comes_out_as_it_went_in(api):
    first, hours = year_of(2024, MADRID)
    readings = make_readings(first, hours, codes=CUPS[:3])
    report_of(import_file(api, gzip.compress(write_ide(readings, MADRID))))
    sun = ["Hora;kWh"]
    for hour in range(hours):
        start = first + timedelta(hours=hour)
        sun.append(f"{start:%d/%m/%Y %H:%M};{hour % 7},5")
    report_of(import_file(api, "\n".join(sun).encode(), mapping=MAPPING.format(CAU)))
    found = api.ask(ENERGY, cau=CAU)["installation"]
    assert found["hours"]["start"] == "2024-01-01T00:00:00+01:00"
    assert found["hours"]["values"] == [hour % 7 + 0.5 for hour in range(hours)]
    by_cups = {
        cups: [
            reading.energy_wh[Channel.CONSUMPTION] / 1000
            for reading in readings
            if reading.code == cups
        ]
        for cups in CUPS[:3]
    }
    points = [node["supplyPoint"] for node in nodes_of(found["memberships"])]
    assert {point["cups"]: point["energy"]["values"] for point in points} == by_cups
    for day, n_hours in ((date(2024, 3, 31), 23), (date(2024, 10, 27), 25), (date(2024, 5, 1), 24)):
        begin, count_of_day = day_of(day.year, day.month, day.day, MADRID)
        assert count_of_day == n_hours
        place = (begin - first) // timedelta(hours=1)
        summed = sum(sum(values[place : place + n_hours]) for values in by_cups.values())
        number = (day - date(2024, 1, 1)).days
        assert found["days"]["values"][number] == pytest.approx(summed, abs=1e-9)


def test_energy_by_tariff_period_adds_up_to_the_year(api):
    found = api.ask(ENERGY.replace("2024", "2023"), cau=CAU)["installation"]
    for node in nodes_of(found["memberships"]):
        point = node["supplyPoint"]
        sums = point["energyByTariffPeriod"]
        periods = [sums[f"p{number}"] for number in range(1, 7)]
        is_large = periods[3] is not None
        held = periods if is_large else periods[:3]
        assert periods[3:] == held[3:] or periods[3:] == [None] * 3
        assert [len(values) for values in held] == [12] * len(held)
        total = sum(map(sum, held))
        assert total == pytest.approx(sum(point["energy"]["values"]), abs=1e-6)
        assert (sums["start"], sums["step"]) == ("2023-01-01T00:00:00+01:00", "P1M")


def test_large_tariffs_have_six_periods(api):
    with read_session(api.engine) as session:
        tariffs = {row.cups: row.tariff for row in session.exec(select(tables.SupplyPoint))}
    found = api.ask(ENERGY.replace("2024", "2023"), cau=CAU)["installation"]
    for node in nodes_of(found["memberships"]):
        point = node["supplyPoint"]
        has_six = point["energyByTariffPeriod"]["p6"] is not None
        assert has_six == (tariffs[point["cups"]] != "2.0TD")


PRICES = """query ($id: ID!, $day: Date!) { community(id: $id) {
  prices(kind: DAY_AHEAD, day: $day) { start step unit values } } }"""


@pytest.mark.parametrize(
    ("day", "n_quarters", "start"),
    [
        ("2026-03-29", 92, "2026-03-29T00:00:00+01:00"),
        ("2025-10-26", 100, "2025-10-26T00:00:00+02:00"),
        ("2025-10-27", 96, "2025-10-27T00:00:00+01:00"),
    ],
)
def test_market_days_of_every_length_come_out_as_they_went_in(api, day, n_quarters, start):
    prices = [f"{number - 10}.25" for number in range(n_quarters)]
    content = marginalpdbc(day, [("1.00", price) for price in prices])
    report = report_of(import_file(api, content, f"marginalpdbc_{day}.1"))
    assert months_of(report) == {("test-1", "day-ahead", day[:7]): (1, n_quarters, 0, 0, 0)}
    found = api.ask(PRICES, id=community_of(api), day=day)["community"]["prices"]
    assert (found["start"], found["step"], found["unit"]) == (start, "PT15M", "EUR/kWh")
    assert [Decimal(text) for text in found["values"]] == [
        Decimal(price) / 1000 for price in prices
    ]
    assert len(found["values"]) == n_quarters


def test_prices_that_are_not_known_are_null(api):
    content = marginalpdbc("2025-10-26", [("1.00", "1.00")] * 100)
    report_of(import_file(api, content, "marginalpdbc_20251026.1"))
    key = community_of(api)
    assert api.ask(PRICES, id=key, day="2025-10-01")["community"]["prices"]["values"] == [None] * 96
    assert api.ask(PRICES, id=key, day="2025-11-01")["community"]["prices"] is None


@pytest.mark.parametrize("day", ["1999-12-31", "2100-01-01", "9999-12-31", "0001-01-01"])
def test_days_that_no_market_knows_are_refused(api, day):
    error = api.error(PRICES, id=community_of(api), day=day)
    assert error["extensions"]["code"] == "INVALID_ARGUMENT"


def test_prices_of_other_zones_are_refused_by_name(api):
    content = esios_json(1001, [("100.0", "2024-01-01T00:00:00.000+01:00", 8743)])
    (fault,) = nodes_of(import_file(api, content, "canarias.json")["error"]["faults"])
    assert fault["reason"].startswith("the file has no prices of peninsula; zones in it: ")


def test_an_empty_file_of_an_archive_is_told(api):
    content = zip_files(**{"a.csv": january(CUPS[:1]), "b.csv": b""})
    (fault,) = nodes_of(import_file(api, content, "all.zip")["error"]["faults"])
    assert (fault["file"], fault["reason"]) == ("b.csv", "is empty")
