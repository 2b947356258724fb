"""What people see at a terminal of billing runs and invoices."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from models.texts.phrases import translate
from models.values.invoicing import InvoiceKind
from models.values.period import add_months
from scripts.console import (
    add_numbers,
    add_texts,
    add_whole,
    make_table,
    open_console,
    print_table,
)
from scripts.texts import number, say, say_each, spoken

_WIDTH = 120
_AMOUNTS = ("net_eur", "tax_eur", "total_eur")
_RECORDED = ("issuers", "plans", "terms", "payers", "subscriptions")
_ENERGIES = ("self_consumed_wh", "surplus_wh")

Described = Mapping[str, Any]


def print_setup(report: Mapping[str, int], community: str) -> None:
    """Print what was recorded, what stood already, and what to do next."""
    console = open_console(width_when_piped=_WIDTH)
    new = {name: report[name] for name in _RECORDED if report[name]}
    counts = ", ".join(f"{say(f'invoices.{name}')}: {count}" for name, count in new.items())
    key = "invoices.recorded" if new else "invoices.nothing_new"
    console.print(Text(say(key, community=community, counts=counts)))
    changed, kept = report["payers_changed"], report["payers_kept"]
    if changed or kept:
        console.print(Text(say("invoices.payers_again", changed=changed, kept=kept)))
    console.print(Text(say("invoices.next", community=community)), soft_wrap=True)


def print_months(described: Sequence[Described]) -> None:
    """Print what became of each month that was to be shared out."""
    table = make_table(say("invoices.month"), "CAU")
    add_texts(table, "")
    for each in described:
        fault = each["because"]
        told = translate(fault, spoken()) if fault else say(f"invoices.{each['outcome']}")
        table.add_row(each["month"], each["cau"], Text(told))
    print_table(table, _WIDTH)


def print_preview(described: Described, *, lines: bool) -> None:
    """Print what a billing run would issue, and what keeps it from being issued."""
    console = open_console(width_when_piped=_WIDTH)
    drafts = described["invoices"]
    if drafts:
        print_table(_drafts_table(drafts, described["total_eur"]), _WIDTH)
    for draft in drafts if lines else ():
        console.print(_name_payer(draft).append(f", {draft['cups']}"))
        print_table(_lines_table(draft["lines"]), _WIDTH)
    if described["missing"]:
        print_table(_missing_table(described["missing"]), _WIDTH)
    if described["held"]:
        print_table(_held_table(described["held"], drafts), _WIDTH)
    named = {"community": described["community"], "period": _period(described["period"])}
    told = say("invoices.preview", **named, count=len(drafts), verdict=_judge(described))
    console.print(Text(told))


def print_runs(described: Sequence[Described]) -> None:
    """Print billing runs, newest first."""
    table = make_table(*say_each("invoices.run", "invoices.period", "invoices.issued"))
    add_numbers(table, say("invoices.invoices"), "EUR")
    for run in described:
        count, total = str(run["invoices"]), _money(run["total_eur"])
        table.add_row(run["id"], _period(run["period"]), run["issued_at"][:10], count, total)
    if len(described) > 1:
        table.add_section()
        count = str(sum(run["invoices"] for run in described))
        table.add_row(say("invoices.total"), "", "", count, _sum(described, "total_eur"))
    print_table(table, _WIDTH)


def print_invoices(described: Sequence[Described]) -> None:
    """Print a line for each invoice, and what they sum to."""
    table = make_table(*say_each("invoices.invoice", "invoices.issued", "invoices.period"))
    add_texts(table, say("invoices.member"))
    add_numbers(table, *say_each("invoices.net", "invoices.tax"), "EUR", say("invoices.counted"))
    add_texts(table, "")
    for each in described:
        kind = "" if each["kind"] == InvoiceKind.FULL else each["kind"]
        table.add_row(
            each["number"],
            each["issued_on"],
            _period(each["period"]),
            _name_payer(each),
            *(_money(each[name]) for name in _AMOUNTS),
            _money(each["counted"]["total_eur"]),
            Text(", ".join(filter(None, (kind, _tell_fate(each))))),
        )
    if len(described) > 1:
        counted = [each["counted"] for each in described]
        sums = [_sum(counted, name) for name in _AMOUNTS]
        table.add_section()
        table.add_row(say("invoices.counted_in_all"), "", "", "", *sums, sums[-1])
    optional = say_each("invoices.tax", "invoices.net", "invoices.issued", "invoices.period")
    print_table(table, _WIDTH, optional)


def print_invoice(described: Described) -> None:
    """Print one invoice with all its parts."""
    console = open_console(width_when_piped=_WIDTH)
    _print_head(console, described)
    print_table(_lines_table(described["lines"]), _WIDTH)
    print_table(_taxes_table(described["taxes"], described["total_eur"]), _WIDTH)
    for record in described["records"]:
        because = f": {record['because']}" if record["because"] else ""
        told = say("invoices.record", **record | {"kind": say(f"invoices.{record['kind']}")})
        console.print(Text(told + because), soft_wrap=True)
    console.print(Text(f"QR {described['qr']}"), soft_wrap=True)


def print_plans(described: Sequence[Described]) -> None:
    """Print the plans of a community with their prices and how many pay by each."""
    table = make_table(say("invoices.plan"))
    add_texts(table, say("invoices.name"))
    add_whole(table, say("invoices.issuer"))
    add_texts(table, *say_each("invoices.charges", "invoices.line"))
    add_whole(table, *say_each("invoices.from", "invoices.until"))
    add_numbers(table, "EUR", *say_each("invoices.tax", "invoices.subscribed"))
    for plan in described:
        head = (plan["code"], plan["name"], plan["issuer"])
        count = str(plan["subscriptions"])
        for place, term in enumerate(plan["terms"] or [None]):
            first = (*map(Text, head),) if place == 0 else ("", "", "")
            free = (say("invoices.free"), *[""] * 5)
            cells = free if term is None else _term_cells(term)
            table.add_row(*first, *cells, count if place == 0 else "")
    print_table(table, _WIDTH)


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
    used, surplus = (described[name] / 1000 for name in ("self_consumed_wh", "surplus_wh"))
    energy = {"cups": described["cups"], "period": _period(described["period"]), "used": used}
    heads = ("number", "kind", "issued_on", "due_on", "description")
    key = "invoices.head" if Decimal(described["total_eur"]) > 0 else "invoices.head_of_refund"
    lines = [
        say(key, **{name: described[name] for name in heads}),
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
    table = make_table()
    add_texts(table, say("invoices.of_member"))
    add_whole(table, "CUPS")
    names = say_each("invoices.used", "invoices.surplus", "invoices.net", "invoices.tax")
    add_numbers(table, *names, "EUR")
    for draft in drafts:
        table.add_row(
            _name_payer(draft),
            draft["cups"],
            *(_kwh(draft[name]) for name in _ENERGIES),
            *(_money(draft[name]) for name in _AMOUNTS),
        )
    energy = (_kwh(sum(each[name] for each in drafts)) for name in _ENERGIES)
    sums = (_sum(drafts, name) for name in _AMOUNTS[:-1])
    table.add_section()
    table.add_row(say("invoices.total"), "", *energy, *sums, _money(total_eur))
    return table


def _lines_table(lines: Sequence[Described]) -> Table:
    table = make_table()
    add_texts(table, say("invoices.lines"))
    add_numbers(table, *say_each("invoices.quantity", "invoices.price", "invoices.tax"), "EUR")
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
    table = make_table(say("invoices.taxes"))
    add_numbers(table, *say_each("invoices.base", "invoices.quota"))
    add_texts(table, "")
    for tax in taxes:
        name = f"{tax['tax'].upper()} {_exact(tax['percent'])} %"
        because = Text(tax["exempt_because"] or "")
        table.add_row(name, _money(tax["base_eur"]), _money(tax["quota_eur"]), because)
    table.add_section()
    table.add_row(say("invoices.total"), "", _money(total_eur), "")
    return table


def _missing_table(missing: Sequence[Described]) -> Table:
    table = make_table()
    add_texts(table, say("invoices.missing"))
    add_whole(table, *say_each("invoices.subject", "invoices.since"))
    add_texts(table, say("invoices.remedy"))
    for each in missing:
        reasons = filter(None, (each["because"], each["remedy"]))
        remedy = ": ".join(translate(reason, spoken()) for reason in reasons)
        what = say(f"invoices.{each['kind']}")
        table.add_row(what, Text(each["subject"]), each["since"] or "", Text(remedy))
    return table


def _held_table(held: Sequence[Described], drafts: Sequence[Described]) -> Table:
    payers = {draft["cups"]: draft["payer"] for draft in drafts}
    table = make_table("CUPS")
    add_texts(table, say("invoices.held"))
    add_numbers(table, "EUR", say("invoices.usual"))
    for bill in held:
        payer = Text(payers[bill["cups"]])
        table.add_row(bill["cups"], payer, _money(bill["total_eur"]), _money(bill["usual_eur"]))
    return table


def _money(amount: str) -> str:
    return number(Decimal(amount), ",.2f")


def _exact(figure: str) -> str:
    """Write a number that came as exact text."""
    return number(Decimal(figure), "f")


def _sum(described: Sequence[Described], name: str) -> str:
    return number(sum((Decimal(each[name]) for each in described), Decimal(0)), ",.2f")


def _kwh(energy_wh: int) -> str:
    return number(Decimal(energy_wh) / 1000, ",.3f")


def _name_payer(described: Described) -> Text:
    """Name a member by code, and by who pays for it."""
    return Text(f"{described['member']} {described['payer']}")


def _period(days: Sequence[str]) -> str:
    """Name a whole month by its number, other days by the first and the last."""
    first, end = map(date.fromisoformat, days)
    if first.day == 1 and add_months(first, 1) == end:
        return f"{first:%Y-%m}"
    return f"{first} – {end - timedelta(days=1)}"
