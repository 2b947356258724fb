"""What people see at a terminal of stored readings, and what programs read instead."""

import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich import box
from rich.table import Table

from api.services.readings.fill_gaps import FillReport
from api.services.readings.judge_month import MonthCompleteness
from api.services.readings.read_completeness import MeterCompleteness
from api.services.readings.read_versions import MonthVersion
from models.values.energy import WH_PER_KWH
from scripts.console import open_console

MARKS = (
    "ok: whole; .: nothing; else how many values are missing (-), estimated (e), filled (f),"
    " corrected (c), doubtful (!)"
)
"""What the cells of the table of completeness mean."""

_WIDTH = 140
_MONTHS = tuple(f"{month:02d}" for month in range(1, 13))


def describe_meter(meter: MeterCompleteness) -> dict[str, Any]:
    """Give a meter's year as JSON values."""
    months = [asdict(month) | {"step": month.step.value} for month in meter.months]
    return {"name": meter.name, "channel": meter.channel.value, "months": months}


def print_completeness(found: Sequence[MeterCompleteness]) -> None:
    """Print a line for each meter and a cell for each month."""
    table = _table("Meter", "channel", *_MONTHS)
    for meter in found:
        table.add_row(meter.name, meter.channel.value, *map(_mark, meter.months))
    console = open_console(width_when_piped=_WIDTH)
    console.print(table)
    console.print(MARKS, markup=False, highlight=False)


def _mark(month: MonthCompleteness) -> str:
    """Say in a few characters how a month stands."""
    if not month.expected and not month.present:
        return ""
    if not month.present:
        return "."
    counts = {
        "-": month.missing,
        "e": month.estimated,
        "f": month.filled,
        "c": month.corrected,
        "!": sum(month.suspicious.values()),
    }
    return " ".join(f"{count}{mark}" for mark, count in counts.items() if count) or "ok"


def describe_version(version: MonthVersion) -> dict[str, Any]:
    """Give a version as JSON values."""
    return {
        "channel": version.channel.value,
        "month": version.month,
        "version": version.version,
        "is_newest": version.is_newest,
        "recorded_at": version.recorded_at,
        "step": version.step.value,
        "total_kwh": version.total_wh / WH_PER_KWH,
        "qualities": {each.name.lower(): count for each, count in version.qualities.items()},
    }


def print_versions(found: Sequence[MonthVersion]) -> None:
    """Print a line for each version."""
    if not found:
        sys.stdout.write("nothing is stored of that year\n")
        return
    table = _table("Month", "channel", "version", "recorded at", "step", "kWh", "values")
    for each in found:
        qualities = ", ".join(
            f"{count} {quality.name.lower()}" for quality, count in each.qualities.items()
        )
        table.add_row(
            each.month,
            each.channel.value,
            f"{each.version}{'' if each.is_newest else ' (replaced)'}",
            f"{each.recorded_at:%Y-%m-%d %H:%M}Z",
            each.step.value,
            f"{each.total_wh / WH_PER_KWH:,.3f}",
            qualities,
        )
    open_console(width_when_piped=_WIDTH).print(table)


def print_filling(report: FillReport) -> None:
    """Print what was filled of each month by which rule, and what was left."""
    table = _table("Meter", "channel", "month", *(rule.value for rule in report.rules), "left")
    for each in report.series:
        for month in each.months:
            counts = [month.filled.get(rule, 0) for rule in report.rules]
            cells = [f"{count:,}" if count else "" for count in (*counts, month.left)]
            table.add_row(each.name, each.channel.value, month.month, *cells)
    console = open_console(width_when_piped=_WIDTH)
    if report.series:
        console.print(table)
    would = "would be " if report.is_dry_run else ""
    console.print(
        f"{report.filled_count:,} intervals {would}filled, {report.left_count:,} left as they are",
        highlight=False,
    )


def _table(*headings: str) -> Table:
    return Table(*headings, box=box.SIMPLE_HEAD, pad_edge=False)
