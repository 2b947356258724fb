"""``reparto plan``: from a community folder to coefficients, their proof and the hand-out."""

import sys
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import typer

from api.clock import now
from api.services.hand_out import render_proposal, write_hand_out
from api.services.plan_coefficients import PlannedYear, PlanRequest, plan_coefficients
from api.services.warn_of_plan import warn_of_plan
from loaders.community_folder import read_community_folder
from loaders.report_texts import Language
from planner.coefficients.choose import Method
from planner.coefficients.rules import Rule
from planner.goal import Objective
from scripts.console import part_of, print_plan, show_progress

app = typer.Typer()

REFERENCES = [Rule.EQUAL, Rule.CONTRACTED_POWER, Rule.CONSUMPTION]
_PARTS_READ = 5


def parse_share(text: str) -> Decimal:
    """Read a share as it was typed, without the detour of a float."""
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise typer.BadParameter(f"{text!r} is not a number") from error


def parse_reference(text: str) -> Rule:
    """Read the rule that a floor is measured against."""
    if text not in REFERENCES:
        raise typer.BadParameter(f"{text!r} is not one of {', '.join(REFERENCES)}")
    return Rule(text)


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
            parser=parse_reference,
            metavar="RULE",
            help=f"Rule that the floor is measured against: {', '.join(REFERENCES)}.",
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
    )
    planned, files = _plan_folder(folder, output, request, file_year, language)
    if json:
        sys.stdout.write(render_proposal(planned).decode())
    else:
        print_plan(planned)
    sys.stderr.write("".join(f"warning: {warning}\n" for warning in warn_of_plan(planned)))
    sys.stderr.write("".join(f"wrote {file}\n" for file in files))


def _plan_folder(
    folder: Path, output: Path, request: PlanRequest, file_year: int | None, language: Language
) -> tuple[PlannedYear, list[Path]]:
    """Read, plan and write, with a bar that goes along."""
    with show_progress("Plan") as report:
        parts = iter(range(_PARTS_READ))
        community = read_community_folder(
            folder,
            progress=lambda part: report(0.5 * next(parts) / _PARTS_READ, f"reading {part}"),
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
