"""``reparto invoices``: who issues, who pays, and by which plan."""

import sys
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from api.clock import now
from api.services.communities.find_community import require_community_of_code
from api.services.invoices.list_invoices import describe_plans, find_member
from api.services.invoices.record_parties import (
    PartyDetails,
    create_issuer,
    set_payer,
    update_issuer,
)
from api.services.invoices.set_up_invoicing import set_up_invoicing
from api.services.invoices.setup_document import (
    SetupDocument,
    SubscriptionSection,
    read_setup_file,
)
from api.services.invoices.subscriptions import end_subscription, find_subscription
from loaders.decoding import LARGEST_LIST_BYTES, read_bytes
from loaders.faults import FileFaults, MissingInputError
from loaders.payers_table import ListedPayer, read_payers_table
from models.session import read_session, write_session
from models.values.language import Language
from scripts import invoice_options as options
from scripts.console import print_json
from scripts.invoice_options import open_invoices
from scripts.invoice_tables import print_plans, print_setup
from scripts.option_values import parse_day
from scripts.promoter_option import DEFAULT_PROMOTER, Owner
from scripts.texts import say

app = typer.Typer(add_completion=False)

_PLANS = "plans.toml"
_PAYERS = ("payers.csv", "payers.xlsx")

TaxNumber = Annotated[str, typer.Option("--tax-number", metavar="NIF", help="NIF or NIE.")]
Name = Annotated[str, typer.Option(help="Name, as an invoice has it.")]
Address = Annotated[str, typer.Option(help="Street and number.")]
PostalCode = Annotated[str, typer.Option(help="Five digits.")]
Town = Annotated[str, typer.Option(help="Town.")]
Province = Annotated[str, typer.Option(help="Province.")]
FirstDay = Annotated[
    date, typer.Option("--from", parser=parse_day, metavar="DAY", help="First day.")
]


@app.command()
def setup(
    community: options.Community,
    path: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER|FILE",
            help="TOML file of issuers, plans and subscriptions; or a folder with it as "
            f"{_PLANS} and the payers as {' or '.join(_PAYERS)}.",
        ),
    ],
    promoter: Owner = DEFAULT_PROMOTER,
    json: options.AsJson = False,
) -> None:
    """Record who issues, the plans with their prices, who pays, and by which plan.

    All of it is stored or nothing. Again, it adds what is new and sets payers as the list has
    them; nothing is deleted and no invoice changes.
    """
    document, payers, faults = _read_setup(path)
    with open_invoices(write_session, promoter) as (session, owner):
        found = require_community_of_code(session, promoter_id=owner, code=community)
        report = asdict(
            set_up_invoicing(
                session,
                promoter_id=owner,
                community_id=found.id,
                document=document,
                payers=payers,
                payers_faults=faults,
                now=now(),
            )
        )
    if json:
        print_json(report)
    else:
        print_setup(report, community)


@app.command()
def issuer(
    tax_number: TaxNumber,
    name: Name,
    address: Address,
    postal_code: PostalCode,
    town: Town,
    province: Province,
    update: Annotated[
        bool, typer.Option("--update", help="It is there already: take this name and address.")
    ] = False,
    promoter: Owner = DEFAULT_PROMOTER,
) -> None:
    """Record somebody in whose name invoices are issued; what was issued stays as it is."""
    details = PartyDetails(tax_number, name, address, postal_code, town, province)
    record = update_issuer if update else create_issuer
    with open_invoices(write_session, promoter) as (session, owner):
        made = record(session, promoter_id=owner, details=details)
    sys.stdout.write(f"ISSUER {made.tax_number}\n")


@app.command()
def payer(
    community: options.Community,
    member: Annotated[str, typer.Argument(metavar="MEMBER", help="Code of the member.")],
    tax_number: TaxNumber,
    name: Name,
    address: Address,
    postal_code: PostalCode,
    town: Town,
    province: Province,
    email: Annotated[str | None, typer.Option(help="Where the invoices go.")] = None,
    language: Annotated[Language, typer.Option(help="Of the invoices.")] = Language.SPANISH,
    office: Annotated[
        list[str] | None,
        typer.Option(help="DIR3 code of a public body: accounting, managing, processing; three."),
    ] = None,
    promoter: Owner = DEFAULT_PROMOTER,
) -> None:
    """Record who is invoiced for a member; what was issued stays as it is."""
    details = PartyDetails(tax_number, name, address, postal_code, town, province)
    with open_invoices(write_session, promoter) as (session, owner):
        found = require_community_of_code(session, promoter_id=owner, code=community)
        set_payer(
            session,
            promoter_id=owner,
            member_id=find_member(session, promoter_id=owner, community_id=found.id, code=member),
            details=details,
            language=language,
            email=email,
            offices=office or (),
        )
    sys.stdout.write(f"PAYER {details.tax_number} for {member}\n")


@app.command()
def plans(
    community: options.Community,
    promoter: Owner = DEFAULT_PROMOTER,
    json: options.AsJson = False,
) -> None:
    """Show the plans of a community with their prices."""
    with open_invoices(read_session, promoter) as (session, owner):
        found = require_community_of_code(session, promoter_id=owner, code=community)
        described = describe_plans(session, promoter_id=owner, community_id=found.id)
    (print_json if json else print_plans)(described)


@app.command()
def subscribe(
    community: options.Community,
    plan: Annotated[str, typer.Argument(metavar="PLAN", help="Code of the plan.")],
    valid_from: FirstDay,
    cups: Annotated[
        list[str] | None,
        typer.Option(help="Supply point, once for each; all that share and pay by no plan yet."),
    ] = None,
    valid_until: Annotated[
        date | None,
        typer.Option("--until", parser=parse_day, metavar="DAY", help="First day after those."),
    ] = None,
    promoter: Owner = DEFAULT_PROMOTER,
) -> None:
    """Let supply points pay by a plan."""
    section = SubscriptionSection(
        plan=plan,
        cups=tuple(cups) if cups else None,
        valid_from=valid_from,
        valid_until=valid_until,
    )
    with open_invoices(write_session, promoter) as (session, owner):
        found = require_community_of_code(session, promoter_id=owner, code=community)
        report = set_up_invoicing(
            session,
            promoter_id=owner,
            community_id=found.id,
            document=SetupDocument(subscription=(section,)),
            payers=(),
            payers_faults=FileFaults(""),
            now=now(),
        )
    told = {"count": report.subscriptions, "plan": plan, "day": valid_from}
    sys.stdout.write(f"{say('invoices.subscribed_from', **told)}\n")


@app.command()
def unsubscribe(
    cups: Annotated[str, typer.Argument(metavar="CUPS", help="Supply point.")],
    valid_until: Annotated[
        date,
        typer.Option(
            "--until", parser=parse_day, metavar="DAY", help="First day that is not paid for."
        ),
    ],
    promoter: Owner = DEFAULT_PROMOTER,
) -> None:
    """End the subscription of a supply point, on a day after those that were billed."""
    with open_invoices(write_session, promoter) as (session, owner):
        standing = find_subscription(session, promoter_id=owner, cups=cups, before=valid_until)
        end_subscription(
            session, promoter_id=owner, subscription_id=standing.id, valid_until=valid_until
        )
    sys.stdout.write(f"{say('invoices.pays_until', cups=cups, day=valid_until)}\n")


def _read_setup(path: Path) -> tuple[SetupDocument, list[ListedPayer], FileFaults]:
    """Read the document, and the payers where a folder has some."""
    if not path.is_dir():
        return read_setup_file(path), [], FileFaults(path.name)
    document = read_setup_file(path / _PLANS) if (path / _PLANS).exists() else SetupDocument()
    lists = [path / name for name in _PAYERS if (path / name).is_file()]
    if not lists and not (path / _PLANS).exists():
        raise MissingInputError(path / _PLANS, "file")
    faults = FileFaults(lists[0].name if lists else path.name)
    payers = read_payers_table(read_bytes(lists[0], LARGEST_LIST_BYTES), faults) if lists else []
    return document, payers, faults
