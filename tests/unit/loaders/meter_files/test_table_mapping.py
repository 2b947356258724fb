import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders.meter_files import table_mapping
from loaders.meter_files.table_mapping import (
    FaultyMappingError,
    parse_table_mapping,
)
from models.values.calendar import Step
from models.values.errors import ErrorCode
from tests.support.table_mappings import CAU, CIL, CUPS, OTHER, change, mapped


class TestMapping:
    def test_the_example_of_the_module_is_a_mapping(self) -> None:
        example = (table_mapping.__doc__ or "").split("::")[1].split("[time]")
        mapping = parse_table_mapping(tomllib.loads("[time]".join(example)))
        assert mapping.code == CAU
        assert mapping.time.minutes == 5
        assert mapping.time.step is Step.QUARTER_HOUR
        assert mapping.values[0].unit.is_power

    @pytest.mark.parametrize("code", [CUPS, OTHER, CAU, CIL])
    def test_all_kinds_of_codes(self, code: str) -> None:
        assert mapped(meter={"code": code}).code == code

    @pytest.mark.parametrize(("minutes", "step"), [(1, 15), (5, 15), (15, 15), (10, 60), (60, 60)])
    def test_the_step_follows_the_rows(self, minutes: int, step: int) -> None:
        assert mapped(time__minutes=minutes).time.step.seconds == step * 60

    @pytest.mark.parametrize(
        ("content", "fault"),
        [
            ({}, "time: is missing or no table"),
            (change(time=7), "time: is missing or no table"),
            (change(time={1: 2}), "time: is missing or no table"),
            (change(time__columns="Fecha"), "time.columns: is missing or no list of texts"),
            (change(time__columns=[]), "time.columns: is missing or no list of texts"),
            (change(time__columns=["a", 1]), "time.columns: is missing or no list of texts"),
            (
                change(time__format=None),
                "time.format: is missing or no text of 1 to 200 characters",
            ),
            (change(time__marks="middle"), "time.marks: is none of begin, end"),
            (change(time__zone="Madrid"), "time.zone: is none of local, utc, offset"),
            (change(time__minutes=True), "time.minutes: is missing or no whole number"),
            (change(time__minutes=7), "time.minutes: is no divisor of 60"),
            (change(time__minutes=0), "time.minutes: is missing or no whole number"),
            (change(time__zone="offset"), "time.format: has %z if and only if zone is offset"),
            (change(time__format="%d/%m/%Y %H:%M%z"), "time.format: has %z if and only if"),
            (change(time__format="%d/%m %H:%M"), "time.format: does not tell day, hour and minute"),
            (change(time__format="%d %d %H"), "time.format: does not tell day, hour and minute"),
            (change(time__format="%d/%m/%Y %H", time__minutes=15), "does not tell day, hour and"),
            (change(time__zones=1), "time.'zones': is not known"),
            (change(values=[]), "values: is no list of 1 to 50 tables"),
            (change(values=[7]), "values[0]: is missing or no table"),
            (change(values=[{"column": "a"}]), "values[0].channel: is none of consumption"),
            (change(meter={}), "meter: give either its code or the column of codes"),
            (change(meter__column="a"), "meter: give either its code or the column of codes"),
            (change(meter={"code": "ES1"}), "meter.code: is 'ES1', no CUPS: it has 3 characters"),
            (change(decimal=" "), "decimal: is none of . ,"),
            (change(header_row=0), "header_row: is missing or no whole number between 1 and 1000"),
            (change(sheet=""), "sheet: is missing or no text"),
            (change(separator="--"), "separator: is no single character"),
            (change(separator='"'), "separator: is no single character"),
            (change(quality={"words": {}}), "quality.column: is missing"),
            (
                change(quality={"column": "a", "words": {"x": "good"}}),
                "quality.words.x: is none of real, estimated, corrected, filled",
            ),
        ],
    )
    def test_what_is_wrong_is_told(self, content: dict[str, object], fault: str) -> None:
        with pytest.raises(FaultyMappingError) as caught:
            parse_table_mapping(content)
        assert any(fault in found for found in caught.value.faults), caught.value.faults
        assert caught.value.code is ErrorCode.INVALID_ARGUMENT

    def test_values_contradict_one_another(self) -> None:
        value = {"column": "a", "channel": "generation", "unit": "kWh"}
        for other in ({"column": "b"}, {"channel": "surplus"}):
            with pytest.raises(FaultyMappingError, match="name a column or a channel twice"):
                mapped(values=[value, {**value, **other}])

    @pytest.mark.parametrize(
        ("unit", "marks", "fault"),
        [
            ("kW", "end", "a counter counts Wh or kWh, not kW"),
            ("kWh", "begin", "a counter is read at the end"),
        ],
    )
    def test_counters_count_energy_at_the_end(self, unit: str, marks: str, fault: str) -> None:
        value = {"column": "a", "channel": "generation", "unit": unit, "counter": True}
        with pytest.raises(FaultyMappingError, match=fault):
            mapped(values=[value], time__marks=marks)
        with pytest.raises(FaultyMappingError, match="neither true nor false"):
            mapped(values=[{**value, "counter": "yes"}])

    def test_all_faults_are_told_at_once(self) -> None:
        with pytest.raises(FaultyMappingError) as caught:
            parse_table_mapping({"extra": 1})
        assert len(caught.value.faults) >= 5

    @settings(max_examples=200)
    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(
                        ["time", "values", "meter", "column", "columns", "format", "unit"]
                    )
                    | st.text(max_size=3),
                    inner,
                    max_size=4,
                )
            ),
            max_leaves=20,
        ).filter(lambda value: isinstance(value, dict))
    )
    def test_any_content_gives_a_mapping_or_a_typed_error(self, content: dict[str, object]) -> None:
        with pytest.raises(FaultyMappingError):
            parse_table_mapping(content)
