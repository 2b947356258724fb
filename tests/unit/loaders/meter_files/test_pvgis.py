import gzip
import json
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders.decoding import UnreadableFileError
from loaders.meter_files.pvgis import (
    TypicalYearError,
    UnknownPlantError,
    read_pvgis_hourly,
)
from loaders.meter_files.records import MeterFile
from loaders.plant_power import Plant, model_power_kw
from models.values.calendar import Step
from models.values.cau import Cau
from models.values.errors import CommunityError, ErrorCode, InvalidDataError
from models.values.metering import Channel, Quality
from tests.support.shared_data import shared_data_folder

CAU = Cau("ES0021000000000001RK0FA000")
PLANT = Plant(peak_kw=100.0, inverter_kw=80.0)
HEAD = """Latitude (decimal degrees):\t39.482
Longitude (decimal degrees):\t-0.338
Elevation (m):\t12
Radiation database:\tPVGIS-SARAH2


Slope: 36 deg.
Azimuth: 0 deg.
"""
FOOT = """
P: PV system power (W)
G(i): Global irradiance on the inclined plane (plane of the array) (W/m2)



PVGIS (c) European Union, 2001-2022"""
COLUMNS = ["P", "G(i)", "H_sun", "T2m", "WS10m", "Int"]


def hour(number: int) -> list[float]:
    sun = max(0.0, 900.0 - 100.0 * abs(number % 24 - 12))
    return [round(sun * 70.25, 1), sun, sun / 15, 18.5, 2.1, 0.0]


def build_csv(n_hours: int, *, columns: list[str] = COLUMNS, minute: int = 10) -> bytes:
    lines = [f"time,{','.join(columns)}"]
    for number in range(n_hours):
        stamp = datetime(2019, 3, 30, 0, minute) + timedelta(hours=number)  # noqa: DTZ001
        values = dict(zip(COLUMNS, hour(number), strict=True))
        cells = [str(values[column]) for column in columns]
        lines.append(f"{stamp:%Y%m%d:%H%M},{','.join(cells)}")
    return (HEAD + "\n".join(lines) + "\n" + FOOT).replace("\n", "\r\n").encode()


def build_json(n_hours: int, **changed: object) -> bytes:
    rows = []
    for number in range(n_hours):
        stamp = datetime(2019, 3, 30, 0, 10) + timedelta(hours=number)  # noqa: DTZ001
        values = dict(zip(COLUMNS, hour(number), strict=True))
        rows.append({"time": f"{stamp:%Y%m%d:%H%M}", **values})
    content = {"inputs": {}, "outputs": {"hourly": rows}, "meta": {"inputs": {}}, **changed}
    return json.dumps(content).encode()


def read(data: bytes, plant: Plant | None = None) -> MeterFile:
    return read_pvgis_hourly(data, code=CAU, plant=plant)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (build_csv(48), "pvgis-hourly-csv"),
        (build_csv(48).replace(b"\r\n", b"\n"), "pvgis-hourly-csv"),
        (build_csv(48, minute=30), "pvgis-hourly-csv"),
        (build_csv(48).replace(b"Elevation (m):\t12", b'"Elevation (m):\t12"'), "pvgis-hourly-csv"),
        (build_json(48), "pvgis-hourly-json"),
    ],
)
def test_power_is_read_as_the_energy_of_its_utc_hour(data: bytes, kind: str) -> None:
    file = read(data)
    assert file.format == kind
    assert (file.n_rows, file.rejections.told) == (48, [])
    (series,) = file.series
    assert (series.code, series.channel, series.step) == (CAU, Channel.GENERATION, Step.HOUR)
    first = np.datetime64("2019-03-30T00:00:00")
    assert series.starts.dtype == np.dtype("datetime64[s]")
    np.testing.assert_array_equal(series.starts, first + np.arange(48) * np.timedelta64(3600, "s"))
    assert series.energy_wh[[0, 6, 12, 36]].tolist() == [0, 21075, 63225, 63225]
    assert set(series.quality.tolist()) == {Quality.ESTIMATED}
    assert file.notes == (
        "generation is the power that PVGIS worked out",
        "the sample of each hour stands for the mean of its UTC hour",
    )


def test_irradiance_is_turned_into_energy_of_a_plant() -> None:
    file = read(build_csv(24, columns=COLUMNS[1:]), PLANT)
    sun = np.array([hour(number)[1] for number in range(24)])
    # PVWatts by hand: SAPM open rack, 0.37 % a degree, 14 % losses, 96 % inverter
    module_c = sun * np.exp(-3.56 - 0.075 * 2.1) + 18.5
    cell_c = module_c + sun / 1000 * 3
    dc_kw = sun / 1000 * 100 * (1 - 0.0037 * (cell_c - 25)) * 0.86
    share = np.maximum(dc_kw / (80 / 0.96), 1e-9)
    efficiency = (0.96 / 0.9637) * (-0.0162 * share - 0.0059 / share + 0.9858)
    expected = np.where(sun > 0, np.clip(efficiency * dc_kw, 0, 80), 0) * 1000
    np.testing.assert_allclose(file.series[0].energy_wh, expected, atol=0.51)
    assert file.series[0].energy_wh.max() > 60_000
    assert file.notes[0] == "generation is worked out from irradiance for a plant of 100 kW"


def test_parts_of_irradiance_add_up() -> None:
    whole = build_csv(24, columns=COLUMNS[1:])
    parts = whole.replace(b"time,G(i),", b"time,Gb(i),Gd(i),Gr(i),").replace(b",H_sun", b"", 1)
    lines = []
    for line in parts.decode().split("\r\n"):
        cells = line.split(",")
        if line[:8].isdigit():
            sun = float(cells[1])
            cells[1:3] = [f"{sun / 2}", f"{sun / 4}", f"{sun / 4}"]
        lines.append(",".join(cells))
    split = read("\r\n".join(lines).encode(), PLANT).series[0]
    np.testing.assert_array_equal(split.energy_wh, read(whole, PLANT).series[0].energy_wh)


def test_irradiance_without_a_plant_is_refused() -> None:
    with pytest.raises(UnknownPlantError, match="irradiance but no power") as caught:
        read(build_csv(24, columns=COLUMNS[1:]))
    assert caught.value.code is ErrorCode.INVALID_ARGUMENT


def test_clipping_and_night() -> None:
    noon_night = np.array([1200.0, 0.0]), np.array([5.0, 5.0])
    assert model_power_kw(PLANT, *noon_night, 4.0).tolist() == [80.0, 0.0]


@pytest.mark.parametrize(
    "data",
    [
        b'{"outputs": {"months_selected": [], "tmy_hourly": []}}',
        HEAD.encode()
        + b"month,year\n1,2018\ntime(UTC),T2m,RH,G(h)\n20180101:0000,2.04,94.38,0.0\n",
    ],
)
def test_typical_years_are_refused_by_name(data: bytes) -> None:
    with pytest.raises(TypicalYearError, match="its months come from different years"):
        read(data)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "names no latitude first"),
        (b"cups;fecha;hora\n", "names no latitude first"),
        (b'{"outputs": {"monthly": []}}', "without hourly values"),
        (b'{"outputs": []}', "without hourly values"),
        (b'{"outputs": {"hourly": ', "is not JSON"),
        (build_json(0), "is not a whole hourly file"),
        (build_json(2, meta=None), "is not a whole hourly file"),
        (build_json(2, outputs={"hourly": 7}), "is not a whole hourly file"),
        (build_json(2).replace(b"20190330:0110", b"20190330:0010"), "repeat or go back"),
        (build_json(2).replace(b"20190330:0010", b"20190330:0310"), "repeat or go back"),
        (build_json(2).replace(b"20190330:0010", b"19190330:0010"), "outside 1990 to 2100"),
        (build_json(2).replace(b'"P": 0.0', b'"P": "much"'), "P that is not a number"),
        (build_csv(2).replace(b",T2m", b",T2n"), None),
        (build_csv(2).replace(b"G(i),", b"P,", 1), "names the column P twice"),
        (build_csv(0), "holds no hours"),
        (build_csv(2).replace(b"time,", b"hour,"), "is not a whole hourly file"),
        (build_csv(2).replace(b"39.482", b"north"), "is not a whole hourly file"),
        (build_csv(2).replace(b"18.5", b"warm"), "is not a whole hourly file"),
        (b"\xff\xfe" + build_csv(2), "is not UTF-8"),
    ],
)
def test_other_files_are_refused(data: bytes, reason: str | None) -> None:
    if reason is None:
        assert read(data).n_rows == 2
        with pytest.raises(UnreadableFileError, match="has no column temp_air"):
            read(data.replace(b"time,P,", b"time,Q,"), PLANT)
        return
    with pytest.raises(UnreadableFileError, match=reason):
        read(data)


@pytest.mark.parametrize("power", ["-1.0", "nan", "inf", "2147483648000"])
def test_impossible_power_is_refused(power: str) -> None:
    with pytest.raises(InvalidDataError, match="energy must lie between 0 and 2147483647 Wh"):
        read(build_csv(14).replace(b",63225.0,", f",{power},".encode()))


def test_files_larger_than_decades_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loaders.meter_files.pvgis.LARGEST_BYTES", 1_000)
    with pytest.raises(UnreadableFileError, match="is larger than 1000 bytes"):
        read(build_csv(48))


def outcome(data: bytes) -> MeterFile | CommunityError:
    try:
        return read(data, PLANT)
    except CommunityError as error:
        return error


@pytest.mark.parametrize("data", [build_csv(48), build_json(48)])
def test_torn_files_say_so(data: bytes) -> None:
    for part in range(64):
        result = outcome(data[: len(data) * part // 64])
        if isinstance(result, MeterFile):
            assert (
                result.notes[-1] == ("the legend at the end is missing: the file may be cut short")
                or result.n_rows == 48
            )


@settings(max_examples=200, deadline=None)
@given(
    data=st.sampled_from([build_csv(6), build_json(6), build_csv(6, columns=COLUMNS[1:])]),
    flips=st.lists(st.tuples(st.integers(0, 5_000), st.integers(1, 255)), min_size=1, max_size=6),
)
def test_flipped_bytes_give_records_or_typed_errors(
    data: bytes, flips: list[tuple[int, int]]
) -> None:
    changed = bytearray(data)
    for position, mask in flips:
        changed[position % len(changed)] ^= mask
    result = outcome(bytes(changed))
    if isinstance(result, MeterFile):
        assert (result.series[0].energy_wh >= 0).all()
        assert (np.diff(result.series[0].starts) > np.timedelta64(0)).all()


class TestSharedSamples:
    @pytest.fixture
    def folder(self) -> Path:
        return shared_data_folder()

    def test_samples(self, folder: Path) -> None:
        (sample,) = (folder / "formats/pvgis").glob("*2013_2014.json")
        file = read(sample.read_bytes())
        assert file.series[0].starts[0] == np.datetime64("2013-01-01T00:00:00")
        assert file.series[0].energy_wh.tolist() == [0] * 8 + [1187, 3950]
        (sample,) = (folder / "formats/pvgis").glob("*2016_2016.csv")
        file = read(sample.read_bytes(), PLANT)
        assert file.series[0].energy_wh.argmax() == 8
        (sample,) = (folder / "formats/pvgis").glob("tmy*.json.gz")
        with pytest.raises(TypicalYearError):
            read(gzip.decompress(sample.read_bytes()))

    @pytest.mark.parametrize("year", range(2015, 2021))
    def test_years_of_valencia(self, folder: Path, year: int) -> None:
        data = gzip.decompress((folder / f"pv/pvgis_valencia_{year}.csv.gz").read_bytes())
        (series,) = read(data, PLANT).series
        assert series.starts.size == 8760
        # a south roof in Valencia: PVGIS itself says about 1,500 kWh a kWp
        assert 1_400 < series.energy_wh.sum() / 1000 / 100 < 1_700
