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
from scripts.commands.database import ready_database
from scripts.console import part_of, show_progress

_NAMES_SHOWN = 5


def store_folder(folder: Path, promoter: str) -> tuple[str, ImportReport]:
    """Store a community's year; what is stored already stays as it is. Give its name, too."""
    with ready_database(read_settings()) as engine, show_progress("Import") as report:
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
        return f"{name}, {report.year}: everything was stored already\n"
    lines = [
        f"{name}, {report.year}: {report.n_members} members, {report.n_reserve} in reserve",
        f"{report.months.first_versions} months of meters and prices stored for the first time",
        f"{len(report.changed_records)} records made or altered: "
        + _list_few(report.changed_records),
    ]
    lines += [
        f"{point}: corrected {', '.join(f'{report.year}-{month:02d}' for month in months)}"
        for point, months in report.months.corrected.items()
    ]
    lines += [
        f"rounding to watt-hours moved {channel.value} by {move.total_kwh:+.6f} kWh in all, "
        f"{move.largest_kwh:.6f} kWh at most in one interval"
        for channel, move in report.rounding.items()
    ]
    if report.agreement.is_new:
        lines.append("current coefficients stored as the published agreement")
    elif report.agreement.reason:
        lines.append(f"no agreement stored: {report.agreement.reason}")
    return "".join(f"{line}\n" for line in lines)


def _list_few(names: Sequence[str]) -> str:
    """Name the first few, and count the rest."""
    shown = ", ".join(names[:_NAMES_SHOWN]) or "none"
    rest = len(names) - _NAMES_SHOWN
    return f"{shown} and {rest} more" if rest > 0 else shown
