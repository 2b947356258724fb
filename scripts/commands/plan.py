"""``reparto plan``: from a community folder to coefficients, their proof and the hand-out."""

import sys
from decimal import Decimal
from pathlib import Path

import typer

from api.clock import now
from api.services.jobs.progress import Progress
from api.services.proposals.hand_out import render_proposal, write_hand_out
from api.services.proposals.limits_document import LimitsDocument, read_limits_file
from api.services.proposals.plan_coefficients import PlannedYear, plan_coefficients
from api.services.proposals.plan_request import PlanRequest
from api.services.proposals.retail_question import choose_price_basis
from api.services.proposals.warn_of_plan import warn_of_plan
from api.services.studies.hand_out_several import render_several, write_several_hand_out
from api.services.studies.plan_several import PlannedSeveral, plan_several
from api.services.studies.warn_of_several import warn_of_several
from loaders.community_folder import plant_columns
from loaders.production_years import read_production_years
from loaders.records import CommunityYear, Energy
from loaders.series_steps import LocalYear
from models.values.calendar import LAW_CLOCK, local_day
from models.values.language import Language
from planner.coefficients.choose import Method
from planner.coefficients.rules import Rule
from planner.goal import Objective
from scripts import plan_options as options
from scripts.bill_options import Assume, ContractFile, LawYear
from scripts.console import part_of, show_progress, tell_warnings, tell_written
from scripts.folder_input import read_folder
from scripts.plan_tables import print_plan
from scripts.retail_options import ask_for_retail
from scripts.several_tables import print_several
from scripts.texts import say, spoken

app = typer.Typer(add_completion=False)


@app.command()
def plan(
    folder: options.Folder,
    output: options.Output,
    objective: options.ObjectiveOption = Objective.SELF_CONSUMPTION,
    mix: options.Mix = None,
    carbon_factor: options.Carbon = None,
    floor: options.FloorOption = None,
    reference: options.Reference = Rule.CONSUMPTION,
    min_beta: options.LeastBeta = Decimal(0),
    max_beta: options.GreatestBeta = Decimal(1),
    constraint: options.Constraint = None,
    classes: options.ClassesOption = None,
    curve: options.Curve = False,
    out_of_sample: options.OutOfSample = False,
    robust: options.RobustOption = None,
    production: options.Production = None,
    fill_gaps: options.FillGaps = False,
    file_year: options.FileYear = None,
    method: options.MethodOption = Method.EXACT,
    language: options.LanguageOption = None,
    prices: options.PricesOption = None,
    contract: ContractFile = None,
    law_year: LawYear = None,
    assume: Assume = None,
    json: options.AsJson = False,
) -> None:
    """Choose the best coefficients, prove them, and hand them out."""
    retail = ask_for_retail(contract, law_year, assume)
    request = PlanRequest(
        objective=objective,
        floor_share=floor,
        reference=reference,
        min_beta=min_beta,
        max_beta=max_beta,
        method=method,
        mix=mix,
        carbon=carbon_factor,
        limits=LimitsDocument() if constraint is None else read_limits_file(constraint),
        classes=classes,
        has_curve=curve,
        is_checked=out_of_sample,
        robust=robust,
        prices=choose_price_basis(prices, retail),
        retail=retail,
    )
    if production and not (out_of_sample or robust):
        raise typer.BadParameter("--production serves --out-of-sample or --robust; add one")
    with show_progress(say("plan.working")) as report:
        community = read_folder(folder, report, accepts_gaps=fill_gaps)
        others = _read_production(production or [], community)
        planned = _plan_community(community, request, others, part_of(report, 0.5, 0.8))
        report(0.8, say("plan.writing"))
        files = _write(planned, output, file_year or community.year, language or spoken())
    warnings = _show(planned, json=json)
    tell_warnings(warnings)
    tell_written(files)


def _show(planned: PlannedYear | PlannedSeveral, *, json: bool) -> list[str]:
    """Print the document or the tables; return what to warn of."""
    if isinstance(planned, PlannedSeveral):
        if json:
            sys.stdout.write(render_several(planned).decode())
        else:
            print_several(planned)
        return warn_of_several(planned)
    if json:
        sys.stdout.write(render_proposal(planned).decode())
    else:
        print_plan(planned)
    return warn_of_plan(planned)


def _read_production(files: list[Path], community: CommunityYear) -> list[Energy]:
    """Read what the plants generated in other years, each of shape (n_installations, n_steps)."""
    years = read_production_years(
        files,
        plant_columns(community.installations),
        LocalYear(community.year, community.timezone, community.step),
    )
    return [year.generation_kwh for year in years]


def _plan_community(
    community: CommunityYear, request: PlanRequest, production: list[Energy], report: Progress
) -> PlannedYear | PlannedSeveral:
    """Plan one plant, or several together."""
    if len(community.installations) > 1:
        return plan_several(
            community=community,
            request=request,
            day=local_day(now(), LAW_CLOCK),
            production=production,
            progress=report,
        )
    return plan_coefficients(
        community=community,
        request=request,
        production=[generation_kwh[0] for generation_kwh in production],
        progress=report,
    )


def _write(
    planned: PlannedYear | PlannedSeveral, output: Path, file_year: int, language: Language
) -> list[Path]:
    """Write every file of the plan."""
    if isinstance(planned, PlannedSeveral):
        return write_several_hand_out(
            planned=planned,
            folder=output,
            file_year=file_year,
            created_at=now(),
            language=language,
        )
    return write_hand_out(
        plan=planned, folder=output, file_year=file_year, created_at=now(), language=language
    )
