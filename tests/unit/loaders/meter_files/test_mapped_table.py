import io
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders.decoding import UnreadableFileError
from loaders.meter_files import mapped_cells
from loaders.meter_files.mapped_table import read_mapped_table
from loaders.meter_files.records import MeterFile, MeterSeries, RowCode
from loaders.meter_files.table_mapping import (
    TableMapping,
)
from models.values.calendar import Step
from models.values.errors import CommunityError
from models.values.metering import Channel, Quality
from tests.support.table_mappings import CUPS, MADRID, OTHER, mapped


def read(text: str | bytes, mapping: TableMapping | None = None, **changed: object) -> MeterFile:
    data = text if isinstance(text, bytes) else text.encode()
    return read_mapped_table(data, mapping or mapped(**changed), timezone=MADRID)


def only(file: MeterFile) -> MeterSeries:
    (series,) = file.series
    return series


def utc(text: str) -> np.datetime64:
    return np.datetime64(text, "s")


HEAD = "Fecha;Hora;Energía\n"
ROWS = HEAD + "01/07/2023;01:00;0,459\n01/07/2023;24:00;1,0005\n"


@pytest.mark.parametrize(
    "data",
    [
        ROWS.encode(),
        ROWS.encode("utf-8-sig"),
        ROWS.encode("latin-1"),
        ROWS.replace("\n", "\r\n").encode(),
        ROWS.replace(";", "\t").encode(),
        ROWS.replace("Energía", " ENERGÍA ").encode(),
        ROWS.replace("0,459", '"0,459"').encode(),
        ROWS.replace("Fecha;", "Otra;Fecha;").replace("01/07", "x;01/07").encode(),
        (ROWS + "\n;;\n").encode(),
    ],
)
def test_a_table_is_read_however_it_is_written(data: bytes) -> None:
    file = read(data)
    assert file.format == "table-csv"
    assert (file.n_rows, file.rejections.told, file.notes) == (2, [], ())
    series = only(file)
    assert (series.code, series.channel, series.step) == (CUPS, Channel.CONSUMPTION, Step.HOUR)
    # halves of a watt-hour to even
    assert series.energy_wh.tolist() == [459, 1000]
    assert series.starts.tolist() == [
        utc("2023-06-30T22:00:00").item(),
        utc("2023-07-01T21:00:00").item(),
    ]
    assert series.quality.tolist() == [Quality.REAL, Quality.REAL]


def test_lines_above_the_header_are_skipped() -> None:
    text = "Informe;de;consumo;x,y,z\n\n" + ROWS
    assert only(read(text, header_row=3)).energy_wh.tolist() == [459, 1000]
    comma = ROWS.replace(",", ".").replace(";", ",")
    read_comma = read(comma, decimal=None, separator=",")
    assert only(read_comma).energy_wh.tolist() == [459, 1000]


def test_midnight_is_the_end_of_the_day_before() -> None:
    expected = utc("2023-07-01T21:00:00")
    for text in ("01/07/2023;24:00", "02/07/2023;00:00"):
        assert only(read(f"{HEAD}{text};1")).starts.tolist() == [expected.item()]


@pytest.mark.parametrize(
    ("zone", "form", "text", "start"),
    [
        ("utc", "%Y-%m-%dT%H:%M:%SZ", "2023-07-01T01:00:00Z", "2023-07-01T00:00:00"),
        ("offset", "%Y-%m-%dT%H:%M%z", "2023-07-01T01:00+02:00", "2023-06-30T22:00:00"),
        ("offset", "%Y-%m-%dT%H:%M%z", "2023-07-01T24:00+02:00", "2023-07-01T21:00:00"),
        ("local", "%Y%m%d%H", "2023070101", "2023-06-30T22:00:00"),
    ],
)
def test_clocks_and_formats(zone: str, form: str, text: str, start: str) -> None:
    mapping = mapped(time__columns=["t"], time__format=form, time__zone=zone)
    assert only(read(f"t;Energía\n{text};1", mapping)).starts.tolist() == [utc(start).item()]
    begins = mapped(time__columns=["t"], time__format=form, time__zone=zone, time__marks="begin")
    later = only(read(f"t;Energía\n{text};1", begins)).starts[0] - utc(start)
    assert later == np.timedelta64(3600, "s")


@pytest.mark.parametrize("marks", ["begin", "end"])
@pytest.mark.parametrize("minutes", [5, 15, 60])
@pytest.mark.parametrize(("day", "n_hours"), [((2023, 3, 26), 23), ((2023, 10, 29), 25)])
def test_local_days_of_a_change_of_the_clock(
    marks: str, minutes: int, day: tuple[int, int, int], n_hours: int
) -> None:
    midnight = datetime(*day, tzinfo=ZoneInfo(MADRID)).astimezone(UTC)
    length = timedelta(minutes=minutes)
    n_rows = n_hours * 60 // minutes
    lines = []
    for number in range(n_rows):
        clock = (midnight + number * length).astimezone(ZoneInfo(MADRID)).replace(tzinfo=None)
        shown = clock if marks == "begin" else clock + length
        lines.append(f"{shown:%d/%m/%Y;%H:%M};0,012")
    file = read(HEAD + "\n".join(lines), time__marks=marks, time__minutes=minutes)
    assert file.rejections.told == []
    series = only(file)
    step = series.step.seconds
    assert series.step.seconds == (3600 if minutes == 60 else 900)
    begun = utc(f"{midnight:%Y-%m-%dT%H:%M:%S}")
    expected = begun + np.arange(n_hours * 3600 // step) * np.timedelta64(step, "s")
    np.testing.assert_array_equal(series.starts, expected)
    assert set(series.energy_wh.tolist()) == {12 * (step // 60 // minutes)}


@pytest.mark.parametrize(
    ("unit", "minutes", "text", "energies"),
    [
        ("kW", 60, "1,5", [1500]),
        ("W", 60, "1500,4", [1500]),
        ("Wh", 60, "1500,6", [1501]),
        ("kW", 15, "6,002", [1500]),  # 1,500.5 Wh, to even
        ("kW", 5, "6,0", [1500]),
        ("Wh", 5, "0,4", [1]),  # three times 0.4 is 1.2
        ("kW", 10, "3,3", [3300]),
        ("Wh", 10, "1.234.567,0", [7407402]),
    ],
)
def test_units_of_energy_and_power(unit: str, minutes: int, text: str, energies: list[int]) -> None:
    n_rows = 1 if minutes in (15, 60) else (15 if minutes == 5 else 60) // minutes
    stamps = [f"01/07/2023;10:{minutes * number:02d};{text}" for number in range(n_rows)]
    value = {"column": "Energía", "channel": "generation", "unit": unit}
    file = read(
        HEAD + "\n".join(stamps), values=[value], time__minutes=minutes, time__marks="begin"
    )
    assert only(file).energy_wh.tolist() == energies
    assert only(file).starts.tolist() == [utc("2023-07-01T08:00:00").item()]


def test_intervals_that_lack_rows_hold_no_data() -> None:
    minutes = (0, 5, 10, 15, 25, 30, 35, 40)
    rows = "".join(f"01/07/2023;10:{minute:02d};0,001\n" for minute in minutes)
    file = read(HEAD + rows, time__minutes=5, time__marks="begin")
    assert only(file).starts.size == 2
    assert file.notes == ("intervals that lack some of their 3 rows, left out: 1",)


def counter(text: str, **changed: object) -> MeterFile:
    value = {"column": "Energía", "channel": "generation", "unit": "kWh", "counter": True}
    return read(HEAD + text, values=[value], **changed)


class TestCounters:
    def test_differences(self) -> None:
        file = counter("01/07/2023;03:00;100,75\n01/07/2023;01:00;100\n01/07/2023;02:00;100,5\n")
        assert only(file).energy_wh.tolist() == [500, 250]
        assert only(file).starts.tolist()[0] == utc("2023-06-30T23:00:00").item()

    def test_gaps_are_told(self) -> None:
        file = counter("01/07/2023;01:00;100\n01/07/2023;04:00;103\n01/07/2023;05:00;104\n")
        assert only(file).energy_wh.tolist() == [1000]
        assert len(file.notes) == 1
        assert file.notes[0].startswith("kWh that the counter Energía rose in gaps")
        assert file.notes[0].endswith("which belong to no interval: 3.000")

    def test_resets_are_told(self) -> None:
        file = counter("01/07/2023;01:00;100\n01/07/2023;02:00;2,5\n01/07/2023;03:00;3\n")
        assert only(file).energy_wh.tolist() == [500]
        (told,) = file.rejections.told
        assert (told.line, told.code) == (3, RowCode.NEGATIVE)
        assert told.reason.startswith("the counter Energía went back by 97.500 kWh: it was reset")

    def test_leaps_are_told(self) -> None:
        file = counter("01/07/2023;01:00;0\n01/07/2023;02:00;2147484\n01/07/2023;03:00;2147485\n")
        assert only(file).energy_wh.tolist() == [1000]
        assert [(each.line, each.code) for each in file.rejections.told] == [(3, RowCode.TOO_LARGE)]

    def test_each_meter_has_its_own_counter(self) -> None:
        value = {"column": "kWh", "channel": "consumption", "unit": "kWh", "counter": True}
        mapping = mapped(
            meter={"column": "CUPS"},
            values=[value],
            time__columns=["t"],
            time__format="%d/%m/%Y %H:%M",
        )
        rows = [
            f"{meter};01/07/2023 {hour:02d}:00;{reading + hour}"
            for meter, reading, hours in ((CUPS, 0, (1, 2)), (OTHER, 500, (3, 4)))
            for hour in hours
        ]
        file = read("CUPS;t;kWh\n" + "\n".join(rows), mapping)
        assert [(each.code, each.energy_wh.tolist()) for each in file.series] == [
            (CUPS, [1000]),
            (OTHER, [1000]),
        ]


def test_qualities_by_the_words_of_the_table() -> None:
    mapping = mapped(
        quality={"column": "Tipo", "words": {"R": "real", "Estim.": "estimated"}},
        empty_words=["Sin dato", "--"],
    )
    text = (
        "Fecha;Hora;Energía;Tipo\n01/07/2023;1:00;1;r\n01/07/2023;2:00;2;ESTIM.\n"
        "01/07/2023;3:00;3;?\n01/07/2023;4:00;--;R\n01/07/2023;5:00;;R\n"
    )
    file = read(text, mapping)
    assert only(file).quality.tolist() == [Quality.REAL, Quality.ESTIMATED, Quality.REAL]
    assert file.notes == (
        "rows of a quality that the mapping does not know, like '?', taken as real: 1",
        "cells of Energía without data: 2",
    )
    known = read(text.replace("?", "R"), mapping)
    assert known.notes == ("cells of Energía without data: 2",)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("01/07/2023;02:00;x", RowCode.NUMBER),
        ("01/07/2023;02:00;1.5", RowCode.NUMBER),
        ("01/07/2023;02:00;,", RowCode.NUMBER),
        ("01/07/2023;02:00;-1", RowCode.NEGATIVE),
        ("01/07/2023;02:00;2147484", RowCode.TOO_LARGE),
        ("01/07/2023;02:00;99999999999999999", RowCode.NUMBER),
        ("31/06/2023;02:00;1", RowCode.TIME),
        ("01/07/1923;02:00;1", RowCode.TIME),
        ("01/07/2023;02:30;1", RowCode.TIME),
        ("2023-07-01;02:00;1", RowCode.TIME),
        ("01/07/2023;02:00", RowCode.MALFORMED),
    ],
)
def test_rows_at_fault_are_told_with_their_line(row: str, code: RowCode) -> None:
    file = read(f"{HEAD}01/07/2023;01:00;1\n{row}\n01/07/2023;03:00;3\n")
    assert [(told.line, told.code) for told in file.rejections.told] == [(3, code)]
    assert only(file).energy_wh.tolist() == [1000, 3000]
    assert file.n_rows == 3


def test_times_outside_the_grid_of_utc_are_told() -> None:
    mapping = mapped(time__zone="utc")
    rows = "01/07/2023;01:07;1\n01/07/1969;01:00;1\n01/07/2023;02:00;2\n"
    file = read(HEAD + rows, mapping)
    assert [told.line for told in file.rejections.told] == [3, 2]
    assert only(file).energy_wh.tolist() == [2000]


def test_codes_at_fault_and_contradictions_are_told() -> None:
    mapping = mapped(meter={"column": "CUPS"})
    head = "CUPS;Fecha;Hora;Energía\n"
    rows = [
        "ES0021000000000001RX;01/07/2023;01:00;1",
        f"{CUPS};01/07/2023;01:00;1",
        f"{CUPS};01/07/2023;01:00;1",
        f"{CUPS};01/07/2023;02:00;1",
        f"{CUPS};01/07/2023;02:00;2",
        f"{OTHER};01/07/2023;01:00;7",
    ]
    file = read(head + "\n".join(rows), mapping)
    assert [(told.line, told.code) for told in file.rejections.told] == [
        (2, RowCode.METER_CODE),
        (5, RowCode.CONTRADICTION),
        (6, RowCode.CONTRADICTION),
    ]
    assert file.rejections.told[0].reason.startswith("CUPS 'ES0021000000000001RX': has check")
    assert [(each.code, each.energy_wh.tolist()) for each in file.series] == [
        (CUPS, [1000]),
        (OTHER, [7000]),
    ]
    assert file.notes == ("rows that repeat what another row says, taken once: 1",)


def test_several_channels() -> None:
    values = [
        {"column": "a", "channel": "consumption", "unit": "kWh"},
        {"column": "b", "channel": "surplus", "unit": "Wh"},
    ]
    file = read("Fecha;Hora;a;b\n01/07/2023;01:00;1,5;20\n", values=values)
    assert [(each.channel, each.energy_wh.tolist()) for each in file.series] == [
        (Channel.CONSUMPTION, [1500]),
        (Channel.SURPLUS, [20]),
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "has no row 1 to name its columns"),
        ("Fecha;Hora;Otra\n", "row 1: the column 'Energía' stands not among 'Fecha', 'Hora'"),
        ("Fecha;Hora;Energía;energía\n", "the column 'Energía' stands twice among"),
        ('Fecha;Hora;Energía\n"', "is not CSV"),
        ("Fecha;Hora;Energía\n\0", "holds a NUL character"),
    ],
)
def test_other_tables_are_refused(text: str, reason: str) -> None:
    with pytest.raises(UnreadableFileError, match=reason):
        read(text)


def test_tables_beyond_measure_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mapped_cells, "MOST_ROWS", 1)
    with pytest.raises(UnreadableFileError, match="has more than 1 rows"):
        read(ROWS)
    monkeypatch.setattr(mapped_cells, "LARGEST_BYTES", 10)
    with pytest.raises(UnreadableFileError, match="is larger than 10 bytes"):
        read(ROWS)


def build_workbook(*, sheet: str = "Curva", as_text: bool = False) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        book.add_worksheet("Portada").write(0, 0, "Curvas de julio")
        page = book.add_worksheet(sheet)
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        page.write_row(0, 0, ["Fecha", "Hora", "Energía"])
        for row, hour in enumerate((1, 2, 24), 1):
            if as_text:
                page.write_row(row, 0, ["01/07/2023", f"{hour:02d}:00", f"{row}.25"])
            else:
                page.write_datetime(row, 0, date(2023, 7, 1), day)
                page.write(row, 1, f"{hour:02d}:00")
                page.write_number(row, 2, row + 0.25)
        page.write(4, 0, "Total")
    return target.getvalue()


@pytest.mark.parametrize("as_text", [False, True])
def test_a_workbook_is_read_by_the_same_mapping(as_text: bool) -> None:
    file = read(build_workbook(as_text=as_text), sheet="Curva")
    assert file.format == "table-xlsx"
    assert only(file).energy_wh.tolist() == [1250, 2250, 3250]
    assert only(file).starts.tolist() == [
        utc(text).item()
        for text in ("2023-06-30T22:00:00", "2023-06-30T23:00:00", "2023-07-01T21:00:00")
    ]
    assert [(told.line, told.code) for told in file.rejections.told] == [(5, RowCode.TIME)]


def test_a_workbook_without_the_sheet_is_refused() -> None:
    with pytest.raises(CommunityError):
        read(build_workbook(), sheet="Otra")
    with pytest.raises(UnreadableFileError, match="the column 'Fecha' stands not"):
        read(build_workbook())


def outcome(data: bytes, mapping: TableMapping) -> MeterFile | CommunityError:
    try:
        return read(data, mapping)
    except CommunityError as error:
        return error


def build_csv(n_rows: int) -> bytes:
    first = datetime(2023, 10, 28, 22)  # noqa: DTZ001
    lines = [f"{first + timedelta(hours=row):%d/%m/%Y;%H:%M};0,5" for row in range(n_rows)]
    return (HEAD + "\n".join(lines) + "\n").encode()


@pytest.mark.parametrize("data", [build_csv(64), build_workbook()])
def test_torn_tables_give_whole_rows_or_typed_errors(data: bytes) -> None:
    mapping = mapped(sheet="Curva")
    for part in range(64):
        result = outcome(data[: len(data) * part // 64], mapping)
        if isinstance(result, MeterFile) and result.series:
            series = only(result)
            n_cut = sum("without data" in note for note in result.notes)
            assert series.starts.size == result.n_rows - len(result.rejections.told) - n_cut


@settings(max_examples=200, deadline=None)
@given(
    is_workbook=st.booleans(),
    flips=st.lists(st.tuples(st.integers(0, 10_000), st.integers(1, 255)), min_size=1, max_size=6),
)
def test_flipped_bytes_give_records_or_typed_errors(
    is_workbook: bool, flips: list[tuple[int, int]]
) -> None:
    data = bytearray(WORKBOOK if is_workbook else CSV)
    for position, mask in flips:
        data[position % len(data)] ^= mask
    result = outcome(bytes(data), mapped(sheet="Curva"))
    if isinstance(result, MeterFile):
        for series in result.series:
            assert (np.diff(series.starts) > np.timedelta64(0)).all()
            assert (series.energy_wh >= 0).all()


WORKBOOK, CSV = build_workbook(), build_csv(30)


@settings(max_examples=200)
@given(st.text(max_size=200))
def test_any_text_gives_records_or_typed_errors(text: str) -> None:
    outcome((HEAD + text).encode(errors="replace"), mapped())
