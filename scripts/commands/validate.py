"""``reparto validate``: check a distributor's file before the distributor does."""

import sys
from pathlib import Path
from typing import Annotated

import orjson
import typer

from loaders.distributor_file_check import validate_distributor_file
from loaders.distributor_file_faults import FileFault
from loaders.members_list import read_members_cups
from loaders.number_text import show_name
from models.texts.phrases import translate
from models.values.cau import Cau
from models.values.errors import InvalidIdentifierError
from scripts.texts import say, spoken

app = typer.Typer(add_completion=False)

_FAULTY = 3


def parse_cau(text: str) -> Cau:
    """Read the code that the file's name must carry."""
    try:
        return Cau(text)
    except InvalidIdentifierError as error:
        raise typer.BadParameter(str(error)) from error


@app.command()
def validate(
    file: Annotated[Path, typer.Argument(help="The distributor's file, constant or hourly.")],
    members: Annotated[
        Path | None, typer.Option(help="Members' list that the file must agree with.")
    ] = None,
    cau: Annotated[
        Cau | None,
        typer.Option(parser=parse_cau, metavar="CAU", help="Installation it must be for."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print a list for programs.")] = False,
) -> None:
    """Report every fault of a distributor's file in one pass."""
    listed = None if members is None else read_members_cups(members)
    faults = validate_distributor_file(file, members=listed, cau=cau)
    if json:
        sys.stdout.write(_render_json(faults))
    else:
        sys.stdout.write(_render_lines(file, faults))
    if faults:
        raise typer.Exit(_FAULTY)


def _render_json(faults: list[FileFault]) -> str:
    """List the faults for programs."""
    described = [
        {"line": fault.line, "code": fault.code.value, "message": fault.message} for fault in faults
    ]
    return orjson.dumps(described, option=orjson.OPT_APPEND_NEWLINE).decode()


def _render_lines(file: Path, faults: list[FileFault]) -> str:
    """List the faults for people."""
    name = show_name(file.name)
    if not faults:
        return f"{say('files.no_faults', file=name)}\n"
    return "".join(
        f"{name}{'' if fault.line is None else f':{fault.line}'}: "
        f"{fault.code.value}: {translate(fault.message, spoken())}\n"
        for fault in faults
    )
