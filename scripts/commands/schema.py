"""``reparto schema``: the GraphQL schema as text."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from api.graphql.schema import export_schema
from loaders.atomic_files import replace_file

app = typer.Typer(add_completion=False, help="Look at the GraphQL schema.", no_args_is_help=True)


@app.callback()
def gather() -> None:
    """Look at the GraphQL schema."""


@app.command("export")
def export(
    output: Annotated[
        Path | None, typer.Option(help="File to write; standard output if left out.")
    ] = None,
) -> None:
    """Write the schema, sorted, as the server defines it."""
    text = export_schema()
    if output is None:
        sys.stdout.write(text)
        return
    with replace_file(output) as file:
        file.write(text.encode())
