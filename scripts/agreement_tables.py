"""What people see at a terminal of agreements, and what programs read instead."""

import sys
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from loaders.file_profile import FileProfile
from models.texts.phrases import translate
from scripts.console import open_console
from scripts.texts import number, say, say_each, spoken

_WIDTH = 132


def print_agreements(described: Sequence[Mapping[str, Any]]) -> None:
    """Print agreements in a line each."""
    if not described:
        sys.stdout.write(f"{say('agreement.none')}\n")
        return
    names = say_each("agreement.state", "agreement.mode", "agreement.year", "agreement.drafted_on")
    table = _table(say("agreement.agreement"), "CAU", *names)
    for each in described:
        table.add_row(
            each["id"],
            each["cau"],
            say(f"agreement.state_{each['state']}"),
            say(f"agreement.mode_{each['mode']}"),
            str(each["file_year"]),
            f"{each['created_at']:%Y-%m-%d}",
        )
    open_console(width_when_piped=_WIDTH).print(table)


def print_agreement(described: Mapping[str, Any]) -> None:
    """Print an agreement with everything that became of it."""
    console = open_console(width_when_piped=_WIDTH)
    console.print(Text(say("agreement.title", id=described["id"]), style="bold"))
    console.print(_state_head(described), highlight=False, markup=False)
    console.print(_tabulate_shares(described))
    if described["filings"]:
        console.print(_tabulate_filings(described["filings"]))
    if described["files"]:
        console.print(_tabulate_files(described["files"]))


def print_check(described: Mapping[str, Any]) -> None:
    """Print what the rules of filing say."""
    console = open_console(width_when_piped=_WIDTH)
    answer = "can_be_filed" if described["can_be_filed"] else "cannot_be_filed"
    console.print(say(f"agreement.{answer}", day=described["first_day_on"]), highlight=False)
    for each in described["findings"]:
        console.print(
            Text.assemble(
                (f"{say('agreement.severity_' + each['severity'])}: {each['code']}", "bold"),
                f"\n  {translate(each['message'], spoken())}\n  ({each['article']})",
            )
        )


def print_profiles(profiles: Sequence[FileProfile]) -> None:
    """Print the ways to write a distributor's file."""
    table = _table(
        *say_each("agreement.profile", "agreement.line_end", "agreement.hours"),
        *say_each("agreement.index", "agreement.known", "agreement.source"),
    )
    for each in profiles:
        end = each.line_end.value
        table.add_row(
            each.name,
            end if each.has_final_line_end else say("agreement.open_end", end=end),
            say(
                "agreement.by_order",
                digits=each.hour_digits.value,
                order=say(f"agreement.order_{each.row_order.value}"),
            ),
            each.hour_index.value,
            each.certainty.value,
            each.source,
        )
    table.caption = say("agreement.known_legend")
    open_console(width_when_piped=_WIDTH).print(table)


def describe_profile(profile: FileProfile) -> dict[str, Any]:
    """Describe a profile for programs."""
    return {
        "name": profile.name,
        "line_end": profile.line_end.value,
        "has_final_line_end": profile.has_final_line_end,
        "hour_digits": profile.hour_digits.value,
        "row_order": profile.row_order.value,
        "hour_index": profile.hour_index.value,
        "source": profile.source,
        "certainty": profile.certainty.value,
    }


def _table(*headings: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, caption_justify="left")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


def _state_head(described: Mapping[str, Any]) -> str:
    lines = [
        say(
            "agreement.head",
            cau=described["cau"],
            year=described["file_year"],
            mode=say(f"agreement.mode_{described['mode']}"),
        ),
        say(
            "agreement.drafted",
            state=say(f"agreement.state_{described['state']}"),
            day=f"{described['created_at']:%Y-%m-%d}",
        ),
    ]
    if described["published_at"] is not None:
        lines[1] += ", " + say("agreement.published", day=f"{described['published_at']:%Y-%m-%d}")
    if described["closed_because"] is not None:
        lines.append(say("agreement.because", text=described["closed_because"]))
    return "\n".join(lines)


def _tabulate_shares(described: Mapping[str, Any]) -> Table:
    """Show each supply point's coefficient, and on which days it was applied."""
    hourly = described["hourly"]
    table = _table(
        "CUPS",
        "β",
        *(say_each("agreement.least", "agreement.greatest") if hourly else []),
        say("agreement.applied"),
    )
    days: dict[str, list[str]] = {}
    for each in described["applied"]:
        span = "applied_between" if each["valid_until"] else "applied_from"
        told = say(f"agreement.{span}", day=each["valid_from"], until=each["valid_until"])
        days.setdefault(each["cups"], []).append(told)
    for cups, share in described["coefficients"].items():
        spread = [hourly[cups]["least"], hourly[cups]["greatest"]] if hourly else []
        shares = (number(Decimal(each), ".6f") for each in (share, *spread))
        table.add_row(cups, *shares, "; ".join(days.get(cups, ["-"])))
    return table


def _tabulate_filings(filings: Sequence[Mapping[str, Any]]) -> Table:
    table = _table(
        *say_each("agreement.filed_on", "agreement.state", "agreement.answered_on"),
        *say_each("agreement.filing", "agreement.reason"),
    )
    for each in filings:
        table.add_row(
            str(each["filed_on"]),
            say(f"agreement.state_{each['state']}"),
            str(each["answered_on"] or "-"),
            each["id"],
            Text(each["refused_because"] or "-"),
        )
    return table


def _tabulate_files(files: Sequence[Mapping[str, Any]]) -> Table:
    table = _table(*say_each("agreement.file", "agreement.variant", "agreement.bytes"), "SHA-256")
    for each in files:
        table.add_row(each["file_name"], each["variant"], str(each["size_bytes"]), each["sha256"])
    return table
