"""``reparto collection``: files of direct debits for the bank, and what it says of them."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from api.clock import now
from api.secret_keys import load_keyring
from api.services.collection.create_debit_run import create_debit_run
from api.services.collection.describe_debits import describe_preview, describe_statuses
from api.services.collection.import_debit_statuses import import_debit_statuses
from api.services.collection.prepare_debits import DebitRunWish, prepare_debits
from api.services.collection.sealed_files import open_file
from api.settings import read_settings
from loaders.atomic_files import replace_file
from models.session import read_session, write_session
from scripts import collection_options as options
from scripts.collection_options import choose_issuer
from scripts.collection_tables import print_debit_preview, print_rows, print_statuses
from scripts.console import print_json
from scripts.file_options import read_file
from scripts.invoice_options import open_invoices
from scripts.option_values import parse_day
from scripts.promoter_option import DEFAULT_PROMOTER, Owner

app = typer.Typer(add_completion=False)

DueUntil = Annotated[
    date, typer.Option("--due-until", parser=parse_day, metavar="DAY", help="Items due by then.")
]
CollectOn = Annotated[
    date | None,
    typer.Option(
        "--collect-on", parser=parse_day, metavar="DAY", help="The first possible if left out."
    ),
]


@app.command("preview-debits")
def preview_debits(
    due_until: DueUntil,
    collect_on: CollectOn = None,
    issuer: options.Issuer = None,
    promoter: Owner = DEFAULT_PROMOTER,
    json: options.AsJson = False,
) -> None:
    """Show what a file of direct debits would collect, and of every other item why not."""
    with open_invoices(read_session, promoter) as (session, owner):
        wish = DebitRunWish(choose_issuer(session, owner, issuer).id, due_until, collect_on)
        preview = prepare_debits(session, promoter_id=owner, wish=wish, now=now())
        described = describe_preview(session, promoter_id=owner, preview=preview)
    (print_json if json else print_debit_preview)(described)


@app.command("create-debits")
def create_debits(
    output: Annotated[Path, typer.Argument(metavar="FILE.xml", help="Where the file goes.")],
    due_until: DueUntil,
    key: Annotated[str, typer.Option(help="Your own name of it: the same gives the same file.")],
    collect_on: CollectOn = None,
    issuer: options.Issuer = None,
    promoter: Owner = DEFAULT_PROMOTER,
    json: options.AsJson = False,
) -> None:
    """Make a file of direct debits, once for each key, and queue the notices to its payers."""
    keyring = load_keyring(read_settings())
    with open_invoices(write_session, promoter) as (session, owner):
        made = create_debit_run(
            session,
            promoter_id=owner,
            wish=DebitRunWish(choose_issuer(session, owner, issuer).id, due_until, collect_on),
            idempotency_key=key,
            keyring=keyring,
            now=now(),
        )
    with replace_file(output) as file:
        file.write(open_file(keyring, made.run))
    told = {
        "file": str(output),
        "message_id": made.run.message_id,
        "debits": made.run.debit_count,
        "notified": len(made.notices.messages),
        "unreachable": len(made.notices.unreachable),
    }
    if json:
        print_json(told)
    else:
        print_rows([told])


@app.command()
def statuses(
    file: Annotated[Path, typer.Argument(help="pain.002 of the bank.")],
    promoter: Owner = DEFAULT_PROMOTER,
    json: options.AsJson = False,
) -> None:
    """Take in what the bank says of a file of direct debits before it collects."""
    content = read_file(file)
    with open_invoices(write_session, promoter) as (session, owner):
        told = import_debit_statuses(session, promoter_id=owner, content=content, now=now())
        described = describe_statuses(session, promoter_id=owner, told=told)
    (print_json if json else print_statuses)(described)
