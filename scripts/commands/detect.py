"""``reparto detect``: what files are, and what can be done with them."""

from pathlib import Path
from typing import Annotated, Any

import typer

from api.services.file_imports.advise_on_file import FileAdvice, NextStep, advise_on_file
from loaders.decoding import UnreadableFileError
from loaders.detection import read_head
from loaders.file_formats import Detection
from scripts.console import print_json
from scripts.file_tables import print_advice

app = typer.Typer(add_completion=False)


@app.command()
def detect(
    files: Annotated[list[Path], typer.Argument(help="Files of any kind.")],
    json: Annotated[bool, typer.Option("--json", help="Print a list for programs.")] = False,
) -> None:
    """Say what each file seems to be, why, and what can be done with it."""
    found = [(path.name or str(path), _advise(path)) for path in files]
    if json:
        print_json([{"file": name} | _describe(advice) for name, advice in found])
    else:
        print_advice(found)


def _advise(path: Path) -> FileAdvice:
    """Look at one file; what cannot be read, such as a folder, hides none of the others."""
    try:
        return advise_on_file(path.name, read_head(path))
    except UnreadableFileError as error:
        return FileAdvice(Detection.none(str(error)), NextStep.NOTHING, ())


def _describe(advice: FileAdvice) -> dict[str, Any]:
    return {
        **_describe_detection(advice.detection),
        "next_step": advice.next_step.value,
        "needs": list(advice.needs),
    }


def _describe_detection(detection: Detection) -> dict[str, Any]:
    inside = detection.inside
    return {
        "format": detection.format.value,
        "reason": detection.reason,
        "confidence": detection.confidence.value,
        "alternatives": [each.value for each in detection.alternatives],
        "inside": None if inside is None else _describe_detection(inside),
    }
