"""``python -m scripts.benchmark``: generate communities, run every method, print the table."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from scripts.benchmark.communities import RECIPES, SEED, generate_community
from scripts.benchmark.methods import Line, Patience, compare_methods
from scripts.benchmark.tables import describe_machine, render_csv, render_json, render_text

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


def parse_name(text: str) -> str:
    """Read the name of a community."""
    if text not in RECIPES:
        raise typer.BadParameter(f"{text!r} is not one of {', '.join(RECIPES)}")
    return text


def parse_output(text: str) -> Path:
    """Read where results go, in a form that can be written."""
    path = Path(text)
    if path.suffix not in {".csv", ".json"}:
        raise typer.BadParameter(f"{text!r} ends neither in .csv nor in .json")
    return path


@app.command()
def benchmark(
    community: Annotated[
        list[str] | None,
        typer.Option(
            parser=parse_name,
            metavar="NAME",
            help=f"Only this one; may be repeated. {', '.join(RECIPES)}.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Start of every chance.")] = SEED,
    time_limit: Annotated[
        float, typer.Option(min=0, metavar="S", help="Seconds that a hourly program may take.")
    ] = 300.0,
    largest_program: Annotated[
        int, typer.Option(min=0, metavar="ROWS", help="Hourly programs with more rows are not run.")
    ] = 150_000,
    output: Annotated[
        Path | None,
        typer.Option(parser=parse_output, metavar="FILE", help="Also write a .csv or .json."),
    ] = None,
) -> None:
    """Compare every method that is installed on communities that anybody can generate again."""
    patience = Patience(time_limit, largest_program)
    made_with = ", ".join(f"{name} {value}" for name, value in describe_machine().items())
    sys.stdout.write(f"Seed {seed}; {made_with}\n")
    lines: list[Line] = []
    for name in community or RECIPES:
        sys.stderr.write(f"generating {name}\n")
        invented = generate_community(name, RECIPES[name], seed)
        of_community = []
        for line in compare_methods(invented, patience):
            sys.stderr.write(f"{name}: {line.method}\n")
            of_community.append(line)
        sys.stdout.write(f"\n{render_text(of_community)}")
        lines += of_community
    if output is not None:
        rendered = render_csv(lines) if output.suffix == ".csv" else render_json(lines, seed)
        output.write_text(rendered, encoding="utf-8")
        sys.stderr.write(f"wrote {output}\n")
