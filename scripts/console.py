"""What people see at a terminal while they wait: progress on standard error."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson
from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as ProgressBar

from api.services.jobs.progress import Progress
from models.texts.phrases import translate
from scripts.texts import say, spoken

_WIDTH_WHEN_PIPED = 80


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


def print_json(document: object) -> None:
    """Write JSON values for programs; days and instants by ISO 8601."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    sys.stdout.write(orjson.dumps(document, option=options).decode())
