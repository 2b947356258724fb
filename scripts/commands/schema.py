"""``reparto schema``: the GraphQL schema as text."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from api.graphql.published_schema import export_introspection, export_possible_types
from api.graphql.schema import export_schema
from loaders.atomic_files import replace_file

app = typer.Typer(add_completion=False, help="Look at the GraphQL schema.", no_args_is_help=True)


@app.callback()
def gather() -> None:
    """Look at the GraphQL schema."""


@app.command("export")
def export(
    output: Annotated[
        Path | None,
        typer.Option(help="File to write; standard output if no file is named at all."),
    ] = None,
    possible_types: Annotated[
        Path | None,
        typer.Option(help="JSON to write for Apollo Client: what each interface can be."),
    ] = None,
    introspection: Annotated[
        Path | None, typer.Option(help="JSON to write for Graphcache of urql: types and fields.")
    ] = None,
) -> None:
    """Write the schema, sorted, as the server defines it."""
    wanted = (
        (output, export_schema),
        (possible_types, export_possible_types),
        (introspection, export_introspection),
    )
    for path, write in wanted:
        if path is not None:
            with replace_file(path) as file:
                file.write(write().encode())
    if not any(path for path, _ in wanted):
        sys.stdout.write(export_schema())
