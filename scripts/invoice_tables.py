"""What people see at a terminal of billing runs and invoices."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from models.texts.phrases import translate
from scripts.console import open_console
from scripts.texts import number, say, say_each, spoken

_WIDTH = 120

Described = Mapping[str, Any]


def print_months(described: Sequence[Described]) -> None:
    """Print what became of each month that was to be shared out."""
    table = _table(say("invoices.month"), "CAU", "")
    for each in described:
        fault = each["because"]
        told = translate(fault, spoken()) if fault else say(f"invoices.{each['outcome']}")
        table.add_row(each["month"], each["cau"], Text(told))
    open_console(width_when_piped=_WIDTH).print(table)


def print_preview(described: Described, *, lines: bool) -> None:
    """Print what a billing run would issue, and what keeps it from being issued."""
    console = open_console(width_when_piped=_WIDTH)
    drafts = described["invoices"]
    if drafts:
        console.print(_drafts_table(drafts, described["total_eur"]))
    for draft in drafts if lines else ():
        console.print(Text(f"{draft['member']}, {draft['cups']}"))
        console.print(_lines_table(draft["lines"]))
    if described["missing"]:
        console.print(_missing_table(described["missing"]))
    if described["held"]:
        console.print(_held_table(described["held"]))
    start, end = described["period"]
    named = {"community": described["community"], "start": start, "end": end}
    told = say("invoices.preview", **named, count=len(drafts), verdict=_judge(described))
    console.print(Text(told))


def print_runs(described: Sequence[Described]) -> None:
    """Print billing runs, newest first."""
    table = _table(*say_each("invoices.run", "invoices.from", "invoices.to", "invoices.issued"))
    _add_numbers(table, say("invoices.invoices"), "EUR")
    for run in described:
        count, total = str(run["invoices"]), _money(run["total_eur"])
        table.add_row(run["id"], *run["period"], run["issued_at"][:10], count, total)
    open_console(width_when_piped=_WIDTH).print(table)


def print_invoices(described: Sequence[Described]) -> None:
    """Print a line for each invoice."""
    table = _table(*say_each("invoices.invoice", "invoices.kind", "invoices.issued"))
    for key in ("invoices.from", "invoices.to", "invoices.member", "invoices.payer"):
        table.add_column(say(key))
    _add_numbers(table, *say_each("invoices.net", "invoices.tax"), "EUR")
    table.add_column("")
    for each in described:
        table.add_row(
            each["number"],
            each["kind"],
            each["issued_on"],
            *each["period"],
            Text(each["member"]),
            Text(each["payer"]),
            *(_money(each[name]) for name in ("net_eur", "tax_eur", "total_eur")),
            Text(_tell_fate(each)),
        )
    open_console(width_when_piped=_WIDTH).print(table)


def print_invoice(described: Described) -> None:
    """Print one invoice with all its parts."""
    console = open_console(width_when_piped=_WIDTH)
    _print_head(console, described)
    console.print(_lines_table(described["lines"]))
    console.print(_taxes_table(described["taxes"], described["total_eur"]))
    for record in described["records"]:
        because = f": {record['because']}" if record["because"] else ""
        told = say("invoices.record", **record | {"kind": say(f"invoices.{record['kind']}")})
        console.print(Text(told + because), soft_wrap=True)
    console.print(Text(f"QR {described['qr']}"), soft_wrap=True)


def print_plans(described: Sequence[Described]) -> None:
    """Print the plans of a community with their prices and how many pay by each."""
    table = _table(*say_each("invoices.plan", "invoices.name", "invoices.issuer"))
    for key in ("invoices.charges", "invoices.line", "invoices.from", "invoices.until"):
        table.add_column(say(key))
    _add_numbers(table, "EUR", *say_each("invoices.tax", "invoices.subscribed"))
    for plan in described:
        head = (plan["code"], plan["name"], plan["issuer"])
        count = str(plan["subscriptions"])
        for place, term in enumerate(plan["terms"] or [None]):
            first = (*map(Text, head),) if place == 0 else ("", "", "")
            free = (say("invoices.free"), *[""] * 5)
            cells = free if term is None else _term_cells(term)
            table.add_row(*first, *cells, count if place == 0 else "")
    open_console(width_when_piped=_WIDTH).print(table)


def _judge(described: Described) -> str:
    """Say whether a run can be issued."""
    if described["missing"]:
        return say("invoices.not_ready")
    return say("invoices.ready_but_held") if described["held"] else say("invoices.ready")


def _term_cells(term: Described) -> tuple[str | Text, ...]:
    return (
        say(f"invoices.charges_{term['charges']}"),
        Text(term["description"]),
        term["valid_from"],
        term["valid_until"] or "",
        _exact(term["price_eur"]),
        f"{term['tax'].upper()} {_exact(term['tax_percent'])} %",
    )


def _print_head(console: Console, described: Described) -> None:
    issuer, recipient = described["issuer"], described["recipient"]
    start, end = described["period"]
    used, surplus = (described[name] / 1000 for name in ("self_consumed_wh", "surplus_wh"))
    energy = {"cups": described["cups"], "start": start, "end": end, "used": used}
    heads = ("number", "kind", "issued_on", "due_on", "description")
    lines = [
        say("invoices.head", **{name: described[name] for name in heads}),
        say("invoices.issued_by", name=issuer["name"], tax_number=issuer["tax_number"]),
        say(
            "invoices.issued_to",
            name=recipient["name"],
            tax_number=recipient["tax_number"],
            member=described["member"],
        ),
        say("invoices.energy", **energy, surplus=surplus),
    ]
    if described["rectifies"]:
        how = say(f"invoices.{described['rectification']}")
        names = {"number": described["rectifies"], "because": described["rectified_because"]}
        lines.append(say("invoices.rectifies", how=how, **names))
    if fate := _tell_fate(described):
        lines.append(fate)
    for line in lines:
        console.print(Text(line))


def _tell_fate(described: Described) -> str:
    """Say what became of an invoice."""
    if described["is_cancelled"]:
        return say("invoices.cancelled")
    by = described["rectified_by"]
    return say("invoices.rectified", by=by) if by else ""


def _drafts_table(drafts: Sequence[Described], total_eur: str) -> Table:
    table = _table(say("invoices.of_member"), "CUPS", say("invoices.payer"))
    names = say_each("invoices.used", "invoices.surplus", "invoices.net", "invoices.tax")
    _add_numbers(table, *names, "EUR")
    for draft in drafts:
        table.add_row(
            Text(draft["member"]),
            draft["cups"],
            Text(draft["payer"]),
            number(draft["self_consumed_wh"] / 1000, ",.3f"),
            number(draft["surplus_wh"] / 1000, ",.3f"),
            *(_money(draft[name]) for name in ("net_eur", "tax_eur", "total_eur")),
        )
    table.add_section()
    table.add_row(say("invoices.all"), "", "", "", "", "", "", _money(total_eur))
    return table


def _lines_table(lines: Sequence[Described]) -> Table:
    table = _table(say("invoices.lines"))
    _add_numbers(table, *say_each("invoices.quantity", "invoices.price", "invoices.tax"), "EUR")
    for line in lines:
        table.add_row(
            Text(line["description"]),
            f"{_exact(line['quantity'])} {line['unit']}",
            _exact(line["price_eur"]),
            f"{line['tax'].upper()} {_exact(line['tax_percent'])} %",
            _money(line["net_eur"]),
        )
    return table


def _taxes_table(taxes: Sequence[Described], total_eur: str) -> Table:
    table = _table(say("invoices.taxes"))
    _add_numbers(table, *say_each("invoices.base", "invoices.quota"))
    table.add_column("")
    for tax in taxes:
        name = f"{tax['tax'].upper()} {_exact(tax['percent'])} %"
        because = Text(tax["exempt_because"] or "")
        table.add_row(name, _money(tax["base_eur"]), _money(tax["quota_eur"]), because)
    table.add_section()
    table.add_row(say("invoices.total"), "", _money(total_eur), "")
    return table


def _missing_table(missing: Sequence[Described]) -> Table:
    names = ("invoices.missing", "invoices.subject", "invoices.since", "invoices.remedy")
    table = _table(*say_each(*names))
    for each in missing:
        reasons = filter(None, (each["because"], each["remedy"]))
        remedy = ": ".join(translate(reason, spoken()) for reason in reasons)
        what = say(f"invoices.{each['kind']}")
        table.add_row(what, Text(each["subject"]), each["since"] or "", Text(remedy))
    return table


def _held_table(held: Sequence[Described]) -> Table:
    table = _table(say("invoices.held"))
    _add_numbers(table, "EUR", say("invoices.usual"))
    for bill in held:
        table.add_row(bill["cups"], _money(bill["total_eur"]), _money(bill["usual_eur"]))
    return table


def _money(amount: str) -> str:
    return number(Decimal(amount), ",.2f")


def _exact(figure: str) -> str:
    """Write a number that came as exact text."""
    return number(Decimal(figure), "f")


def _table(*headings: str) -> Table:
    return Table(*headings, box=box.SIMPLE_HEAD, pad_edge=False)


def _add_numbers(table: Table, *headings: str) -> None:
    for heading in headings:
        table.add_column(heading, justify="right")
