"""What people see at a terminal of simulated bills."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from scripts.console import open_console

_WIDTH = 120
_MARKS = "V read in its source, D derived, R recalled, OPEN not decided"


def print_bills(described: Mapping[str, Any], *, lines: bool) -> None:
    """Print the bills of one supply point: months, causes, lines, and what they rest on."""
    console = open_console(width_when_piped=_WIDTH)
    basis = described["basis"] or "none"
    console.print(
        Text(
            f"{described['cups']}, {described['tariff']}: {described['contract']}; "
            f"coefficients: {basis}"
        )
    )
    bills = described["bills"]
    console.print(_bills_table(bills, described["total"]))
    console.print(_causes_table(described["total"]["saved_by_cause"]))
    for bill in bills if lines or len(bills) == 1 else ():
        console.print(Text(f"Bill from {bill['start']} to {bill['end']}, with self-consumption"))
        console.print(_lines_table(bill["lines"]))
    print_grounds(console, described["figures"], described["remarks"])


def print_community(described: Sequence[Mapping[str, Any]], failed: Mapping[str, str]) -> None:
    """Print a line for each supply point, and why some have none."""
    console = open_console(width_when_piped=_WIDTH)
    table = _table("CUPS", "tariff", "contract")
    _add_numbers(table, "kWh", "kWh used", "without", "with", "saved")
    for each in described:
        total = each["total"]
        table.add_row(
            each["cups"],
            each["tariff"],
            Text(each["contract"]),
            f"{total['consumption_kwh']:,.0f}",
            f"{total['self_consumed_kwh']:,.0f}",
            *(f"{float(total[name]):,.2f}" for name in ("without_eur", "sharing_eur", "saved_eur")),
        )
    if described:
        console.print(table)
    for cups, reason in failed.items():
        console.print(Text(f"{cups}: {reason}"))
    print_grounds(console, _join(described, "figures"), _join(described, "remarks"))


def print_power(described: Mapping[str, Any]) -> None:
    """Print advice on power."""
    console = open_console(width_when_piped=_WIDTH)
    table = _table("")
    _add_numbers(table, *(f"P{place + 1}" for place in range(len(described["maxima_kw"]))))
    table.add_row("greatest demand, kW", *described["maxima_kw"])
    table.add_row("contracted, kW", *[described["contracted_kw"]] * len(described["maxima_kw"]))
    table.add_row("cheapest, kW", *described["powers_kw"])
    console.print(table)
    payback = described["payback_years"]
    paid = "never pays itself" if payback is None else f"pays itself in {payback} years"
    console.print(
        f"A year costs {described['yearly_eur']} EUR instead of "
        f"{described['current_yearly_eur']} EUR, before taxes; the change costs "
        f"{described['change_cost_eur']} EUR and {paid}",
        highlight=False,
    )
    if described["allowed_from"]:
        console.print(f"It may be asked for from {described['allowed_from']}", highlight=False)
    if not described["has_quarter_hours"]:
        console.print("Readings are by the hour: the true maxima are higher", highlight=False)
    print_grounds(console, described["figures"], ())


def print_tariffs(described: Sequence[Mapping[str, Any]]) -> None:
    """Print what each contract would have cost."""
    table = _table("Contract")
    _add_numbers(table, "without", "with", "cheaper than now")
    for each in described:
        if each["error"]:
            table.add_row(Text(each["contract"]), Text(each["error"]), "", "")
            continue
        table.add_row(
            Text(each["contract"]), each["without_eur"], each["sharing_eur"], each["cheaper_eur"]
        )
    open_console(width_when_piped=_WIDTH).print(table)


def print_grounds(
    console: Console, figures: Sequence[Mapping[str, Any]], remarks: Sequence[Mapping[str, Any]]
) -> None:
    """Print the figures that are not sure, with their marks, and the remarks."""
    unsure = [figure for figure in figures if figure["certainty"] in ("R", "OPEN")]
    if unsure:
        table = _table("Mark", "Figure", "value", "from", "source")
        table.add_column("if assumed", overflow="fold")
        for figure in unsure:
            assumed = ", ".join(f"{name} {value}" for name, value in figure["assuming"].items())
            value = f"{' '.join(figure['values'])} {figure['unit']}"
            cells = (value, figure["valid_from"], figure["source"], assumed)
            table.add_row(figure["certainty"], figure["name"], *map(Text, cells))
        console.print(table)
        sure = len(figures) - len(unsure)
        console.print(f"{sure} other figures are sure; {_MARKS}", highlight=False)
    for remark in remarks:
        console.print(Text(f"- {remark['text']}"))


def _bills_table(bills: Sequence[Mapping[str, Any]], total: Mapping[str, Any]) -> Table:
    table = _table("Bill from", "to")
    _add_numbers(table, "kWh", "used", "surplus", "without", "with", "saved")
    for bill in bills:
        table.add_row(bill["start"], bill["end"], *_cells(bill))
    if len(bills) > 1:
        table.add_section()
        table.add_row("all", "", *_cells(total))
    return table


def _cells(amounts: Mapping[str, Any]) -> list[str]:
    energy = ("consumption_kwh", "self_consumed_kwh", "surplus_kwh")
    money = ("without_eur", "sharing_eur", "saved_eur")
    return [*(f"{amounts[name]:,.1f}" for name in energy), *(amounts[name] for name in money)]


def _causes_table(causes: Mapping[str, str]) -> Table:
    table = _table("Saved by")
    _add_numbers(table, "EUR")
    for cause, amount in causes.items():
        table.add_row(cause.replace("-", " "), amount)
    return table


def _lines_table(lines: Sequence[Mapping[str, Any]]) -> Table:
    table = _table("Line", "from", "to")
    _add_numbers(table, "quantity", "price", "EUR")
    for line in lines:
        period = f" P{line['tariff_period']}" if line["tariff_period"] else ""
        price = line["unit_price"] or "by the hour"
        per = f"/{line['price_per']}" if line["price_per"] else ""
        table.add_row(
            line["kind"].replace("-", " ") + period,
            line["start"],
            line["end"],
            f"{line['quantity']} {line['unit']}",
            f"{price}{per}",
            line["amount_eur"],
        )
    return table


def _join(described: Sequence[Mapping[str, Any]], name: str) -> list[Mapping[str, Any]]:
    """List what several supply points have, each once."""
    found: list[Mapping[str, Any]] = []
    for each in described:
        found += [item for item in each[name] if item not in found]
    return found


def _table(*headings: str) -> Table:
    return Table(*headings, box=box.SIMPLE_HEAD, pad_edge=False)


def _add_numbers(table: Table, *headings: str) -> None:
    for heading in headings:
        table.add_column(heading, justify="right")
