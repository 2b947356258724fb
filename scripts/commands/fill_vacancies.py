"""``reparto fill-vacancies``: from the reserve pool to a new group and its coefficients."""

import sys
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import typer

from api.clock import now
from api.services.describe_admission import (
    render_admission,
    warn_of_admission,
    write_admission,
)
from api.services.fill_request import FillRequest
from api.services.fill_vacancies import FilledVacancies, fill_vacancies
from loaders.community_folder import read_community_folder
from loaders.report_texts import Language
from models.values.calendar import local_day
from planner.goal import Goal, Objective
from scripts.admission_tables import print_admission
from scripts.console import part_of, show_progress
from scripts.option_values import parse_share

app = typer.Typer()

TIE_BREAK = "tie-break"
OBJECTIVES = [Objective.SELF_CONSUMPTION, Objective.SAVINGS]
_PARTS_READ = 5
_LAW_CLOCK = "Europe/Madrid"


def parse_freed(text: str) -> tuple[Decimal, ...]:
    """Read coefficients with commas between them."""
    return tuple(parse_share(part.strip()) for part in text.split(","))


def parse_objective(text: str) -> Objective:
    """Read what to maximise."""
    if text not in OBJECTIVES:
        raise typer.BadParameter(f"{text!r} is not one of {', '.join(OBJECTIVES)}")
    return Objective(text)


def parse_seniority(text: str) -> float | None:
    """Read what a year of waiting counts for; nothing where it only settles ties."""
    if text == TIE_BREAK:
        return None
    try:
        return float(Decimal(text))
    except InvalidOperation as error:
        raise typer.BadParameter(f"{text!r} is neither {TIE_BREAK} nor a number") from error


def parse_day(text: str) -> date:
    """Read a day such as 2026-11-21."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is not a date such as 2026-11-21") from error


VacanciesOption = Annotated[
    int | None,
    typer.Option(metavar="N", help="Places to fill, with all coefficients chosen anew."),
]
FreedOption = Annotated[
    str | None,
    typer.Option(
        metavar="B,B,...",
        help="Coefficients to assign instead; the members keep theirs (current_beta).",
    ),
]
ObjectiveOption = Annotated[
    Objective,
    typer.Option(parser=parse_objective, metavar="|".join(OBJECTIVES), help="What to maximise."),
]
LeastOption = Annotated[
    Decimal, typer.Option(parser=parse_share, metavar="B", help="Least coefficient of the group.")
]
GreatestOption = Annotated[
    Decimal,
    typer.Option(parser=parse_share, metavar="B", help="Greatest coefficient of the group."),
]
PinOption = Annotated[
    list[str] | None,
    typer.Option(metavar="ID", help="Candidate who must be admitted; repeat for more."),
]
ExcludeOption = Annotated[
    list[str] | None,
    typer.Option(metavar="ID", help="Candidate who must not be admitted; repeat for more."),
]
SeniorityOption = Annotated[
    float | None,
    typer.Option(
        parser=parse_seniority,
        metavar=f"{TIE_BREAK}|VALUE",
        help="What a year of waiting counts for, in kWh or EUR; by default it settles ties.",
    ),
]
DayOption = Annotated[
    date | None,
    typer.Option(
        parser=parse_day, metavar="DATE", help="Day whose legal limits hold; today by default."
    ),
]


@app.command()
def fill(
    folder: Annotated[Path, typer.Argument(help="Community folder: meter data of one year.")],
    output: Annotated[Path, typer.Option(help="Folder for the results; made if need be.")],
    vacancies: VacanciesOption = None,
    freed: FreedOption = None,
    objective: ObjectiveOption = Objective.SELF_CONSUMPTION,
    min_beta: LeastOption = Decimal(0),
    max_beta: GreatestOption = Decimal(1),
    pin: PinOption = None,
    exclude: ExcludeOption = None,
    seniority: SeniorityOption = None,
    on: DayOption = None,
    language: Annotated[Language, typer.Option(help="Language of the reasons.")] = Language.ENGLISH,
    json: Annotated[
        bool, typer.Option("--json", help="Print admission.json instead of tables.")
    ] = False,
) -> None:
    """Admit the candidates of the reserve that bring the community most."""
    request = FillRequest(
        on=on or local_day(now(), _LAW_CLOCK),
        vacancies=vacancies,
        freed=() if freed is None else parse_freed(freed),
        goal=Goal(objective),
        min_beta=min_beta,
        max_beta=max_beta,
        pinned=tuple(pin or ()),
        excluded=tuple(exclude or ()),
        value_per_year=seniority,
    )
    filled, files = _fill_folder(folder, output, request, language)
    if json:
        sys.stdout.write(render_admission(filled, language).decode())
    else:
        print_admission(filled, language)
    sys.stderr.write("".join(f"warning: {warning}\n" for warning in warn_of_admission(filled)))
    sys.stderr.write("".join(f"wrote {file}\n" for file in files))


def _fill_folder(
    folder: Path, output: Path, request: FillRequest, language: Language
) -> tuple[FilledVacancies, list[Path]]:
    """Read, fill and write, with a bar that goes along."""
    with show_progress("Fill vacancies") as report:
        parts = iter(range(_PARTS_READ))
        community = read_community_folder(
            folder,
            progress=lambda part: report(0.5 * next(parts) / _PARTS_READ, f"reading {part}"),
        )
        filled = fill_vacancies(
            community=community, request=request, progress=part_of(report, 0.5, 0.9)
        )
        report(0.9, "writing the results")
        files = write_admission(filled=filled, folder=output, language=language)
    return filled, files
