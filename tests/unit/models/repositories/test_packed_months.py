import struct
import zlib
from datetime import UTC, datetime
from uuid import uuid4

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.repositories.packed_months import (
    DamagedMonthError,
    PackedEnergy,
    StoredMonth,
    pack_energy,
    pack_prices,
    unpack_energy,
    unpack_prices,
)
from models.tables import Price, PriceKind

MARCH = datetime(2023, 2, 28, 23, tzinfo=UTC)


def _month(packed: PackedEnergy, **changed: bytes) -> StoredMonth:
    month = StoredMonth(uuid4(), MARCH, 3600, 1, packed.energy_wh, packed.quality, packed.crc32)
    return month._replace(**changed)


def _price(packed: bytes, crc32: int) -> Price:
    return Price(
        kind=PriceKind.SURPLUS, price_nano_eur_per_kwh=packed, crc32=crc32, starts_at=MARCH
    )


def test_energy_is_little_endian_int32_with_a_quality_byte():
    packed = pack_energy(np.array([1, 258, 2**31 - 1], np.int32), np.array([0, 7, 255], np.uint8))
    assert packed.energy_wh == struct.pack("<3i", 1, 258, 2**31 - 1)
    assert packed.quality == b"\x00\x07\xff"
    assert packed.crc32 == zlib.crc32(packed.energy_wh + packed.quality)


def test_without_qualities_all_readings_are_real():
    packed = pack_energy(np.array([1, 2], np.int32))
    assert (packed.quality, packed.interval_count) == (b"\x00", 2)


def test_a_quality_that_all_share_is_one_byte():
    estimated = pack_energy(np.array([1, 2], np.int32), np.array([1, 1], np.uint8))
    assert estimated.quality == b"\x01"
    _, quality = unpack_energy(_month(estimated), "CUPS", 2)
    assert quality.tolist() == [1, 1]


def test_a_month_stored_with_a_byte_each_equals_one_that_shares_it():
    energy_wh = np.array([1, 2], np.int32)
    shared = pack_energy(energy_wh)
    each = PackedEnergy(shared.energy_wh, bytes(2))
    assert PackedEnergy.of(_month(each)) == shared
    back_wh, quality = unpack_energy(_month(each), "CUPS", 2)
    assert (back_wh.tolist(), quality.tolist()) == ([1, 2], [0, 0])


def test_a_month_knows_its_gaps():
    energy_wh = np.array([1, 0, 2], np.int32)
    assert _month(pack_energy(energy_wh, np.array([0, 255, 1], np.uint8))).has_gaps
    assert not _month(pack_energy(energy_wh, np.array([0, 3, 1], np.uint8))).has_gaps
    assert _month(pack_energy(energy_wh)).interval_count == 3


def test_prices_are_little_endian_int64():
    packed, crc32 = pack_prices(np.array([-1, 10**12], np.int64))
    assert packed == struct.pack("<2q", -1, 10**12)
    assert crc32 == zlib.crc32(packed)


@given(arrays(np.int32, st.integers(1, 50)), st.data())
def test_energy_comes_back(energy_wh, data):
    quality = data.draw(arrays(np.uint8, energy_wh.size))
    packed = pack_energy(energy_wh, quality)
    back_wh, back_quality = unpack_energy(_month(packed), "CUPS", energy_wh.size)
    np.testing.assert_array_equal(back_wh, energy_wh)
    np.testing.assert_array_equal(back_quality, quality)
    assert back_wh.dtype == np.int32


@given(arrays(np.int64, st.integers(1, 50)))
def test_prices_come_back(nano_eur):
    np.testing.assert_array_equal(
        unpack_prices(_price(*pack_prices(nano_eur)), nano_eur.size), nano_eur
    )


@pytest.mark.parametrize("field", ["energy_wh", "quality"])
def test_a_flipped_bit_names_the_meter_and_the_month(field):
    packed = pack_energy(np.array([1000, 2000], np.int32), np.array([0, 1], np.uint8))
    content = bytearray(getattr(packed, field))
    content[1] ^= 1
    with pytest.raises(DamagedMonthError) as caught:
        unpack_energy(_month(packed, **{field: bytes(content)}), "ES0021000000000001RK0F", 2)
    assert str(caught.value) == (
        "the month of ES0021000000000001RK0F that starts at 2023-02-28T23:00Z is damaged: its"
        " check value differs; restore it from a backup or import it again"
    )
    assert (caught.value.meter, caught.value.starts_at) == ("ES0021000000000001RK0F", MARCH)


def test_a_damaged_price_names_its_kind():
    packed, crc32 = pack_prices(np.array([5], np.int64))
    with pytest.raises(DamagedMonthError, match=r"month of surplus prices .* check value"):
        unpack_prices(_price(packed, crc32 ^ 1), 1)


def test_a_month_of_another_length_is_damaged():
    packed = pack_energy(np.array([1, 2, 3], np.int32))
    with pytest.raises(DamagedMonthError, match="it has 3 intervals, not 744"):
        unpack_energy(_month(packed), "CUPS", 744)
    with pytest.raises(DamagedMonthError, match="it has 1 intervals, not 743"):
        unpack_prices(_price(*pack_prices(np.array([1], np.int64))), 743)
