"""``reparto collection``: what members owe, what they paid, and what banks tell of it."""

from typing import Annotated

import typer

from api.clock import now
from api.secret_keys import load_keyring
from api.services.collection.agree_instalments import agree_instalments
from api.services.collection.balances import account_balances
from api.services.collection.describe_collection import (
    describe_accounts,
    describe_bank_file,
    describe_instalments,
    describe_open_items,
    describe_payments,
)
from api.services.collection.import_bank_file import import_bank_file, parse_mapping
from api.services.collection.list_payments import list_payments, map_gone_money
from api.services.collection.named_members import map_named_members
from api.services.collection.open_items import open_items
from api.services.invoices.find_invoices import find_invoice
from api.settings import read_settings
from loaders.decoding import LARGEST_LIST_BYTES, decode_text
from loaders.sepa.bank_files import read_bank_file
from models.session import read_session, write_session
from models.values.calendar import LAW_CLOCK, local_day
from scripts import collection_options as options
from scripts.collection_options import choose_issuer, find_who
from scripts.collection_tables import print_bank_file, print_rows
from scripts.commands.debits import app as debits
from scripts.commands.mandates import app as mandates
from scripts.commands.payments import app as payment_commands
from scripts.console import print_json
from scripts.file_options import read_file
from scripts.invoice_options import open_invoices
from scripts.promoter_option import DEFAULT_PROMOTER, Owner

app = typer.Typer(
    add_completion=False, help="Collect what members owe the community.", no_args_is_help=True
)

for each in (payment_commands, mandates, debits):
    app.add_typer(each)

_SHOWN = 50


@app.callback()
def collection() -> None:
    """Collect what members owe the community."""


@app.command("open")
def show_open(
    community: options.Community = None,
    member: options.Member = None,
    issuer: options.Issuer = None,
    on: options.Day = None,
    promoter: Owner = DEFAULT_PROMOTER,
    json: options.AsJson = False,
) -> None:
    """Show what is owed, by due day; with instalments where they are agreed."""
    with open_invoices(read_session, promoter) as (session, owner):
        place, who = find_who(session, owner, community, member)
        items = open_items(
            session,
            owner,
            on=on or local_day(now(), LAW_CLOCK),
            issuer_id=choose_issuer(session, owner, issuer).id if issuer else None,
            community_id=place,
            member_id=who,
        )
        names = map_named_members(
            session, promoter_id=owner, member_ids=[item.member_id for item in items]
        )
    (print_json if json else print_rows)(describe_open_items(items, names))


@app.command()
def payments(
    issuer: options.Issuer = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many.")] = _SHOWN,
    promoter: Owner = DEFAULT_PROMOTER,
    json: options.AsJson = False,
) -> None:
    """Show what came in, newest first; without a member while nobody knows whose it is."""
    with open_invoices(read_session, promoter) as (session, owner):
        whose = choose_issuer(session, owner, issuer)
        found = list_payments(session, promoter_id=owner, issuer_id=whose.id, limit=limit)
        names = map_named_members(
            session, promoter_id=owner, member_ids=[each.member_id for each in found]
        )
        gone = map_gone_money(session, promoter_id=owner, payments=found)
    (print_json if json else print_rows)(describe_payments(found, names, gone))


@app.command("import")
def import_file(
    file: options.File,
    mapping: options.MappingFile = None,
    issuer: options.Issuer = None,
    promoter: Owner = DEFAULT_PROMOTER,
    json: options.AsJson = False,
) -> None:
    """Book what a bank's file tells: what is certain; the rest waits to be assigned."""
    content = read_file(file)
    columns = None
    if mapping is not None:
        columns = parse_mapping(decode_text(read_file(mapping, LARGEST_LIST_BYTES)))
    statements = read_bank_file(file.name, content, columns)
    with open_invoices(write_session, promoter) as (session, owner):
        report = import_bank_file(
            session,
            promoter_id=owner,
            issuer_id=choose_issuer(session, owner, issuer).id,
            statements=statements,
            keyring=load_keyring(read_settings()),
            now=now(),
        )
        names = map_named_members(session, promoter_id=owner, member_ids=report.member_ids)
    (print_json if json else print_bank_file)(describe_bank_file(report, names))


@app.command()
def balance(
    issuer: options.Issuer = None,
    on: options.Day = None,
    promoter: Owner = DEFAULT_PROMOTER,
    json: options.AsJson = False,
) -> None:
    """Show the trial balance of an issuer's books; it sums to zero."""
    with open_invoices(read_session, promoter) as (session, owner):
        found = account_balances(
            session,
            promoter_id=owner,
            issuer_id=choose_issuer(session, owner, issuer).id,
            on=on or local_day(now(), LAW_CLOCK),
        )
    (print_json if json else print_rows)(describe_accounts(found))


@app.command()
def instalments(
    invoice: options.Invoice,
    days: options.Days,
    promoter: Owner = DEFAULT_PROMOTER,
    json: options.AsJson = False,
) -> None:
    """Agree that what is open of an invoice is paid in equal parts, free of interest."""
    with open_invoices(write_session, promoter) as (session, owner):
        named = find_invoice(session, promoter_id=owner, name=invoice)
        agreed = agree_instalments(
            session, promoter_id=owner, invoice_id=named.id, days=days, now=now()
        )
    (print_json if json else print_rows)(describe_instalments(agreed))
