"""``reparto versions``: every version that is stored of a meter's months."""

from typing import Annotated

import typer

from api.services.accounts.ensure_promoter import require_promoter
from api.services.readings.find_meter import find_meter
from api.services.readings.read_versions import read_versions
from api.settings import read_settings
from models.session import read_session
from models.values.errors import CommunityError
from scripts.commands.database import ready_database
from scripts.console import print_json
from scripts.promoter_option import DEFAULT_PROMOTER, Owner
from scripts.reading_tables import describe_version, print_versions

app = typer.Typer(add_completion=False)


@app.command()
def versions(
    code: Annotated[str, typer.Argument(help="CUPS of a supply point, or CAU of a plant.")],
    year: Annotated[int, typer.Option(min=2000, max=2099, help="Local calendar year.")],
    promoter: Owner = DEFAULT_PROMOTER,
    json: Annotated[bool, typer.Option("--json", help="Print a list for programs.")] = False,
) -> None:
    """Show which months of a meter are stored, in which versions, and where values come from."""
    with ready_database(read_settings()) as engine, read_session(engine) as session:
        owner = require_promoter(session, name=promoter).id
        kind, meter_id = find_meter(session, promoter_id=owner, code=code)
        stored = read_versions(session, promoter_id=owner, kind=kind, ids=[meter_id], year=year)
    found = stored[meter_id]
    if isinstance(found, CommunityError):
        raise found
    if json:
        print_json([describe_version(each) for each in found])
    else:
        print_versions(found)
