"""What people see at a terminal of checks against others' documents."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from models.texts.phrases import translate
from scripts.bill_tables import print_grounds
from scripts.console import open_console
from scripts.texts import number, say, say_each, spoken

_WIDTH = 120


def print_retail_check(described: Mapping[str, Any]) -> None:
    """Print both totals, the causes of the difference, and both bills by term."""
    console = open_console(width_when_piped=_WIDTH)
    named = {name: described[name] for name in ("cups", "start", "end")}
    contract = translate(described["contract"], spoken())
    console.print(Text(say("check.bill", contract=contract, **named)))
    names = ("theirs_eur", "ours_eur", "difference_eur")
    totals = {name: _decimal(described[name]) for name in names}
    console.print(Text(say("check.totals", **totals)))
    if any(each["cause"] == "line-sum" for each in described["causes"]):
        sums = {name: _decimal(described[name]) for name in ("lines_eur", "theirs_eur")}
        console.print(Text(say("check.typing_error", **sums)))
    if described["causes"]:
        console.print(_causes_table(described["causes"], described["difference_eur"]))
    table = _table(say("check.term"))
    _add_numbers(table, *say_each("check.ours", "check.theirs"))
    for each in described["terms"]:
        sides = (each["ours_eur"], each["theirs_eur"])
        cells = (_decimal(side) if side else "-" for side in sides)
        table.add_row(_name(each["term"], each["tariff_period"]), *cells)
    console.print(table)
    print_grounds(console, described["figures"], described["remarks"])


def _causes_table(causes: Sequence[Mapping[str, Any]], total: str) -> Table:
    table = _table(say("check.cause"))
    _add_numbers(table, "EUR", say("check.taxes"))
    for each in causes:
        name = _name(each["cause"], each["tariff_period"])
        table.add_row(name, _decimal(each["eur"]), _decimal(each["taxes_eur"]))
    table.add_section()
    table.add_row(say("check.all"), _decimal(total), "")
    return table


def print_curves_check(described: Mapping[str, Any]) -> None:
    """Print a line for each supply point, its cause, and the hours that are furthest off."""
    console = open_console(width_when_piped=_WIDTH)
    table = _table("CUPS", *say_each("check.from", "check.to"))
    _add_numbers(table, *say_each("check.hours", "check.missing", "check.differ"), *_sides())
    for each in described["curves"]:
        energies = [
            number(each[side][name], ",.3f")
            for name in ("grid_kwh", "surplus_kwh")
            for side in ("ours", "theirs")
        ]
        counts = [str(each[f"{name}hours"]) for name in ("", "missing_", "differing_")]
        table.add_row(each["cups"], each["start"], each["end"], *counts, *energies)
    if described["curves"]:
        console.print(table)
    for each in described["curves"]:
        facts = {name: each[name] for name in ("agreement", "coefficient", "shift_hours")}
        told = say(f"check.curve_{each['cause']}", **facts)
        console.print(Text(f"{each['cups']}: {told}"))
    _print_worst(console, described["curves"])
    for cups, reason in described["failed"].items():
        console.print(Text(f"{cups}: {translate(reason, spoken())}"))
    if count := described["rejected_rows"]:
        console.print(Text(say("check.rejected", count=count)))
    for note in described["notes"]:
        console.print(Text(f"- {translate(note, spoken())}"))


def _print_worst(console: Console, curves: Sequence[Mapping[str, Any]]) -> None:
    table = _table("CUPS", say("check.hour"))
    _add_numbers(table, *_sides())
    for each in curves:
        for hour in each["worst_hours"]:
            energies = [
                number(hour[side][name], ".3f")
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
        named = {name: each[name] for name in ("number", "cups", "start", "end")}
        console.print(Text(say("check.invoice", **named, total_eur=_decimal(each["total_eur"]))))
        if each["differences"]:
            console.print(_differences_table(each["differences"]))
        else:
            console.print(Text(say("check.equal")))
        if each["detail"]:
            console.print(Text(translate(each["detail"], spoken())))
        for remark in each["remarks"]:
            console.print(Text(f"- {translate(remark['text'], spoken())}"))


def _differences_table(differences: Sequence[Mapping[str, Any]]) -> Table:
    table = _table(say("check.what"))
    _add_numbers(table, *say_each("check.ours", "check.theirs", "check.unit"), "EUR")
    for each in differences:
        name = _name(each["cause"], each["tariff_period"])
        # Codes, such as those of tariffs and installations, have no unit.
        write = _decimal if each["unit"] else str
        cells = (write(each["ours"]), write(each["theirs"]), translate(each["unit"], spoken()))
        table.add_row(name, *cells, _decimal(each["eur"]) if each["eur"] else "")
    return table


def _name(code: str, period: int | None) -> str:
    return say(f"check.{code}") + (f" P{period}" if period else "")


def _sides() -> list[str]:
    """Name the columns of ours and theirs, of the grid and of the surplus."""
    return say_each("check.grid", "check.theirs", "check.surplus", "check.theirs")


def _decimal(exact: str) -> str:
    """Write a number that came as exact text."""
    return number(Decimal(exact), "f")


def _table(*headings: str) -> Table:
    return Table(*headings, box=box.SIMPLE_HEAD, pad_edge=False)


def _add_numbers(table: Table, *headings: str) -> None:
    for heading in headings:
        table.add_column(heading, justify="right")
