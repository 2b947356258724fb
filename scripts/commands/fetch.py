"""``reparto fetch``: readings and prices from those who publish them."""

import sys
from collections.abc import Callable
from datetime import date, timedelta
from typing import Annotated, Any

import typer

from api.clock import now
from api.jobs.registry import build_registry
from api.jobs.work import Worker
from api.logs import configure_quiet_logs
from api.services.accounts.ensure_promoter import require_promoter
from api.services.communities.browse_records import map_records
from api.services.communities.community_meters import load_meters
from api.services.communities.find_community import require_community_of_code
from api.services.fetching.fetch_market_days import fetch_market_days
from api.services.fetching.request_fetch import request_price_fetch, request_reading_fetch
from api.services.fetching.run_reading_fetch import FetchWish
from api.services.file_imports.file_import_wish import FileImportWish
from api.services.file_imports.import_files import read_files, store_files
from api.services.file_imports.prepare_series import ConsumptionMeaning
from api.settings import read_settings
from models.session import read_session, write_session
from models.tables import JobRun, JobState
from models.texts.phrases import translate
from models.values.errors import InvalidArgumentError, UnavailableError
from scripts.commands.database import ready_database
from scripts.console import part_of, print_json, show_progress
from scripts.failed_jobs import failure_of
from scripts.file_tables import print_taken
from scripts.option_values import parse_day, parse_month
from scripts.promoter_option import DEFAULT_PROMOTER, Owner
from scripts.texts import say, spoken

app = typer.Typer(add_completion=False, help="Fetch readings and prices.", no_args_is_help=True)

_MOST_DAYS = 400

Code = Annotated[str, typer.Argument(help="Code of the community.")]
Json = Annotated[bool, typer.Option("--json", help="Print the report for programs.")]


class FetchElsewhereError(UnavailableError):
    """A job that fetches is in the hands of another worker."""

    def __init__(self) -> None:
        super().__init__("another worker fetches it; look again later")


class DaysError(InvalidArgumentError):
    """The days to fetch are none, or too many for one go.

    Attributes
    ----------
    first, last : date
        The days that were asked for.
    """

    def __init__(self, first: date, last: date) -> None:
        super().__init__(
            f"from {first} to {last} are {(last - first).days + 1} days; ask for 1 to {_MOST_DAYS}"
        )
        self.first = first
        self.last = last


@app.callback()
def gather() -> None:
    """Fetch readings and prices from those who publish them."""


@app.command()
def datadis(
    community: Code,
    first: Annotated[
        date, typer.Option("--from", parser=parse_month, metavar="YYYY-MM", help="First month.")
    ],
    last: Annotated[
        date, typer.Option("--to", parser=parse_month, metavar="YYYY-MM", help="Last month.")
    ],
    cups: Annotated[
        list[str] | None, typer.Option(help="Only this supply point, once for each; else all.")
    ] = None,
    authorized_nif: Annotated[
        str | None, typer.Option(help="Who allowed the account to see them, if not its own.")
    ] = None,
    consumption: Annotated[
        ConsumptionMeaning, typer.Option(help="What Datadis calls consumption of these.")
    ] = ConsumptionMeaning.BOUNDARY,
    promoter: Owner = DEFAULT_PROMOTER,
    json: Json = False,
) -> None:
    """Fetch readings from Datadis, as REPARTO_DATADIS_USERNAME."""
    wish = FetchWish(first, last, tuple(cups or ()), authorized_nif, consumption)
    report = _run(community, promoter, request_reading_fetch, wish=wish)
    if json:
        print_json(report)
        return
    for each in report["supply_points"]:
        state, reason = say(f"files.state_{each['state']}"), each.get("reason")
        if reason is None:
            told = say("files.fetched_values", count=each["accepted_count"])
        else:
            told = translate(reason, spoken())
        sys.stdout.write(f"{each['cups']}: {state}, {told}\n")


@app.command()
def esios(community: Code, promoter: Owner = DEFAULT_PROMOTER, json: Json = False) -> None:
    """Fetch PVPC of today and tomorrow; surplus prices too, with REPARTO_ESIOS_TOKEN."""
    report = _run(community, promoter, request_price_fetch)
    if json:
        print_json(report)
        return
    for day in report["days"]:
        if day["is_published"]:
            told = say("files.fetched_prices", count=day["accepted_count"])
        else:
            told = say("files.not_yet")
        sys.stdout.write(f"{day['kind']} {day['day']}: {told}\n")


@app.command()
def omie(
    community: Code,
    first: Annotated[
        date, typer.Option("--from", parser=parse_day, metavar="DAY", help="First market day.")
    ],
    last: Annotated[
        date, typer.Option("--to", parser=parse_day, metavar="DAY", help="Last market day.")
    ],
    promoter: Owner = DEFAULT_PROMOTER,
    json: Json = False,
) -> None:
    """Fetch day-ahead prices from OMIE."""
    n_days = (last - first).days + 1
    if not 1 <= n_days <= _MOST_DAYS:
        raise DaysError(first, last)
    settings, wish = read_settings(), FileImportWish()
    with ready_database(settings) as engine, show_progress(say("files.fetching")) as tell:
        with read_session(engine) as session:
            owner = require_promoter(session, name=promoter).id
            key = require_community_of_code(session, promoter_id=owner, code=community).id
            meters = load_meters(session, promoter_id=owner, community_id=key)
        days = (first + timedelta(number) for number in range(n_days))
        files, unpublished = fetch_market_days(
            str(settings.omie_url), days, part_of(tell, 0.0, 0.9)
        )
        read, faults = read_files(files, wish, meters)
        with write_session(engine) as session:
            taken = store_files(
                session,
                promoter_id=owner,
                community_id=key,
                files=read,
                faults=faults,
                wish=wish,
                imported_at=now(),
            )
    if json:
        unpublished_on = [day.isoformat() for day in unpublished]
        print_json(taken.to_json() | {"unpublished_on": unpublished_on})
        return
    print_taken(taken)
    for day in unpublished:
        sys.stdout.write(f"{say('files.unpublished', day=day)}\n")


def _run(
    code: str, promoter: str, request: Callable[..., JobRun], **wish: object
) -> dict[str, Any]:
    """Ask for a job, do it here, and give its report."""
    settings = read_settings()
    configure_quiet_logs()
    with ready_database(settings) as engine:
        with write_session(engine) as session:
            owner = require_promoter(session, name=promoter).id
            community = require_community_of_code(session, promoter_id=owner, code=code)
            job = request(
                session,
                promoter_id=owner,
                community_id=community.id,
                idempotency_key=None,
                now=now(),
                **wish,
            )
            job_id = job.id
        Worker(settings, engine, build_registry(settings)).take_job(job_id)
        with read_session(engine) as session:
            found = map_records(session, promoter_id=owner, table=JobRun, ids=[job_id])
            return _read_report(found[job_id])


def _read_report(job: JobRun) -> dict[str, Any]:
    if job.state is JobState.FAILED:
        raise failure_of(job)
    if job.report is None:
        raise FetchElsewhereError
    return job.report
