"""``reparto fill-gaps``: what meters did not count, by stated rules."""

from typing import Annotated

import typer

from api.clock import now
from api.services.accounts.ensure_promoter import require_promoter
from api.services.communities.find_community import require_community_of_code
from api.services.readings.fill_gaps import DEFAULT_RULES, fill_gaps
from api.settings import read_settings
from models.session import write_session
from planner.metering.gap_filling import FillRule
from scripts.commands.database import ready_database
from scripts.console import print_json
from scripts.promoter_option import DEFAULT_PROMOTER, Owner
from scripts.reading_tables import print_filling

app = typer.Typer(add_completion=False)


@app.command()
def fill(
    community: Annotated[str, typer.Argument(help="Code of the community.")],
    year: Annotated[int, typer.Option(min=2000, max=2099, help="Local calendar year.")],
    rule: Annotated[
        list[FillRule] | None,
        typer.Option(help="Rule to fill by, once for each, in their order; else all."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only tell what would be filled.")
    ] = False,
    promoter: Owner = DEFAULT_PROMOTER,
    json: Annotated[bool, typer.Option("--json", help="Print the report for programs.")] = False,
) -> None:
    """Fill the gaps of consumption and generation, marked as filled, as a further version."""
    with ready_database(read_settings()) as engine, write_session(engine) as session:
        owner = require_promoter(session, name=promoter).id
        report = fill_gaps(
            session,
            promoter_id=owner,
            community_id=require_community_of_code(session, promoter_id=owner, code=community).id,
            year=year,
            rules=tuple(rule or DEFAULT_RULES),
            recorded_at=now(),
            is_dry_run=dry_run,
        )
    if json:
        print_json(report.to_json())
    else:
        print_filling(report)
