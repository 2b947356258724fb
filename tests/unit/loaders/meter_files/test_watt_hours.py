"""Texts of energy, against Decimal."""

from decimal import ROUND_HALF_EVEN, Decimal

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders.meter_files.watt_hours import (
    MISSING_WH,
    EnergyFault,
    EnergyUnit,
    parse_watt_hours,
)

LARGEST = 2**31 - 1


def read_one(text: str, unit: EnergyUnit = EnergyUnit.KWH) -> tuple[int, EnergyFault, bool]:
    read = parse_watt_hours(pa.array([text], pa.string()), unit)
    (energy,), (fault,) = read.energy_wh.tolist(), read.faults.tolist()
    return energy, EnergyFault(fault), bool(read.are_rounded[0])


@given(
    whole=st.integers(0, 2_147_482),
    fraction=st.text("0123456789", max_size=12)
    | st.sampled_from(["0005", "00050", "0015", "4995"]),
    sign=st.sampled_from(["", "+"]),
    mark=st.sampled_from([",", "."]),
    zeros=st.sampled_from(["", "000"]),
)
@settings(max_examples=500)
def test_kwh_become_wh_exactly_and_halves_even(
    whole: int, fraction: str, sign: str, mark: str, zeros: str
) -> None:
    exact = Decimal(f"{whole}.{fraction}") * 1000
    expected = exact.quantize(Decimal(1), ROUND_HALF_EVEN)
    energy, fault, is_rounded = read_one(f"{sign}{zeros}{whole}{mark}{fraction}")
    assert (energy, fault, is_rounded) == (int(expected), EnergyFault.NONE, exact != int(exact))


@pytest.mark.parametrize(
    ("text", "unit", "energy"),
    [
        ("12", EnergyUnit.KWH, 12_000),
        (",5", EnergyUnit.KWH, 500),
        ("5,", EnergyUnit.KWH, 5_000),
        ("-0,000", EnergyUnit.KWH, 0),
        ("2147483,647", EnergyUnit.KWH, LARGEST),
        ("459", EnergyUnit.WH, 459),
        ("459.0", EnergyUnit.WH, 459),
        ("0,5", EnergyUnit.WH, 0),
        ("1,5", EnergyUnit.WH, 2),
        ("2147483647", EnergyUnit.WH, LARGEST),
    ],
)
def test_energy_is_read_to_the_watt_hour(text: str, unit: EnergyUnit, energy: int) -> None:
    assert read_one(text, unit)[:2] == (energy, EnergyFault.NONE)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("-0,001", EnergyFault.NEGATIVE),
        ("-0,0001", EnergyFault.NEGATIVE),
        ("-99999999999", EnergyFault.NEGATIVE),
        ("2147483,648", EnergyFault.TOO_LARGE),
        ("2147483,6475", EnergyFault.TOO_LARGE),
        ("9" * 400, EnergyFault.TOO_LARGE),
        ("1.234,5", EnergyFault.NUMBER),
        ("nan", EnergyFault.NUMBER),
        ("inf", EnergyFault.NUMBER),
        ("1e3", EnergyFault.NUMBER),
        (",", EnergyFault.NUMBER),
        ("-", EnergyFault.NUMBER),
        ("+.", EnergyFault.NUMBER),
        ('1"2', EnergyFault.NUMBER),
        ("٣", EnergyFault.NUMBER),
        ("1 2", EnergyFault.NUMBER),
    ],
)
def test_what_is_no_energy_is_told_apart(text: str, fault: EnergyFault) -> None:
    assert read_one(text) == (MISSING_WH, fault, False)
    assert fault.reason
    assert fault.code.value == fault.name.lower()


@pytest.mark.parametrize("text", ["", "Sin dato", "SIN DATO", "sin datos"])
def test_words_for_no_data_are_missing_and_no_fault(text: str) -> None:
    assert read_one(text) == (MISSING_WH, EnergyFault.NONE, False)


def test_no_texts_are_no_energies() -> None:
    assert parse_watt_hours(pa.array([], pa.string()), EnergyUnit.KWH).energy_wh.size == 0
