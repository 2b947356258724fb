"""``reparto keys``: the secrets under which accounts and second factors rest sealed."""

import sys

import typer

from api.secret_keys import add_secret, load_keyring
from api.services.accounts.reseal_rows import count_sealed, reseal_rows
from api.settings import read_settings
from models.session import read_session, write_session
from scripts.commands.database import ready_database
from scripts.texts import say

app = typer.Typer(
    add_completion=False,
    help="Look after the keys that seal personal data.",
    no_args_is_help=True,
)

_AT_ONCE = 500


@app.command("list")
def list_all() -> None:
    """List the keys by number, with how much rests sealed under each."""
    settings = read_settings()
    known = load_keyring(settings).versions
    with ready_database(settings) as engine, read_session(engine) as session:
        counts = count_sealed(session)
    for number in sorted({*known, *counts}):
        state = "missing" if number not in known else "newest" if number == known[-1] else "former"
        told = say(f"keys.{state}", number=number, count=counts[number])
        sys.stdout.write(f"{told}\n")


@app.command("add")
def add() -> None:
    """Add a key, which seals from the next start on; the others go on opening."""
    number = add_secret(read_settings())
    sys.stdout.write(f"{say('keys.added', number=number)}\n")


@app.command("reseal")
def reseal() -> None:
    """Seal all that rests under former keys under the newest, some in a transaction."""
    settings = read_settings()
    keyring, total = load_keyring(settings), 0
    with ready_database(settings) as engine:
        while True:
            with write_session(engine) as session:
                count = reseal_rows(session, keyring=keyring, most=_AT_ONCE)
            total += count
            if count < _AT_ONCE:
                break
    sys.stdout.write(f"{say('keys.resealed', count=total, number=keyring.version)}\n")
