import numpy as np
import pytest
from numpy.typing import NDArray

from loaders.detection import detect_file
from loaders.file_formats import FileFormat
from loaders.meter_files.datadis_csv import read_datadis_csv
from loaders.meter_files.simel import read_simel
from models.values.calendar import month_borders
from models.values.cau import Cau
from models.values.metering import Channel, Quality
from scripts.country.month_files import write_consumption, write_generation
from scripts.demo_community.community import invent_cups

MADRID = "Europe/Madrid"
HOURS = 744


@pytest.fixture
def energy_wh() -> NDArray[np.int64]:
    drawn = np.random.default_rng(3).integers(0, 12_000, (3, HOURS))
    drawn[0, :4] = [0, 7, 1_000, 1_050]
    return drawn


def january() -> NDArray[np.datetime64]:
    first, last = month_borders(2026, MADRID)[:2]
    return np.arange(first, last, np.timedelta64(3600, "s"))


def test_consumption_is_read_back_to_the_watt_hour(energy_wh: NDArray[np.int64]) -> None:
    codes = [invent_cups(number) for number in (1, 2, 3)]
    content = write_consumption(codes, energy_wh / 1000, 2026, MADRID)
    file = read_datadis_csv(content, timezone=MADRID)

    assert detect_file("consumos.csv", content).format is FileFormat.DATADIS_CSV
    assert file.rejections.counts == {}
    assert file.n_rows == 3 * HOURS
    assert [series.code for series in file.series] == codes
    for series, values in zip(file.series, energy_wh, strict=True):
        assert series.channel is Channel.CONSUMPTION
        np.testing.assert_array_equal(series.starts, january())
        np.testing.assert_array_equal(series.energy_wh, values)
        assert (series.quality == Quality.REAL).all()


def test_generation_is_read_back_to_the_watt_hour(energy_wh: NDArray[np.int64]) -> None:
    code = invent_cups(9)
    content = write_generation(Cau(f"{code}A000"), energy_wh[0] / 1000, 2026, MADRID)
    file = read_simel(content, FileFormat.SIMEL_MEDIDAS, timezone=MADRID)
    (series,) = file.series

    assert detect_file("x", content).format is FileFormat.SIMEL_MEDIDAS
    assert file.rejections.counts == {}
    assert (series.code, series.channel) == (f"{code}001", Channel.GENERATION)
    np.testing.assert_array_equal(series.starts, january())
    np.testing.assert_array_equal(series.energy_wh, energy_wh[0])
