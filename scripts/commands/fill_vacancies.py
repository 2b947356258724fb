"""``reparto fill-vacancies``: from the reserve pool to a new group and its coefficients."""

import sys
from decimal import Decimal
from pathlib import Path

import typer

from api.clock import now
from api.services.studies.describe_admission import (
    render_admission,
    warn_of_admission,
    write_admission,
)
from api.services.studies.fill_request import FillRequest
from api.services.studies.fill_vacancies import FilledVacancies, fill_vacancies
from models.values.calendar import LAW_CLOCK, local_day
from models.values.language import Language
from planner.goal import Goal, Objective
from scripts import fill_options as options
from scripts import plan_options
from scripts.admission_tables import print_admission
from scripts.console import part_of, show_progress, tell_warnings, tell_written
from scripts.folder_input import read_folder
from scripts.option_values import parse_freed
from scripts.texts import say, spoken

app = typer.Typer(add_completion=False)


@app.command()
def fill(
    folder: plan_options.Folder,
    output: plan_options.Output,
    vacancies: options.Vacancies = None,
    freed: options.Freed = None,
    objective: options.ObjectiveOption = Objective.SELF_CONSUMPTION,
    min_beta: options.LeastBeta = Decimal(0),
    max_beta: options.GreatestBeta = Decimal(1),
    pin: options.Pin = None,
    exclude: options.Exclude = None,
    seniority: options.Seniority = None,
    on: options.Day = None,
    fill_gaps: plan_options.FillGaps = False,
    language: options.LanguageOption = None,
    json: options.AsJson = False,
) -> None:
    """Admit the candidates of the reserve that bring the community most."""
    request = FillRequest(
        on=on or local_day(now(), LAW_CLOCK),
        vacancies=vacancies,
        freed=() if freed is None else parse_freed(freed),
        goal=Goal(objective),
        min_beta=min_beta,
        max_beta=max_beta,
        pinned=tuple(pin or ()),
        excluded=tuple(exclude or ()),
        value_per_year=seniority,
    )
    written_in = language or spoken()
    filled, files = _fill_folder(folder, output, request, written_in, fill_gaps=fill_gaps)
    if json:
        sys.stdout.write(render_admission(filled, written_in).decode())
    else:
        print_admission(filled, written_in)
    tell_warnings(warn_of_admission(filled))
    tell_written(files)


def _fill_folder(
    folder: Path, output: Path, request: FillRequest, language: Language, *, fill_gaps: bool
) -> tuple[FilledVacancies, list[Path]]:
    """Read, fill and write, with a bar that goes along."""
    with show_progress(say("admission.working")) as report:
        community = read_folder(folder, report, accepts_gaps=fill_gaps)
        filled = fill_vacancies(
            community=community, request=request, progress=part_of(report, 0.5, 0.9)
        )
        report(0.9, say("plan.writing"))
        files = write_admission(filled=filled, folder=output, language=language)
    return filled, files
