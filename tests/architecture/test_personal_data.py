"""Somebody has judged, of every column of every table, what it tells of a person."""

from pathlib import Path

import pytest
from sqlmodel import SQLModel

import models.tables  # noqa: F401  registers the tables
from models.personal_data import Fate, read_inventory

PAGE = Path(__file__).parents[2] / "docs/personal-data.md"
TABLES = SQLModel.metadata.tables


def test_every_table_is_in_the_inventory():
    assert sorted(read_inventory()) == sorted(TABLES)


@pytest.mark.parametrize("name", sorted(TABLES))
def test_every_column_is_judged_once(name):
    entry = read_inventory()[name]
    columns = {column.name for column in TABLES[name].columns}
    assert sorted([*entry.tells, *entry.plain]) == sorted(columns)


@pytest.mark.parametrize("entry", read_inventory().values(), ids=lambda entry: entry.name)
def test_what_becomes_of_rows_is_whole(entry):
    assert {*entry.blank, *entry.mended} <= entry.tells
    assert {*entry.of} <= entry.tells | entry.plain
    assert bool(entry.blank) == (entry.fate is Fate.BLANKED)
    assert (entry.law is not None) == (entry.fate in {Fate.KEPT, Fate.BLANKED})
    if entry.fate is Fate.NOBODY:
        assert (entry.of, entry.tells, entry.mended) == ({}, frozenset(), ())
    if entry.fate in {Fate.BLANKED, Fate.DELETED}:
        assert entry.of


def test_the_page_tells_of_every_table():
    page = PAGE.read_text("utf-8")
    of_nobody = page.rpartition("Of no member: ")[2]
    for name, entry in read_inventory().items():
        row = next((line for line in page.splitlines() if line.startswith(f"| `{name}` |")), None)
        if entry.fate is Fate.NOBODY:
            assert (row, f"`{name}`" in of_nobody) == (None, True), name
        else:
            _, _, told, fate, law, _ = (cell.strip() for cell in (row or "").split("|"))
            assert {column.strip("`") for column in told.split(", ")} >= entry.tells, name
            assert fate.startswith(entry.fate), name
            assert law == (entry.law.text if entry.law else ""), name
