"""Every export of supply points, written by the test and read back."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loaders.decoding import UnreadableFileError
from loaders.meter_files.datadis_csv import read_datadis_csv
from loaders.meter_files.datadis_json import read_datadis_json
from loaders.meter_files.edistribucion import read_edistribucion
from loaders.meter_files.ide import read_ide
from loaders.meter_files.records import MeterFile, Rejections
from loaders.meter_files.ufd import read_ufd
from models.values.calendar import Step
from models.values.metering import Channel
from tests.support.meter_texts import (
    CANARY,
    MADRID,
    Reading,
    cups_of,
    day_of,
    expect_readings,
    list_readings,
    make_readings,
    write_datadis_csv,
    write_datadis_json,
    write_edistribucion,
    write_ide,
    write_ufd,
    year_of,
)

QUARTER = timedelta(minutes=15)
ALL = (Channel.ALLOCATED, Channel.CONSUMPTION, Channel.SELF_CONSUMED, Channel.SURPLUS)
WITHOUT_ALLOCATED = ALL[1:]


class Export(NamedTuple):
    """A writer, its reader and what the export can say."""

    write: Callable[[Sequence[Reading], str], bytes]
    read: Callable[..., MeterFile]
    channels: tuple[Channel, ...]
    has_quality: bool = True


EXPORTS = {
    "datadis-csv": Export(write_datadis_csv, read_datadis_csv, ALL),
    "datadis-json": Export(partial(write_datadis_json, version=1), read_datadis_json, ALL),
    "datadis-json-v2": Export(partial(write_datadis_json, version=2), read_datadis_json, ALL),
    "edistribucion": Export(write_edistribucion, read_edistribucion, WITHOUT_ALLOCATED),
    "i-de": Export(write_ide, read_ide, (Channel.CONSUMPTION, Channel.SURPLUS), has_quality=False),
    "ufd": Export(write_ufd, read_ufd, WITHOUT_ALLOCATED, has_quality=False),
}
every_export = pytest.mark.parametrize("export", EXPORTS.values(), ids=EXPORTS)
NET = (
    "the file states self-consumed energy beside the consumption; "
    "say at import whether the consumption is net of it"
)


@pytest.mark.parametrize("timezone", [MADRID, CANARY])
@every_export
def test_a_year_with_both_changes_of_the_clock_comes_back_whole(
    export: Export, timezone: str
) -> None:
    first, n_hours = year_of(2023, timezone)
    readings = [
        reading
        for code, hours in ((cups_of(2, "0F"), 30), (cups_of(1), n_hours))
        for reading in make_readings(first, hours, codes=[code], channels=export.channels)
    ]
    file = export.read(export.write(readings, timezone), timezone=timezone)
    assert n_hours == 8760
    assert file.rejections.told == []
    assert list_readings(file) == expect_readings(readings, has_quality=export.has_quality)
    assert file.n_rows == 30 + 8760
    assert {series.step for series in file.series} == {Step.HOUR}
    assert file.notes == ((NET,) if Channel.SELF_CONSUMED in export.channels else ())


@pytest.mark.parametrize(
    ("day", "n_hours"), [((2023, 3, 26), 23), ((2023, 10, 29), 25), ((2024, 2, 29), 24)]
)
@pytest.mark.parametrize("timezone", [MADRID, CANARY])
@every_export
def test_a_day_of_quarter_hours_has_92_96_or_100(
    export: Export, timezone: str, day: tuple[int, int, int], n_hours: int
) -> None:
    first, hours = day_of(*day, timezone)
    readings = make_readings(first, 4 * hours, codes=[cups_of(1)], step=QUARTER)
    file = export.read(export.write(readings, timezone), timezone=timezone)
    assert file.rejections.told == []
    (series,) = file.series
    assert series.step is Step.QUARTER_HOUR
    assert series.starts.size == 4 * n_hours
    assert list_readings(file) == expect_readings(readings, has_quality=export.has_quality)


@pytest.mark.parametrize(("day", "n_hours"), [((2024, 3, 31), 23), ((2024, 10, 27), 25)])
@every_export
def test_a_day_of_23_and_one_of_25_hours_are_read_hour_by_hour(
    export: Export, day: tuple[int, int, int], n_hours: int
) -> None:
    first, hours = day_of(*day, MADRID)
    readings = make_readings(first, hours, codes=[cups_of(1)])
    (series,) = export.read(export.write(readings, MADRID), timezone=MADRID).series
    assert series.starts.size == n_hours
    assert series.starts[0] == np.datetime64(first.replace(tzinfo=None), "s")
    assert (np.diff(series.starts) == np.timedelta64(3600, "s")).all()
    assert series.energy_wh.tolist() == [each.energy_wh[Channel.CONSUMPTION] for each in readings]


@given(
    hours=st.lists(
        st.tuples(
            st.integers(0, 3),
            st.integers(0, 24 * 366 * 2),
            st.integers(0, 2**31 - 1),
            st.booleans(),
        ),
        min_size=1,
        max_size=30,
        unique_by=lambda each: each[:2],
    ),
    name=st.sampled_from(sorted(EXPORTS)),
    timezone=st.sampled_from([MADRID, CANARY]),
)
@settings(max_examples=100, deadline=None)
def test_what_a_writer_writes_its_reader_reads(
    hours: list[tuple[int, int, int, bool]], name: str, timezone: str
) -> None:
    # whole days of a change: without its neighbours a stamp that comes once tells less
    first = datetime(2023, 1, 1, 12, tzinfo=UTC)
    export = EXPORTS[name]
    readings = [
        Reading(
            cups_of(meter),
            first + timedelta(hours=hour),
            timedelta(hours=1),
            {Channel.CONSUMPTION: energy},
            is_estimated,
        )
        for meter, hour, energy, is_estimated in hours
        if not is_ambiguous(first + timedelta(hours=hour), timezone)
    ]
    file = export.read(export.write(readings, timezone), timezone=timezone)
    assert list_readings(file) == expect_readings(readings, has_quality=export.has_quality)
    assert file.rejections.told == []


@cache
def days_of_change(timezone: str) -> list[tuple[datetime, int]]:
    """Give the first instants and the hours of the days on which the clock changes."""
    changes = [(2023, 3, 26), (2023, 10, 29), (2024, 3, 31), (2024, 10, 27)]
    return [day_of(*day, timezone) for day in changes]


def is_ambiguous(start: datetime, timezone: str) -> bool:
    """Tell whether an hour lies on a day that only as a whole tells what its stamps mean."""
    days = days_of_change(timezone)
    return any(first <= start < first + timedelta(hours=hours) for first, hours in days)


@cache
def sample_of(export: Export) -> bytes:
    first, hours = day_of(2023, 10, 29, MADRID)
    readings = make_readings(
        first, hours + 24, codes=[cups_of(1), cups_of(2)], channels=export.channels
    )
    return export.write(readings, MADRID)


def refused(error: UnreadableFileError) -> MeterFile:
    """Check what is said of a file that cannot be read."""
    assert str(error).isprintable()
    return MeterFile("", (), 0, Rejections())


def read_or_refuse(export: Export, data: bytes) -> None:
    try:
        file = export.read(data, timezone=MADRID)
    except UnreadableFileError as error:
        file = refused(error)
    assert all(series.starts.size == series.energy_wh.size for series in file.series)
    assert sum(file.rejections.counts.values()) <= file.n_rows
    assert all(row.excerpt.isprintable() and row.reason for row in file.rejections.told)


@every_export
def test_torn_files_are_read_or_refused(export: Export) -> None:
    sample = sample_of(export)
    for part in range(64):
        read_or_refuse(export, sample[: len(sample) * part // 64])


@given(data=st.data(), name=st.sampled_from(sorted(EXPORTS)))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_flipped_bytes_are_read_or_refused(data: st.DataObject, name: str) -> None:
    sample = bytearray(sample_of(EXPORTS[name]))
    places = st.integers(0, len(sample) - 1)
    for place in data.draw(st.lists(places, min_size=1, max_size=20)):
        sample[place] = data.draw(st.integers(0, 255))
    read_or_refuse(EXPORTS[name], bytes(sample))


@given(
    head=st.sampled_from([b"", *(sample_of(each)[:120] for each in EXPORTS.values())]),
    tail=st.binary(max_size=200) | st.text('0123456789;,"/:\r\n RE', max_size=200).map(str.encode),
    name=st.sampled_from(sorted(EXPORTS)),
)
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_read_or_refused(head: bytes, tail: bytes, name: str) -> None:
    read_or_refuse(EXPORTS[name], head + tail)
