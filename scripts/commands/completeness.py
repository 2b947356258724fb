"""``reparto completeness``: what is missing, filled and doubtful of a community's year."""

from typing import Annotated

import typer

from api.clock import now
from api.services.accounts.ensure_promoter import require_promoter
from api.services.communities.find_community import require_community_of_code
from api.services.readings.read_completeness import read_community_completeness
from api.settings import read_settings
from models.session import read_session
from scripts.commands.database import ready_database
from scripts.console import print_json
from scripts.promoter_option import DEFAULT_PROMOTER, Owner
from scripts.reading_tables import describe_meter, print_completeness

app = typer.Typer(add_completion=False)


@app.command()
def completeness(
    community: Annotated[str, typer.Argument(help="Code of the community.")],
    year: Annotated[int, typer.Option(min=2000, max=2099, help="Local calendar year.")],
    promoter: Owner = DEFAULT_PROMOTER,
    json: Annotated[bool, typer.Option("--json", help="Print a list for programs.")] = False,
) -> None:
    """Show month by month what is stored of each meter, and how good it is."""
    with ready_database(read_settings()) as engine, read_session(engine) as session:
        owner = require_promoter(session, name=promoter).id
        key = require_community_of_code(session, promoter_id=owner, code=community).id
        found = read_community_completeness(
            session, promoter_id=owner, community_id=key, year=year, asked_at=now()
        )
    if json:
        print_json([describe_meter(each) for each in found])
    else:
        print_completeness(found)
