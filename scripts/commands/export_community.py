"""``reparto export``: a stored community back into a folder."""

from pathlib import Path
from typing import Annotated

import typer

from api.services.community_folders.export_community import export_community
from api.settings import read_settings
from loaders.series_files import SeriesFormat
from scripts.audited_commands import disclosing_session
from scripts.commands.database import ready_database
from scripts.console import tell_written
from scripts.promoter_option import DEFAULT_PROMOTER, Owner

app = typer.Typer(add_completion=False)


@app.command()
def export(
    community: Annotated[str, typer.Argument(help="The community's id.")],
    year: Annotated[int, typer.Option(help="Local year to export.")],
    output: Annotated[Path, typer.Option(help="Folder to write; made if need be.")],
    promoter: Owner = DEFAULT_PROMOTER,
    energy_format: Annotated[
        SeriesFormat, typer.Option("--format", help="Format of the hourly files.")
    ] = SeriesFormat.CSV_GZ,
) -> None:
    """Write a community's year as the folder that it can be imported from again."""
    with (
        ready_database(read_settings()) as engine,
        disclosing_session(engine, promoter) as (session, owner),
    ):
        export_community(
            session,
            promoter_id=owner,
            community_code=community,
            year=year,
            folder=output,
            energy_format=energy_format,
        )
    tell_written([output])
