"""Exported files, opened as their users open them, against sums from the readings by hand."""

import csv
import io
import json
from collections import defaultdict
from datetime import UTC, date

import numpy as np
import openpyxl
import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from api.services.exports.export_wish import (
    ExportFormat,
    ExportPeriodError,
    ExportSubject,
    UnsuitedResolutionError,
)
from loaders.account_workbook import TooManyRowsError
from models.session import write_session
from models.tables import Member
from models.values.calendar import Step
from models.values.metering import Channel, Quality
from models.values.period import Period
from models.values.resolution import FinerThanMeteredError, Resolution
from tests.support.agreements import (
    add_second_plant,
    agree,
    apply,
    correct_year,
    random_year,
    shared,
    store_meters,
    store_year,
)
from tests.support.databases import on_sqlite
from tests.support.exported_months import (
    CHANGE,
    CONSUMPTION,
    GENERATION,
    LOCAL,
    MEASURES,
    MICRO,
    SHARES,
    export,
    metered,
    read_csv,
    reckon,
    sum_kwh,
)

__all__ = ["metered", "shared"]

pytestmark = on_sqlite


def test_hours_of_each_supply_point_in_parquet(engine, metered):
    content = export(
        engine,
        is_per_member=True,
        resolution=Resolution.HOUR,
        file_format=ExportFormat.PARQUET,
    )
    frame = pd.read_parquet(io.BytesIO(content))
    assert list(frame.columns) == [
        *("start_utc", "start_local", "community", "member", "cups"),
        *MEASURES,
    ]
    assert len(frame) == 3 * len(LOCAL)
    for place, point in enumerate(metered.points):
        own = frame[frame["cups"] == point.cups].sort_values("start_utc")
        assert set(own["member"]) == {f"M{place + 1}"}
        assert own["start_utc"].dt.to_pydatetime().tolist() == LOCAL
        naive = [local.replace(tzinfo=None) for local in LOCAL]
        assert own["start_local"].dt.to_pydatetime().tolist() == naive
        expected = sum_kwh(lambda local: local.astimezone(UTC), place)
        assert own[MEASURES].to_numpy().tolist() == list(expected.values())


def test_days_in_the_csv_of_spanish_excel(engine, metered):
    content = export(engine, resolution=Resolution.DAY, file_format=ExportFormat.CSV_EXCEL_ES)
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))
    assert rows[0] == [
        *("Desde el día", "Comunidad", "Generación (kWh)", "Consumo (kWh)", "Asignada (kWh)"),
        *("Autoconsumida (kWh)", "Excedente (kWh)", "De la red (kWh)"),
    ]
    expected = sum_kwh(lambda local: local.date(), None)
    assert len(rows) == 1 + 90
    generated: dict[date, int] = defaultdict(int)
    for local, wh, *_ in reckon():
        generated[local.date()] += wh
    for row, (day, measures) in zip(rows[1:], expected.items(), strict=True):
        assert row[:2] == [f"{day:%d/%m/%Y}", "c1"]
        told = [float(cell.replace(",", ".")) for cell in row[2:]]
        assert told == [generated[day] / 1000, *measures]


def test_months_in_a_workbook(engine, metered):
    content = export(engine, is_per_member=True, file_format=ExportFormat.XLSX)
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["Energía", "Notas"]
    assert book["Notas"]["A1"].value == "Energía · Community 1 · 2023-01-01 - 2023-03-31"
    assert "RD 244/2019" in book["Notas"]["A3"].value
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert rows[0][:5] == ["Desde el día", "Comunidad", "Participante", "CUPS", "Consumo (kWh)"]
    assert len(rows) == 1 + 9
    by_point = [sum_kwh(lambda local: local.date().replace(day=1), place) for place in range(3)]
    for number, row in enumerate(rows[1:]):
        month, place = date(2023, number // 3 + 1, 1), number % 3
        assert row[:4] == [month, "c1", f"M{place + 1}", metered.points[place].cups]
        assert row[4:] == pytest.approx(by_point[place][month], rel=1e-15)


def test_part_of_a_month_in_json(engine, metered):
    days = Period(date(2023, 3, 26), date(2023, 3, 27))
    content = export(engine, days=days, resolution=Resolution.HOUR, file_format=ExportFormat.JSON)
    document = json.loads(content)
    (table,) = document["tables"]
    assert document["title"] == "Energía · Community 1 · 2023-03-26 - 2023-03-26"
    assert table["columns"][0] == {"key": "start_utc", "heading": "Comienza (UTC)"}
    # The clock goes forward: the hour from 2 to 3 is missing.
    assert len(table["rows"]) == 23
    assert [row[:3] for row in table["rows"][1:3]] == [
        ["2023-03-26T00:00:00Z", "2023-03-26T01:00:00", "c1"],
        ["2023-03-26T01:00:00Z", "2023-03-26T03:00:00", "c1"],
    ]
    expected = sum_kwh(lambda local: local.astimezone(UTC), None)
    told = [row[4:] for row in table["rows"]]
    assert told == [
        expected[local.astimezone(UTC)] for local in LOCAL if local.date() == days.start
    ]


@pytest.mark.parametrize("is_per_member", [True, False])
def test_carbon_dioxide_by_the_labelled_factor(engine, metered, is_per_member):
    rows = read_csv(export(engine, ExportSubject.ENVIRONMENT, is_per_member=is_per_member))
    expected = sum_kwh(lambda local: local.month, 0 if is_per_member else None)
    first = [row for row in rows if row.get("member", "M1") == "M1"]
    assert [float(row["self_consumed_kwh"]) for row in first] == [
        expected[month][2] for month in (1, 2, 3)
    ]
    assert [float(row["co2_avoided_kg"]) for row in first] == pytest.approx(
        [0.331 * expected[month][2] for month in (1, 2, 3)], abs=1e-9
    )
    assert (first[0]["co2_factor"], first[0]["certainty"]) == ("0.331", "R")
    assert first[0]["factor_source"].startswith("Factores de emisión de CO2, documento reconocido")


def test_members_with_the_coefficients_of_the_last_day(engine, metered):
    rows = read_csv(export(engine, ExportSubject.MEMBERS, is_per_member=True))
    assert rows[0] == {
        "community": "c1",
        "member": "M1",
        "member_kind": "",
        "cups": metered.points[0].cups,
        "tariff": "2.0TD",
        "contracted_kw": "4.6",
        "cau": metered.installation.cau,
        "coefficient": "0.200000",
        "coefficient_basis": "applied",
    }
    before = Period(date(2023, 1, 1), CHANGE)
    earlier = read_csv(export(engine, ExportSubject.MEMBERS, is_per_member=True, days=before))
    assert [row["coefficient"] for row in earlier] == ["0.500000", "0.300000", "0.200000"]
    sums = read_csv(export(engine, ExportSubject.MEMBERS))
    assert sums == [
        {
            "community": "c1",
            "tariff": "2.0TD",
            "member_count": "3",
            "supply_point_count": "3",
            "contracted_kw": "13.8",
        }
    ]


def test_who_has_no_coefficient_is_listed_without(engine, shared):
    rows = read_csv(export(engine, ExportSubject.MEMBERS, is_per_member=True))
    assert [row["coefficient"] for row in rows] == [""] * 3


@pytest.mark.parametrize("code", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_text_becomes_a_formula(engine, metered, code):
    with write_session(engine) as session:
        session.get_one(Member, metered.members[0].id).code = code
    wish = {"subject": ExportSubject.MEMBERS, "is_per_member": True}
    excel = export(engine, file_format=ExportFormat.CSV_EXCEL_ES, **wish).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(excel, newline=""), delimiter=";"))[1][1] == f"'{code}"
    book = openpyxl.load_workbook(io.BytesIO(export(engine, file_format=ExportFormat.XLSX, **wish)))
    cell = book["Participantes"]["B2"]
    assert (cell.data_type, cell.value.endswith(code.strip())) == ("s", True)


def test_what_is_not_known_is_empty_wherever_it_is_part_of(engine, metered):
    quality = np.zeros(8760, np.uint8)
    quality[24] = Quality.MISSING
    point = metered.points[1]
    correct_year(
        engine,
        metered,
        Channel.CONSUMPTION,
        point.id,
        CONSUMPTION[1],
        quality=quality,
        n_months=3,
    )
    two_days = Period(date(2023, 1, 1), date(2023, 1, 3))
    options = {"days": two_days, "resolution": Resolution.DAY}
    own = read_csv(export(engine, is_per_member=True, **options))
    blank = [[key for key in MEASURES if row[key] == ""] for row in own]
    unknown = ["consumption_kwh", "self_consumed_kwh", "surplus_kwh", "grid_import_kwh"]
    assert [row for row, empty in zip(own, blank, strict=True) if empty] == [own[3]]
    assert (own[3]["cups"], own[3]["first_day"]) == (point.cups, "2023-01-02")
    sums = read_csv(export(engine, **options))
    assert [[key for key in MEASURES if row[key] == ""] for row in sums] == [[], unknown]


def test_quarters_of_an_hour(engine, shared):
    generation, consumption = random_year(3, step=Step.QUARTER_HOUR)
    store_meters(engine, shared, generation, consumption, step=Step.QUARTER_HOUR, n_months=1)
    day = Period(date(2023, 1, 1), date(2023, 1, 2))
    rows = read_csv(export(engine, days=day, resolution=Resolution.QUARTER_HOUR))
    assert [float(row["generation_kwh"]) for row in rows] == (generation[:96] / 1000).tolist()
    hours = read_csv(export(engine, days=day, resolution=Resolution.HOUR))
    sums = generation[:96].reshape(24, 4).sum(axis=1)
    assert [float(row["generation_kwh"]) for row in hours] == (sums / 1000).tolist()
    # No coefficients hold: nothing is allocated, all comes from the grid.
    assert {row["allocated_kwh"] for row in rows} == {"0.0"}
    assert all(row["grid_import_kwh"] == row["consumption_kwh"] for row in rows)


def test_months_without_readings_have_no_rows(engine, metered):
    year = Period(date(2022, 11, 1), date(2023, 12, 15))
    rows = read_csv(export(engine, days=year))
    assert [row["first_day"] for row in rows] == ["2023-01-01", "2023-02-01", "2023-03-01"]


def test_a_meter_that_was_never_read_is_not_known(engine, shared):
    store_meters(engine, shared, GENERATION, CONSUMPTION[:2], n_months=1, points=shared.points[:2])
    rows = read_csv(export(engine, is_per_member=True))
    assert [row["consumption_kwh"] == "" for row in rows] == [False, False, True]
    (row,) = read_csv(export(engine))
    assert (row["consumption_kwh"], row["self_consumed_kwh"]) == ("", "0.0")


def test_meters_of_unlike_steps_are_told_by_the_hour(engine, shared):
    store_meters(engine, shared, GENERATION, CONSUMPTION[:2], n_months=1, points=shared.points[:2])
    _, quarters = random_year(1, step=Step.QUARTER_HOUR)
    point = shared.points[2]
    options = {"step": Step.QUARTER_HOUR, "n_months": 1}
    with write_session(engine) as session:
        owner = shared.community.promoter_id
        store_year(session, owner, Channel.CONSUMPTION, point.id, quarters[0], **options)
    apply(engine, shared, agree(engine, shared, 500_000, 300_000, 200_000), date(2023, 1, 1))
    wish = {"days": Period(date(2023, 1, 1), date(2023, 1, 2)), "is_per_member": True}
    rows = read_csv(export(engine, resolution=Resolution.HOUR, **wish))
    own = [row for row in rows if row["cups"] == point.cups]
    for row, hour in zip(own, range(24), strict=True):
        taken = int(quarters[0, 4 * hour : 4 * hour + 4].sum()) * MICRO
        used = min(200_000 * int(GENERATION[hour]), taken)
        assert float(row["consumption_kwh"]) == taken / 1e9
        assert float(row["self_consumed_kwh"]) == used / 1e9
    with pytest.raises(FinerThanMeteredError):
        export(engine, resolution=Resolution.QUARTER_HOUR, **wish)


def test_shares_in_two_plants_are_used_together(engine, metered):
    second = add_second_plant(engine, metered, GENERATION[::-1].copy())
    apply(engine, second, agree(engine, second, 100_000, 0, 900_000), date(2023, 1, 1))
    days = Period(date(2023, 1, 1), date(2023, 2, 1))
    rows = read_csv(export(engine, days=days, is_per_member=True))
    sums = [0, 0, 0]
    for place, (own, other) in enumerate(
        zip(GENERATION[:744], GENERATION[::-1][:744], strict=True)
    ):
        for point, (share, more) in enumerate(zip(SHARES[0], (100_000, 0, 900_000), strict=True)):
            given = share * int(own) + more * int(other)
            sums[point] += min(given, int(CONSUMPTION[point, place]) * MICRO)
    assert [float(row["self_consumed_kwh"]) for row in rows] == [each / 1e9 for each in sums]


def test_hourly_meters_know_no_quarters(engine, metered):
    with pytest.raises(FinerThanMeteredError):
        export(engine, resolution=Resolution.QUARTER_HOUR)


def test_more_rows_than_a_sheet_has_are_refused(engine, metered, monkeypatch):
    monkeypatch.setattr("loaders.account_workbook.MOST_ROWS", 50)
    with pytest.raises(TooManyRowsError, match="energy: more than 50 rows do not fit"):
        export(engine, resolution=Resolution.HOUR, file_format=ExportFormat.XLSX)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"resolution": Resolution.YEAR}, UnsuitedResolutionError),
        ({"subject": ExportSubject.ECONOMY, "resolution": Resolution.DAY}, UnsuitedResolutionError),
        ({"days": Period(date(2023, 1, 1))}, ExportPeriodError),
        ({"days": Period(date(1999, 12, 31), date(2000, 2, 1))}, ExportPeriodError),
        ({"days": Period(date(2099, 1, 1), date(2100, 1, 2))}, ExportPeriodError),
        ({"days": Period(date(2010, 1, 1), date(2020, 3, 1))}, ExportPeriodError),
    ],
)
def test_wishes_that_make_no_sense(engine, shared, options, error):
    with pytest.raises(error):
        export(engine, **options)
