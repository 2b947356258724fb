"""``reparto community``: communities without a folder."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from api.clock import now
from api.services.accounts.ensure_promoter import ensure_promoter, require_promoter
from api.services.communities.create_community import create_community, create_installation
from api.services.communities.find_community import require_community_of_code
from api.services.sign_ups.publish_community import (
    PageWish,
    publish_community,
    unpublish_community,
)
from api.settings import read_settings
from models.session import write_session
from models.values.calendar import Zone
from models.values.cau import Cau
from models.values.errors import InvalidArgumentError
from scripts.commands.database import ready_database
from scripts.file_options import parse_plant
from scripts.option_values import parse_power
from scripts.promoter_option import DEFAULT_PROMOTER, Owner, Promoter

app = typer.Typer(
    add_completion=False, help="Begin communities and their installations.", no_args_is_help=True
)

Code = Annotated[str, typer.Argument(help="Code that you give the community.")]
Plant = Annotated[
    Cau, typer.Option("--cau", parser=parse_plant, metavar="CAU", help="Code of the plant.")
]
Power = Annotated[
    float,
    typer.Option("--kw", parser=parse_power, metavar="KW", help="Power of its inverters, in kW."),
]
Lat = Annotated[float | None, typer.Option(help="Its latitude, in degrees north.")]
Lon = Annotated[float | None, typer.Option(help="Its longitude, in degrees east.")]

Slug = Annotated[str, typer.Option(help="Name of its page in addresses.")]
Spanish = Annotated[str | None, typer.Option(help="What it is about, in Spanish.")]
Catalan = Annotated[str | None, typer.Option(help="What it is about, in Catalan.")]
English = Annotated[str | None, typer.Option(help="What it is about, in English.")]
Places = Annotated[int | None, typer.Option(help="How many more can join; not told by default.")]
Notice = Annotated[
    Path | None,
    typer.Option(exists=True, dir_okay=False, help="Text that people read before signing up."),
]
Open = Annotated[bool, typer.Option("--open/--closed", help="Whether people can sign up.")]
Approve = Annotated[
    bool, typer.Option("--approve/--let-in", help="Whether you let each into the reserve pool.")
]


class HalfAPlaceError(InvalidArgumentError):
    """One of two coordinates is missing."""

    def __init__(self) -> None:
        super().__init__("give both --lat and --lon, or neither")


@app.callback()
def gather() -> None:
    """Begin communities and their installations."""


@app.command("create")
def create(
    code: Code,
    name: Annotated[str, typer.Option(help="Name of the community.")],
    cau: Plant,
    kw: Power,
    zone: Annotated[Zone, typer.Option(help="Tariff zone.")] = Zone.PENINSULA,
    lat: Lat = None,
    lon: Lon = None,
    promoter: Promoter = DEFAULT_PROMOTER,
) -> None:
    """Begin a community with its first plant; members and readings are imported from files."""
    with ready_database(read_settings()) as engine, write_session(engine) as session:
        instant = now()
        owner = ensure_promoter(session, name=promoter, now=instant).id
        community = create_community(
            session, promoter_id=owner, code=code, name=name, zone=zone, now=instant
        )
        create_installation(
            session,
            promoter_id=owner,
            community_id=community.id,
            cau=cau,
            inverter_kw=kw,
            place=_join(lat, lon),
        )
    sys.stdout.write(f"COMMUNITY {code}\nCAU {cau}\n")


@app.command("add-plant")
def add_plant(
    code: Code,
    cau: Plant,
    kw: Power,
    lat: Lat = None,
    lon: Lon = None,
    promoter: Owner = DEFAULT_PROMOTER,
) -> None:
    """Add another plant; the next members list tells who shares in it."""
    with ready_database(read_settings()) as engine, write_session(engine) as session:
        owner = require_promoter(session, name=promoter).id
        community = require_community_of_code(session, promoter_id=owner, code=code)
        create_installation(
            session,
            promoter_id=owner,
            community_id=community.id,
            cau=cau,
            inverter_kw=kw,
            place=_join(lat, lon),
        )
    sys.stdout.write(f"CAU {cau}\n")


@app.command("publish")
def publish(
    code: Code,
    slug: Slug,
    municipality: Annotated[str, typer.Option(help="Where it is.")],
    email: Annotated[str, typer.Option(help="To whom people write.")],
    text_es: Spanish = None,
    text_ca: Catalan = None,
    text_en: English = None,
    free_places: Places = None,
    privacy_notice: Notice = None,
    is_open: Open = False,
    needs_approval: Approve = True,
    promoter: Owner = DEFAULT_PROMOTER,
) -> None:
    """Tell everybody of a community, or change what is told."""
    wish = PageWish(
        slug=slug,
        municipality=municipality,
        contact_email=email,
        text_es=text_es,
        text_ca=text_ca,
        text_en=text_en,
        free_places=free_places,
        is_open=is_open,
        needs_approval=needs_approval,
    )
    notice = None if privacy_notice is None else privacy_notice.read_text("utf-8").strip()
    with ready_database(read_settings()) as engine, write_session(engine) as session:
        owner = require_promoter(session, name=promoter).id
        community = require_community_of_code(session, promoter_id=owner, code=code)
        publish_community(
            session,
            promoter_id=owner,
            community_id=community.id,
            wish=wish,
            privacy_notice=notice,
            now=now(),
        )
    sys.stdout.write(f"PAGE {slug}\nSIGN-UP {'open' if is_open else 'closed'}\n")


@app.command("unpublish")
def unpublish(code: Code, promoter: Owner = DEFAULT_PROMOTER) -> None:
    """Take the page of a community back; those who signed up stay."""
    with ready_database(read_settings()) as engine, write_session(engine) as session:
        owner = require_promoter(session, name=promoter).id
        community = require_community_of_code(session, promoter_id=owner, code=code)
        page = unpublish_community(session, promoter_id=owner, community_id=community.id, now=now())
    sys.stdout.write(f"PAGE {page.slug} taken back\n")


def _join(lat: float | None, lon: float | None) -> tuple[float, float] | None:
    if lat is None and lon is None:
        return None
    if lat is None or lon is None:
        raise HalfAPlaceError
    return lat, lon
