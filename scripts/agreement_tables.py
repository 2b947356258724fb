"""What people see at a terminal of agreements, and what programs read instead."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from loaders.file_profile import FileProfile
from scripts.console import open_console

_WIDTH = 132


def print_agreements(described: Sequence[Mapping[str, Any]]) -> None:
    """Print agreements in a line each."""
    if not described:
        sys.stdout.write("no agreements\n")
        return
    table = _table("Agreement", "CAU", "state", "mode", "year", "drafted on")
    for each in described:
        table.add_row(
            each["id"],
            each["cau"],
            each["state"],
            each["mode"],
            str(each["file_year"]),
            f"{each['created_at']:%Y-%m-%d}",
        )
    open_console(width_when_piped=_WIDTH).print(table)


def print_agreement(described: Mapping[str, Any]) -> None:
    """Print an agreement with everything that became of it."""
    console = open_console(width_when_piped=_WIDTH)
    console.print(Text(f"Agreement {described['id']}", style="bold"))
    console.print(_state_head(described), highlight=False, markup=False)
    console.print(_tabulate_shares(described))
    if described["filings"]:
        console.print(_tabulate_filings(described["filings"]))
    if described["files"]:
        console.print(_tabulate_files(described["files"]))


def print_check(described: Mapping[str, Any]) -> None:
    """Print what the rules of filing say."""
    console = open_console(width_when_piped=_WIDTH)
    answer = "can be filed" if described["can_be_filed"] else "cannot be filed"
    console.print(f"{answer}; it could hold from {described['first_day_on']}", highlight=False)
    for each in described["findings"]:
        console.print(
            Text.assemble(
                (f"{each['severity']}: {each['code']}", "bold"),
                f"\n  {each['message']}\n  ({each['article']})",
            )
        )


def print_profiles(profiles: Sequence[FileProfile]) -> None:
    """Print the ways to write a distributor's file."""
    table = _table("Profile", "line end", "hours", "index", "known", "source")
    for each in profiles:
        end = each.line_end.value if each.has_final_line_end else f"{each.line_end.value}, open end"
        table.add_row(
            each.name,
            end,
            f"{each.hour_digits.value}, by {each.row_order.value}",
            each.hour_index.value,
            each.certainty.value,
            each.source,
        )
    table.caption = "known: V read in the source, D derived from it, R recalled or chosen"
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
        f"{described['cau']}, file of {described['file_year']}, {described['mode']} coefficients",
        f"{described['state']}, drafted on {described['created_at']:%Y-%m-%d}",
    ]
    if described["published_at"] is not None:
        lines[1] += f", published on {described['published_at']:%Y-%m-%d}"
    if described["closed_because"] is not None:
        lines.append(f"because: {described['closed_because']}")
    return "\n".join(lines)


def _tabulate_shares(described: Mapping[str, Any]) -> Table:
    """Show each supply point's coefficient, and on which days it was applied."""
    hourly = described["hourly"]
    table = _table("CUPS", "β", *(["least", "greatest"] if hourly else []), "applied")
    days: dict[str, list[str]] = {}
    for each in described["applied"]:
        until = f" up to {each['valid_until']}" if each["valid_until"] else ""
        days.setdefault(each["cups"], []).append(f"from {each['valid_from']}{until}")
    for cups, share in described["coefficients"].items():
        spread = [hourly[cups]["least"], hourly[cups]["greatest"]] if hourly else []
        table.add_row(cups, share, *spread, "; ".join(days.get(cups, ["-"])))
    return table


def _tabulate_filings(filings: Sequence[Mapping[str, Any]]) -> Table:
    table = _table("Filed on", "state", "answered on", "filing", "because")
    for each in filings:
        table.add_row(
            str(each["filed_on"]),
            each["state"],
            str(each["answered_on"] or "-"),
            each["id"],
            Text(each["refused_because"] or "-"),
        )
    return table


def _tabulate_files(files: Sequence[Mapping[str, Any]]) -> Table:
    table = _table("File", "variant", "bytes", "SHA-256")
    for each in files:
        table.add_row(each["file_name"], each["variant"], str(each["size_bytes"]), each["sha256"])
    return table
