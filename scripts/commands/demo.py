"""``reparto demo``: an invented community through the whole main job, then served."""

import sys
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import Annotated, Any

import typer

from api.clock import now
from api.jobs.worker import drain_queue
from api.logs import configure_logs
from api.secret_keys import load_keyring
from api.services.accounts.create_token import NewToken, create_token
from api.services.community_folders.import_community import import_community
from api.services.proposals.hand_out import write_hand_out
from api.services.proposals.plan_coefficients import PlannedYear, plan_coefficients
from api.services.proposals.plan_request import PlanRequest
from api.services.proposals.request_proposal import ProposalWish, request_proposal
from api.settings import Settings, read_settings, variable_of
from loaders.atomic_files import make_folder
from loaders.community_folder import read_community_folder
from loaders.community_folder_writer import write_community_folder
from loaders.records import CommunityYear
from loaders.series_files import SeriesFormat
from models.migrations.revisions import upgrade_database
from models.session import create_database_engine, write_session
from models.values.coefficient import MILLIONTHS
from planner.coefficients.rules import Rule
from planner.goal import Objective
from scripts.commands.serve import listen, run_server, url_of
from scripts.console import show_progress
from scripts.plan_tables import print_plan
from scripts.texts import say, spoken

app = typer.Typer(add_completion=False)

PROMOTER = "Demonstration"


@dataclass(frozen=True, slots=True)
class _Demo:
    """What the demonstration made."""

    plan: PlannedYear
    files: list[Path]
    token: NewToken


@app.command()
def demo(
    folder: Annotated[
        Path, typer.Option(help="Where the community, its database and the results go.")
    ] = Path("demo"),
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port to serve on [8000]; 0 for any.")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Print the results and stop.")] = False,
) -> None:
    """Invent a community, choose its coefficients, and serve the result."""
    make_folder(folder)
    named = read_settings()
    configure_logs(named.log_format)
    own = _keep_in(folder, named)
    settings = named.model_copy(update=own if port is None else own | {"port": port})
    with ExitStack() as held:
        # The port is taken before the work: who cannot have it need not wait to learn so.
        listener = None if once else held.enter_context(listen(settings))
        shown = _run_main_job(settings, folder)
        print_plan(shown.plan)
        for path in (folder / "community", *shown.files):
            sys.stdout.write(f"{path}\n")
        _tell_settings(own)
        if listener is not None:
            sys.stdout.write(f"\nURL {url_of(listener)}\nTOKEN {shown.token.text}\n")
            sys.stdout.flush()
            run_server(settings, listener)


def _keep_in(folder: Path, named: Settings) -> dict[str, Any]:
    """Settle that the database and its files lie in the demonstration's folder, unless named."""
    own = {
        "database_url": f"sqlite:///{folder / 'reparto.db'}",
        "data_dir": folder / "data",
    }
    return {name: value for name, value in own.items() if name not in named.model_fields_set}


def _tell_settings(own: Mapping[str, object]) -> None:
    """Say by which settings other commands find the demonstration."""
    if own:
        sys.stdout.write(f"\n{say('demo.reached')}\n")
    for name, value in own.items():
        sys.stdout.write(f"export {variable_of(name)}={quote(str(value))}\n")


def _run_main_job(settings: Settings, folder: Path) -> _Demo:
    """Generate, write, read, plan, hand out and load: each step as a user would take it."""
    # The sun's geometry loads slowly: who only reads the help does not wait for it.
    from scripts.demo_community import generate_demo_community  # noqa: PLC0415

    with show_progress(say("demo.working")) as report:
        report(0.0, say("demo.inventing"))
        write_community_folder(
            generate_demo_community(), folder / "community", energy_format=SeriesFormat.CSV_GZ
        )
        report(0.3, say("demo.reading"))
        community = read_community_folder(folder / "community")
        report(0.5, say("demo.choosing"))
        plan = plan_coefficients(community=community, request=PlanRequest())
        files = write_hand_out(
            plan=plan,
            folder=folder / "out",
            file_year=community.year,
            created_at=now(),
            language=spoken(),
        )
        report(0.7, say("demo.loading"))
        token = _load(settings, community)
        report(0.9, say("demo.queueing"))
        drain_queue(settings)
    return _Demo(plan=plan, files=files, token=token)


def _load(settings: Settings, community: CommunityYear) -> NewToken:
    """Store the community, ask for a proposal, and make a token to look at it with."""
    upgrade_database(settings.database_url, load_keyring(settings))
    engine = create_database_engine(settings.database_url)
    with write_session(engine) as session:
        instant = now()
        token = create_token(session, promoter=PROMOTER, name="demo", now=instant)
        import_community(
            session,
            promoter_id=token.promoter_id,
            community=community,
            imported_at=instant,
        )
        request_proposal(
            session,
            promoter_id=token.promoter_id,
            wish=ProposalWish(
                installation=str(community.installations[0].cau),
                year=community.year,
                objective=Objective.SELF_CONSUMPTION,
                floor_share=None,
                reference=Rule.CONSUMPTION,
                min_millionths=0,
                max_millionths=MILLIONTHS,
            ),
            idempotency_key=f"demo {community.year}",
            now=instant,
        )
    engine.dispose()
    return token
