"""Rows in the order of time: repeated, contradicting, of several meters."""

from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from loaders.meter_files.records import (
    ROWS_TOLD,
    MeterSeries,
    Rejections,
    RowCode,
)
from loaders.meter_files.row_places import LinePlaces
from loaders.meter_files.series import EnergyRows, build_series
from models.values.calendar import Step
from models.values.metering import Channel, Quality

HOUR = 3600
NONE = -1


class Numbered:
    """Rows without lines."""

    def line(self, row: int) -> None:
        """Say that there are none."""

    def excerpt(self, row: int) -> str:
        """Quote the row's number."""
        return f"'{row}'"


def rows_of(
    *rows: tuple[int, int, int], surplus: Sequence[int] = (), quality: Sequence[int] = ()
) -> EnergyRows:
    """Make rows of meter, hour and consumption."""
    meters, hours, energy = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    channels = {Channel.CONSUMPTION: energy}
    if surplus:
        channels[Channel.SURPLUS] = np.array(surplus)
    return EnergyRows(
        codes=("b", "a", "c"),
        meters=meters,
        starts=hours * HOUR,
        steps=np.full(meters.size, HOUR),
        energy_wh=channels,
        quality=np.array(quality or [0] * meters.size, dtype=np.uint8),
        rows=np.arange(meters.size),
    )


def text_of(series: MeterSeries) -> tuple[str, str, list[tuple[int, int, int]]]:
    hours = (series.starts.astype(np.int64) // HOUR).tolist()
    values = zip(hours, series.energy_wh.tolist(), series.quality.tolist(), strict=True)
    return series.code, series.channel.value, list(values)


def build(rows: EnergyRows) -> tuple[list[object], Rejections, tuple[str, ...]]:
    rejections = Rejections()
    series, notes = build_series(rows, Numbered(), rejections)
    return [text_of(each) for each in series], rejections, notes


def test_series_go_by_code_and_channel_and_rows_by_time() -> None:
    rows = rows_of((0, 2, 5), (1, 1, 6), (0, 1, 7), surplus=[1, 2, 3])
    found, rejections, notes = build(rows)
    assert found == [
        ("a", "consumption", [(1, 6, 0)]),
        ("a", "surplus", [(1, 2, 0)]),
        ("b", "consumption", [(1, 7, 0), (2, 5, 0)]),
        ("b", "surplus", [(1, 3, 0), (2, 1, 0)]),
    ]
    assert (rejections.told, notes) == ([], ())


def test_types_are_those_of_the_store() -> None:
    (series,), _ = build_series(rows_of((0, 1, 5)), Numbered(), Rejections())
    assert series.step is Step.HOUR
    assert (series.starts.dtype, series.energy_wh.dtype) == (np.dtype("M8[s]"), np.dtype("i4"))
    assert series.quality.dtype == np.uint8


def test_rows_without_data_make_no_value_and_no_series() -> None:
    rows = rows_of((0, 1, 5), (0, 2, NONE), (2, 1, NONE), surplus=[NONE, NONE, NONE])
    assert build(rows)[0] == [("b", "consumption", [(1, 5, 0)])]
    assert build(rows_of())[0] == []


def test_the_same_said_twice_is_kept_once_and_noted() -> None:
    rows = rows_of((0, 1, 5), (0, 2, 6), (0, 1, 5), (0, 1, 5), quality=[1, 1, 0, 1])
    found, rejections, notes = build(rows)
    assert found == [("b", "consumption", [(1, 5, Quality.REAL), (2, 6, Quality.ESTIMATED)])]
    assert rejections.told == []
    assert notes == ("rows that repeat what another row says, taken once: 2",)


def test_a_row_without_data_does_not_contradict() -> None:
    rows = rows_of((0, 1, NONE), (0, 1, 5), surplus=[2, NONE])
    found, rejections, notes = build(rows)
    assert found == [("b", "consumption", [(1, 5, 0)]), ("b", "surplus", [(1, 2, 0)])]
    assert rejections.told == []
    assert notes == ("rows that repeat what another row says, taken once: 1",)


def test_rows_that_contradict_one_another_are_all_rejected_by_name() -> None:
    data = b"h\n\nb1\r\nb2\na1\nb1x\nb1y\nb1z\nb2"
    rows = rows_of((0, 1, 5), (0, 2, 6), (1, 1, 5), (0, 1, 4), (0, 1, 5), (0, 1, 5), (0, 2, 6))
    rejections = Rejections()
    series, notes = build_series(rows, LinePlaces(data, 2, []), rejections)
    assert [text_of(each) for each in series] == [
        ("a", "consumption", [(1, 5, 0)]),
        ("b", "consumption", [(2, 6, 0)]),
    ]
    assert rejections.counts == {RowCode.CONTRADICTION: 4}
    assert [(row.line, row.excerpt) for row in rejections.told] == [
        *((3, "'b1'"), (6, "'b1x'")),
        *((7, "'b1y'"), (8, "'b1z'")),
    ]
    assert rejections.told[1].reason == (
        "line 3, line 7, line 8 states other energy for the same interval; keep the right row"
    )
    assert notes == ("rows that repeat what another row says, taken once: 1",)


def test_a_contradiction_in_one_channel_takes_the_row_from_all() -> None:
    found, rejections, notes = build(rows_of((0, 1, 5), (0, 1, 5), surplus=[1, 2]))
    assert (found, notes) == ([], ())
    assert [row.line for row in rejections.told] == [None, None]
    assert rejections.told[0].reason.startswith("row 2 states other energy")


def test_rejections_beyond_what_is_told_are_counted() -> None:
    n = ROWS_TOLD // 2 + 10
    rows = rows_of(*[(0, hour, 1) for hour in range(n)], *[(0, hour, 2) for hour in range(n)])
    _, rejections, _ = build(rows)
    assert len(rejections.told) == ROWS_TOLD
    assert rejections.counts == {RowCode.CONTRADICTION: 2 * n}


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 6), st.integers(0, 2)), max_size=25))
def test_each_interval_is_taken_once_or_rejected_whole(rows: list[tuple[int, int, int]]) -> None:
    found, rejections, notes = build(rows_of(*rows))
    said: dict[tuple[int, int], list[int]] = {}
    for meter, hour, energy in rows:
        said.setdefault((meter, hour), []).append(energy)
    sound = {key: values for key, values in said.items() if len(set(values)) == 1}
    taken = {
        ("bac".index(code), hour): energy for code, _, values in found for hour, energy, _ in values
    }
    assert taken == {key: values[0] for key, values in sound.items()}
    n_rejected = sum(len(values) for key, values in said.items() if key not in sound)
    assert rejections.counts.total() == len(rejections.told) == n_rejected
    n_repeated = len(rows) - n_rejected - len(sound)
    assert bool(notes) == (n_repeated > 0)
