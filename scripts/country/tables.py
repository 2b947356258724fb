"""What people see at a terminal when a country was simulated."""

from rich import box
from rich.table import Table

from scripts.console import open_console
from scripts.country.figures import ASSUMPTIONS, COUNTRY, Measured, Phase, Stage

_WIDTH_WHEN_PIPED = 120


def print_measured(measured: Measured) -> None:
    """Print what was measured, and beneath it what a country would take."""
    console = open_console(_WIDTH_WHEN_PIPED)
    console.print(
        f"[bold]{measured.n_points:,} supply points "
        f"in {_count(measured.n_communities, 'community', 'communities')}, {measured.database}, "
        f"{_count(measured.n_workers, 'worker', 'workers')}[/], seed {measured.seed}",
        highlight=False,
    )
    console.print(_tabulate_phases(measured))
    console.print(_tabulate_projection(measured))
    console.print("Projections, not measurements. They assume:", highlight=False)
    for assumption in ASSUMPTIONS:
        console.print(f"- {assumption}", highlight=False)


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def _tabulate_phases(measured: Measured) -> Table:
    table = Table("Measured", box=box.SIMPLE_HEAD, caption_justify="left")
    table.caption = (
        f"settle: records, agreement, prices and a year of readings, stored without a worker; "
        f"allocate: {measured.n_months} months"
    )
    headings = ("s", "points/s", "jobs", "jobs/s", "median s", "longest s", "CPU s")
    for heading in (*headings, "MB", "B/point", "B/value"):
        table.add_column(heading, justify="right", no_wrap=True)
    for phase in measured.phases:
        table.add_row(phase.stage, *_list_cells(measured, phase))
    return table


def _list_cells(measured: Measured, phase: Phase) -> list[str]:
    return [
        f"{phase.seconds:,.1f}",
        f"{measured.n_points / phase.seconds:,.0f}",
        f"{phase.n_jobs:,}" if phase.n_jobs else "-",
        f"{phase.n_jobs / phase.seconds:,.2f}" if phase.n_jobs else "-",
        _show(phase.median_job_seconds),
        _show(phase.longest_job_seconds),
        f"{phase.cpu_seconds:,.1f}",
        f"{phase.n_bytes / 1e6:,.1f}",
        f"{phase.n_bytes / measured.n_points:,.0f}",
        f"{phase.n_bytes / phase.n_values:,.2f}" if phase.n_values else "-",
    ]


def _show(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds:,.2f}"


def _tabulate_projection(measured: Measured) -> Table:
    table = Table(f"Projected for {COUNTRY:,} supply points", box=box.SIMPLE_HEAD)
    table.add_column("", justify="right", no_wrap=True)
    for stage in Stage:
        table.add_row(stage, f"{measured.hours_of_country(stage):,.1f} h")
    table.add_row("storage, settled", f"{measured.settled_gb_of_country():,.0f} GB")
    table.add_row("storage, each further year", f"{measured.yearly_gb_of_country():,.0f} GB")
    return table
