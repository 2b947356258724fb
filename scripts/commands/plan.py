"""``reparto plan``: from a community folder to coefficients, their proof and the hand-out."""

import sys
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from api.clock import now
from api.services.hand_out import render_proposal, write_hand_out
from api.services.hand_out_several import render_several, write_several_hand_out
from api.services.limits_document import LimitsDocument, read_limits_file
from api.services.plan_coefficients import PlannedYear, plan_coefficients
from api.services.plan_request import PlanRequest, Robust
from api.services.plan_several import PlannedSeveral, plan_several
from api.services.warn_of_plan import warn_of_plan
from api.services.warn_of_several import warn_of_several
from loaders.community_folder import read_community_folder
from loaders.report_texts import Language
from models.values.calendar import local_day
from planner.classes.step_classes import Classes
from planner.coefficients.choose import Method
from planner.coefficients.rules import Rule
from planner.goal import CarbonFactor, Objective, Weights
from scripts.console import part_of, show_progress
from scripts.option_values import parse_carbon_factor, parse_mix, parse_share
from scripts.plan_tables import print_plan
from scripts.several_tables import print_several

app = typer.Typer()

_PARTS_READ = 5
_LAW_CLOCK = "Europe/Madrid"


@app.command()
def plan(
    folder: Annotated[Path, typer.Argument(help="Community folder: meter data of one year.")],
    output: Annotated[Path, typer.Option(help="Folder for the results; made if need be.")],
    objective: Annotated[
        Objective, typer.Option(help="What to maximise.")
    ] = Objective.SELF_CONSUMPTION,
    floor: Annotated[
        Decimal | None,
        typer.Option(
            parser=parse_share,
            metavar="SHARE",
            help="Least share, 0 to 1, of the kWh that the reference would let each member use.",
        ),
    ] = None,
    reference: Annotated[
        Rule,
        typer.Option(
            help="Rule that floor, curve and the check on unseen data are measured against."
        ),
    ] = Rule.CONSUMPTION,
    min_beta: Annotated[
        Decimal,
        typer.Option(parser=parse_share, metavar="B", help="Least coefficient of a member."),
    ] = Decimal(0),
    max_beta: Annotated[
        Decimal,
        typer.Option(parser=parse_share, metavar="B", help="Greatest coefficient of a member."),
    ] = Decimal(1),
    constraint: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="TOML file of further limits; see docs/reference.md."),
    ] = None,
    mix: Annotated[
        Weights | None,
        typer.Option(
            parser=parse_mix,
            metavar="WEIGHTS",
            help="For the objective mix: what each counts for, such as kwh=0.05,eur=1,kg=0.1.",
        ),
    ] = None,
    carbon_factor: Annotated[
        CarbonFactor | None,
        typer.Option(
            parser=parse_carbon_factor,
            metavar="'KG SOURCE'",
            help="CO2 of a kWh from the grid and where that figure comes from.",
        ),
    ] = None,
    classes: Annotated[
        Classes | None, typer.Option(help="Also give each class of hours its own coefficients.")
    ] = None,
    curve: Annotated[
        bool, typer.Option("--curve", help="Also trace what floors from 0 to 100 % cost.")
    ] = False,
    out_of_sample: Annotated[
        bool,
        typer.Option("--out-of-sample", help="Also judge the plan on data that it did not see."),
    ] = False,
    robust: Annotated[
        Robust | None,
        typer.Option(help="Plan for years drawn from the weeks of this one: their mean, or worst."),
    ] = None,
    file_year: Annotated[
        int | None,
        typer.Option(min=1000, max=9999, help="Year of the distributor's file."),
    ] = None,
    method: Annotated[Method, typer.Option(help="How to find the optimum.")] = Method.EXACT,
    language: Annotated[Language, typer.Option(help="Language of the report.")] = Language.ENGLISH,
    json: Annotated[
        bool, typer.Option("--json", help="Print proposal.json instead of tables.")
    ] = False,
) -> None:
    """Choose the best coefficients, prove them, and hand them out."""
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
    )
    planned, files = _plan_folder(folder, output, request, file_year, language)
    warnings = _show(planned, json=json)
    sys.stderr.write("".join(f"warning: {warning}\n" for warning in warnings))
    sys.stderr.write("".join(f"wrote {file}\n" for file in files))


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


def _plan_folder(
    folder: Path, output: Path, request: PlanRequest, file_year: int | None, language: Language
) -> tuple[PlannedYear | PlannedSeveral, list[Path]]:
    """Read, plan and write, with a bar that goes along."""
    with show_progress("Plan") as report:
        parts = iter(range(_PARTS_READ))
        community = read_community_folder(
            folder,
            progress=lambda part: report(0.5 * next(parts) / _PARTS_READ, f"reading {part}"),
        )
        if len(community.installations) > 1:
            several = plan_several(
                community=community,
                request=request,
                day=local_day(now(), _LAW_CLOCK),
                progress=part_of(report, 0.5, 0.8),
            )
            report(0.8, "writing the results")
            return several, write_several_hand_out(
                planned=several,
                folder=output,
                file_year=file_year or community.year,
                created_at=now(),
                language=language,
            )
        planned = plan_coefficients(
            community=community, request=request, progress=part_of(report, 0.5, 0.8)
        )
        report(0.8, "writing the results")
        files = write_hand_out(
            plan=planned,
            folder=output,
            file_year=file_year or community.year,
            created_at=now(),
            language=language,
        )
    return planned, files
