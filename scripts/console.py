"""What people see at a terminal while they wait: progress on standard error."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson
from rich import box
from rich.console import Console
from rich.measure import Measurement
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as ProgressBar
from rich.table import Table

from api.services.jobs.progress import Progress
from models.texts.phrases import translate
from scripts.texts import say, spoken

_WIDTH_WHEN_PIPED = 80
_NO_TERMINAL_IS_WIDER = 10_000


@contextmanager
def show_progress(title: str) -> Iterator[Progress]:
    """Show a bar on standard error; the caller reports the share done and the stage."""
    console = Console(stderr=True)
    bar = ProgressBar(
        TextColumn("[bold]{task.description}"),
        BarColumn(bar_width=30),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with bar:
        task = bar.add_task(title, total=1.0)

        def report(share: float, stage: str) -> None:
            told = translate(stage, spoken())
            bar.update(task, completed=share, description=f"{title}: {told}")

        yield report


def tell_warnings(warnings: Iterable[str]) -> None:
    """Say on standard error what should be known before a result is trusted."""
    told = (say("console.warning", text=translate(each, spoken())) for each in warnings)
    sys.stderr.write("".join(f"{each}\n" for each in told))


def tell_written(paths: Iterable[Path]) -> None:
    """Say on standard error which files were written."""
    told = (say("console.wrote", path=path) for path in paths)
    sys.stderr.write("".join(f"{each}\n" for each in told))


def part_of(report: Progress, start: float, end: float) -> Progress:
    """Let a step of a longer work report its own share, 0 to 1."""
    return lambda share, stage: report(start + (end - start) * share, stage)


def open_console(width_when_piped: int = _WIDTH_WHEN_PIPED) -> Console:
    """Give the console for results: as wide as the terminal, of a fixed width in a pipe."""
    console = Console()
    return console if console.is_terminal else Console(width=width_when_piped)


def make_table(*headings: str) -> Table:
    """Make a table that begins with columns of what is copied or compared: ids, codes, days."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    add_whole(table, *headings)
    return table


def add_whole(table: Table, *headings: str) -> None:
    """Add columns whose cells are never parted."""
    for heading in headings:
        table.add_column(heading, no_wrap=True)


def add_texts(table: Table, *headings: str) -> None:
    """Add columns of names and sentences, which give way where the terminal is narrow."""
    for heading in headings:
        table.add_column(heading, overflow="fold")


def add_numbers(table: Table, *headings: str) -> None:
    """Add columns of numbers, no wider than they need to be."""
    for heading in headings:
        table.add_column(heading.replace(" ", "\n"), justify="right", no_wrap=True)


def print_table(table: Table, width_when_piped: int) -> None:
    """Print a table; where the terminal is too narrow its lines break, no cell is cut."""
    console = open_console(width_when_piped)
    unbounded = console.options.update(max_width=_NO_TERMINAL_IS_WIDER)
    console.width = max(console.width, Measurement.get(console, unbounded, table).minimum)
    console.print(table)


def print_json(document: object) -> None:
    """Write JSON values for programs; days and instants by ISO 8601."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    sys.stdout.write(orjson.dumps(document, option=options).decode())
