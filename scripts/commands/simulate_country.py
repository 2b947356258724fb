"""``reparto simulate-country``: any number of supply points through the store and its workers."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Annotated

import orjson
import typer

from api.logs import configure_logs
from api.secret_keys import load_keyring
from api.settings import Settings, read_settings
from models.migrations.revisions import upgrade_database
from scripts.commands.database import ready_database
from scripts.console import show_progress
from scripts.texts import say

app = typer.Typer(add_completion=False)

_SMALLEST, _LARGEST = 10, 10_000_000


@app.command()
def simulate_country(
    supply_points: Annotated[
        int, typer.Option(min=_SMALLEST, max=_LARGEST, help="How many supply points to make.")
    ] = 1_000,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Worker processes.")] = 1,
    seed: Annotated[int, typer.Option(min=0, help="Start of every chance.")] = 20_250_101,
    into_existing: Annotated[
        bool, typer.Option("--into-existing", help="Add the country to a database in use.")
    ] = False,
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep the temporary database and say where it is.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the figures for programs.")] = False,
) -> None:
    """Invent communities, import a month, allocate, plan, and print what all that took.

    In the database of REPARTO_DATABASE_URL, where the country stays; without it in a temporary one.
    """
    # The sun's geometry loads slowly: who only reads the help does not wait for it.
    from scripts.country import simulate  # noqa: PLC0415
    from scripts.country.crew import Crew  # noqa: PLC0415
    from scripts.country.tables import print_measured  # noqa: PLC0415

    with _settle_in(keep=keep) as (settings, folder):
        upgrade_database(settings.database_url, load_keyring(settings))
        configure_logs(settings.log_format)
        with ready_database(settings) as engine, show_progress(say("country.working")) as tell:
            if not into_existing:
                simulate.refuse_inhabited(engine)
                simulate.let_turns_pass(engine)
            crew = Crew(engine, settings, workers, folder / "workers.log")
            measured = simulate.simulate_country(crew, n_points=supply_points, seed=seed, tell=tell)
    if json:
        options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
        sys.stdout.write(orjson.dumps(measured.to_json(), option=options).decode())
    else:
        print_measured(measured)


@contextmanager
def _settle_in(*, keep: bool) -> Iterator[tuple[Settings, Path]]:
    """Give settings whose files, and database if none is named, lie in a folder of their own."""
    folder = Path(mkdtemp(prefix="reparto-country-"))
    settings = read_settings()
    update: dict[str, object] = {"data_dir": folder / "data"}
    if "database_url" not in settings.model_fields_set:
        update["database_url"] = f"sqlite:///{folder / 'country.db'}"
    try:
        yield settings.model_copy(update=update), folder
    finally:
        if keep:
            sys.stderr.write(f"{say('country.kept', folder=folder)}\n")
        else:
            rmtree(folder)
