"""Options of the commands that take files in: how a file is to be read."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from api.services.file_imports.file_import_wish import (
    UnknownFormatError,
    parse_format,
    parse_mapping_text,
)
from api.services.file_imports.prepare_series import ConsumptionMeaning
from loaders.decoding import LARGEST_LIST_BYTES, UnreadableFileError, decode_text, read_bytes
from loaders.faults import Fault
from loaders.file_formats import FileFormat
from loaders.input_paths import require_file
from loaders.meter_files.meter_file import MissingMappingError, UnnamedInstallationError
from loaders.meter_files.pvgis import UnknownPlantError
from loaders.number_text import show_name
from loaders.records import MemberRole
from models.values.cau import Cau
from models.values.errors import InvalidIdentifierError

_OPTIONS = (
    (MissingMappingError(), "--mapping FILE.toml"),
    (UnnamedInstallationError(), "--cau CAU"),
    (UnknownPlantError(), "--peak-kw KW, with the --cau of a plant of the community"),
)


def read_mapping(path: Path | None) -> dict[str, Any] | None:
    """Read a mapping of columns, if there is one."""
    if path is None:
        return None
    return parse_mapping_text(decode_text(read_file(path, LARGEST_LIST_BYTES)))


def read_file(path: Path, most_bytes: int | None = None) -> bytes:
    """Read a file, and say which cannot be read."""
    require_file(path)
    try:
        return read_bytes(path, most_bytes)
    except UnreadableFileError as error:
        raise UnreadableFileError(error.reason, show_name(path)) from error


def name_options(faults: Iterable[Fault]) -> list[Fault]:
    """Say behind what a file lacks which option gives it."""
    options = {str(error): option for error, option in _OPTIONS}
    return [
        replace(fault, reason=f"{fault.reason}: {options[fault.reason]}")
        if fault.reason in options
        else fault
        for fault in faults
    ]


def parse_format_option(text: str) -> FileFormat:
    """Read the name of a format of readings or prices."""
    try:
        return parse_format(text)
    except UnknownFormatError as error:
        raise typer.BadParameter(str(error)) from error


def parse_plant(text: str) -> Cau:
    """Read the code of a plant."""
    try:
        return Cau(text)
    except InvalidIdentifierError as error:
        raise typer.BadParameter(str(error)) from error


Paths = Annotated[
    list[Path], typer.Argument(help="A community folder alone, or files of any known kind.")
]
Community = Annotated[
    str | None, typer.Option(help="Code of the community that the files are for.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only tell what would be done.")]
AcceptPartial = Annotated[
    bool, typer.Option("--accept-partial", help="Take good rows and files without the others.")
]
MappingFile = Annotated[
    Path | None,
    typer.Option("--mapping", help="TOML that says what the columns of a table mean."),
]
Consumption = Annotated[
    ConsumptionMeaning | None,
    typer.Option(help="What the files call consumption, where that is not sure."),
]
Format = Annotated[
    FileFormat | None,
    typer.Option(
        "--format", parser=parse_format_option, metavar="FORMAT", help="What the files are."
    ),
]
ReplaceBetter = Annotated[
    bool, typer.Option("--replace-better", help="Believe the files against better values.")
]
SumQuarters = Annotated[bool, typer.Option("--sum-quarters", help="Sum quarter-hours into hours.")]
PlantCode = Annotated[
    Cau | None,
    typer.Option("--cau", parser=parse_plant, metavar="CAU", help="Plant that PVGIS is for."),
]
PeakKw = Annotated[
    float | None, typer.Option(min=0.001, help="Power of its modules, for PVGIS without power.")
]
Role = Annotated[MemberRole | None, typer.Option(help="Role of everybody in a members list.")]
Complete = Annotated[
    bool, typer.Option("--complete", help="Who is not in the members list leaves.")
]
