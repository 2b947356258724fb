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
from models.texts.phrases import translate
from scripts.console import open_console
from scripts.faults import tell_fault
from scripts.texts import number, say, say_each, spoken

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
    table = _table(
        _file_column(),
        *say_each("files.format", "files.sure", "files.can_be", "files.needs", "files.because_it"),
    )
    for name, advice in found:
        table.add_row(
            Text(show_name(name)),
            advice.detection.format.value,
            say(f"files.sure_{advice.detection.confidence.value}"),
            say(f"files.step_{advice.next_step.value}"),
            Text("; ".join(translate(need, spoken()) for need in advice.needs)),
            Text(translate(advice.detection.reason, spoken())),
        )
    _open().print(table)


def print_members_report(report: MembersReport) -> None:
    """Print what a list made and altered."""
    console = _open()
    told = say(
        "files.members",
        file=report.file_name,
        sharing=report.member_count,
        waiting=report.reserve_count,
    )
    console.print(Text(say("files.dry", text=told) if report.is_dry_run else told))
    if report.is_unchanged:
        console.print(say("files.stored_already"))
    else:
        console.print(say("files.altered", count=len(report.changed_records)))
        _print_some(console, "line", map(_state_standing, report.standing_changes))
    _print_notes(console, report.notes)


def print_draft(draft: Draft) -> None:
    """Print what a distributor's file became."""
    _open().print(
        Text(
            say(
                "files.drafted",
                file=draft.file_name,
                mode=say(f"agreement.mode_{draft.mode}"),
                id=draft.agreement_id,
                year=draft.file_year,
            )
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
            _print_some(console, "corrected", lines)
        _print_touched(console, report)
        _print_notes(console, report.notes)
    _print_some(console, "left_out", map(tell_fault, taken.left_out))
    if taken.is_dry_run:
        console.print(say("files.dry_run"))


def _tabulate_files(reports: Iterable[FileReport]) -> Table:
    table = _table(
        _file_column(),
        *say_each("files.format", "files.rows", "files.meters", "files.new"),
        *say_each("files.changed", "files.same", "files.kept", "files.rejected"),
    )
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
        name = show_name(report.file_name)
        told = say("files.stored_before", file=name) if report.is_repeat else name
        table.add_row(Text(told), report.format, *(number(count, ",") for count in counts))
    return table


def _print_rejected(console: Console, report: FileReport) -> None:
    if not report.rejected_count:
        return
    counts = ", ".join(f"{count} {code}" for code, count in report.rejected_counts.items())
    console.print(Text(say("files.not_taken", file=report.file_name, counts=counts)))
    table = _table(*say_each("files.place", "files.code", "files.reason", "files.excerpt"))
    for row in report.rejected[:_ROWS_SHOWN]:
        line = "" if row.line is None else str(row.line)
        table.add_row(
            line, row.code.value, Text(translate(row.reason, spoken())), Text(row.excerpt)
        )
    console.print(table)
    if (more := len(report.rejected) - _ROWS_SHOWN) > 0:
        console.print(say("files.and_more", count=more))


def _print_touched(console: Console, report: FileReport) -> None:
    """Print which results rest on what changed."""
    touched = report.touched
    if touched.proposal_ids:
        console.print(say("files.proposals", count=len(touched.proposal_ids)))
    months = (f"{each.cau} {each.month}" for each in touched.allocated_months)
    _print_some(console, "anew", months)


def _state_standing(change: StandingChange) -> str:
    return f"{change.member_id} {change.cups}: {change.before.value} -> {change.after.value}"


def _print_notes(console: Console, notes: Iterable[str]) -> None:
    _print_some(console, "note", (translate(note, spoken()) for note in notes))


def _print_some(console: Console, name: str, lines: Iterable[str]) -> None:
    """Print the first few lines under a name, and count the rest."""
    listed = list(lines)
    for line in listed[:_NAMES_SHOWN]:
        console.print(Text(say(f"files.{name}", line=line)))
    if (more := len(listed) - _NAMES_SHOWN) > 0:
        console.print(Text(say(f"files.more_{name}", count=more)))


def _open() -> Console:
    return open_console(width_when_piped=_WIDTH)


def _file_column() -> Column:
    """Head the names, which are told apart by their ends."""
    return Column(say("files.file"), overflow="fold")


def _table(*headings: Column | str) -> Table:
    return Table(*headings, box=box.SIMPLE_HEAD, pad_edge=False)
