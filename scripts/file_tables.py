"""What people see at a terminal when files are told apart and taken in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich import box
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from api.services.community_folders.import_members import MembersReport
from api.services.community_folders.import_report import StandingChange
from api.services.file_imports.advise_on_file import FileAdvice
from api.services.file_imports.file_report import FileReport
from api.services.file_imports.import_files import TakenFiles
from loaders.number_text import show_name
from scripts.console import open_console

_ROWS_SHOWN = 20
_NAMES_SHOWN = 10
_WIDTH = 120


@dataclass(frozen=True, slots=True)
class Draft:
    """An agreement that was drafted of a distributor's file."""

    file_name: str
    agreement_id: str
    mode: str
    file_year: int


def print_advice(found: Sequence[tuple[str, FileAdvice]]) -> None:
    """Print what each file is, how sure that is, and what can be done with it."""
    table = _table(_file_column(), "format", "sure", "can be", "needs", "because it")
    for name, advice in found:
        table.add_row(
            Text(show_name(name)),
            advice.detection.format.value,
            advice.detection.confidence.value,
            advice.next_step.value.replace("-", " "),
            Text("; ".join(advice.needs)),
            Text(advice.detection.reason),
        )
    _open().print(table)


def print_members_report(report: MembersReport) -> None:
    """Print what a list made and altered."""
    console = _open()
    head = f"{show_name(report.file_name)}: {report.member_count} who share,"
    console.print(Text(f"{head} {report.reserve_count} who wait{_dry(report.is_dry_run)}"))
    if report.is_unchanged:
        console.print("everything was stored already")
    else:
        console.print(f"{len(report.changed_records)} records made or altered")
        _print_some(console, "", map(_state_standing, report.standing_changes))
    _print_notes(console, report.notes)


def print_draft(draft: Draft) -> None:
    """Print what a distributor's file became."""
    _open().print(
        Text(
            f"{show_name(draft.file_name)}: drafted as {draft.mode} agreement"
            f" {draft.agreement_id} for the file of {draft.file_year}"
        )
    )


def print_taken(taken: TakenFiles) -> None:
    """Print what became of files of readings and prices."""
    console = _open()
    console.print(_tabulate_files(taken.reports))
    for report in taken.reports:
        _print_rejected(console, report)
        if not report.is_repeat:
            corrected = report.corrected_months.items()
            lines = (f"{name}: {', '.join(months)}" for name, months in corrected)
            _print_some(console, "corrected ", lines)
        _print_touched(console, report)
        _print_notes(console, report.notes)
    _print_some(console, "left out: ", map(str, taken.left_out))
    if taken.is_dry_run:
        console.print("dry run: nothing was stored")


def _tabulate_files(reports: Iterable[FileReport]) -> Table:
    numbers = ("rows", "meters", "new", "changed", "same", "kept", "rejected")
    table = _table(_file_column(), "format", *numbers)
    for column in table.columns[2:]:
        column.justify = "right"
    for report in reports:
        months = [month.values for each in report.series for month in each.months]
        counts = [
            report.row_count,
            len({each.name for each in report.series}),
            0 if report.is_repeat else sum(values.new for values in months),
            0 if report.is_repeat else sum(values.changed for values in months),
            report.accepted_count if report.is_repeat else sum(values.same for values in months),
            sum(values.kept for values in months),
            report.rejected_count,
        ]
        name = show_name(report.file_name) + (" (stored before)" if report.is_repeat else "")
        table.add_row(Text(name), report.format, *(f"{count:,}" for count in counts))
    return table


def _print_rejected(console: Console, report: FileReport) -> None:
    if not report.rejected_count:
        return
    counts = ", ".join(f"{count} {code}" for code, count in report.rejected_counts.items())
    console.print(Text(f"{show_name(report.file_name)}: not taken: {counts}"))
    table = _table("Line", "code", "reason", "what stands there")
    for row in report.rejected[:_ROWS_SHOWN]:
        line = "" if row.line is None else str(row.line)
        table.add_row(line, row.code.value, Text(row.reason), Text(row.excerpt))
    console.print(table)
    if (more := len(report.rejected) - _ROWS_SHOWN) > 0:
        console.print(f"and {more} more")


def _print_touched(console: Console, report: FileReport) -> None:
    """Print which results rest on what changed."""
    touched = report.touched
    if touched.proposal_ids:
        console.print(f"proposals that rest on what changed: {len(touched.proposal_ids)}")
    months = (f"{each.cau} {each.month}" for each in touched.allocated_months)
    _print_some(console, "to be shared out anew: ", months)


def _state_standing(change: StandingChange) -> str:
    return f"{change.member_id} {change.cups}: {change.before.value} -> {change.after.value}"


def _print_notes(console: Console, notes: Iterable[str]) -> None:
    _print_some(console, "note: ", notes)


def _print_some(console: Console, title: str, lines: Iterable[str]) -> None:
    """Print the first few lines, and count the rest."""
    listed = list(lines)
    for line in listed[:_NAMES_SHOWN]:
        console.print(Text(f"{title}{line}"))
    if (more := len(listed) - _NAMES_SHOWN) > 0:
        console.print(Text(f"{title}{more} more"))


def _dry(is_dry_run: bool) -> str:
    return " (dry run: nothing was stored)" if is_dry_run else ""


def _open() -> Console:
    return open_console(width_when_piped=_WIDTH)


def _file_column() -> Column:
    """Head the names, which are told apart by their ends."""
    return Column("File", overflow="fold")


def _table(*headings: Column | str) -> Table:
    return Table(*headings, box=box.SIMPLE_HEAD, pad_edge=False)
