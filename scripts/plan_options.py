"""The options of ``reparto plan``: what each takes, and what its help says."""

from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from api.services.proposals.plan_request import Robust
from api.services.proposals.retail_question import PriceBasis
from models.values.language import Language
from planner.classes.step_classes import Classes
from planner.coefficients.choose import Method
from planner.coefficients.rules import Rule
from planner.goal import CarbonFactor, Objective, Weights
from scripts.option_values import parse_carbon_factor, parse_mix, parse_share

Folder = Annotated[Path, typer.Argument(help="Community folder: meter data of one year.")]
Output = Annotated[Path, typer.Option(help="Folder for the results; made if need be.")]
ObjectiveOption = Annotated[Objective, typer.Option(help="What to maximise.")]
Mix = Annotated[
    Weights | None,
    typer.Option(
        parser=parse_mix,
        metavar="WEIGHTS",
        help="For the objective mix: what each counts for, such as kwh=0.05,eur=1,kg=0.1.",
    ),
]
Carbon = Annotated[
    CarbonFactor | None,
    typer.Option(
        parser=parse_carbon_factor,
        metavar="'KG SOURCE'",
        help="CO2 of a kWh from the grid and where that figure comes from.",
    ),
]
FloorOption = Annotated[
    Decimal | None,
    typer.Option(
        parser=parse_share,
        metavar="SHARE",
        help="Least share, 0 to 1, of the kWh that the reference would let each member use.",
    ),
]
Reference = Annotated[
    Rule,
    typer.Option(help="Rule that floor, curve and the check on unseen data are measured against."),
]
LeastBeta = Annotated[
    Decimal, typer.Option(parser=parse_share, metavar="B", help="Least coefficient of a member.")
]
GreatestBeta = Annotated[
    Decimal, typer.Option(parser=parse_share, metavar="B", help="Greatest coefficient of a member.")
]
Constraint = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="TOML file of further limits; see docs/planning.md."),
]
ClassesOption = Annotated[
    Classes | None, typer.Option(help="Also give each class of hours its own coefficients.")
]
Curve = Annotated[
    bool, typer.Option("--curve", help="Also trace what floors from 0 to 100 % cost.")
]
OutOfSample = Annotated[
    bool, typer.Option("--out-of-sample", help="Also judge the plan on data that it did not see.")
]
RobustOption = Annotated[
    Robust | None,
    typer.Option(help="Plan for years drawn from the weeks of this one: their mean, or worst."),
]
Production = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="FILE",
        help="The plant's production of another year, to judge or plan by; repeat for more.",
    ),
]
FillGaps = Annotated[
    bool,
    typer.Option(
        "--fill-gaps", help="Take empty consumption from profiles of others, not refuse it."
    ),
]
FileYear = Annotated[
    int | None, typer.Option(min=1000, max=9999, help="Year of the distributor's file.")
]
MethodOption = Annotated[Method, typer.Option(help="How to find the optimum.")]
LanguageOption = Annotated[
    Language | None,
    typer.Option(help="Language of the report; the one that the command speaks if left out."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print proposal.json instead of tables.")]
PricesOption = Annotated[
    PriceBasis | None,
    typer.Option(
        help="What euros are counted by: the stored hourly prices, or each member's retail bill. "
        "Default: stored; retail where --contract names contracts."
    ),
]
