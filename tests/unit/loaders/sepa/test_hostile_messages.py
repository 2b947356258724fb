"""Torn and damaged files of banks give records or a typed error, nothing else."""

import time
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from loaders.sepa.camt import read_camt053, read_camt054
from loaders.sepa.mapped_statement import read_mapped_statement
from loaders.sepa.pain002 import read_pain002
from loaders.sepa.statement_mapping import StatementMapping
from models.values.errors import InvalidDataError
from tests.support.sepa_messages import (
    MOVEMENTS,
    REJECTION,
    RETURNED,
    entry,
    full_statement,
    message,
    status_report,
)

MAPPING = StatementMapping(
    booked="Fecha",
    valued="Fecha valor",
    day_format="%d/%m/%Y",
    amount="Importe",
    texts=("Concepto",),
    balance="Saldo",
    decimal=",",
    header_row=3,
)


def read_movements(data: bytes) -> object:
    return read_mapped_statement(data, MAPPING)


def notification(entries: str) -> bytes:
    body = f"<BkToCstmrDbtCdtNtfctn><Ntfctn>{entries}</Ntfctn></BkToCstmrDbtCdtNtfctn>"
    return message("camt.054.001.08", body)


SOUND: dict[str, tuple[Callable[[bytes], object], bytes]] = {
    "camt053": (read_camt053, full_statement()),
    "camt053-2009": (read_camt053, full_statement("02")),
    "camt054": (read_camt054, notification(entry("1", details=RETURNED))),
    "pain002": (read_pain002, status_report(REJECTION)),
    "movements": (read_movements, MOVEMENTS.encode()),
}


def check(name: str, data: bytes) -> None:
    """Read; what fails is of one family."""
    try:
        SOUND[name][0](data)
    except InvalidDataError:
        return


@pytest.mark.parametrize("name", SOUND)
def test_the_sound_files_are_read(name: str) -> None:
    read, data = SOUND[name]
    assert read(data)


@pytest.mark.parametrize("name", SOUND)
def test_files_cut_at_every_sixty_fourth(name: str) -> None:
    data = SOUND[name][1]
    for part in range(64):
        check(name, data[: len(data) * part // 64])


@pytest.mark.parametrize("name", SOUND)
@settings(max_examples=100, deadline=None)
@given(
    flips=st.lists(st.tuples(st.integers(0, 10_000), st.integers(1, 255)), min_size=1, max_size=8)
)
@example(flips=[(0, 0x41)])
def test_flipped_bytes(name: str, flips: list[tuple[int, int]]) -> None:
    damaged = bytearray(SOUND[name][1])
    for position, mask in flips:
        damaged[position % len(damaged)] ^= mask
    check(name, bytes(damaged))


@pytest.mark.parametrize("name", SOUND)
@settings(max_examples=100, deadline=None)
@given(data=st.binary(max_size=400))
def test_any_bytes(name: str, data: bytes) -> None:
    check(name, data)


@pytest.mark.parametrize("name", [name for name in SOUND if name != "movements"])
@settings(max_examples=100, deadline=None)
@given(place=st.integers(0, 10_000), text=st.text(max_size=40))
def test_other_texts_in_place_of_one(name: str, place: int, text: str) -> None:
    pieces = SOUND[name][1].decode().split(">")
    position = place % (len(pieces) - 1)
    inside, mark, tag = pieces[position].partition("<")
    changed = text.replace("<", "&lt;") if inside.strip() else inside
    pieces[position] = changed + mark + tag
    check(name, ">".join(pieces).encode(errors="replace"))


def test_the_time_for_many_returns_is_bounded() -> None:
    one, count = entry("51.21", "DBIT", RETURNED), 1_000
    started = time.process_time()
    (found,) = read_camt054(notification(one * count))
    assert time.process_time() - started < 8  # twenty times what it takes on a quiet machine
    assert len(found.entries) == count
