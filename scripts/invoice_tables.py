"""What people see at a terminal of billing runs and invoices."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from scripts.console import open_console

_WIDTH = 120

Described = Mapping[str, Any]


def print_months(described: Sequence[Described]) -> None:
    """Print what became of each month that was to be shared out."""
    table = _table("Month", "CAU", "")
    for each in described:
        table.add_row(each["month"], each["cau"], Text(each["because"] or each["outcome"]))
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
    count = f"{len(drafts)} invoices, {_judge(described)}"
    console.print(Text(f"{described['community']}, {start} to {end}: {count}"))


def print_runs(described: Sequence[Described]) -> None:
    """Print billing runs, newest first."""
    table = _table("Run", "from", "to", "issued")
    _add_numbers(table, "invoices", "EUR")
    for run in described:
        count, total = str(run["invoices"]), _money(run["total_eur"])
        table.add_row(run["id"], *run["period"], run["issued_at"][:10], count, total)
    open_console(width_when_piped=_WIDTH).print(table)


def print_invoices(described: Sequence[Described]) -> None:
    """Print a line for each invoice."""
    table = _table("Invoice", "kind", "issued", "from", "to", "member", "payer")
    _add_numbers(table, "net", "tax", "EUR")
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
        console.print(
            Text(
                f"{record['kind']}, record {record['position']}, {record['generated_at']}, "
                f"SHA-256 {record['sha256']}{because}"
            ),
            soft_wrap=True,
        )
    console.print(Text(f"QR {described['qr']}"), soft_wrap=True)


def print_plans(described: Sequence[Described]) -> None:
    """Print the plans of a community with their prices and how many pay by each."""
    table = _table("Plan", "name", "issuer", "charges", "line", "from", "until")
    _add_numbers(table, "EUR", "tax", "pay by it")
    for plan in described:
        head = (plan["code"], plan["name"], plan["issuer"])
        count = str(plan["subscriptions"])
        for place, term in enumerate(plan["terms"] or [None]):
            first = (*map(Text, head),) if place == 0 else ("", "", "")
            cells = ("free", "", "", "", "", "") if term is None else _term_cells(term)
            table.add_row(*first, *cells, count if place == 0 else "")
    open_console(width_when_piped=_WIDTH).print(table)


def _judge(described: Described) -> str:
    """Say whether a run can be issued."""
    if described["missing"]:
        return "not ready"
    return "ready but for the bills that are held" if described["held"] else "ready to be issued"


def _term_cells(term: Described) -> tuple[str | Text, ...]:
    return (
        term["charges"],
        Text(term["description"]),
        term["valid_from"],
        term["valid_until"] or "",
        term["price_eur"],
        f"{term['tax'].upper()} {term['tax_percent']} %",
    )


def _print_head(console: Console, described: Described) -> None:
    issuer, recipient = described["issuer"], described["recipient"]
    start, end = described["period"]
    kwh = [described[name] / 1000 for name in ("self_consumed_wh", "surplus_wh")]
    days = f"issued on {described['issued_on']}, due on {described['due_on']}"
    lines = [
        f"{described['number']} ({described['kind']}), {days}: {described['description']}",
        f"from {issuer['name']}, {issuer['tax_number']}",
        f"to   {recipient['name']}, {recipient['tax_number']}, for {described['member']}",
        f"{described['cups']}, {start} to {end}: {kwh[0]:,.3f} kWh used, {kwh[1]:,.3f} surplus",
    ]
    if described["rectifies"]:
        lines.append(
            f"rectifies {described['rectifies']} by {described['rectification']}: "
            f"{described['rectified_because']}"
        )
    if fate := _tell_fate(described):
        lines.append(fate)
    for line in lines:
        console.print(Text(line))


def _tell_fate(described: Described) -> str:
    """Say what became of an invoice."""
    if described["is_cancelled"]:
        return "cancelled"
    by = ", ".join(described["rectified_by"])
    return f"rectified by {by}" if by else ""


def _drafts_table(drafts: Sequence[Described], total_eur: str) -> Table:
    table = _table("Member", "CUPS", "payer")
    _add_numbers(table, "kWh used", "surplus", "net", "tax", "EUR")
    for draft in drafts:
        table.add_row(
            Text(draft["member"]),
            draft["cups"],
            Text(draft["payer"]),
            f"{draft['self_consumed_wh'] / 1000:,.3f}",
            f"{draft['surplus_wh'] / 1000:,.3f}",
            *(_money(draft[name]) for name in ("net_eur", "tax_eur", "total_eur")),
        )
    table.add_section()
    table.add_row("all", "", "", "", "", "", "", _money(total_eur))
    return table


def _lines_table(lines: Sequence[Described]) -> Table:
    table = _table("Line")
    _add_numbers(table, "quantity", "price", "tax", "EUR")
    for line in lines:
        table.add_row(
            Text(line["description"]),
            f"{line['quantity']} {line['unit']}",
            line["price_eur"],
            f"{line['tax'].upper()} {line['tax_percent']} %",
            _money(line["net_eur"]),
        )
    return table


def _taxes_table(taxes: Sequence[Described], total_eur: str) -> Table:
    table = _table("Tax")
    _add_numbers(table, "base", "quota")
    table.add_column("")
    for tax in taxes:
        name = f"{tax['tax'].upper()} {tax['percent']} %"
        because = Text(tax["exempt_because"] or "")
        table.add_row(name, _money(tax["base_eur"]), _money(tax["quota_eur"]), because)
    table.add_section()
    table.add_row("total", "", _money(total_eur), "")
    return table


def _missing_table(missing: Sequence[Described]) -> Table:
    table = _table("Missing", "of", "since", "what to do")
    for each in missing:
        what = each["kind"].replace("_", " ")
        remedy = f"{each['because']}: {each['remedy']}" if each["because"] else each["remedy"]
        table.add_row(what, Text(each["subject"]), each["since"] or "", Text(remedy))
    return table


def _held_table(held: Sequence[Described]) -> Table:
    table = _table("Held: look at it, then --looked-at")
    _add_numbers(table, "EUR", "usual")
    for bill in held:
        table.add_row(bill["cups"], _money(bill["total_eur"]), _money(bill["usual_eur"]))
    return table


def _money(amount: str) -> str:
    return f"{float(amount):,.2f}"


def _table(*headings: str) -> Table:
    return Table(*headings, box=box.SIMPLE_HEAD, pad_edge=False)


def _add_numbers(table: Table, *headings: str) -> None:
    for heading in headings:
        table.add_column(heading, justify="right")
