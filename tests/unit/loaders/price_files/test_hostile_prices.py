"""Torn and damaged files of prices give prices or a typed error, nothing else."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from loaders.decoding import UnreadableFileError
from loaders.file_formats import FileFormat
from loaders.price_files.price_file import PRICE_READERS, read_price_file
from loaders.price_files.price_numbers import PriceUnit, parse_price
from tests.support.price_texts import (
    day_report,
    esios_json,
    marginalpdbc,
    pvpc_archive,
    pvpc_daily,
    redata,
)

STAMPS = [f"2021-10-31T{hour:02d}:00:00.000+01:00" for hour in range(3, 24)]
SOUND = {
    FileFormat.ESIOS_JSON: esios_json(1001, [("1.5", stamp, 8741) for stamp in STAMPS]),
    FileFormat.ESIOS_CSV: "\n".join(
        ["id;name;geoid;geoname;value;datetime", *(f"1739;x;3;y;-1.5;{stamp}" for stamp in STAMPS)]
    ).encode(),
    FileFormat.PVPC_ARCHIVE: pvpc_archive(
        "01/06/2025", [(f"{hour:02d}-{hour + 1:02d}", "1,5", "-2") for hour in range(24)]
    ),
    FileFormat.PVPC_DAILY: pvpc_daily("2025-06-01", range(24)),
    FileFormat.REDATA_JSON: redata([("600", [("1.5", stamp) for stamp in STAMPS])]),
    FileFormat.OMIE_MARGINALPDBC: marginalpdbc("2025-03-30", [("1", "2.5")] * 92),
    FileFormat.OMIE_DAY_REPORT: day_report(
        "01/06/2025", [str(hour) for hour in range(1, 25)], ["1,5"] * 24, "EUR/MWh"
    ),
    FileFormat.PRICE_TABLE: "\n".join(
        ["ts_utc,energy_eur_kwh", *(f"{stamp},0.15" for stamp in STAMPS)]
    ).encode(),
}


def check(form: FileFormat, data: bytes) -> None:
    """Read; what comes out is in order and bounded, what fails is of one family."""
    try:
        file = read_price_file(form, data)
    except UnreadableFileError:
        return
    assert file.series
    for series in file.series:
        assert series.starts.size == series.nano_eur_per_kwh.size > 0
        assert all(before < after for before, after in pairwise(series.starts.tolist()))
        assert np.abs(series.nano_eur_per_kwh).max() <= 10**15


def test_every_reader_has_a_sound_file() -> None:
    assert SOUND.keys() == PRICE_READERS.keys()
    for form, data in SOUND.items():
        assert read_price_file(form, data).format == form


def test_other_formats_are_refused_by_name() -> None:
    with pytest.raises(
        UnreadableFileError, match="is datadis-csv, which is not a format of prices"
    ):
        read_price_file(FileFormat.DATADIS_CSV, b"")


@pytest.mark.parametrize("form", SOUND)
def test_files_cut_at_every_sixty_fourth(form: FileFormat) -> None:
    data = SOUND[form]
    for part in range(64):
        check(form, data[: len(data) * part // 64])


@pytest.mark.parametrize("form", SOUND)
@settings(max_examples=100)
@given(
    flips=st.lists(st.tuples(st.integers(0, 10_000), st.integers(1, 255)), min_size=1, max_size=8)
)
@example(flips=[(0, 0x41)])
def test_flipped_bytes(form: FileFormat, flips: list[tuple[int, int]]) -> None:
    damaged = bytearray(SOUND[form])
    for position, mask in flips:
        damaged[position % len(damaged)] ^= mask
    check(form, bytes(damaged))


@pytest.mark.parametrize("form", SOUND)
@settings(max_examples=100)
@given(data=st.binary(max_size=400))
def test_any_bytes(form: FileFormat, data: bytes) -> None:
    check(form, data)


@pytest.mark.parametrize("unit", PriceUnit)
@given(nano=st.integers(-(10**15), 10**15))
def test_prices_written_in_full_come_back_exactly(unit: PriceUnit, nano: int) -> None:
    sign, digits = "-" if nano < 0 else "", f"{abs(nano):0{unit.value + 1}d}"
    for mark in ",.":
        text = f"{sign}{digits[: -unit.value]}{mark}{digits[-unit.value :]}"
        assert parse_price(text, unit) == (nano, False)
