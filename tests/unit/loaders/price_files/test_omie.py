from pathlib import Path

import numpy as np
import pytest

from loaders.decoding import UnreadableFileError
from loaders.price_files.hourly_mean import IncompleteHourError, average_quarters
from loaders.price_files.omie import read_omie_day_report, read_omie_marginalpdbc
from loaders.price_files.price_rows import FaultyPricesError
from loaders.price_files.records import PriceSeries, PriceSubject
from models.values.calendar import Step
from tests.support.price_texts import day_report, marginalpdbc

QUARTERS = [f"H{hour}Q{quarter}" for hour in range(1, 25) for quarter in range(1, 5)]


def numbered(count: int) -> list[tuple[str, str]]:
    return [("-1", f"{period}.05") for period in range(1, count + 1)]


@pytest.mark.parametrize(
    ("day", "count", "step", "first", "last"),
    [
        ("2025-03-30", 92, Step.QUARTER_HOUR, "2025-03-29T23:00:00", "2025-03-30T21:45:00"),
        ("2025-12-12", 96, Step.QUARTER_HOUR, "2025-12-11T23:00:00", "2025-12-12T22:45:00"),
        ("2025-10-26", 100, Step.QUARTER_HOUR, "2025-10-25T22:00:00", "2025-10-26T22:45:00"),
        ("2024-03-31", 23, Step.HOUR, "2024-03-30T23:00:00", "2024-03-31T21:00:00"),
        ("2024-10-27", 25, Step.HOUR, "2024-10-26T22:00:00", "2024-10-27T22:00:00"),
    ],
)
def test_periods_count_what_passes_on_short_and_long_days(
    day: str, count: int, step: Step, first: str, last: str
) -> None:
    (series,) = read_omie_marginalpdbc(marginalpdbc(day, numbered(count))).series
    assert (series.subject, series.zone, series.step) == (PriceSubject.DAY_AHEAD, None, step)
    assert (str(series.starts[0]), str(series.starts[-1])) == (first, last)
    assert set(np.diff(series.starts).astype(int)) == {step.seconds}
    expected = [period * 1_000_000 + 50_000 for period in range(1, count + 1)]
    assert series.nano_eur_per_kwh.tolist() == expected


def test_the_second_price_is_the_spanish_one() -> None:
    # 1 March 2026, period 46: OMIE's own report names -2,00 Spanish and -1,51 Portuguese
    prices = [("10", "10")] * 45 + [("-1.51", "-2")] + [("10", "10")] * 50
    (series,) = read_omie_marginalpdbc(marginalpdbc("2026-03-01", prices)).series
    assert series.nano_eur_per_kwh[45] == -2_000_000


def test_several_days_in_one_file() -> None:
    second = marginalpdbc("2025-12-13", numbered(96)).split(b"\n", 1)[1]
    both = marginalpdbc("2025-12-12", numbered(96)).removesuffix(b"*") + second
    (series,) = read_omie_marginalpdbc(both).series
    assert series.starts.size == 192


def test_hours_of_september_and_quarters_of_october_are_two_series() -> None:
    september = marginalpdbc("2025-09-30", numbered(24))
    october = marginalpdbc("2025-10-01", numbered(96)).split(b"\n", 1)[1]
    hours, quarters = read_omie_marginalpdbc(september.removesuffix(b"*") + october).series
    assert (hours.step, hours.starts.size) == (Step.HOUR, 24)
    assert (str(hours.starts[0]), str(hours.starts[-1])) == (
        "2025-09-29T22:00:00",
        "2025-09-30T21:00:00",
    )
    assert (quarters.step, quarters.starts.size) == (Step.QUARTER_HOUR, 96)
    assert str(quarters.starts[0]) == "2025-09-30T22:00:00"
    assert quarters.nano_eur_per_kwh[:2].tolist() == [1_050_000, 2_050_000]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "line 1: does not begin with MARGINALPDBC;"),
        (b"MARGINALPDBC;\n2025;12;12;1;1;1;\n", "is cut off: its last line is not *"),
        (b"MARGINALPDBC;\n*", "holds no price"),
        (
            marginalpdbc("2025-12-12", numbered(95)),
            "2025-12-12 has 24 hours or 96 quarter-hours, the file 95 prices",
        ),
        (
            marginalpdbc("2025-12-12", [*numbered(95), ("1", "x")]),
            "omie-marginalpdbc, line 97: price is 'x', not a number",
        ),
        (
            marginalpdbc("2025-12-12", [*numbered(95), ("1", "")]),
            "omie-marginalpdbc, line 97: price is empty",
        ),
        (
            marginalpdbc("2025-02-30", numbered(96)),
            "omie-marginalpdbc, line 2: '2025-02-30' is not a day",
        ),
        (
            marginalpdbc("1999-02-03", numbered(24)),
            "omie-marginalpdbc, line 2: day 1999-02-03 is not from 2000-01-01 to 2099-12-31",
        ),
        (
            marginalpdbc("2025-12-12", numbered(96)).replace(b";96;", b";97;"),
            "omie-marginalpdbc, line 97: period 97 is not from 1 to 96",
        ),
        (
            marginalpdbc("2025-12-12", numbered(96)).replace(b";12;96;", b";12;95;"),
            "omie-marginalpdbc, line 97: period 95 of 2025-12-12 stands already in line 96",
        ),
        (b"MARGINALPDBC;\n<html>\n*", "line 2: '<html>' is not year;month;day;period;price;price;"),
    ],
)
def test_wrong_market_files_name_their_faults(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFileError) as caught:
        read_omie_marginalpdbc(data)
    assert reason in str(caught.value)


def test_every_fault_of_a_file_is_told() -> None:
    prices = [("1", "x"), ("1", "nan"), *numbered(22)]
    with pytest.raises(FaultyPricesError) as caught:
        read_omie_marginalpdbc(marginalpdbc("2023-05-28", prices))
    assert [fault.place for fault in caught.value.faults] == ["line 2", "line 3"]


def test_reports_in_hours_and_quarter_hours() -> None:
    # 1 October 2025: hour 10 of the Spanish side
    spanish = ["105,10"] * 36 + ["125,50", "105,01", "92,24", "60,00"] + ["1,00"] * 56
    report = day_report("01/10/2025", QUARTERS, spanish, "EUR/MWh")
    (series,) = read_omie_day_report(report).series
    assert series.step is Step.QUARTER_HOUR
    assert series.nano_eur_per_kwh[36:40].tolist() == [125500000, 105010000, 92240000, 60000000]
    assert average_quarters(series).nano_eur_per_kwh[9] == 95_687_500
    hours = [str(hour) for hour in range(1, 25)]
    in_cents = read_omie_day_report(day_report("01/06/2009", hours, ["3,997"] * 24, "Cent/kWh"))
    assert set(in_cents.series[0].nano_eur_per_kwh.tolist()) == {39_970_000}
    assert average_quarters(in_cents.series[0]) is in_cents.series[0]


HOURS = [str(hour) for hour in range(1, 25)]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "line 1: does not begin with OMIE's title of a day"),
        (day_report("31/02/2025", HOURS, ["1"] * 24, "EUR/MWh"), "'31/02/2025' is not a day"),
        (
            day_report("30/03/2025", HOURS, ["1"] * 24, "EUR/MWh"),
            "2025-03-30 has 23 hours or 92 quarter-hours, the file 24 prices",
        ),
        (
            day_report("01/10/2025", ["2", *HOURS[1:]], ["1"] * 24, "EUR/MWh"),
            "does not name its periods",
        ),
        (
            day_report("01/10/2025", HOURS, ["1"] * 23, "EUR/MWh"),
            "line 4: has 23 prices for 24 periods",
        ),
        (
            day_report("01/10/2025", HOURS, ["1"] * 24, "USD/MWh"),
            "line 4: unit 'USD/MWh' is not known",
        ),
        (
            day_report("01/10/2025", HOURS, ["1", "x", *["1"] * 22], "EUR/MWh"),
            "line 4, period 2: price is 'x', not a number",
        ),
        (day_report("01/10/2025", [], [], "EUR/MWh"), "has no line that names the periods"),
        (
            day_report("01/10/2025", HOURS, ["1"] * 24, "EUR/MWh").replace(b"espa", b"ita"),
            "has no row of marginal prices of the Spanish system",
        ),
    ],
)
def test_wrong_reports_name_their_faults(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFileError) as caught:
        read_omie_day_report(data)
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("quarters", "mean"),
    [
        ([0, 0, 0, 1], 0),
        ([0, 0, 0, 2], 0),
        ([0, 0, 3, 3], 2),
        ([0, 0, 0, 3], 1),
        ([-1, -1, 0, 0], 0),
        ([-3, -3, 0, 0], -2),
        ([-1, -1, -1, 0], -1),
    ],
)
def test_means_round_halves_to_even(quarters: list[int], mean: int) -> None:
    assert average_quarters(quarter_series(quarters)).nano_eur_per_kwh.tolist() == [mean]


def quarter_series(prices: list[int]) -> PriceSeries:
    starts = np.datetime64("2025-10-01T08:00:00") + np.arange(len(prices)) * np.timedelta64(
        900, "s"
    )
    return PriceSeries(
        PriceSubject.DAY_AHEAD, None, Step.QUARTER_HOUR, starts, np.array(prices, np.int64)
    )


def test_an_hour_without_a_quarter_has_no_price() -> None:
    with pytest.raises(IncompleteHourError, match="2025-10-01T09:00:00Z") as caught:
        average_quarters(quarter_series([1] * 7))
    assert caught.value.start == np.datetime64("2025-10-01T09:00:00")


def test_samples(shared_data: Path) -> None:
    omie = shared_data / "formats" / "omie"
    (old,) = read_omie_day_report((omie / "PMD_20090601.txt").read_bytes()).series
    assert (str(old.starts[0]), old.starts.size) == ("2009-05-31T22:00:00", 24)
    assert old.nano_eur_per_kwh[[0, 3, 12, 23]].tolist() == [
        39_970_000, 33_960_000, 42_720_000, 37_520_000,
    ]  # fmt: skip
    (later,) = read_omie_day_report((omie / "PrecioMD_OMIE_20201022.txt").read_bytes()).series
    # Spain and Portugal differ in hour 10: 52,49 and 50,13
    assert later.nano_eur_per_kwh[9] == 52_490_000
    assert later.nano_eur_per_kwh[[0, -1]].tolist() == [39_550_000, 46_300_000]
    (hours,) = read_omie_marginalpdbc((omie / "conluz_omie_hour_prices.txt").read_bytes()).series
    assert (hours.step, hours.starts.size) == (Step.HOUR, 24)
    assert hours.nano_eur_per_kwh[[0, 1, 12, 23]].tolist() == [
        105_420_000, 100_000_000, 70_770_000, 107_640_000,
    ]  # fmt: skip
    name = "conluz_omie_quarter_prices.txt"
    (quarters,) = read_omie_marginalpdbc((omie / name).read_bytes()).series
    assert (quarters.step, quarters.starts.size) == (Step.QUARTER_HOUR, 96)
    assert quarters.nano_eur_per_kwh[[0, 3, 95]].tolist() == [99_010_000, 89_000_000, 77_500_000]
    # a quarter of 99.01, 96.53, 91.64 and 89 together
    assert average_quarters(quarters).nano_eur_per_kwh[0] == 94_045_000
