"""Any file of readings goes to the reader of its format."""

import json
from datetime import UTC, datetime

import pytest

from loaders.decoding import UnreadableFileError
from loaders.detection import detect_file
from loaders.file_formats import FileFormat
from loaders.meter_files.meter_file import (
    MAPPED_FORMATS,
    METER_FORMATS,
    SUN_FORMATS,
    MissingMappingError,
    ReadingClues,
    UnnamedInstallationError,
    read_meter_file,
)
from loaders.meter_files.pvgis import UnknownPlantError
from loaders.meter_files.simel import LAYOUTS, UNCONFIRMED_LAYOUTS
from loaders.meter_files.table_mapping import parse_table_mapping
from loaders.plant_power import Plant
from loaders.price_files.price_file import PRICE_READERS
from models.values.cau import Cau
from tests.support.meter_texts import (
    MADRID,
    cups_of,
    expect_readings,
    list_readings,
    make_readings,
    write_datadis_csv,
    write_datadis_json,
    write_edistribucion,
    write_ide,
    write_ufd,
)

CAU = Cau("ES0021000000000001RK0FA000")
CLUES = ReadingClues(MADRID)
READINGS = make_readings(datetime(2023, 7, 1, tzinfo=UTC), 48, codes=[cups_of(1), cups_of(2)])
EXPORTS = {
    FileFormat.DATADIS_CSV: write_datadis_csv(READINGS, MADRID),
    FileFormat.DATADIS_JSON_V1: write_datadis_json(READINGS, MADRID, version=1),
    FileFormat.DATADIS_JSON_V2: write_datadis_json(READINGS, MADRID, version=2),
    FileFormat.EDISTRIBUCION_CSV: write_edistribucion(READINGS, MADRID),
    FileFormat.I_DE_CSV: write_ide(READINGS, MADRID),
    FileFormat.UFD_CSV: write_ufd(READINGS, MADRID),
}
SUN = json.dumps(
    {
        "inputs": {"location": {}, "meteo_data": {}, "mounting_system": {}, "pv_module": {}},
        "outputs": {"hourly": []},
        "meta": {},
    }
).encode()


@pytest.mark.parametrize("form", EXPORTS)
def test_exports_are_detected_read_and_named_alike(form: FileFormat) -> None:
    data = EXPORTS[form]
    assert detect_file("x", data).format is form
    file = read_meter_file(form, data, CLUES)
    assert file.format is form
    has_quality = form not in (FileFormat.I_DE_CSV, FileFormat.UFD_CSV)
    assert list_readings(file) == expect_readings(READINGS, has_quality=has_quality)


@pytest.mark.parametrize("form", LAYOUTS)
def test_every_layout_of_simel_has_its_reader(form: FileFormat) -> None:
    with pytest.raises(UnreadableFileError):
        read_meter_file(form, b"nothing", CLUES)


def test_a_table_is_read_by_its_mapping() -> None:
    mapping = parse_table_mapping(
        {
            "time": {
                "columns": ["t"],
                "format": "%Y-%m-%dT%H:%M",
                "marks": "end",
                "zone": "local",
                "minutes": 60,
            },
            "meter": {"code": str(CAU)},
            "values": [{"column": "kWh", "channel": "generation", "unit": "kWh"}],
        }
    )
    data = b"t;kWh\n2023-07-01T10:00;1.5\n"
    file = read_meter_file(FileFormat.TABLE_CSV, data, ReadingClues(MADRID, mapping))
    assert (file.format, file.series[0].energy_wh.tolist()) == (FileFormat.TABLE_CSV, [1500])


@pytest.mark.parametrize("form", sorted(MAPPED_FORMATS))
def test_a_table_without_a_mapping_is_refused(form: FileFormat) -> None:
    with pytest.raises(MissingMappingError, match="give a mapping"):
        read_meter_file(form, b"t;kWh\n1;2\n", CLUES)


@pytest.mark.parametrize("form", sorted(SUN_FORMATS))
def test_hours_of_sun_need_an_installation(form: FileFormat) -> None:
    with pytest.raises(UnnamedInstallationError, match="by its CAU"):
        read_meter_file(form, SUN, CLUES)


def test_hours_of_sun_are_taken_for_the_installation() -> None:
    hour = {
        "time": "20190701:1110",
        "G(i)": 800.0,
        "H_sun": 60.0,
        "T2m": 20.0,
        "WS10m": 2.0,
        "Int": 0.0,
    }
    content = {"inputs": {}, "outputs": {"hourly": [hour]}, "meta": {"inputs": {}}}
    data = json.dumps(content).encode()
    named = ReadingClues(MADRID, installation=CAU)
    with pytest.raises(UnknownPlantError):
        read_meter_file(FileFormat.PVGIS_HOURLY_JSON, data, named)
    clues = ReadingClues(MADRID, installation=CAU, plant=Plant(peak_kw=10, inverter_kw=8))
    (series,) = read_meter_file(FileFormat.PVGIS_HOURLY_JSON, data, clues).series
    assert (series.code, series.energy_wh.size) == (CAU, 1)


@pytest.mark.parametrize("form", sorted(set(FileFormat) - METER_FORMATS))
def test_other_formats_are_refused(form: FileFormat) -> None:
    with pytest.raises(UnreadableFileError, match=f"is {form}, which is not a format of readings"):
        read_meter_file(form, b"", CLUES)


def test_no_format_is_both_of_readings_and_of_prices() -> None:
    assert not METER_FORMATS & PRICE_READERS.keys()
    assert {FileFormat.SIMEL_A5D, FileFormat.SIMEL_B5D} == UNCONFIRMED_LAYOUTS
