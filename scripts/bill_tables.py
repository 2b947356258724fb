"""What people see at a terminal of simulated bills."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from models.texts.phrases import translate
from planner.billing.retail.bill_lines import LineKind
from scripts.console import add_numbers, add_texts, make_table, open_console, print_table
from scripts.texts import number, say, say_each, spoken

_WIDTH = 120
_MONEY = ("without_eur", "sharing_eur", "saved_eur")


def print_bills(described: Mapping[str, Any], *, lines: bool) -> None:
    """Print the bills of one supply point: months, causes, lines, and what they rest on."""
    console = open_console(width_when_piped=_WIDTH)
    basis = say(f"bill.basis_{described['basis']}") if described["basis"] else say("bill.no_basis")
    named = {name: described[name] for name in ("cups", "tariff")}
    contract = translate(described["contract"], spoken())
    console.print(Text(say("bill.head", basis=basis, contract=contract, **named)))
    bills = described["bills"]
    print_table(_bills_table(bills, described["total"]), _WIDTH)
    print_table(_causes_table(described["total"]["saved_by_cause"]), _WIDTH)
    for bill in bills if lines or len(bills) == 1 else ():
        console.print(Text(say("bill.one_bill", start=bill["start"], end=_last(bill["end"]))))
        print_table(_lines_table(bill["lines"]), _WIDTH)
    print_grounds(console, described["figures"], described["remarks"])


def print_community(described: Sequence[Mapping[str, Any]], failed: Mapping[str, str]) -> None:
    """Print a line for each supply point, and why some have none."""
    console = open_console(width_when_piped=_WIDTH)
    table = _table("CUPS", *say_each("bill.tariff", "bill.contract"))
    names = say_each("bill.used", "bill.without", "bill.with", "bill.saved")
    add_numbers(table, "kWh", *names)
    for each in described:
        total = each["total"]
        table.add_row(
            each["cups"],
            each["tariff"],
            Text(translate(each["contract"], spoken())),
            number(total["consumption_kwh"], ",.0f"),
            number(total["self_consumed_kwh"], ",.0f"),
            *(number(Decimal(total[name]), ",.2f") for name in _MONEY),
        )
    if described:
        print_table(table, _WIDTH)
    for cups, reason in failed.items():
        console.print(Text(f"{cups}: {reason}"))
    print_grounds(console, _join(described, "figures"), _join(described, "remarks"))


def print_power(described: Mapping[str, Any]) -> None:
    """Print advice on power."""
    console = open_console(width_when_piped=_WIDTH)
    table = _table("")
    add_numbers(table, *(f"P{place + 1}" for place in range(len(described["maxima_kw"]))))
    contracted = [described["contracted_kw"]] * len(described["maxima_kw"])
    table.add_row(say("bill.demand"), *map(_decimal, described["maxima_kw"]))
    table.add_row(say("bill.contracted"), *map(_decimal, contracted))
    table.add_row(say("bill.cheapest"), *map(_decimal, described["powers_kw"]))
    print_table(table, _WIDTH)
    payback = described["payback_years"]
    never = payback is None
    paid = say("bill.never_pays") if never else say("bill.pays", years=_decimal(payback))
    console.print(
        say(
            "bill.yearly",
            yearly=_decimal(described["yearly_eur"]),
            current=_decimal(described["current_yearly_eur"]),
            change=_decimal(described["change_cost_eur"]),
            paid=paid,
        ),
        highlight=False,
    )
    if described["allowed_from"]:
        console.print(say("bill.allowed_from", day=described["allowed_from"]), highlight=False)
    if not described["has_quarter_hours"]:
        console.print(say("bill.hourly_maxima"), highlight=False)
    print_grounds(console, described["figures"], ())


def print_tariffs(described: Sequence[Mapping[str, Any]]) -> None:
    """Print what each contract would have cost."""
    table = _table(say("bill.contracts"))
    add_numbers(table, *say_each("bill.without", "bill.with", "bill.cheaper"))
    for each in described:
        if each["error"]:
            table.add_row(Text(each["contract"]), Text(translate(each["error"], spoken())), "", "")
            continue
        table.add_row(
            Text(each["contract"]),
            *(_decimal(each[name]) for name in ("without_eur", "sharing_eur", "cheaper_eur")),
        )
    print_table(table, _WIDTH)


def print_late_activation(described: Mapping[str, Any]) -> None:
    """Print what a retailer owes for late activation, bill by bill."""
    console = open_console(width_when_piped=_WIDTH)
    table = _table(*say_each("bill.bill_from", "bill.to"))
    add_numbers(table, *say_each("bill.grid_energy", "bill.discount"))
    for each in described["bills"]:
        amounts = map(_decimal, (each["grid_energy_eur"], each["discount_eur"]))
        table.add_row(each["start"], _last(each["end"]), *amounts)
    print_table(table, _WIDTH)
    total = _decimal(described["discount_eur"])
    told = say("bill.late", start=described["late_from"], total=total)
    console.print(told, highlight=False)
    print_grounds(console, described["figures"], ())


def print_grounds(
    console: Console, figures: Sequence[Mapping[str, Any]], remarks: Sequence[Mapping[str, Any]]
) -> None:
    """Print the figures that are not sure, with their marks, and the remarks."""
    unsure = [figure for figure in figures if figure["certainty"] in ("R", "OPEN")]
    if unsure:
        table = _table(
            *say_each("bill.mark", "bill.figure", "bill.value", "bill.from", "bill.source")
        )
        add_texts(table, say("bill.if_assumed"))
        for figure in unsure:
            table.add_row(*map(Text, _figure_cells(figure)))
        print_table(table, _WIDTH)
        sure = len(figures) - len(unsure)
        console.print(say("bill.sure", count=sure, marks=say("bill.marks")), highlight=False)
    for remark in remarks:
        console.print(Text(f"- {translate(remark['text'], spoken())}"))


def _figure_cells(figure: Mapping[str, Any]) -> tuple[str, ...]:
    assuming = figure["assuming"].items()
    is_share = figure["unit"] == "share"
    value = " ".join(map(_percent if is_share else _decimal, figure["values"]))
    unit = "%" if is_share else translate(figure["unit"], spoken())
    return (
        figure["certainty"],
        translate(figure["name"], spoken()),
        f"{value} {unit}",
        figure["valid_from"],
        figure["source"],
        ", ".join(f"{name} {_decimal(exact)}" for name, exact in assuming),
    )


def _bills_table(bills: Sequence[Mapping[str, Any]], total: Mapping[str, Any]) -> Table:
    table = _table(*say_each("bill.bill_from", "bill.to"))
    energy = say_each("bill.self_consumed", "bill.surplus")
    add_numbers(table, "kWh", *energy, *say_each("bill.without", "bill.with", "bill.saved"))
    for bill in bills:
        table.add_row(bill["start"], _last(bill["end"]), *_cells(bill))
    if len(bills) > 1:
        table.add_section()
        table.add_row(say("bill.all"), "", *_cells(total))
    return table


def _cells(amounts: Mapping[str, Any]) -> list[str]:
    energy = ("consumption_kwh", "self_consumed_kwh", "surplus_kwh")
    counted = [number(amounts[name], ",.1f") for name in energy]
    return [*counted, *(_decimal(amounts[name]) for name in _MONEY)]


def _causes_table(causes: Mapping[str, str]) -> Table:
    table = _table(say("bill.saved_by"))
    add_numbers(table, "EUR")
    for cause, amount in causes.items():
        table.add_row(say(f"bill.cause_{cause}"), _decimal(amount))
    return table


def _lines_table(lines: Sequence[Mapping[str, Any]]) -> Table:
    table = _table(*say_each("bill.line", "bill.from", "bill.to"))
    add_numbers(table, *say_each("bill.quantity", "bill.price"), "EUR")
    for line in lines:
        period = f" P{line['tariff_period']}" if line["tariff_period"] else ""
        table.add_row(
            say(f"bill.kind_{line['kind']}") + period,
            line["start"],
            _last(line["end"]),
            f"{_decimal(line['quantity'])} {translate(line['unit'], spoken())}",
            _price(line),
            _decimal(line["amount_eur"]),
        )
    return table


def _price(line: Mapping[str, Any]) -> str:
    """Write a price, or in percent the share that is taken of an amount."""
    if line["unit_price"] is None:
        return say("bill.by_the_hour")
    if line["unit"] == "EUR" and line["kind"] != LineKind.COMPENSATION_LIMIT:
        return f"{_percent(line['unit_price'])} %"
    per = f"/{translate(line['price_per'], spoken())}" if line["price_per"] else ""
    return _decimal(line["unit_price"]) + per


def _join(described: Sequence[Mapping[str, Any]], name: str) -> list[Mapping[str, Any]]:
    """List what several supply points have, each once."""
    found: list[Mapping[str, Any]] = []
    for each in described:
        found += [item for item in each[name] if item not in found]
    return found


def _percent(exact: str) -> str:
    """Write a share that came as exact text in percent."""
    return number((Decimal(exact) * 100).normalize(), "f")


def _decimal(exact: str) -> str:
    """Write a number that came as exact text."""
    return number(Decimal(exact), "f")


def _last(end: str) -> str:
    """Name the last day of those that end before another."""
    return str(date.fromisoformat(end) - timedelta(days=1))


def _table(*headings: str) -> Table:
    table = make_table()
    add_texts(table, *headings)
    return table
