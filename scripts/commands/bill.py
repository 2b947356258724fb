"""``reparto bill``: what members pay their retailers, with self-consumption and without."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from rich.text import Text
from sqlmodel import Session

from api.clock import now
from api.services.accounts.ensure_promoter import require_promoter
from api.services.bills.advise_supply_power import advise_supply_power
from api.services.bills.compare_tariffs import compare_tariffs
from api.services.bills.contract_document import read_contracts_file
from api.services.bills.describe_advice import (
    describe_late_activation,
    describe_power,
    describe_tariffs,
)
from api.services.bills.describe_bills import describe_bills
from api.services.bills.reckon_late_activation import (
    LateActivationWish,
    reckon_late_activation,
)
from api.services.bills.recorded_contracts import record_contracts
from api.services.bills.simulate_bills import simulate_bills
from api.services.bills.simulated_bills import SimulatedBills
from api.services.communities.find_community import require_community_of_code
from api.services.communities.find_points import find_points, list_points
from api.settings import read_settings
from loaders.production_years import read_generation_profile
from models.session import read_session, write_session
from models.texts.errors import describe_error
from models.values.cups import Cups
from models.values.errors import CommunityError, InvalidIdentifierError
from scripts import bill_options as options
from scripts.bill_tables import (
    print_bills,
    print_community,
    print_late_activation,
    print_power,
    print_tariffs,
)
from scripts.commands.database import ready_database
from scripts.console import open_console, print_json
from scripts.promoter_option import DEFAULT_PROMOTER, Owner
from scripts.texts import say, spoken

app = typer.Typer(
    add_completion=False, help="Simulate what members pay their retailers.", no_args_is_help=True
)

Point = Annotated[str, typer.Argument(metavar="CUPS", help="Supply point.")]
Target = Annotated[
    str, typer.Argument(metavar="CUPS|COMMUNITY", help="Supply point, or code of a community.")
]


@app.callback()
def bill() -> None:
    """Simulate what members pay their retailers."""


@app.command("simulate")
def simulate(
    target: Target,
    year: options.Year = None,
    since: options.Since = None,
    until: options.Until = None,
    contract: options.ContractFile = None,
    law_year: options.LawYear = None,
    assume: options.Assume = None,
    proposal: options.OfProposal = None,
    agreement: options.OfAgreement = None,
    lines: options.WithLines = False,
    promoter: Owner = DEFAULT_PROMOTER,
    json: options.AsJson = False,
) -> None:
    """Bill a supply point or a whole community, with self-consumption and without."""
    days = (year, since, until)
    question = options.ask_for_bills(
        *days, contract, law_year, assume, proposal=proposal, agreement=agreement
    )
    with _open(promoter) as (session, owner):
        points = _find(session, owner, target)
        found = simulate_bills(session, promoter_id=owner, ids=points, question=question)
        names = {points[key]: result for key, result in found.items()}
        if _is_cups(target):
            _show_point(names[target], lines=lines, json=json)
        else:
            _show_community(names, json=json)


@app.command("power")
def power(
    cups: Point,
    year: options.Year = None,
    since: options.Since = None,
    until: options.Until = None,
    contract: options.ContractFile = None,
    law_year: options.LawYear = None,
    assume: options.Assume = None,
    powers: options.Powers = None,
    last_changed_on: options.LastChange = None,
    promoter: Owner = DEFAULT_PROMOTER,
    json: options.AsJson = False,
) -> None:
    """Tell which contracted power would be cheapest, and what the change pays."""
    question = options.ask_for_bills(year, since, until, contract, law_year, assume)
    with _open(promoter) as (session, owner):
        report = advise_supply_power(
            session,
            promoter_id=owner,
            point_id=find_points(session, promoter_id=owner, cups=[cups])[0],
            question=question,
            powers_kw=options.parse_powers(powers),
            last_changed_on=last_changed_on,
        )
    (print_json if json else print_power)(describe_power(report))


@app.command("tariff")
def tariff(
    cups: Point,
    offers: Annotated[Path, typer.Option(metavar="FILE", help="Contracts to compare with.")],
    year: options.Year = None,
    since: options.Since = None,
    until: options.Until = None,
    contract: options.ContractFile = None,
    law_year: options.LawYear = None,
    assume: options.Assume = None,
    proposal: options.OfProposal = None,
    agreement: options.OfAgreement = None,
    promoter: Owner = DEFAULT_PROMOTER,
    json: options.AsJson = False,
) -> None:
    """Bill a supply point under other contracts too."""
    days = (year, since, until)
    question = options.ask_for_bills(
        *days, contract, law_year, assume, proposal=proposal, agreement=agreement
    )
    contracts = read_contracts_file(offers).contract
    with _open(promoter) as (session, owner):
        outcomes = compare_tariffs(
            session,
            promoter_id=owner,
            point_id=find_points(session, promoter_id=owner, cups=[cups])[0],
            question=question,
            contracts=contracts,
        )
        described = describe_tariffs(outcomes)
    (print_json if json else print_tariffs)(described)


@app.command("contract")
def contract(
    target: Target,
    file: options.RecordedFile,
    valid_from: options.ValidFrom,
    promoter: Owner = DEFAULT_PROMOTER,
) -> None:
    """Record the retail contracts of a supply point or a whole community from a day on."""
    contracts = read_contracts_file(file)
    with ready_database(read_settings()) as engine, write_session(engine) as session:
        owner = require_promoter(session, name=promoter).id
        rows = record_contracts(
            session,
            promoter_id=owner,
            cups=list(_find(session, owner, target).values()),
            contracts=contracts,
            valid_from=valid_from,
            now=now(),
        )
        counts = Counter(row.name for row in rows)
    console = open_console()
    for name, count in counts.items():
        text = say("bill.recorded", name=name, count=count, start=valid_from)
        console.print(Text(text))


@app.command("late-activation")
def late_activation(
    cups: Point,
    profile: options.ProfileFile,
    documents_on: options.DocumentsOn,
    activated_on: options.ActivatedOn = None,
    year: options.Year = None,
    since: options.Since = None,
    until: options.Until = None,
    contract: options.ContractFile = None,
    law_year: options.LawYear = None,
    assume: options.Assume = None,
    proposal: options.OfProposal = None,
    agreement: options.OfAgreement = None,
    promoter: Owner = DEFAULT_PROMOTER,
    json: options.AsJson = False,
) -> None:
    """Reckon what a retailer owes that activates self-consumption too late."""
    days = (year, since, until)
    question = options.ask_for_bills(
        *days, contract, law_year, assume, proposal=proposal, agreement=agreement
    )
    with _open(promoter) as (session, owner):
        report = reckon_late_activation(
            session,
            promoter_id=owner,
            point_id=find_points(session, promoter_id=owner, cups=[cups])[0],
            question=question,
            wish=LateActivationWish(documents_on, activated_on),
            read_profile=partial(read_generation_profile, profile),
        )
    (print_json if json else print_late_activation)(describe_late_activation(report))


@contextmanager
def _open(promoter: str) -> Iterator[tuple[Session, UUID]]:
    with ready_database(read_settings()) as engine, read_session(engine) as session:
        yield session, require_promoter(session, name=promoter).id


def _find(session: Session, owner: UUID, target: str) -> dict[UUID, str]:
    """Find a supply point, or all of a community, and their codes."""
    if _is_cups(target):
        return {find_points(session, promoter_id=owner, cups=[target])[0]: target}
    community = require_community_of_code(session, promoter_id=owner, code=target)
    return list_points(session, promoter_id=owner, community_id=community.id)


def _is_cups(text: str) -> bool:
    try:
        Cups(text)
    except InvalidIdentifierError:
        return False
    return True


def _show_point(result: SimulatedBills | CommunityError, *, lines: bool, json: bool) -> None:
    if isinstance(result, CommunityError):
        raise result
    described = describe_bills(result)
    if json:
        print_json(described)
    else:
        print_bills(described, lines=lines)


def _show_community(found: dict[str, SimulatedBills | CommunityError], *, json: bool) -> None:
    """Print everybody's bills; where nobody has any, the first reason."""
    failed = {cups: each for cups, each in found.items() if isinstance(each, CommunityError)}
    if failed and len(failed) == len(found):
        raise next(iter(failed.values()))
    described = [
        describe_bills(each) for each in found.values() if isinstance(each, SimulatedBills)
    ]
    if json:
        print_json({"bills": described, "failed": {cups: str(e) for cups, e in failed.items()}})
    else:
        reasons = {cups: describe_error(each, spoken()) for cups, each in failed.items()}
        print_community(described, reasons)
