"""Answers of Datadis's interface: both versions, errors of distributors, hostile bodies."""

import json
from typing import Any

import pytest

from loaders.decoding import UnreadableFileError
from loaders.meter_files import datadis_json
from loaders.meter_files.datadis_json import read_datadis_json
from loaders.meter_files.records import MeterFile, RowCode
from models.values.metering import Channel
from tests.support.meter_texts import MADRID

ROW = {
    "cups": "ES0021000000000001RK",
    "date": "2023/07/01",
    "time": "01:00",
    "consumptionKWh": 0.459,
    "obtainMethod": "Estimada",
}


def read(body: Any) -> MeterFile:
    return read_datadis_json(json.dumps(body).encode(), timezone=MADRID)


@pytest.mark.parametrize(
    ("body", "form"),
    [
        ([ROW], "datadis-json-v1"),
        ({"timeCurve": [ROW]}, "datadis-json-v2"),
        ({"timeCurve": [ROW], "x": 1}, "datadis-json-v2"),
    ],
)
def test_both_versions_hold_the_same_rows(body: Any, form: str) -> None:
    file = read(body)
    (series,) = file.series
    assert (series.code, series.channel) == (ROW["cups"], Channel.CONSUMPTION)
    assert (series.energy_wh.tolist(), series.quality.tolist()) == ([459], [1])
    assert (file.format, file.n_rows, file.notes) == (form, 1, ())


@pytest.mark.parametrize("body", [[], {"timeCurve": []}, {"timeCurve": None}])
def test_an_answer_without_rows_is_an_empty_file(body: Any) -> None:
    file = read(body)
    assert (file.series, file.n_rows, file.rejections.told) == ((), 0, [])


def test_errors_of_distributors_are_notes() -> None:
    error = {"distributorCode": "2", "errorDescription": "no data", "more": [1]}
    file = read({"timeCurve": [ROW], "distributorError": [error, "down"]})
    said = "Datadis passes on an error of the distributor"
    assert file.notes == (
        f"{said}: 'distributorCode: 2, errorDescription: no'...",
        f"{said}: 'down'",
    )
    notes = read({"timeCurve": [], "distributorError": [error] * 12}).notes
    assert (len(notes), notes[-1]) == (11, "and 2 more errors of distributors")


@pytest.mark.parametrize(
    ("value", "energy_wh"),
    [(1, 1000), (1e-5, 0), (0.0015, 2), ("0,459", 459), (1234.567, 1234567), (-0.0, 0)],
)
def test_numbers_are_read_as_they_are_written(value: Any, energy_wh: int) -> None:
    (series,) = read([{**ROW, "consumptionKWh": value}]).series
    assert series.energy_wh.tolist() == [energy_wh]


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (-0.5, RowCode.NEGATIVE),
        (1e300, RowCode.TOO_LARGE),
        (10**18, RowCode.TOO_LARGE),
        (True, RowCode.NUMBER),
        ([1], RowCode.NUMBER),
        ({}, None),
        (None, None),
    ],
)
def test_other_values_are_rejected_or_missing(value: Any, code: RowCode | None) -> None:
    file = read([ROW, {**ROW, "time": "02:00", "consumptionKWh": value}])
    assert [row.code for row in file.rejections.told] == ([] if code is None else [code])
    assert file.series[0].energy_wh.tolist() == [459]


def test_rows_have_no_line_but_an_excerpt() -> None:
    file = read([ROW, 7, {**ROW, "time": "x"}, [ROW]])
    assert [(row.line, row.code, row.excerpt) for row in file.rejections.told] == [
        (None, RowCode.MALFORMED, "'7'"),
        (None, RowCode.MALFORMED, "'...'"),
        (None, RowCode.TIME, "'cups: ES0021000000000001RK, date: 2023/0'..."),
    ]
    assert file.n_rows == 4


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "is no JSON"),
        (b"[" * 100_000, "is no JSON"),
        (b"[NaN]", "is no JSON"),
        (b'[{"cups": "\xff"}]', "is no JSON"),
        (b"1", "is neither a list of rows nor an object with a list timeCurve"),
        (b'{"error": "429"}', "is neither a list"),
        (b'{"timeCurve": 1}', "is neither a list"),
        (b'{"timeCurve": [], "distributorError": {"a": 1}}', "is neither a list"),
        (b"[1, 2]", "has no row with the fields cups, date, time, consumptionKWh of Datadis"),
        (b'[{"cups": 1}]', "has no row with the fields"),
    ],
)
def test_other_bodies_are_refused(body: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFileError, match=reason):
        read_datadis_json(body, timezone=MADRID)


def test_deep_values_are_cut_short() -> None:
    body = json.dumps([{**ROW, "cups": "deep"}]).replace('"deep"', "[" * 900 + "]" * 900)
    (row,) = read_datadis_json(body.encode(), timezone=MADRID).rejections.told
    assert (row.code, row.excerpt[:12]) == (RowCode.METER_CODE, "'cups: ..., ")


def test_sizes_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datadis_json, "MOST_JSON_VALUES", 5)
    with pytest.raises(UnreadableFileError, match="holds more than 5 values; ask for less time"):
        read([ROW, ROW])
    monkeypatch.setattr(datadis_json, "LARGEST_JSON_BYTES", 10)
    with pytest.raises(UnreadableFileError, match="is larger than 10 bytes; ask for less time"):
        read([ROW])
