"""Gaps in a folder's ``consumption.csv``, and in a community in memory."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np

from loaders.records import CommunityYear


def empty_cells(folder: Path, member_id: str, rows: slice) -> None:
    """Take a member's figures away in some intervals."""
    lines = _read(folder)
    column = lines[0].index(member_id)
    for line in lines[1:][rows]:
        line[column] = ""
    _write(folder, lines)


def drop_column(folder: Path, member_id: str) -> None:
    """Take a member's column away."""
    lines = _read(folder)
    column = lines[0].index(member_id)
    _write(folder, [line[:column] + line[column + 1 :] for line in lines])


def with_gap(community: CommunityYear, row: int, steps: slice) -> CommunityYear:
    """Take a member's figures away in some intervals of a community in memory."""
    consumption_kwh = community.consumption_kwh.copy()
    consumption_kwh[row, steps] = np.nan
    return replace(community, consumption_kwh=consumption_kwh)


def _read(folder: Path) -> list[list[str]]:
    with (folder / "consumption.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def _write(folder: Path, lines: list[list[str]]) -> None:
    with (folder / "consumption.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(lines)
