"""The benchmark's lines as a table to read, and as files to compute with."""

import csv
import platform
from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from importlib.metadata import version
from io import StringIO

import orjson

from scripts.benchmark.methods import Line

_MADE_WITH = ("numpy", "highspy", "pulp")
_HEADINGS = ("method", "value", "proven bound", "gap", "seconds", "of the sun")


def describe_machine() -> dict[str, str]:
    """Name the versions that a time depends on."""
    versions = {package: version(package) for package in _MADE_WITH}
    return {"python": platform.python_version(), "machine": platform.machine(), **versions}


def render_text(lines: Iterable[Line]) -> str:
    """Write a Markdown table for each community."""
    text: list[str] = []
    shown = ""
    for line in lines:
        if line.community != shown:
            shown = line.community
            title = f"**{shown}**: {line.n_members:,} members x {line.n_steps:,} steps, {line.unit}"
            ruler = "| --- |" + " ---: |" * (len(_HEADINGS) - 1)
            text += ["", title, "", f"| {' | '.join(_HEADINGS)} |", ruler]
        text.append(f"| {' | '.join(_render_cells(line))} |")
    return "\n".join(text[1:]) + "\n"


def _render_cells(line: Line) -> Sequence[str]:
    """Write what a line says, or why it says nothing."""
    if line.value is None or line.bound is None or line.gap is None or line.seconds is None:
        return (line.method, line.note, "", "", "", "")
    return (
        line.method,
        f"{line.value:,.3f}",
        f"{line.bound:,.3f}",
        f"{line.gap:.1e}",
        f"{line.seconds:.3g}",
        f"{line.self_consumption_share:.3%}",
    )


def render_csv(lines: Iterable[Line]) -> str:
    """Write one row a line, numbers in full."""
    text = StringIO(newline="")
    writer = csv.DictWriter(text, [field.name for field in fields(Line)], lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(line) for line in lines)
    return text.getvalue()


def render_json(lines: Iterable[Line], seed: int) -> str:
    """Write the lines, with what they were made on."""
    document = {"made_with": describe_machine(), "seed": seed, "lines": list(map(asdict, lines))}
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()
