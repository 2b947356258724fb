import gzip
from pathlib import Path

import pytest

from loaders.decoding import UnreadableFileError
from loaders.price_files.esios import read_esios_csv, read_esios_json
from loaders.price_files.price_rows import FaultyPricesError
from loaders.price_files.pvpc import read_pvpc_archive, read_pvpc_daily
from loaders.price_files.records import PriceFile, PriceSeries, PriceSubject
from loaders.price_files.redata import read_redata_json
from models.values.calendar import Step, Zone
from tests.support.price_texts import esios_json, pvpc_archive, pvpc_daily, redata

DAY = "2021-02-01"
CSV_HEADER = "id;name;geoid;geoname;value;datetime"


def only(file: PriceFile, zone: Zone | None) -> PriceSeries:
    (found,) = [series for series in file.series if series.zone is zone]
    return found


def test_the_hour_that_comes_twice_is_told_by_its_offset() -> None:
    file = read_esios_json(
        esios_json(
            1001,
            [
                ("1.10", "2021-10-31T02:00:00.000+02:00", 8741),
                ("2.20", "2021-10-31T02:00:00.000+01:00", 8741),
                ("3", "2021-10-31T02:00:00.000+01:00", 8744),
            ],
        )
    )
    peninsula = only(file, Zone.PENINSULA)
    assert peninsula.starts.astype(str).tolist() == ["2021-10-31T00:00:00", "2021-10-31T01:00:00"]
    assert peninsula.nano_eur_per_kwh.tolist() == [1_100_000, 2_200_000]
    assert only(file, Zone.CEUTA).nano_eur_per_kwh.tolist() == [3_000_000]
    assert {series.subject for series in file.series} == {PriceSubject.PVPC}


def test_tz_time_stands_in_for_a_missing_datetime() -> None:
    data = esios_json(1739, [("-1.45", "2024-03-08T23:00:00.000Z", 3)])
    (surplus,) = read_esios_json(data.replace(b'"datetime":', b'"tz_time":')).series
    assert (surplus.subject, surplus.zone) == (PriceSubject.SURPLUS, None)
    assert (str(surplus.starts[0]), surplus.nano_eur_per_kwh[0]) == (
        "2024-03-08T23:00:00",
        -1_450_000,
    )


def test_quarter_hours_are_seen_and_repeats_that_agree_are_noted() -> None:
    stamp = "2025-10-01T00:{}:00+02:00"
    values = [
        ("1", stamp.format("00"), 3),
        ("2", stamp.format("15"), 3),
        ("2.0", stamp.format("15"), 3),
    ]
    file = read_esios_json(esios_json(1739, values))
    assert file.series[0].step is Step.QUARTER_HOUR
    assert file.notes == ("1 prices stand twice and say the same",)


def test_digits_are_never_rounded_through_a_float() -> None:
    stamp = "2025-10-01T00:00:00+02:00"
    (series,) = read_esios_json(esios_json(1739, [("999999999.123457", stamp, 3)])).series
    assert series.nano_eur_per_kwh[0] == 999_999_999_123_457
    rounded = read_esios_json(esios_json(1739, [("1.0000005", stamp, 3)]))
    assert rounded.series[0].nano_eur_per_kwh[0] == 1_000_000
    assert rounded.notes[0].startswith("1 prices had more than nine decimals")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"[]", "is not a JSON object"),
        (b'{"indicator": []}', "it has no indicator.values"),
        (b'{"indicator": {"values": 1}}', "it has no indicator.values"),
        (esios_json(10211, []), "'10211' is not one that is read; those are 1001 and 1739"),
        (esios_json(1001, []), "holds no price"),
        (b'{"indicator": {"id": 1001, "values": [3]}}', "value 1: is not an object"),
        (
            esios_json(1001, [("1", "2021-10-31T02:00:00+01:00", 3)]),
            "value 1: place '3' is not one of indicator 1001",
        ),
        (
            esios_json(1001, [("1", "2021-10-31T02:00:00", 8741)]),
            "value 1: '2021-10-31T02:00:00' is not an instant such as 2026-07-01T00:00:00+02:00",
        ),
        (
            esios_json(1001, [("1", "2021-02-31T02:00:00Z", 8741)]),
            "value 1: '2021-02-31T02:00:00Z' is not in the calendar",
        ),
        (
            esios_json(1001, [("1", "2021-02-01T02:05:00Z", 8741)]),
            "value 1: 2021-02-01T02:05:00Z is not the start of a quarter-hour",
        ),
        (
            esios_json(1001, [("1", "1921-02-01T02:00:00Z", 8741)]),
            "value 1: 1921-02-01T02:00:00Z is not from 2000-01-01 to 2099-12-31",
        ),
        (esios_json(1001, [("null", "2021-02-01T02:00:00Z", 8741)]), "value 1: has no price"),
        (
            esios_json(1001, [("1e30", "2021-02-01T02:00:00Z", 8741)]),
            "value 1: price is '1E+30', beyond a million euros per kWh",
        ),
        (
            esios_json(
                1001, [("1", f"{DAY}T02:00:00Z", 8741), ("2", f"{DAY}T03:00:00+01:00", 8741)]
            ),
            "value 2: pvpc of 2021-02-01T02:00:00Z has another price already",
        ),
        (b'{"indicator": ' + b"[" * 100_000, "is nested too deep"),
        (b'{"a": 1, "a": 2}', "key 'a' stands twice in one object"),
        (b'{"a": NaN}', "holds NaN, which is not JSON"),
        (b'{"a": 1e99999999999999999999}', "holds a number with too many digits"),
        (b"{", "line 1: is not JSON"),
        (b"\xff", "line 1: is not UTF-8 text"),
        (b" " * ((1 << 25) + 1), "is larger than 33554432 bytes"),
    ],
)
def test_wrong_answers_of_esios_name_their_faults(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFileError) as caught:
        read_esios_json(data)
    assert reason in str(caught.value)


def test_exports_of_esios() -> None:
    lines = [
        CSV_HEADER,
        "1739;Precio;;;-1.57;2023-10-29T02:00:00+02:00",
        "1739;Precio;;;-1.59;2023-10-29T02:00:00+01:00",
        "1001;PVPC;8741;Península;39.98;2023-10-29T02:00:00+02:00",
    ]
    file = read_esios_csv("\n".join(lines).encode())
    assert only(file, None).nano_eur_per_kwh.tolist() == [-1_570_000, -1_590_000]
    assert only(file, Zone.PENINSULA).nano_eur_per_kwh.tolist() == [39_980_000]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "does not have the columns id;name;geoid;geoname;value;datetime"),
        (f"{CSV_HEADER}\n1001;x", "line 2: has 2 cells, the header has 6"),
        (f"{CSV_HEADER}\n7;x;;;1;2023-10-29T02:00:00+02:00", "line 2: indicator '7' is not one"),
        (f'{CSV_HEADER}\n"1001', "line 2: is not CSV"),
    ],
)
def test_wrong_exports_of_esios(text: str, reason: str) -> None:
    with pytest.raises(UnreadableFileError) as caught:
        read_esios_csv(text.encode())
    assert reason in str(caught.value)


def spans(hours: list[int]) -> list[tuple[str, str, str]]:
    return [
        (f"{hour:02d}-{hour + 1:02d}", f"{place},50", "-0,25") for place, hour in enumerate(hours)
    ]


@pytest.mark.parametrize(
    ("day", "hours", "last"),
    [
        ("30/03/2025", [0, 1, *range(3, 24)], "2025-03-30T21:00:00"),
        ("30/03/2025", list(range(23)), "2025-03-30T21:00:00"),
        ("26/10/2025", [0, 1, 2, 2, *range(3, 24)], "2025-10-26T22:00:00"),
        ("26/10/2025", list(range(25)), "2025-10-26T22:00:00"),
        ("01/06/2025", list(range(24)), "2025-06-01T21:00:00"),
    ],
)
def test_archive_70_by_clock_hours_or_by_numbers(day: str, hours: list[int], last: str) -> None:
    file = read_pvpc_archive(pvpc_archive(day, spans(hours)))
    assert [series.zone for series in file.series] == [
        Zone.BALEARES, Zone.CANARIAS, Zone.CEUTA, Zone.MELILLA, Zone.PENINSULA,
    ]  # fmt: skip
    peninsula = only(file, Zone.PENINSULA)
    assert (str(peninsula.starts[-1]), peninsula.starts.size) == (last, len(hours))
    expected = [place * 1_000_000 + 500_000 for place in range(len(hours))]
    assert peninsula.nano_eur_per_kwh.tolist() == expected
    assert set(only(file, Zone.MELILLA).nano_eur_per_kwh.tolist()) == {-250_000}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"{}", "it has no list PVPC"),
        (b'{"PVPC": []}', "holds no price"),
        (b'{"PVPC": [1]}', "entry 1: has no Dia such as 30/10/2021 and Hora such as 00-01"),
        (pvpc_archive("31/02/2025", spans([0])), "entry 1: '31/02/2025' is not a day"),
        (
            pvpc_archive("30/03/2025", spans(list(range(24)))),
            "entry 1: 2025-03-30 has 23 hours, the file 24: hour 2 is too much",
        ),
        (
            pvpc_archive("26/10/2025", spans(list(range(24)))),
            "entry 1: 2025-10-26 has 25 hours, the file 24: hour 2 is missing",
        ),
        (
            pvpc_archive("01/06/2025", spans([1, 0, *range(2, 24)])),
            "2025-06-01 has 24 hours, the file 24: they are out of order",
        ),
        (
            pvpc_archive("01/06/2025", spans(list(range(24)))).replace(b'"5,50"', b"5.5"),
            "entry 6, PCB: is not a text such as 131,04",
        ),
        (
            pvpc_archive("01/06/2025", spans(list(range(24)))).replace(b'"5,50"', b'"1.131,04"'),
            "entry 6, PCB: price is '1.131,04', not a number",
        ),
    ],
)
def test_wrong_archives_name_their_faults(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFileError) as caught:
        read_pvpc_archive(data)
    assert reason in str(caught.value)


def test_daily_files_of_short_and_long_days() -> None:
    (short,) = read_pvpc_daily(pvpc_daily("2025-03-30", [0, 1, *range(3, 24)])).series
    assert (short.starts.size, str(short.starts[2])) == (23, "2025-03-30T01:00:00")
    (long,) = read_pvpc_daily(pvpc_daily("2025-10-26", range(25)), Zone.CEUTA).series
    assert (long.starts.size, long.zone) == (25, Zone.CEUTA)
    assert set(long.nano_eur_per_kwh.tolist()) == {67_620_000}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"{}", "it has no day and data"),
        (b'{"day": 3, "data": {}}', "it has no day and data"),
        (b'{"day": "2025-03-30", "data": []}', "it has no day and data"),
        (pvpc_daily("2025-02-30", range(24)), "'2025-02-30' is not a day"),
        (b'{"day": "2025-03-30", "data": {"x": 1}}', "key 'x' is not an hour"),
        (pvpc_daily("2025-10-26", range(24)), "has 25 hours, the file 24: hour 2 is missing"),
        (pvpc_daily("2025-06-01", range(23)), "has 24 hours, the file 23: hour 23 is missing"),
        (pvpc_daily("2025-06-01", range(24), "null"), "hour 0: has no price"),
        (pvpc_daily("2025-06-01", range(24), '"x"'), "hour 0: price is 'x', not a number"),
    ],
)
def test_wrong_daily_files_name_their_faults(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFileError) as caught:
        read_pvpc_daily(data)
    assert reason in str(caught.value)


def test_redata_tells_the_tariff_and_the_market() -> None:
    stamp = "2026-07-01T00:00:00.000+02:00"
    file = read_redata_json(
        redata([("1001", [("101.5", stamp)]), ("600", [("-2", stamp)]), ("7", [])]), Zone.MELILLA
    )
    assert [(s.subject, s.zone, s.nano_eur_per_kwh.tolist()) for s in file.series] == [
        (PriceSubject.DAY_AHEAD, None, [-2_000_000]),
        (PriceSubject.PVPC, Zone.MELILLA, [101_500_000]),
    ]
    assert file.notes == ("1 indicators that are neither 1001 nor 600 were left",)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"{}", "it has no list included"),
        (b'{"included": [1]}', "holds no price"),
        (b'{"included": [{"id": "1001"}]}', "indicator 1: has no attributes.values"),
        (redata([("1001", [('"1"', "x")])]), "value 1: has no value that is a number"),
        (redata([("1001", [("1", "x")])]), "value 1: 'x' is not an instant"),
        (b'{"included": [{"id": "600", "attributes": {"values": [4]}}]}', "has no value"),
    ],
)
def test_wrong_answers_of_redata(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFileError) as caught:
        read_redata_json(data)
    assert reason in str(caught.value)


def test_faults_stand_in_order_and_carry_their_format() -> None:
    data = esios_json(1001, [("null", "x", 8741), ("null", "2021-02-01T02:00:00Z", 8741)])
    with pytest.raises(FaultyPricesError) as caught:
        read_esios_json(data)
    assert [(fault.file, fault.place) for fault in caught.value.faults] == [
        ("esios-json", "value 1"),
        ("esios-json", "value 2"),
    ]


def test_samples(shared_data: Path) -> None:
    esios = shared_data / "formats" / "esios"
    june = read_esios_json((esios / "PRICES_ESIOS_1001_2021_06_01.json").read_bytes())
    assert [series.starts.size for series in june.series] == [24] * 5
    peninsula = only(june, Zone.PENINSULA)
    assert (str(peninsula.starts[0]), peninsula.nano_eur_per_kwh[0]) == (
        "2021-05-31T22:00:00", 116_330_000,
    )  # fmt: skip
    october = read_esios_json((esios / "PRICES_ESIOS_1001_2021_10_30.json").read_bytes())
    assert only(october, Zone.PENINSULA).nano_eur_per_kwh[[0, -1]].tolist() == [
        131040000,
        168700000,
    ]
    for day, first, last in (
        ("2021_10_30", 99_680_000, 132_360_000),
        ("2024_03_09", -1_450_000, -1_240_000),
    ):
        (surplus,) = read_esios_json((esios / f"PRICES_ESIOS_1739_{day}.json").read_bytes()).series
        assert surplus.nano_eur_per_kwh[[0, -1]].tolist() == [first, last]
    archive = read_pvpc_archive((esios / "PVPC_CURV_DD_2021_10_30.json").read_bytes())
    for series in archive.series:
        same = only(october, series.zone)
        assert (series.starts == same.starts).all()
        assert (series.nano_eur_per_kwh == same.nano_eur_per_kwh).all()
    short = only(
        read_pvpc_archive((esios / "PVPC_CURV_DD_2022_03_27.json").read_bytes()), Zone.PENINSULA
    )
    assert short.nano_eur_per_kwh[[0, 2, 22]].tolist() == [171_480_000, 104_850_000, 152_390_000]
    assert str(short.starts[2]) == "2022-03-27T01:00:00"


def test_daily_samples(shared_data: Path) -> None:
    daily = shared_data / "formats" / "pvpc_daily"
    (short,) = read_pvpc_daily((daily / "2025-03-30.json").read_bytes()).series
    assert short.nano_eur_per_kwh[[0, 2, 22]].tolist() == [67_620_000, 76_310_000, 70_750_000]
    (usual,) = read_pvpc_daily((daily / "2025-06-01.json").read_bytes()).series
    assert usual.nano_eur_per_kwh[[0, 23]].tolist() == [124_500_000, 98_680_000]


def test_exports_of_a_year(shared_data: Path) -> None:
    prices = shared_data / "prices"
    pvpc = read_esios_csv(
        gzip.decompress((prices / "esios_1001_pvpc_2023_2024-04.csv.gz").read_bytes())
    )
    (series,) = pvpc.series
    assert (series.zone, series.starts.size, int(series.nano_eur_per_kwh.max())) == (
        Zone.PENINSULA, 11_039, 357_200_000,
    )  # fmt: skip
    (surplus,) = read_esios_csv(
        gzip.decompress((prices / "esios_1739_excedentes_2023.csv.gz").read_bytes())
    ).series
    assert (surplus.subject, surplus.starts.size) == (PriceSubject.SURPLUS, 8_761)
    assert (int(surplus.nano_eur_per_kwh.min()), int(surplus.nano_eur_per_kwh.max())) == (
        -2_700_000, 220_010_000,
    )  # fmt: skip
