"""A community folder into the database, from the command line."""

from collections.abc import Sequence
from pathlib import Path

from api.clock import now
from api.services.accounts.ensure_promoter import ensure_promoter
from api.services.community_folders.import_community import import_community
from api.services.community_folders.import_report import ImportReport
from api.settings import read_settings
from loaders.community_folder import read_community_folder
from models.session import write_session
from models.texts.phrases import translate
from scripts.commands.database import ready_database
from scripts.console import part_of, show_progress
from scripts.texts import say, spoken

_NAMES_SHOWN = 5


def store_folder(folder: Path, promoter: str) -> tuple[str, ImportReport]:
    """Store a community's year; what is stored already stays as it is. Give its name, too."""
    with ready_database(read_settings()) as engine, show_progress(say("files.working")) as report:
        report(0.0, "reading")
        community = read_community_folder(folder)
        instant = now()
        with write_session(engine) as session:
            done = import_community(
                session,
                promoter_id=ensure_promoter(session, name=promoter, now=instant).id,
                community=community,
                imported_at=instant,
                progress=part_of(report, 0.4, 1.0),
            )
    return community.name, done


def describe_import(name: str, report: ImportReport) -> str:
    """Say in a few lines what an import did."""
    if report.is_unchanged:
        return f"{say('folder.stored_already', name=name, year=report.year)}\n"
    sharing, waiting = report.n_members, report.n_reserve
    changed = report.changed_records
    lines = [
        say("folder.members", name=name, year=report.year, sharing=sharing, waiting=waiting),
        say("folder.months", count=report.months.first_versions),
        say("folder.altered", count=len(changed), names=_list_few(changed)),
    ]
    lines += [
        say(
            "folder.corrected", point=point, months=[f"{report.year}-{each:02d}" for each in months]
        )
        for point, months in report.months.corrected.items()
    ]
    lines += [
        say(
            "folder.rounding",
            channel=say(f"readings.channel_{channel.value}"),
            total=move.total_kwh,
            largest=move.largest_kwh,
        )
        for channel, move in report.rounding.items()
    ]
    if report.agreement.is_new:
        lines.append(say("folder.agreement"))
    elif report.agreement.reason:
        reason = translate(report.agreement.reason, spoken())
        lines.append(say("folder.no_agreement", text=reason))
    return "".join(f"{line}\n" for line in lines)


def _list_few(names: Sequence[str]) -> str:
    """Name the first few, and count the rest."""
    shown = ", ".join(names[:_NAMES_SHOWN]) or say("folder.none")
    rest = len(names) - _NAMES_SHOWN
    return say("folder.more", names=shown, count=rest) if rest > 0 else shown
