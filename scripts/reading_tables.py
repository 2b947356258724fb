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
from models.values.metering import Channel
from scripts.console import open_console
from scripts.texts import number, say, say_each

_WIDTH = 140
_MONTHS = tuple(f"{month:02d}" for month in range(1, 13))


def describe_meter(meter: MeterCompleteness) -> dict[str, Any]:
    """Give a meter's year as JSON values."""
    months = [asdict(month) | {"step": month.step.value} for month in meter.months]
    return {"name": meter.name, "channel": meter.channel.value, "months": months}


def print_completeness(found: Sequence[MeterCompleteness]) -> None:
    """Print a line for each meter and a cell for each month."""
    table = _table(*say_each("readings.meter", "readings.channel"), *_MONTHS)
    for meter in found:
        table.add_row(meter.name, _name_channel(meter.channel), *map(_mark, meter.months))
    console = open_console(width_when_piped=_WIDTH)
    console.print(table)
    console.print(say("readings.legend"), markup=False, highlight=False)


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
        sys.stdout.write(f"{say('readings.nothing_stored')}\n")
        return
    table = _table(
        *say_each("readings.month", "readings.channel", "readings.version"),
        *say_each("readings.recorded_at", "readings.step"),
        "kWh",
        say("readings.values"),
    )
    for each in found:
        qualities = ", ".join(
            f"{count} {say(f'readings.quality_{quality.name.lower()}')}"
            for quality, count in each.qualities.items()
        )
        table.add_row(
            each.month,
            _name_channel(each.channel),
            str(each.version) if each.is_newest else say("readings.replaced", version=each.version),
            f"{each.recorded_at:%Y-%m-%d %H:%M}Z",
            each.step.value,
            number(each.total_wh / WH_PER_KWH, ",.3f"),
            qualities,
        )
    open_console(width_when_piped=_WIDTH).print(table)


def print_filling(report: FillReport) -> None:
    """Print what was filled of each month by which rule, and what was left."""
    table = _table(
        *say_each("readings.meter", "readings.channel", "readings.of_month"),
        *(say(f"readings.rule_{rule.value}") for rule in report.rules),
        say("readings.left"),
    )
    for each in report.series:
        for month in each.months:
            counts = [month.filled.get(rule, 0) for rule in report.rules]
            cells = [number(count, ",") if count else "" for count in (*counts, month.left)]
            table.add_row(each.name, _name_channel(each.channel), month.month, *cells)
    console = open_console(width_when_piped=_WIDTH)
    if report.series:
        console.print(table)
    done = "would_be_filled" if report.is_dry_run else "filled"
    told = say(f"readings.{done}", filled=report.filled_count, left=report.left_count)
    console.print(told, highlight=False)


def _name_channel(channel: Channel) -> str:
    return say(f"readings.channel_{channel.value}")


def _table(*headings: str) -> Table:
    return Table(*headings, box=box.SIMPLE_HEAD, pad_edge=False)
