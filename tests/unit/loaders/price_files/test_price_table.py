import gzip
from pathlib import Path

import pytest

from loaders.decoding import UnreadableFileError
from loaders.price_files.price_numbers import PriceUnit
from loaders.price_files.price_table import PriceColumns, read_price_table
from loaders.price_files.records import PriceSubject
from models.values.calendar import Step, Zone


def test_columns_that_say_what_they_hold() -> None:
    text = (
        "ts_utc,energy_eur_kwh,surplus_eur_kwh,note\n"
        "2022-12-31T23:00:00Z,0.04145,-0.00074,x\n\n"
        "2023-01-01T00:00:00Z,0.04301,-0.00074,y\n,,,\n"
    )
    energy, surplus = read_price_table(text.encode()).series
    assert (energy.subject, energy.zone, energy.step) == (PriceSubject.OTHER, None, Step.HOUR)
    assert energy.starts.astype(str).tolist() == ["2022-12-31T23:00:00", "2023-01-01T00:00:00"]
    assert energy.nano_eur_per_kwh.tolist() == [41_450_000, 43_010_000]
    assert surplus.subject is PriceSubject.SURPLUS
    assert surplus.nano_eur_per_kwh.tolist() == [-740_000, -740_000]


def test_any_two_columns_by_a_mapping() -> None:
    text = "Inicio;Precio (€/MWh)\n2025-10-26T02:00:00+02:00;41,45\n2025-10-26T02:15:00+02:00;-1\n"
    columns = PriceColumns(
        "Inicio", {"Precio (€/MWh)": PriceSubject.OTHER}, PriceUnit.EUR_PER_MWH, Zone.CANARIAS
    )
    (series,) = read_price_table(text.encode(), columns).series
    assert (series.zone, series.step) == (Zone.CANARIAS, Step.QUARTER_HOUR)
    assert series.nano_eur_per_kwh.tolist() == [41_450_000, -1_000_000]


def test_latin_1_and_rows_out_of_order() -> None:
    text = "ts_utc;pvpc_eur_kwh;año\n2025-06-01T01:00:00Z;1;\n2025-06-01T00:00:00Z;2;\n"
    (series,) = read_price_table(text.encode("latin-1")).series
    assert series.nano_eur_per_kwh.tolist() == [2_000_000_000, 1_000_000_000]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "line 1: column 'ts_utc' is missing"),
        ("ts_utc,price", "line 1: has none of the columns of prices 'energy_eur_kwh'"),
        ("ts_utc,ts_utc,pvpc_eur_kwh", "line 1: column 'ts_utc' stands twice"),
        ("ts_utc,pvpc_eur_kwh\n2025-06-01T01:00:00Z", "line 2: has 1 cells, the header has 2"),
        ("ts_utc,pvpc_eur_kwh\n2025-06-01,1", "line 2: '2025-06-01' is not an instant"),
        ("ts_utc,pvpc_eur_kwh\n2025-06-01T01:00:00Z,", "line 2, pvpc_eur_kwh: price is empty"),
        ("ts_utc,pvpc_eur_kwh\n2025-06-01T01:00:00Z,inf", "price is 'inf', not a number"),
        ("ts_utc,pvpc_eur_kwh", "holds no price"),
        ("ts_utc,pvpc_eur_kwh\n\0", "line 2: holds a NUL character"),
    ],
)
def test_wrong_tables_name_their_faults(text: str, reason: str) -> None:
    with pytest.raises(UnreadableFileError) as caught:
        read_price_table(text.encode())
    assert reason in str(caught.value)


def test_five_years_of_the_tariff(shared_data: Path) -> None:
    packed = (shared_data / "prices" / "pvpc_pcb_hourly_2021-06_2026-08.csv.gz").read_bytes()
    (series,) = read_price_table(gzip.decompress(packed)).series
    assert (series.subject, series.step, series.starts.size) == (
        PriceSubject.PVPC,
        Step.HOUR,
        45_384,
    )
    assert (str(series.starts[0]), str(series.starts[-1])) == (
        "2021-05-31T22:00:00",
        "2026-08-08T21:00:00",
    )
    assert series.nano_eur_per_kwh[[0, -1]].tolist() == [116_330_000, 230_130_000]
    # one of the two hours of 2025-01-01 that look like an error of publication is kept as it is
    assert int(series.nano_eur_per_kwh.max()) == 964_880_000
