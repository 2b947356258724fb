"""``reparto export-data``: energy, savings, CO2, members or invoices for other programs."""

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from api.clock import now
from api.services.communities.find_community import require_community_of_code
from api.services.exports.export_wish import (
    ExportFormat,
    ExportSubject,
    ExportWish,
    find_communities,
)
from api.services.exports.write_export import name_export, write_export
from api.settings import read_settings
from loaders.atomic_files import make_folder, replace_file
from models.repositories.communities import map_communities
from models.values.period import Period
from models.values.resolution import Resolution
from scripts.audited_commands import disclosing_session
from scripts.commands.database import ready_database
from scripts.console import tell_written
from scripts.option_values import parse_day
from scripts.promoter_option import DEFAULT_PROMOTER, Owner
from scripts.texts import spoken

app = typer.Typer(add_completion=False)


class Interval(StrEnum):
    """How finely energy is summed."""

    QUARTER = "quarter"
    HOUR = "hour"
    DAY = "day"
    MONTH = "month"


_RESOLUTIONS = {
    Interval.QUARTER: Resolution.QUARTER_HOUR,
    Interval.HOUR: Resolution.HOUR,
    Interval.DAY: Resolution.DAY,
    Interval.MONTH: Resolution.MONTH,
}


@app.command()
def export_data(
    subject: Annotated[ExportSubject, typer.Argument(help="Which data.")],
    since: Annotated[
        date, typer.Option("--from", parser=parse_day, metavar="DAY", help="First day.")
    ],
    until: Annotated[
        date, typer.Option("--until", parser=parse_day, metavar="DAY", help="Day after the last.")
    ],
    output: Annotated[Path, typer.Option(help="Folder to write; made if need be.")],
    community: Annotated[
        str | None, typer.Option(metavar="COMMUNITY", help="Only of this community.")
    ] = None,
    by: Annotated[Interval, typer.Option(help="How finely energy is summed.")] = Interval.MONTH,
    each: Annotated[
        bool, typer.Option("--each", help="Each supply point or invoice by itself.")
    ] = False,
    file_format: Annotated[
        ExportFormat, typer.Option("--format", help="In which form.")
    ] = ExportFormat.XLSX,
    promoter: Owner = DEFAULT_PROMOTER,
) -> None:
    """Write energy, savings, CO2, members or invoices as a file for other programs."""
    with (
        ready_database(read_settings()) as engine,
        disclosing_session(engine, promoter) as (session, owner),
    ):
        place = community and require_community_of_code(session, promoter_id=owner, code=community)
        found = find_communities(
            session, promoter_id=owner, community_id=place.id if place else None
        )
        wish = ExportWish(
            subject=subject,
            days=Period(since, until),
            resolution=_RESOLUTIONS[by],
            is_per_member=each,
            file_format=file_format,
            language=spoken(),
            community_ids=found,
        )
        communities = map_communities(session, promoter_id=owner, community_ids=found)
        make_folder(output)
        path = output / name_export(wish)
        with replace_file(path) as file:
            write_export(session, file, wish, [communities[key] for key in found], now=now())
    tell_written([path])
