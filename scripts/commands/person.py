"""``reparto person``: what is kept of a person, handed out or erased."""

from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.text import Text
from sqlalchemy import Engine
from sqlmodel import Session

from api.clock import now
from api.secret_keys import load_keyring
from api.services.accounts.ensure_promoter import require_promoter
from api.services.communities.find_community import require_community_of_code
from api.services.invoices.list_invoices import find_member
from api.services.people.describe_erasure import describe_erasure, describe_preview
from api.services.people.erase_person import clear_erasure, erase_person
from api.services.people.export_person import export_person
from api.services.people.preview_erasure import ErasurePreview, preview_erasure
from api.settings import Settings, read_settings
from loaders.atomic_files import make_folder, replace_file
from models.session import read_session, write_session
from models.tables import Erasure
from models.texts.errors import describe_error
from models.texts.phrases import translate
from scripts.audited_commands import disclosing_session
from scripts.commands.database import ready_database
from scripts.console import make_table, open_console, print_json, print_table, tell_written
from scripts.promoter_option import DEFAULT_PROMOTER, Owner
from scripts.texts import say, spoken

app = typer.Typer(
    add_completion=False, help="Hand out or erase what is kept of a person.", no_args_is_help=True
)

Community = Annotated[str, typer.Argument(help="Code of the community.")]
Person = Annotated[str, typer.Argument(help="Code of the member.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

_WIDTH = 120


@app.command()
def export(
    community: Community,
    member: Person,
    output: Annotated[Path, typer.Option(help="ZIP file to write.")],
    promoter: Owner = DEFAULT_PROMOTER,
) -> None:
    """Write all that is kept of a person as a ZIP of JSON, CSV and documents."""
    settings = read_settings()
    with (
        ready_database(settings) as engine,
        disclosing_session(engine, promoter) as (session, owner),
    ):
        member_id = _find(session, owner, community, member)
        make_folder(output.parent)
        with replace_file(output) as file:
            export_person(
                session,
                file,
                promoter_id=owner,
                member_id=member_id,
                keyring=load_keyring(settings),
                now=now(),
            )
    tell_written([output])


@app.command()
def erase(
    community: Community,
    member: Person,
    confirm: Annotated[
        str | None,
        typer.Option(metavar="MEMBER", help="The member's code again; without it nothing is done."),
    ] = None,
    promoter: Owner = DEFAULT_PROMOTER,
    json: AsJson = False,
) -> None:
    """Erase a person but for what the law keeps; without --confirm, tell what that would do."""
    settings = read_settings()
    with ready_database(settings) as engine:
        with read_session(engine) as session:
            owner = require_promoter(session, name=promoter).id
            member_id = _find(session, owner, community, member)
            preview = preview_erasure(session, promoter_id=owner, member_id=member_id, now=now())
        if confirm is None:
            if json:
                print_json(describe_preview(preview))
            else:
                _print_preview(preview)
            return
        erasure = _erase(engine, settings, owner, member_id, confirm)
    described = describe_erasure(erasure)
    (print_json if json else _print_erasure)(described)


def _erase(
    engine: Engine, settings: Settings, owner: UUID, member_id: UUID, confirmation: str
) -> Erasure:
    """Erase the rows, then at once what a job would clear."""
    with write_session(engine) as session:
        erasure = erase_person(
            session,
            promoter_id=owner,
            member_id=member_id,
            confirmation=confirmation,
            account_id=None,
            keyring=load_keyring(settings),
            now=now(),
        )
    return clear_erasure(
        engine,
        promoter_id=owner,
        erasure_id=erasure.id,
        data_dir=settings.data_dir,
        now=now(),
    )


def _find(session: Session, owner: UUID, community: str, member: str) -> UUID:
    place = require_community_of_code(session, promoter_id=owner, code=community)
    return find_member(session, promoter_id=owner, community_id=place.id, code=member)


def _print_preview(preview: ErasurePreview) -> None:
    """Print what would become of each table, then what stands in the way."""
    table = make_table()
    for name in ("table", "rows", "fate", "until", "law"):
        table.add_column(say(f"people.{name}"), justify="right" if name == "rows" else "left")
    for row in preview.tables:
        until = "" if row.until is None else row.until.isoformat()
        fate = say(f"people.{row.fate.value}")
        table.add_row(row.name, str(row.count), fate, until, translate(row.law or "", spoken()))
    print_table(table, _WIDTH)
    console = open_console()
    console.print(Text(say("people.files", count=preview.file_count)))
    for hindrance in preview.hindrances:
        console.print(Text(say("people.hindered", reason=describe_error(hindrance, spoken()))))
    if not preview.hindrances:
        console.print(Text(say("people.confirm", code=preview.code)))


def _print_erasure(described: dict[str, Any]) -> None:
    """Print how many rows became what."""
    counts = {name: sum(tables.values()) for name, tables in described["counts"].items()}
    open_console().print(Text(say("people.erased", code=described["code"], **counts)))
