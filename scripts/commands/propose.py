"""``reparto propose``: coefficients for a stored plant, kept as a proposal."""

import sys
import time
from dataclasses import asdict
from decimal import Decimal
from typing import Annotated, Any

import orjson
import typer
from rich import box
from rich.table import Table
from rich.text import Text
from sqlalchemy import Engine
from sqlmodel import Session

from api.clock import now
from api.jobs.registry import build_registry
from api.jobs.work import Worker
from api.logs import configure_quiet_logs
from api.services.accounts.ensure_promoter import require_promoter
from api.services.proposals.find_proposal import find_proposal
from api.services.proposals.limits_document import cut_down, cut_up
from api.services.proposals.request_proposal import (
    CarbonWish,
    MixWish,
    ProposalWish,
    request_proposal,
)
from api.services.proposals.retail_question import choose_price_basis
from api.settings import Settings, read_settings
from models.session import read_session, write_session
from models.tables import CoefficientProposal, JobRun, JobState
from models.values.cau import Cau
from planner.coefficients.rules import Rule
from planner.goal import Objective
from scripts import plan_options as options
from scripts.bill_options import Assume, ContractFile, LawYear
from scripts.commands.database import ready_database
from scripts.commands.validate import parse_cau
from scripts.console import open_console, show_progress
from scripts.failed_jobs import failure_of
from scripts.promoter_option import DEFAULT_PROMOTER, Promoter
from scripts.retail_options import ask_for_retail
from scripts.texts import number, say, say_each
from scripts.yearly_bill_tables import print_yearly_bills

app = typer.Typer(add_completion=False)

_LOOK_AGAIN_SECONDS = 0.3


@app.command()
def propose(
    cau: Annotated[Cau, typer.Argument(parser=parse_cau, metavar="CAU", help="Plant to share.")],
    year: Annotated[int, typer.Option(help="Local year of readings to plan with.")],
    objective: options.ObjectiveOption = Objective.SELF_CONSUMPTION,
    mix: options.Mix = None,
    carbon_factor: options.Carbon = None,
    floor: options.FloorOption = None,
    reference: options.Reference = Rule.CONSUMPTION,
    min_beta: options.LeastBeta = Decimal(0),
    max_beta: options.GreatestBeta = Decimal(1),
    classes: options.ClassesOption = None,
    fill_gaps: options.FillGaps = False,
    prices: options.PricesOption = None,
    contract: ContractFile = None,
    law_year: LawYear = None,
    assume: Assume = None,
    promoter: Promoter = DEFAULT_PROMOTER,
    json: options.AsJson = False,
) -> None:
    """Choose the best coefficients for a stored plant and keep them as a proposal."""
    retail = ask_for_retail(contract, law_year, assume)
    wish = ProposalWish(
        installation=str(cau),
        year=year,
        objective=objective,
        floor_share=None if floor is None else float(floor),
        reference=reference,
        min_millionths=cut_up(min_beta),
        max_millionths=cut_down(max_beta),
        mix=None if mix is None else MixWish(**asdict(mix)),
        carbon=None if carbon_factor is None else CarbonWish(**asdict(carbon_factor)),
        classes=classes and classes.value,
        fills_gaps=fill_gaps,
        prices=choose_price_basis(prices, retail),
        retail=retail,
    )
    configure_quiet_logs()
    settings = read_settings()
    with ready_database(settings) as engine:
        with write_session(engine) as session:
            owner = require_promoter(session, name=promoter).id
            job = request_proposal(
                session, promoter_id=owner, wish=wish, idempotency_key=None, now=now()
            )
        with show_progress(say("plan.proposing")) as report:
            report(0.0, say("plan.planning"))
            ended = _see_through(settings, engine, job)
        with read_session(engine) as session:
            _print_proposal(session, ended, json=json)


def _see_through(settings: Settings, engine: Engine, job: JobRun) -> JobRun:
    """Do the job here, unless a worker was faster: then wait for its end."""
    Worker(settings, engine, build_registry(settings)).take_job(job.id)
    while True:
        with read_session(engine) as session:
            seen = session.get_one(JobRun, job.id)
        if seen.state in (JobState.SUCCEEDED, JobState.FAILED):
            return seen
        time.sleep(_LOOK_AGAIN_SECONDS)


def _print_proposal(session: Session, job: JobRun, *, json: bool) -> None:
    """Show what the job made, or raise what it failed of."""
    if job.state is JobState.FAILED:
        raise failure_of(job)
    assert job.result_id is not None
    proposal = find_proposal(session, promoter_id=job.promoter_id, proposal_id=job.result_id)
    if json:
        shown = {"proposal_id": str(proposal.id), **proposal.result}
        sys.stdout.write(orjson.dumps(shown, option=orjson.OPT_APPEND_NEWLINE).decode())
        return
    _print_tables(proposal)


def _print_tables(proposal: CoefficientProposal) -> None:
    result: dict[str, Any] = proposal.result
    console = open_console()
    console.print(
        say(
            "plan.proven_proposal",
            cau=result["cau"],
            year=result["year"],
            used=result["self_consumed_kwh"],
            generated=result["generation_kwh"],
            gap=result["gap"],
        ),
        highlight=False,
    )
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column(say("plan.member"))
    table.add_column("CUPS")
    for column in ("β", *say_each("plan.used", "plan.saved")):
        table.add_column(column, justify="right")
    for member in result["members"]:
        table.add_row(
            Text(member["member_id"]),
            member["cups"],
            number(Decimal(member["beta"]), ".6f"),
            number(member["self_consumed_kwh"], ",.1f"),
            number(Decimal(member["savings_eur"]), "f") if member["savings_eur"] else "-",
        )
    console.print(table)
    print_yearly_bills(console, result)
    sys.stdout.write(f"PROPOSAL {proposal.id}\n")
