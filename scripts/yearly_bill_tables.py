"""What people see at a terminal of the yearly bills of a plan or a proposal."""

from collections import Counter
from decimal import Decimal
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from models.texts.phrases import translate
from scripts.texts import number, say, spoken

_AMOUNTS = ("without", "before", "after", "saving", "gain")


def print_yearly_bills(console: Console, described: dict[str, Any]) -> None:
    """Print everybody's year on the retailer's bill, or why it is not known.

    A proposal of an older version does not speak of bills.
    """
    bills = described.get("bills")
    if bills is None:
        return
    if "reason" in bills:
        reason = translate(bills["reason"], spoken())
        console.print(Text(say("yearly.left_out", reason=reason)), highlight=False)
        return
    console.print(_tabulate(described["members"], bills))
    console.print(Text(_say_what_it_rests_on(described["members"], bills)), highlight=False)


def _tabulate(members: list[dict[str, Any]], bills: dict[str, Any]) -> Table:
    """Show one line a member, and all together."""
    table = Table(say("yearly.member"), box=box.SIMPLE_HEAD, show_footer=True)
    table.columns[0].footer = say("yearly.total")
    # Where no coefficients are in force there is no bill before, and nothing gained on it.
    amounts = [name for name in _AMOUNTS if bills[f"{name}_eur"] is not None]
    for name in amounts:
        total = _write(bills[f"{name}_eur"])
        table.add_column(say(f"yearly.{name}"), justify="right", no_wrap=True, footer=total)
    for member in members:
        bill = member["yearly_bill"]
        star = " *" if bill["is_assumed"] else ""
        table.add_row(
            Text(f"{member['member_id']}{star}"),
            *(_write(bill[f"{name}_eur"]) for name in amounts),
        )
    return table


def _say_what_it_rests_on(members: list[dict[str, Any]], bills: dict[str, Any]) -> str:
    """Say which contracts and law were taken, and which figures are not sure."""
    contracts = Counter(member["yearly_bill"]["contract"] for member in members)
    listed = ", ".join(f"{translate(name, spoken())} ({n})" for name, n in contracts.items())
    told = [say("yearly.legend"), say("yearly.contracts", contracts=listed)]
    if bills["gain_eur"] is not None:
        gains = [Decimal(member["yearly_bill"]["gain_eur"]) for member in members]
        less, more = sum(gain > 0 for gain in gains), sum(gain < 0 for gain in gains)
        told.insert(1, say("yearly.paying", less=less, more=more))
    if bills["law_year"] is not None:
        told.append(say("yearly.law_year", year=bills["law_year"]))
    if bills["n_assumed"]:
        told.append(say("yearly.assumed", count=bills["n_assumed"]))
    if bills["figures"]:
        named = dict.fromkeys(
            f"{translate(figure['name'], spoken())} ({figure['certainty']})"
            for figure in bills["figures"]
        )
        told.append(say("yearly.unsure", figures=", ".join(named)))
    return "\n".join(told)


def _write(amount: str) -> str:
    return number(Decimal(amount), ",.2f")
