"""``reparto import``: a community folder, or files of any kind for a community."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, NamedTuple
from uuid import UUID

import typer
from sqlmodel import Session

from api.clock import now
from api.services.accounts.ensure_promoter import require_promoter
from api.services.agreements.draft_of_file import draft_of_file
from api.services.agreements.stated_coefficients import (
    StatedCoefficients,
    is_distributor_file,
    read_stated_coefficients,
)
from api.services.communities.community_meters import load_meters
from api.services.communities.find_community import require_community_of_code
from api.services.community_folders.import_members import (
    ListOptions,
    MembersReport,
    import_members,
    read_members_file,
)
from api.services.file_imports.advise_on_file import NextStep, advise_on_file
from api.services.file_imports.file_import_wish import FileImportWish
from api.services.file_imports.file_report import RejectedRowsError
from api.services.file_imports.import_files import TakenFiles, read_files, store_files
from api.services.jobs.progress import Progress
from api.settings import read_settings
from loaders.archived_files import NamedFile, expand_upload
from loaders.decoding import read_bytes
from loaders.input_paths import require_file
from models.session import read_session, write_session
from models.values.errors import InvalidArgumentError
from scripts.commands.database import ready_database
from scripts.console import part_of, print_json, show_progress
from scripts.file_options import (
    AcceptPartial,
    Community,
    Complete,
    Consumption,
    DryRun,
    Format,
    MappingFile,
    Paths,
    PeakKw,
    PlantCode,
    ReplaceBetter,
    Role,
    SumQuarters,
    name_options,
    read_mapping,
)
from scripts.file_tables import Draft, print_draft, print_members_report, print_taken
from scripts.folder_import import describe_import, store_folder
from scripts.promoter_option import DEFAULT_PROMOTER, Promoter
from scripts.texts import say

app = typer.Typer(add_completion=False)

_READ = 0.5


class CommunityUnnamedError(InvalidArgumentError):
    """Files were given, and nobody said for which community."""

    def __init__(self) -> None:
        super().__init__("say with --community CODE whose files these are, or give one folder")


class FolderAmongFilesError(InvalidArgumentError):
    """Options of files were given with a folder, or a folder with files.

    Attributes
    ----------
    path : Path
        The folder.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is a folder: a community folder is imported alone")
        self.path = path


@dataclass(frozen=True, slots=True)
class _Imported:
    """What became of everything that was given."""

    lists: tuple[MembersReport, ...]
    drafts: tuple[Draft, ...]
    files: TakenFiles

    def to_json(self) -> dict[str, Any]:
        """Give it as plain JSON values."""
        return self.files.to_json() | {
            "lists": [each.to_json() for each in self.lists],
            "drafts": [asdict(each) for each in self.drafts],
        }


class _SortedFiles(NamedTuple):
    """Distributor's files, lists of members, and the others, which are of readings or prices."""

    filed: list[NamedFile]
    lists: list[NamedFile]
    others: list[NamedFile]


@app.command("import")
def import_paths(
    paths: Paths,
    community: Community = None,
    dry_run: DryRun = False,
    accept_partial: AcceptPartial = False,
    mapping: MappingFile = None,
    consumption: Consumption = None,
    form: Format = None,
    replace_better: ReplaceBetter = False,
    sum_quarters: SumQuarters = False,
    cau: PlantCode = None,
    peak_kw: PeakKw = None,
    role: Role = None,
    complete: Complete = False,
    promoter: Promoter = DEFAULT_PROMOTER,
    json: Annotated[bool, typer.Option("--json", help="Print the report for programs.")] = False,
) -> None:
    """Store files of readings, prices or members, or a community's whole year from its folder."""
    folders = [path for path in paths if path.is_dir()]
    if community is None and folders == paths and len(paths) == 1:
        _import_folder(paths[0], promoter, json=json)
        return
    if community is None:
        raise CommunityUnnamedError
    if folders:
        raise FolderAmongFilesError(folders[0])
    wish = FileImportWish(
        format=form,
        mapping=read_mapping(mapping),
        plant_code=cau,
        peak_kw=peak_kw,
        is_dry_run=dry_run,
        accepts_partial=accept_partial,
        consumption_is=consumption,
        replaces_better=replace_better,
        sums_quarters=sum_quarters,
    )
    done = _import_files(paths, community, promoter, wish, ListOptions(role, complete))
    _show(done, json=json)
    if dry_run and not accept_partial:
        _refuse_as_the_import_would(done)


def _refuse_as_the_import_would(done: _Imported) -> None:
    """Fail a dry run of files that would not be taken whole."""
    for report in done.files.reports:
        if report.rejected_count:
            raise RejectedRowsError(report)


def _show(done: _Imported, *, json: bool) -> None:
    if json:
        print_json(done.to_json())
        return
    for report in done.lists:
        print_members_report(report)
    for draft in done.drafts:
        print_draft(draft)
    if done.files.reports or done.files.left_out:
        print_taken(done.files)


def _import_folder(folder: Path, promoter: str, *, json: bool) -> None:
    name, report = store_folder(folder, promoter)
    if json:
        print_json(report.to_json())
    else:
        sys.stdout.write(describe_import(name, report))


def _import_files(
    paths: Sequence[Path], code: str, promoter: str, wish: FileImportWish, options: ListOptions
) -> _Imported:
    """Read everything, then take it in one transaction: lists first, for the meters they bring."""
    with ready_database(read_settings()) as engine, show_progress(say("files.working")) as tell:
        with read_session(engine) as session:
            owner = require_promoter(session, name=promoter).id
            community = require_community_of_code(session, promoter_id=owner, code=code)
            meters = load_meters(session, promoter_id=owner, community_id=community.id)
        files = _sort_files(_expand(paths, tell), is_mapped=wish.mapping is not None)
        stated = [(file.name, read_stated_coefficients(file)) for file in files.filed]
        lists = [read_members_file(file.name, file.content, options.role) for file in files.lists]
        read, faults = read_files(files.others, wish, meters)
        shared: dict[str, Any] = {
            "promoter_id": owner,
            "community_id": community.id,
            "imported_at": now(),
        }
        with write_session(engine) as session:
            trial = session.begin_nested()
            # A dry run stores lists too, because files are of their meters, and takes all back.
            reports = tuple(
                import_members(session, listed=listed, options=options, **shared)
                for listed in lists
            )
            drafts = tuple(
                _draft(session, name, owner, coefficients, shared["imported_at"])
                for name, coefficients in stated
            )
            taken = store_files(
                session,
                files=read,
                faults=name_options(faults),
                wish=wish,
                progress=part_of(tell, _READ, 1.0),
                **shared,
            )
            if wish.is_dry_run:
                trial.rollback()
            else:
                trial.commit()
    is_dry = wish.is_dry_run
    reports = tuple(replace(each, is_dry_run=is_dry) for each in reports)
    return _Imported(reports, drafts, taken)


def _draft(
    session: Session, name: str, owner: UUID, stated: StatedCoefficients, instant: datetime
) -> Draft:
    made = draft_of_file(session, promoter_id=owner, stated=stated, now=instant)
    return Draft(name, str(made.id), made.mode.value, made.file_year)


def _sort_files(files: Iterable[NamedFile], *, is_mapped: bool) -> _SortedFiles:
    """Tell the files apart; what a mapping is given for is a table, whatever it looks like."""
    sorted_files = _SortedFiles([], [], [])
    for file in files:
        if is_mapped:
            sorted_files.others.append(file)
        elif is_distributor_file(file):
            sorted_files.filed.append(file)
        elif _is_list(file):
            sorted_files.lists.append(file)
        else:
            sorted_files.others.append(file)
    return sorted_files


def _expand(paths: Sequence[Path], tell: Progress) -> Iterator[NamedFile]:
    for number, path in enumerate(paths):
        tell(_READ * number / len(paths), f"reading {path.name}")
        require_file(path)
        yield from expand_upload(path.name.removesuffix(".gz"), read_bytes(path))


def _is_list(file: NamedFile) -> bool:
    return advise_on_file(file.name, file.content).next_step is NextStep.IMPORT_MEMBERS
