from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders.decoding import UnreadableFileError
from loaders.file_formats import FileFormat
from loaders.meter_files.records import MeterFile, MeterSeries, RowCode
from loaders.meter_files.simel import LAYOUTS, UnknownLayoutError, read_simel
from models.values.calendar import Step
from models.values.errors import CommunityError
from models.values.metering import Channel, Quality

MADRID = "Europe/Madrid"
CUPS = "ES0021000000000001RK0F"
OTHER = "ES0021000000000002RE0F"
CIL = "ES0021000000000001RK0F001"

# One line of each layout, shaped like the files that distributors send.
LINES = {
    FileFormat.SIMEL_F1: "{meter};11;{stamp}:00;{season};{ai};{ae};0;0;0;0;0;0;1;1;",
    FileFormat.SIMEL_P1: (
        "{meter};11;{stamp}:00;{season};{ai}.000;0;{ae}.000;0;3.000;0;0.000;0;0.000;0;0.000;0;"
        "0.000;128;0.000;128;1;1;"
    ),
    FileFormat.SIMEL_P1D: (
        "{meter};11;{stamp}:00;{season};{ai}.000;0;{ae}.000;0;3.000;0;0.000;0;0.000;0;0.000;0;"
        "0.000;128;0.000;128;1;0"
    ),
    FileFormat.SIMEL_P2D: (
        "{meter};11;{stamp}:00;{season};{ai};0;{ae};0;0;0;0;0;0;0;0;0;0;128;0;128;1"
    ),
    FileFormat.SIMEL_P5D: "{meter};{stamp};{season};{ai};{ae};",
    FileFormat.SIMEL_F5: "{meter};{stamp};{season};{ai};{ae};0;0;0;0;1;1;",
    FileFormat.SIMEL_F5D: "{meter};{stamp};{season};{ai};{ae};;;;;1;1;TA/202100018520;0;0",
    FileFormat.SIMEL_A5D: "{meter};{stamp};{season};{ai};{ae};;;;;;;M21040709;",
    FileFormat.SIMEL_B5D: "{meter};{stamp};{season};{ai};{ae};;;;;;;M21040709;",
    FileFormat.SIMEL_MEDIDAS: "{meter};{stamp}:00;{season};{ae};0;0;1.000;1;R;",
}
PER_WH = dict.fromkeys(LINES, 1) | dict.fromkeys(
    [
        FileFormat.SIMEL_F1,
        FileFormat.SIMEL_P1,
        FileFormat.SIMEL_P1D,
        FileFormat.SIMEL_P2D,
        FileFormat.SIMEL_MEDIDAS,
    ],
    1000,
)
KINDS = list(LINES)


def meter_of(kind: FileFormat) -> str:
    return CIL if kind is FileFormat.SIMEL_MEDIDAS else CUPS


def line(kind: FileFormat, **fields: object) -> str:
    stamp = {"meter": meter_of(kind), "stamp": "2023/07/01 01:00", "season": 1, "ai": 5, "ae": 2}
    return LINES[kind].format(**{**stamp, **fields})


def stamp_by_start(start: datetime, end: datetime) -> tuple[str, int]:
    """Name an interval by the clock at its start, moved by its length."""
    clock = start.astimezone(ZoneInfo(MADRID))
    shown = clock.replace(tzinfo=None) + (end - start)
    return f"{shown:%Y/%m/%d %H:%M}", int(bool(clock.dst()))


def stamp_by_end(start: datetime, end: datetime) -> tuple[str, int]:
    """Name an interval by what the clock shows when it ends."""
    clock = end.astimezone(ZoneInfo(MADRID))
    return f"{clock:%Y/%m/%d %H:%M}", int(bool(clock.dst()))


Stamper = Callable[[datetime, datetime], tuple[str, int]]


def build_days(kind: FileFormat, first: datetime, n: int, stamper: Stamper = stamp_by_start) -> str:
    """Write intervals from a local midnight on; ai counts up from 1, ae is ten times it."""
    length = timedelta(minutes=15 if kind is FileFormat.SIMEL_P2D else 60)
    lines = []
    for number in range(n):
        start = first + number * length
        stamp, season = stamper(start, start + length)
        fields = {"stamp": stamp, "season": season, "ai": number + 1, "ae": 10 * (number + 1)}
        lines.append(line(kind, **fields))
    return "\n".join(lines) + "\n"


def read(text: str | bytes, kind: FileFormat = FileFormat.SIMEL_P5D) -> MeterFile:
    data = text if isinstance(text, bytes) else text.encode()
    return read_simel(data, kind, timezone=MADRID)


def of(file: MeterFile, channel: Channel, meter: str = CUPS) -> MeterSeries:
    (series,) = (each for each in file.series if (each.code, each.channel) == (meter, channel))
    return series


@pytest.mark.parametrize("kind", KINDS)
def test_a_line_of_each_layout(kind: FileFormat) -> None:
    file = read(line(kind), kind)
    assert file.format == kind
    assert (file.n_rows, file.rejections.told) == (1, [])
    if kind is FileFormat.SIMEL_MEDIDAS:
        assert {series.channel for series in file.series} == {Channel.GENERATION}
        energies = {Channel.GENERATION: 2}
    else:
        energies = {Channel.CONSUMPTION: 5, Channel.SURPLUS: 2}
    for channel, energy in energies.items():
        series = of(file, channel, meter_of(kind))
        assert series.energy_wh.tolist() == [energy * PER_WH[kind]]
        assert series.quality.tolist() == [Quality.REAL]
        length = timedelta(minutes=15 if kind is FileFormat.SIMEL_P2D else 60)
        assert series.step is (Step.QUARTER_HOUR if kind is FileFormat.SIMEL_P2D else Step.HOUR)
        start = datetime(2023, 6, 30, 23, tzinfo=UTC) - length
        assert series.starts[0] == np.datetime64(start.replace(tzinfo=None), "s")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("stamper", [stamp_by_start, stamp_by_end])
@pytest.mark.parametrize(("first", "n_hours"), [((2023, 3, 25), 23), ((2023, 10, 28), 25)])
def test_days_of_a_change_of_the_clock(
    kind: FileFormat, stamper: Stamper, first: tuple[int, int, int], n_hours: int
) -> None:
    # the day before the change begins at 23:00 UTC in winter and at 22:00 UTC in summer time
    midnight = datetime(*first, tzinfo=ZoneInfo(MADRID)).astimezone(UTC)
    per_hour = 4 if kind is FileFormat.SIMEL_P2D else 1
    n_steps = (24 + n_hours + 24) * per_hour
    file = read(build_days(kind, midnight, n_steps, stamper), kind)
    assert file.rejections.told == []
    for series in file.series:
        begun = np.datetime64(midnight.replace(tzinfo=None), "s")
        expected = begun + np.arange(n_steps) * np.timedelta64(3600 // per_hour, "s")
        np.testing.assert_array_equal(series.starts, expected)
        factor = 1 if series.channel is Channel.CONSUMPTION else 10
        counted = np.arange(1, n_steps + 1) * factor * PER_WH[kind]
        np.testing.assert_array_equal(series.energy_wh, counted)


def test_the_change_day_has_92_and_100_quarters() -> None:
    for day, count in ((datetime(2023, 3, 26), 92), (datetime(2023, 10, 29), 100)):  # noqa: DTZ001
        midnight = day.replace(tzinfo=ZoneInfo(MADRID)).astimezone(UTC)
        text = build_days(FileFormat.SIMEL_P2D, midnight, count)
        lines = text.splitlines()
        assert lines[-1].split(";")[2] == f"{day + timedelta(days=1):%Y/%m/%d} 00:00:00"
        series = of(read(text, FileFormat.SIMEL_P2D), Channel.CONSUMPTION)
        assert series.starts.size == count


def test_the_order_of_lines_does_not_matter() -> None:
    midnight = datetime(2023, 10, 28, 22, tzinfo=UTC)
    lines = build_days(FileFormat.SIMEL_P5D, midnight, 25).splitlines()
    turned = read("\r\n".join(reversed(lines)))
    np.testing.assert_array_equal(
        of(turned, Channel.CONSUMPTION).energy_wh, np.arange(1, 26, dtype=np.int32)
    )


@pytest.mark.parametrize("season", ["2", "", "x"])
def test_a_season_that_is_none_is_rejected(season: str) -> None:
    file = read(line(FileFormat.SIMEL_P5D, season=season))
    (told,) = file.rejections.told
    assert (told.line, told.code) == (1, RowCode.CLOCK)
    assert file.series == ()


def test_a_season_that_the_calendar_denies_is_rejected() -> None:
    file = read(line(FileFormat.SIMEL_P5D, season=0))
    assert [told.code for told in file.rejections.told] == [RowCode.CLOCK]


def test_an_hour_off_the_layout_is_rejected_not_taken_for_quarters() -> None:
    midnight = datetime(2023, 6, 30, 22, tzinfo=UTC)
    lines = build_days(FileFormat.SIMEL_P5D, midnight, 24).splitlines()
    lines[3] = lines[3].replace("04:00", "04:15")
    file = read("\n".join(lines))
    assert [(told.line, told.code) for told in file.rejections.told] == [(4, RowCode.TIME)]
    series = of(file, Channel.CONSUMPTION)
    assert (series.step, series.starts.size) == (Step.HOUR, 23)


BORDER = [(str(code), Quality.REAL) for code in range(1, 7)] + [
    (str(code), Quality.ESTIMATED) for code in (7, 8, 9, 10, 11, 22)
]
SUPPLY = [
    ("1", Quality.REAL),
    ("01", Quality.REAL),
    ("2", Quality.ESTIMATED),
    ("3", Quality.REAL),
    ("4", Quality.ESTIMATED),
    ("5", Quality.ESTIMATED),
    ("6", Quality.ESTIMATED),
]


@pytest.mark.parametrize(
    ("kind", "found", "written", "quality"),
    [
        *((FileFormat.SIMEL_F1, ";1;1;", f";{code};1;", quality) for code, quality in BORDER),
        *((FileFormat.SIMEL_P1, ";1;1;", f";{code};1;", quality) for code, quality in BORDER),
        *((FileFormat.SIMEL_F5D, ";1;1;T", f";{code};1;T", quality) for code, quality in SUPPLY),
        (FileFormat.SIMEL_MEDIDAS, ";R;", ";E;", Quality.ESTIMATED),
    ],
)
def test_methods_tell_real_from_estimated(
    kind: FileFormat, found: str, written: str, quality: Quality
) -> None:
    text = line(kind)
    assert text.count(found) == 1
    file = read(text.replace(found, written), kind)
    assert {int(each) for series in file.series for each in series.quality} == {quality}


def test_unknown_methods_count_as_real_and_are_told() -> None:
    file = read(line(FileFormat.SIMEL_F5).replace(";1;1;", ";9;1;"), FileFormat.SIMEL_F5)
    assert file.series[0].quality.tolist() == [Quality.REAL]
    assert file.notes == ("rows that say neither real nor estimated but '9', taken as real: 1",)


def test_values_that_are_not_firm_are_told() -> None:
    file = read(line(FileFormat.SIMEL_P1D), FileFormat.SIMEL_P1D)
    assert file.notes == (
        "rows that are not firm, so that the distributor may still change them: 1",
    )


def test_values_that_are_not_valid_are_left_out() -> None:
    sound = line(FileFormat.SIMEL_P1)
    later = line(FileFormat.SIMEL_P1, stamp="2023/07/01 02:00")
    text = "\n".join([sound, later.replace(";5.000;0;2.000;0;", ";5.000;128;2.000;64;")])
    file = read(text, FileFormat.SIMEL_P1)
    assert of(file, Channel.CONSUMPTION).energy_wh.tolist() == [5000]
    assert of(file, Channel.SURPLUS).energy_wh.tolist() == [2000, 2000]
    assert file.notes == (
        "values of ai that are marked as not valid, left out: 1",
        "cells of ai without data: 1",
    )


@pytest.mark.parametrize("kind", [FileFormat.SIMEL_A5D, FileFormat.SIMEL_B5D])
def test_what_is_only_recalled_is_told(kind: FileFormat) -> None:
    assert any("recalled, not confirmed" in note for note in read(line(kind), kind).notes)
    medidas = read(line(FileFormat.SIMEL_MEDIDAS), FileFormat.SIMEL_MEDIDAS)
    assert "that MEDIDAS counts kWh is recalled" in medidas.notes[0]


def test_surplus_may_be_missing() -> None:
    assert len(read(f"{CUPS};2023/07/01 01:00;1;5;;").series) == 1
    assert len(read(f"{CUPS};2023/07/01 01:00;1;5;").series) == 1
    assert len(read(f"{CUPS};2023/07/01 01:00;1;5").series) == 1


def test_kwh_with_decimals_are_whole_wh() -> None:
    text = line(FileFormat.SIMEL_F1).replace(";5;2;", ";0.4595;1,0005;")
    file = read(text, FileFormat.SIMEL_F1)
    # halves of a watt-hour to even
    assert of(file, Channel.CONSUMPTION).energy_wh.tolist() == [460]
    assert of(file, Channel.SURPLUS).energy_wh.tolist() == [1000]
    assert file.notes[0] == "values of ai rounded to whole Wh: 1"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ((";5;", ";x;"), RowCode.NUMBER),
        ((";5;", ";-5;"), RowCode.NEGATIVE),
        ((";5;", ";2147483648;"), RowCode.TOO_LARGE),
        ((CUPS, "ES0021000000000001RX0F"), RowCode.METER_CODE),
        ((CUPS, CIL), RowCode.METER_CODE),
        (("2023/07/01", "2023/13/01"), RowCode.TIME),
        (("01:00", "25:00"), RowCode.TIME),
        ((";2;", ";2;3;4;"), RowCode.MALFORMED),
    ],
)
def test_rows_at_fault_are_told_with_their_line(change: tuple[str, str], code: RowCode) -> None:
    lines = [
        line(FileFormat.SIMEL_P5D),
        line(FileFormat.SIMEL_P5D, stamp="2023/07/01 02:00")
        .replace("02:00", "01:00")
        .replace(*change),
        line(FileFormat.SIMEL_P5D, stamp="2023/07/01 03:00"),
    ]
    file = read("\n".join(lines))
    assert [(told.line, told.code) for told in file.rejections.told] == [(2, code)]
    assert file.n_rows == 3
    assert of(file, Channel.CONSUMPTION).energy_wh.tolist() == [5, 5]


def test_rows_that_contradict_one_another_are_all_rejected() -> None:
    rows = [line(FileFormat.SIMEL_P5D), line(FileFormat.SIMEL_P5D, ai=6)]
    later = line(FileFormat.SIMEL_P5D, stamp="2023/07/01 02:00")
    file = read("\n".join([*rows, later, rows[0]]))
    assert [(told.line, told.code) for told in file.rejections.told] == [
        (1, RowCode.CONTRADICTION),
        (2, RowCode.CONTRADICTION),
        (4, RowCode.CONTRADICTION),
    ]
    assert of(file, Channel.CONSUMPTION).starts.size == 1


def test_several_meters_come_apart() -> None:
    text = "\n".join([line(FileFormat.SIMEL_P5D, meter=OTHER, ai=7), line(FileFormat.SIMEL_P5D)])
    file = read(text)
    assert [series.code for series in file.series] == [CUPS, CUPS, OTHER, OTHER]
    assert of(file, Channel.CONSUMPTION, OTHER).energy_wh.tolist() == [7]


@pytest.mark.parametrize(
    "data",
    [b"", b"\n\n", b"cups;fecha;hora\n", b"one line of text", b"PK\x03\x04\x00", b"a;b;c;d\0"],
)
def test_other_files_are_refused(data: bytes) -> None:
    with pytest.raises(UnreadableFileError):
        read(data)


def test_a_layout_of_other_fields_is_refused() -> None:
    with pytest.raises(UnreadableFileError, match="has 5 cells a row, should be 21 to 22"):
        read(line(FileFormat.SIMEL_P5D), FileFormat.SIMEL_P1)
    with pytest.raises(UnreadableFileError, match="has 12 cells a row, should be 4 to 5"):
        read(line(FileFormat.SIMEL_A5D), FileFormat.SIMEL_P5D)


def test_a_format_that_is_not_of_simel_is_refused() -> None:
    with pytest.raises(UnknownLayoutError, match="datadis-csv is no layout of SIMEL") as caught:
        read("", FileFormat.DATADIS_CSV)
    assert caught.value.format is FileFormat.DATADIS_CSV
    assert set(LAYOUTS) == set(LINES)


def outcome(data: bytes, kind: FileFormat) -> MeterFile | CommunityError:
    try:
        return read(data, kind)
    except CommunityError as error:
        return error


@pytest.mark.parametrize("kind", KINDS)
def test_torn_files_give_whole_rows_and_say_what_they_lack(kind: FileFormat) -> None:
    data = build_days(kind, datetime(2023, 10, 28, 22, tzinfo=UTC), 64).encode()
    for part in range(64):
        cut = data[: len(data) * part // 64]
        result = outcome(cut, kind)
        n_whole = cut.count(b"\n")
        if n_whole < 2:
            continue
        assert isinstance(result, MeterFile)
        n_told = len(result.rejections.told)
        assert result.n_rows - n_told in (n_whole, n_whole + 1)
        assert result.series[0].starts.size == result.n_rows - n_told


@settings(max_examples=100, deadline=None)
@given(
    kind=st.sampled_from(KINDS),
    flips=st.lists(st.tuples(st.integers(0, 5_000), st.integers(1, 255)), min_size=1, max_size=8),
)
def test_flipped_bytes_give_records_or_typed_errors(
    kind: FileFormat, flips: list[tuple[int, int]]
) -> None:
    data = bytearray(build_days(kind, datetime(2023, 10, 28, 22, tzinfo=UTC), 25).encode())
    for position, mask in flips:
        data[position % len(data)] ^= mask
    result = outcome(bytes(data), kind)
    if isinstance(result, MeterFile):
        for series in result.series:
            assert (np.diff(series.starts) > np.timedelta64(0)).all()
            assert (series.energy_wh >= 0).all()
            assert series.quality.max() < Quality.MISSING


@settings(max_examples=100, deadline=None)
@given(data=st.binary(max_size=300), kind=st.sampled_from(KINDS))
def test_any_bytes_give_records_or_typed_errors(data: bytes, kind: FileFormat) -> None:
    outcome(data, kind)
