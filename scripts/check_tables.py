"""What people see at a terminal of checks against others' documents."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from scripts.bill_tables import print_grounds
from scripts.console import open_console

_WIDTH = 120

_CURVE_CAUSES = {
    "equal": "equal",
    "rounding": "equal but for rounding",
    "boundary-meter": "its consumption is that of the boundary meter, not what is left of it",
    "not-shared": "nothing was shared: its coefficient is not active",
    "other-agreement": "its coefficient is that of another agreement: {agreement}",
    "other-coefficient": "its coefficient is {coefficient:.6f}, which no agreement has",
    "shifted": "its hours are {shift_hours:+d} h off",
    "clock-change": "its hours are {shift_hours:+d} h off in a part of the year: a mistake at the "
    "change of clocks",
    "generation": "the same other generation explains all of these curves",
    "unknown": "no single cause explains it: see the hours",
}


def print_retail_check(described: Mapping[str, Any]) -> None:
    """Print both totals, the causes of the difference, and both bills by term."""
    console = open_console(width_when_piped=_WIDTH)
    days = f"{described['start']} to {described['end']}"
    console.print(Text(f"{described['cups']}, {days}, under {described['contract']}"))
    console.print(
        f"Theirs {described['theirs_eur']} EUR, ours {described['ours_eur']} EUR: "
        f"{described['difference_eur']} EUR",
        highlight=False,
    )
    if described["causes"]:
        console.print(_causes_table(described["causes"], described["difference_eur"]))
    table = _table("Term")
    _add_numbers(table, "ours", "theirs")
    for each in described["terms"]:
        cells = (each["ours_eur"] or "-", each["theirs_eur"] or "-")
        table.add_row(_name(each["term"], each["tariff_period"]), *cells)
    console.print(table)
    print_grounds(console, described["figures"], described["remarks"])


def _causes_table(causes: Sequence[Mapping[str, Any]], total: str) -> Table:
    table = _table("Cause")
    _add_numbers(table, "EUR", "taxes in it")
    for each in causes:
        name = _name(each["cause"], each["tariff_period"])
        table.add_row(name, each["eur"], each["taxes_eur"])
    table.add_section()
    table.add_row("all", total, "")
    return table


def print_curves_check(described: Mapping[str, Any]) -> None:
    """Print a line for each supply point, its cause, and the hours that are furthest off."""
    console = open_console(width_when_piped=_WIDTH)
    table = _table("CUPS", "from", "to")
    _add_numbers(table, "hours", "missing", "differ", "grid kWh", "theirs", "surplus", "theirs")
    for each in described["curves"]:
        energies = [
            f"{each[side][name]:,.3f}"
            for name in ("grid_kwh", "surplus_kwh")
            for side in ("ours", "theirs")
        ]
        counts = [str(each[f"{name}hours"]) for name in ("", "missing_", "differing_")]
        table.add_row(each["cups"], each["start"], each["end"], *counts, *energies)
    if described["curves"]:
        console.print(table)
    for each in described["curves"]:
        told = _CURVE_CAUSES[each["cause"]].format(**each)
        console.print(Text(f"{each['cups']}: {told}"))
    _print_worst(console, described["curves"])
    for cups, reason in described["failed"].items():
        console.print(Text(f"{cups}: {reason}"))
    if described["rejected_rows"]:
        console.print(f"{described['rejected_rows']} rows could not be read", highlight=False)
    for note in described["notes"]:
        console.print(Text(f"- {note}"))


def _print_worst(console: Console, curves: Sequence[Mapping[str, Any]]) -> None:
    table = _table("CUPS", "hour (UTC)")
    _add_numbers(table, "grid kWh", "theirs", "surplus", "theirs")
    for each in curves:
        for hour in each["worst_hours"]:
            energies = [
                f"{hour[side][name]:.3f}"
                for name in ("grid_kwh", "surplus_kwh")
                for side in ("ours", "theirs")
            ]
            table.add_row(each["cups"], hour["start"], *energies)
    if table.row_count:
        console.print(table)


def print_invoice_checks(described: Sequence[Mapping[str, Any]]) -> None:
    """Print what differs of each invoice."""
    console = open_console(width_when_piped=_WIDTH)
    for each in described:
        console.print(
            Text(
                f"{each['number']}, {each['cups']}, {each['start']} to {each['end']}: "
                f"{each['total_eur']} EUR"
            )
        )
        if each["differences"]:
            console.print(_differences_table(each["differences"]))
        else:
            console.print("Nothing differs", highlight=False)
        if each["detail"]:
            console.print(Text(each["detail"]))
        for remark in each["remarks"]:
            console.print(Text(f"- {remark['text']}"))


def _differences_table(differences: Sequence[Mapping[str, Any]]) -> Table:
    table = _table("What")
    _add_numbers(table, "ours", "theirs", "unit", "EUR")
    for each in differences:
        name = _name(each["cause"], each["tariff_period"])
        table.add_row(name, each["ours"], each["theirs"], each["unit"], each["eur"] or "")
    return table


def _name(code: str, period: int | None) -> str:
    return code.replace("-", " ") + (f" P{period}" if period else "")


def _table(*headings: str) -> Table:
    return Table(*headings, box=box.SIMPLE_HEAD, pad_edge=False)


def _add_numbers(table: Table, *headings: str) -> None:
    for heading in headings:
        table.add_column(heading, justify="right")
