"""Options of the commands that take files in: how a file is to be read."""

from pathlib import Path
from typing import Any

import typer

from api.services.file_import_wish import UnknownFormatError, parse_format, parse_mapping_text
from loaders.decoding import LARGEST_LIST_BYTES, decode_text, read_bytes
from loaders.file_formats import FileFormat
from loaders.input_paths import require_file
from models.values.cau import Cau
from models.values.errors import InvalidIdentifierError


def read_mapping(path: Path | None) -> dict[str, Any] | None:
    """Read a mapping of columns, if there is one."""
    if path is None:
        return None
    require_file(path)
    return parse_mapping_text(decode_text(read_bytes(path, LARGEST_LIST_BYTES)))


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
