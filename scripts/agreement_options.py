"""The options of ``reparto agreement``: what each takes, and what its help says."""

from datetime import date
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from models.values.cau import Cau
from scripts.commands.validate import parse_cau
from scripts.option_values import parse_day

Agreement = Annotated[UUID, typer.Argument(help="Id of the agreement, as `list` shows it.")]
Reason = Annotated[str, typer.Option(help="Why; it is kept.")]
Json = Annotated[bool, typer.Option("--json", help="Print the result for programs.")]
Output = Annotated[Path, typer.Option(help="Folder to write to; made if need be.")]
Profile = Annotated[
    str | None, typer.Option(help="How to write the file; the installation's own if left out.")
]
Members = Annotated[
    list[str] | None, typer.Option("--cups", help="Only this supply point; once for each of some.")
]
FirstDay = Annotated[
    date, typer.Option("--from", parser=parse_day, metavar="DAY", help="First day of it.")
]
LastDay = Annotated[
    date | None,
    typer.Option(
        "--until", parser=parse_day, metavar="DAY", help="First day after it; none while it lasts."
    ),
]

Today = Annotated[
    date | None,
    typer.Option(
        parser=parse_day,
        metavar="DAY",
        help="Day on which it is complete at the distributor's; today if left out.",
    ),
]
AnyPlant = Annotated[
    Cau | None, typer.Option(parser=parse_cau, metavar="CAU", help="Plant that is meant.")
]
Plant = Annotated[Cau, typer.Argument(parser=parse_cau, metavar="CAU", help="The plant.")]
Place = Annotated[
    tuple[float, float] | None,
    typer.Option(metavar="LAT LON", help="Where it stands, in degrees north and degrees east."),
]
