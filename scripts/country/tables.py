"""What people see at a terminal when a country was simulated."""

from rich import box
from rich.table import Table

from models.texts.phrases import translate
from scripts.console import open_console
from scripts.country.figures import ASSUMPTIONS, COUNTRY, Measured, Phase, Stage
from scripts.texts import number, say, say_each, spoken

_WIDTH_WHEN_PIPED = 120


def print_measured(measured: Measured) -> None:
    """Print what was measured, and beneath it what a country would take."""
    console = open_console(_WIDTH_WHEN_PIPED)
    console.print(
        f"[bold]{_state_head(measured)}[/], {say('country.seed', seed=measured.seed)}",
        highlight=False,
    )
    console.print(_tabulate_phases(measured))
    console.print(_tabulate_projection(measured))
    console.print(say("country.assume"), highlight=False)
    for assumption in ASSUMPTIONS:
        console.print(f"- {translate(assumption, spoken())}", highlight=False)


def _state_head(measured: Measured) -> str:
    communities, workers = measured.n_communities, measured.n_workers
    return say(
        "country.head",
        points=measured.n_points,
        communities=say(
            "country.community" if communities == 1 else "country.communities", count=communities
        ),
        database=measured.database,
        workers=say("country.worker" if workers == 1 else "country.workers", count=workers),
    )


def _tabulate_phases(measured: Measured) -> Table:
    table = Table(say("country.measured"), box=box.SIMPLE_HEAD, caption_justify="left")
    table.caption = say("country.legend", count=measured.n_months)
    speeds = say_each("country.points_a_second", "country.jobs", "country.jobs_a_second")
    times = say_each("country.median", "country.longest", "country.cpu")
    sizes = say_each("country.bytes_a_point", "country.bytes_a_value")
    for heading in ("s", *speeds, *times, "MB", *sizes):
        table.add_column(heading, justify="right", no_wrap=True)
    for phase in measured.phases:
        table.add_row(phase.stage, *_list_cells(measured, phase))
    return table


def _list_cells(measured: Measured, phase: Phase) -> list[str]:
    return [
        number(phase.seconds, ",.1f"),
        number(measured.n_points / phase.seconds, ",.0f"),
        number(phase.n_jobs, ",") if phase.n_jobs else "-",
        number(phase.n_jobs / phase.seconds, ",.2f") if phase.n_jobs else "-",
        _show(phase.median_job_seconds),
        _show(phase.longest_job_seconds),
        number(phase.cpu_seconds, ",.1f"),
        number(phase.n_bytes / 1e6, ",.1f"),
        number(phase.n_bytes / measured.n_points, ",.0f"),
        number(phase.n_bytes / phase.n_values, ",.2f") if phase.n_values else "-",
    ]


def _show(seconds: float | None) -> str:
    return "-" if seconds is None else number(seconds, ",.2f")


def _tabulate_projection(measured: Measured) -> Table:
    table = Table(say("country.projected", count=COUNTRY), box=box.SIMPLE_HEAD)
    table.add_column("", justify="right", no_wrap=True)
    for stage in Stage:
        table.add_row(stage, f"{number(measured.hours_of_country(stage), ',.1f')} h")
    settled, yearly = measured.settled_gb_of_country(), measured.yearly_gb_of_country()
    table.add_row(say("country.storage"), f"{number(settled, ',.0f')} GB")
    table.add_row(say("country.storage_a_year"), f"{number(yearly, ',.0f')} GB")
    return table
