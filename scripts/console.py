"""What people see at a terminal while they wait: progress on standard error."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import orjson
from rich import box
from rich.console import Console
from rich.measure import Measurement
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as ProgressBar
from rich.table import Column, Table

from api.services.jobs.progress import Progress
from models.texts.phrases import translate
from scripts.texts import say, spoken

_WIDTH_WHEN_PIPED = 80
_NO_TERMINAL_IS_WIDER = 10_000
_LONGEST_WORD = 32


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


def print_table(table: Table, width_when_piped: int, optional: Sequence[str] = ()) -> None:
    """Print a table in which nothing is cut.

    Where a terminal is too narrow, columns go that are empty, then those that are optional, the
    first named first; what is left breaks its lines.
    """
    console = open_console(width_when_piped)
    if console.is_terminal:
        table = _leave_out(table, console, optional)
    widths = [_measure(console, column) for column in table.columns]
    frame = _measure_frame(console, table)
    console.width = max(console.width, frame + sum(width.minimum for width in widths))
    _share_width(table, widths, console.width - frame)
    console.print(table)


def _leave_out(table: Table, console: Console, optional: Sequence[str]) -> Table:
    """Leave out columns until the others fit, and say which had something to tell."""
    kept = list(table.columns)
    empty = [each for each in kept if each.header and not any(map(str, each.cells))]
    headed = {_name(each): each for each in kept if each not in empty}
    for column in [*empty, *(headed[heading] for heading in optional if heading in headed)]:
        least = sum(_measure(console, each).minimum for each in kept)
        if _measure_frame(console, _take(table, kept)) + least <= console.width:
            break
        kept.remove(column)
        if column not in empty:
            sys.stderr.write(f"{say('console.left_out', column=_name(column))}\n")
    return _take(table, kept)


def _name(column: Column) -> str:
    return " ".join(str(column.header).split())


def _take(table: Table, columns: Sequence[Column]) -> Table:
    """Make the table that has only some columns of another one."""
    taken = make_table()
    for each in columns:
        taken.add_column(
            each.header, justify=each.justify, no_wrap=each.no_wrap, overflow=each.overflow
        )
    for row, *cells in zip(table.rows, *(each.cells for each in columns), strict=True):
        taken.add_row(*cells, end_section=row.end_section)
    return taken


def _measure(console: Console, column: Column) -> Measurement:
    """Measure the narrowest and the widest that a column can be without cutting a cell."""
    unbounded = console.options.update(max_width=_NO_TERMINAL_IS_WIDER)
    cells = (column.header, *column.cells, column.footer)
    found = [Measurement.get(console, unbounded, cell) for cell in cells]
    widest = max(each.maximum for each in found)
    if column.no_wrap:
        return Measurement(widest, widest)
    return Measurement(min(max(each.minimum for each in found), _LONGEST_WORD), widest)


def _measure_frame(console: Console, table: Table) -> int:
    """Measure what stands around the cells."""
    unbounded = console.options.update(max_width=_NO_TERMINAL_IS_WIDER)
    cells = sum(_measure(console, column).maximum for column in table.columns)
    return Measurement.get(console, unbounded, table).maximum - cells


def _share_width(table: Table, widths: Sequence[Measurement], room: int) -> None:
    """Give each column its width: the narrow ones all that they need, the others equal parts."""
    left = room - sum(width.minimum for width in widths)
    given = [width.minimum for width in widths]
    while left > 0:
        wanting = [place for place, width in enumerate(widths) if given[place] < width.maximum]
        if not wanting:
            break
        given[min(wanting, key=given.__getitem__)] += 1
        left -= 1
    for column, width in zip(table.columns, given, strict=True):
        column.width = width


def print_json(document: object) -> None:
    """Write JSON values for programs; days and instants by ISO 8601."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    sys.stdout.write(orjson.dumps(document, option=options).decode())
