"""``reparto agreement``: from coefficients to what the distributor applies."""

import sys
from pathlib import Path
from typing import Annotated, Any, cast
from uuid import UUID

import typer

from api.clock import now
from api.services.agreements.describe_agreement import (
    describe_agreements,
    describe_check,
)
from api.services.agreements.draft_agreement import draft_of_proposal
from api.services.agreements.draft_of_file import draft_of_file
from api.services.agreements.file_agreement import check_filing
from api.services.agreements.file_profiles import list_file_profiles
from api.services.agreements.generate_agreement_files import (
    generate_distributor_file,
    generate_sharing_agreement,
)
from api.services.agreements.publish_agreement import (
    publish_agreement,
    reject_agreement,
    withdraw_agreement,
)
from api.services.agreements.stated_coefficients import (
    StatedCoefficients,
    read_stated_coefficients,
    unpack_only_file,
)
from api.services.communities.set_installation_details import (
    InstallationDetails,
    set_installation_details,
    set_membership_modality,
)
from loaders.atomic_files import make_folder, replace_file
from loaders.decoding import read_bytes
from loaders.input_paths import require_file
from loaders.sharing_agreement import LANGUAGES
from models.session import read_session, write_session
from models.tables import CoefficientMode, GeneratedFile
from models.texts.phrases import translate
from models.values.calendar import LAW_CLOCK, local_day
from models.values.cau import Cau
from models.values.errors import InvalidArgumentError
from models.values.language import Language
from models.values.modality import Modality
from scripts.agreement_access import open_agreements, show_agreement
from scripts.agreement_options import (
    Agreement,
    AnyPlant,
    Json,
    Output,
    Place,
    Plant,
    Profile,
    Reason,
    Today,
)
from scripts.agreement_tables import (
    describe_profile,
    print_agreements,
    print_check,
    print_profiles,
)
from scripts.commands.agreement_filings import app as filings
from scripts.console import print_json
from scripts.promoter_option import DEFAULT_PROMOTER, Owner
from scripts.texts import say, spoken

app = typer.Typer(
    add_completion=False, help="Draft, publish, file and record agreements.", no_args_is_help=True
)

app.add_typer(filings)

_CANNOT_BE_FILED = 2


class SourceNamedTwiceError(InvalidArgumentError):
    """Neither or both of a proposal and a table were named."""

    def __init__(self) -> None:
        super().__init__("give --proposal, or --table and --cau")


@app.command("list")
def list_all(
    cau: AnyPlant = None,
    promoter: Owner = DEFAULT_PROMOTER,
    json: Json = False,
) -> None:
    """List agreements, newest first."""
    with open_agreements(read_session, promoter) as (session, owner):
        described = describe_agreements(
            session, promoter_id=owner, installation=None if cau is None else str(cau)
        )
    (print_json if json else print_agreements)(described)


@app.command()
def show(agreement: Agreement, promoter: Owner = DEFAULT_PROMOTER, json: Json = False) -> None:
    """Show an agreement with its coefficients and everything that became of it."""
    with open_agreements(read_session, promoter) as (session, owner):
        show_agreement(session, owner, agreement, json)


@app.command()
def draft(
    file_year: Annotated[int, typer.Option(help="Year of the distributor's file.")],
    proposal: Annotated[
        UUID | None, typer.Option(help="Proposal whose coefficients to take.")
    ] = None,
    hourly: Annotated[
        bool, typer.Option("--hourly", help="Take its coefficients by class of hours.")
    ] = False,
    table: Annotated[
        Path | None,
        typer.Option(
            help="CSV or XLSX of CUPS and coefficients, or distributor's file, to take instead."
        ),
    ] = None,
    cau: AnyPlant = None,
    promoter: Owner = DEFAULT_PROMOTER,
    json: Json = False,
) -> None:
    """Draft an agreement of a proposal, or of a table that the members agreed on."""
    if (proposal is None) == (table is None) or (table is None) != (cau is None):
        raise SourceNamedTwiceError
    stated = None if table is None else _read_table(table, cau, file_year)
    with open_agreements(write_session, promoter) as (session, owner):
        shared: dict[str, Any] = {"promoter_id": owner, "now": now()}
        if stated is not None:
            made = draft_of_file(session, stated=stated, **shared)
        elif proposal is not None:
            mode = CoefficientMode.HOURLY if hourly else CoefficientMode.CONSTANT
            shared |= {"proposal_id": proposal, "file_year": file_year, "mode": mode}
            made = draft_of_proposal(session, **shared)
        show_agreement(session, owner, made.id, json)


@app.command()
def publish(agreement: Agreement, promoter: Owner = DEFAULT_PROMOTER, json: Json = False) -> None:
    """Seal a draft and let it take the place of the agreement in force."""
    with open_agreements(write_session, promoter) as (session, owner):
        publish_agreement(session, promoter_id=owner, agreement_id=agreement, now=now())
        show_agreement(session, owner, agreement, json)


@app.command()
def withdraw(
    agreement: Agreement, reason: Reason, promoter: Owner = DEFAULT_PROMOTER, json: Json = False
) -> None:
    """Take a draft back."""
    with open_agreements(write_session, promoter) as (session, owner):
        withdraw_agreement(
            session, promoter_id=owner, agreement_id=agreement, reason=reason, now=now()
        )
        show_agreement(session, owner, agreement, json)


@app.command()
def reject(
    agreement: Agreement, reason: Reason, promoter: Owner = DEFAULT_PROMOTER, json: Json = False
) -> None:
    """Note that those who share did not agree to a draft."""
    with open_agreements(write_session, promoter) as (session, owner):
        reject_agreement(
            session, promoter_id=owner, agreement_id=agreement, reason=reason, now=now()
        )
        show_agreement(session, owner, agreement, json)


@app.command()
def check(
    agreement: Agreement,
    on: Today = None,
    promoter: Owner = DEFAULT_PROMOTER,
    json: Json = False,
) -> None:
    """Hold an agreement against the rules of filing; exit 2 if it cannot be filed."""
    day = on or local_day(now(), LAW_CLOCK)
    with open_agreements(read_session, promoter) as (session, owner):
        found = check_filing(session, promoter_id=owner, agreement_id=agreement, filed_on=day)
    (print_json if json else print_check)(describe_check(found))
    if not found.can_be_filed:
        raise typer.Exit(_CANNOT_BE_FILED)


@app.command()
def write(
    agreement: Agreement,
    output: Output,
    profile: Profile = None,
    promoter: Owner = DEFAULT_PROMOTER,
) -> None:
    """Write the distributor's file, judged as the distributor would, and keep it."""
    with open_agreements(write_session, promoter) as (session, owner):
        file = generate_distributor_file(
            session, promoter_id=owner, agreement_id=agreement, profile=profile, now=now()
        )
        _write_file(file, output)


@app.command()
def document(
    agreement: Agreement,
    output: Output,
    language: Annotated[
        str | None,
        typer.Option(help="es or ca; the one that the command speaks, or es, if left out."),
    ] = None,
    profile: Profile = None,
    promoter: Owner = DEFAULT_PROMOTER,
) -> None:
    """Write the document that all members sign, and keep it; it names the file's SHA-256."""
    with open_agreements(write_session, promoter) as (session, owner):
        file = generate_sharing_agreement(
            session,
            promoter_id=owner,
            agreement_id=agreement,
            language=language or _language_to_sign_in(),
            profile=profile,
            now=now(),
        )
        _write_file(file, output)


@app.command()
def plant(
    cau: Plant,
    modality: Annotated[
        Modality | None, typer.Option(help="What becomes of its surplus, and all members' too.")
    ] = None,
    internal: Annotated[
        bool | None,
        typer.Option(
            "--internal/--through-grid", help="Whether it is joined to its members' own network."
        ),
    ] = None,
    profile: Profile = None,
    place: Place = None,
    promoter: Owner = DEFAULT_PROMOTER,
) -> None:
    """Enter what the rules of filing ask of a plant; what is left out stays as it is."""
    given = {"modality": modality, "is_internal": internal, "file_profile": profile, "place": place}
    entered = {name: value for name, value in given.items() if value is not None}
    details = cast("InstallationDetails", entered)
    with open_agreements(write_session, promoter) as (session, owner):
        shared: dict[str, Any] = {"promoter_id": owner, "installation": str(cau)}
        set_installation_details(session, details=details, **shared)
        if modality is not None:
            set_membership_modality(session, modality=modality, **shared)
    named = ", ".join(sorted(entered)) or say("agreement.nothing")
    sys.stdout.write(f"{say('agreement.entered', cau=cau, details=named)}\n")


@app.command()
def profiles(json: Json = False) -> None:
    """List the ways to write a distributor's file, and how each is known."""
    known = list_file_profiles()
    if json:
        print_json([describe_profile(each) for each in known])
    else:
        print_profiles(known)


def _read_table(path: Path, cau: Cau | None, file_year: int) -> StatedCoefficients:
    """Read a file of coefficients, and say how the numbers of a table were understood."""
    require_file(path)
    file = unpack_only_file(path.name.removesuffix(".gz"), read_bytes(path))
    stated = read_stated_coefficients(file, cau=cau, file_year=file_year)
    sys.stderr.write("".join(f"{translate(note, spoken())}\n" for note in stated.notes))
    return stated


def _language_to_sign_in() -> Language:
    """Take the language that is spoken, if an agreement can be signed in it."""
    return spoken() if spoken() in LANGUAGES else Language.SPANISH


def _write_file(file: GeneratedFile, folder: Path) -> None:
    make_folder(folder.absolute())
    path = folder / file.file_name
    with replace_file(path) as target:
        target.write(file.content)
    sys.stdout.write(f"{path} SHA-256 {file.sha256}\n")
