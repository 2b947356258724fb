"""The options of ``reparto fill-vacancies``: what each takes, and what its help says."""

from datetime import date
from decimal import Decimal
from typing import Annotated

import typer

from models.values.language import Language
from planner.goal import Objective
from scripts.option_values import (
    OBJECTIVES_OF_RESERVE,
    TIE_BREAK,
    parse_day,
    parse_reserve_objective,
    parse_seniority,
    parse_share,
)

Vacancies = Annotated[
    int | None,
    typer.Option(metavar="N", help="Places to fill, with all coefficients chosen anew."),
]
# Typer takes a tuple for an option of several words, so the command splits this one itself.
Freed = Annotated[
    str | None,
    typer.Option(
        metavar="B,B,...",
        help="Coefficients to assign instead; the members keep theirs (current_beta).",
    ),
]
ObjectiveOption = Annotated[
    Objective,
    typer.Option(
        parser=parse_reserve_objective,
        metavar="|".join(OBJECTIVES_OF_RESERVE),
        help="What to maximise.",
    ),
]
LeastBeta = Annotated[
    Decimal, typer.Option(parser=parse_share, metavar="B", help="Least coefficient of the group.")
]
GreatestBeta = Annotated[
    Decimal,
    typer.Option(parser=parse_share, metavar="B", help="Greatest coefficient of the group."),
]
Pin = Annotated[
    list[str] | None,
    typer.Option(metavar="ID", help="Candidate who must be admitted; repeat for more."),
]
Exclude = Annotated[
    list[str] | None,
    typer.Option(metavar="ID", help="Candidate who must not be admitted; repeat for more."),
]
Seniority = Annotated[
    float | None,
    typer.Option(
        parser=parse_seniority,
        metavar=f"{TIE_BREAK}|VALUE",
        help="What a year of waiting counts for, in kWh or EUR; by default it settles ties.",
    ),
]
Day = Annotated[
    date | None,
    typer.Option(
        parser=parse_day, metavar="DATE", help="Day whose legal limits hold; today by default."
    ),
]
LanguageOption = Annotated[
    Language | None,
    typer.Option(help="Language of the reasons; the one that the command speaks if left out."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print admission.json instead of tables.")]
