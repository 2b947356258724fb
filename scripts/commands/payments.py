"""``reparto collection``: payments that are recorded by hand, and the entries of the books."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

import typer
from sqlmodel import Session

from api.clock import now
from api.secret_keys import load_keyring
from api.services.collection.assign_receipt import assign_receipt
from api.services.collection.describe_collection import describe_payments
from api.services.collection.list_entries import EntryFilter, describe_entries, list_entries
from api.services.collection.list_payments import map_gone_money
from api.services.collection.named_members import map_named_members
from api.services.collection.record_payment import PaymentWish, record_payment
from api.services.collection.record_return import record_return
from api.services.collection.refund_payment import refund_payment
from api.services.collection.write_off import write_off
from api.services.invoices.find_invoices import find_invoice
from api.settings import read_settings
from loaders.sepa.return_reasons import explain_return
from models.session import read_session, write_session
from models.tables import Payment
from models.values.calendar import LAW_CLOCK, local_day
from models.values.ledger import LedgerAccount, LedgerEvent, PaymentMethod
from models.values.money import from_cents
from scripts import collection_options as options
from scripts.collection_options import choose_issuer, find_paid, find_who
from scripts.collection_tables import print_entries, print_row, print_rows
from scripts.console import print_json
from scripts.invoice_options import Community, open_invoices
from scripts.option_values import parse_cents, parse_day
from scripts.promoter_option import DEFAULT_PROMOTER, Owner
from scripts.texts import spoken

app = typer.Typer(add_completion=False)

_SHOWN = 50

Received = Annotated[
    int, typer.Argument(parser=parse_cents, metavar="EUR", help="Amount, such as 12.10.")
]
Charge = Annotated[
    int, typer.Option(parser=parse_cents, metavar="EUR", help="What the bank took for it.")
]
Payer = Annotated[str, typer.Argument(metavar="MEMBER", help="Code of the member.")]


@app.command()
def pay(
    amount: Received,
    method: Annotated[PaymentMethod, typer.Option(help="How it was paid.")],
    key: options.Key,
    community: options.Community = None,
    member: options.Member = None,
    invoice: options.SomeInvoices = None,
    on: options.Day = None,
    reference: Annotated[str | None, typer.Option(help="What the payer says.")] = None,
    issuer: options.Issuer = None,
    promoter: Owner = DEFAULT_PROMOTER,
    json: options.AsJson = False,
) -> None:
    """Record a payment: it pays the invoices that are named, or the member's oldest."""
    instant = now()
    with open_invoices(write_session, promoter) as (session, owner):
        _, who = find_who(session, owner, community, member)
        wish = PaymentWish(
            issuer_id=choose_issuer(session, owner, issuer).id,
            amount_cents=amount,
            received_on=on or local_day(instant, LAW_CLOCK),
            method=method,
            source_key=key,
            member_id=who,
            invoice_ids=find_paid(session, owner, invoice),
            reference=reference,
        )
        keyring = load_keyring(read_settings())
        payment = record_payment(
            session, promoter_id=owner, wish=wish, keyring=keyring, now=instant
        )
        rows = _describe(session, owner, payment)
    (print_json if json else print_rows)(rows)


@app.command()
def assign(
    payment: options.Payment,
    community: Community,
    member: Payer,
    invoice: options.SomeInvoices = None,
    promoter: Owner = DEFAULT_PROMOTER,
    json: options.AsJson = False,
) -> None:
    """Say whose a payment of nobody is, and let it pay."""
    with open_invoices(write_session, promoter) as (session, owner):
        _, who = find_who(session, owner, community, member)
        assert who is not None
        paid = assign_receipt(
            session,
            promoter_id=owner,
            payment_id=payment,
            member_id=who,
            invoice_ids=find_paid(session, owner, invoice),
            now=now(),
        )
        rows = _describe(session, owner, paid)
    (print_json if json else print_rows)(rows)


@app.command()
def refund(
    payment: options.Payment,
    because: options.Because,
    key: options.Key,
    amount: options.Amount = None,
    on: options.Day = None,
    promoter: Owner = DEFAULT_PROMOTER,
    json: options.AsJson = False,
) -> None:
    """Record that money that no invoice has taken went back to whoever paid."""
    instant = now()
    with open_invoices(write_session, promoter) as (session, owner):
        row = refund_payment(
            session,
            promoter_id=owner,
            payment_id=payment,
            refunded_on=on or local_day(instant, LAW_CLOCK),
            because=because,
            source_key=key,
            amount_cents=amount,
            now=instant,
        )
        described = {
            "payment": str(row.payment_id),
            "refunded_on": row.refunded_on.isoformat(),
            "amount_eur": str(from_cents(row.amount_cents)),
            "because": row.because,
        }
    (print_json if json else print_row)(described)


@app.command("return")
def give_back(
    payment: options.Payment,
    code: Annotated[str, typer.Argument(help="Reason that the bank gives, such as AM04.")],
    charge: Charge = 0,
    on: options.Day = None,
    promoter: Owner = DEFAULT_PROMOTER,
    json: options.AsJson = False,
) -> None:
    """Record that a payment came back: what it paid is owed again."""
    instant = now()
    with open_invoices(write_session, promoter) as (session, owner):
        back = record_return(
            session,
            promoter_id=owner,
            payment_id=payment,
            returned_on=on or local_day(instant, LAW_CLOCK),
            reason_code=code,
            charge_cents=charge,
            now=instant,
        )
        described = {
            "returned_on": back.row.returned_on.isoformat(),
            "charge_eur": str(from_cents(back.row.charge_cents)),
            "code": back.row.reason_code,
            "next_step": back.reason.next_step.value,
            "text": explain_return(back.row.reason_code, spoken()),
        }
    (print_json if json else print_row)(described)


@app.command("write-off")
def give_up(
    invoice: options.Invoice,
    because: options.Because,
    amount: options.Amount = None,
    promoter: Owner = DEFAULT_PROMOTER,
    json: options.AsJson = False,
) -> None:
    """Give up what is open of an invoice, or a part of it."""
    with open_invoices(write_session, promoter) as (session, owner):
        entry = write_off(
            session,
            promoter_id=owner,
            invoice_id=find_invoice(session, promoter_id=owner, name=invoice).id,
            because=because,
            amount_cents=amount,
            now=now(),
        )
        rows = describe_entries(session, promoter_id=owner, entries=[entry])
    (print_json if json else print_entries)(rows)


@app.command()
def entries(
    community: options.Community = None,
    member: options.Member = None,
    invoice: Annotated[str | None, typer.Option(help="Only of this ordinary invoice.")] = None,
    payment: Annotated[UUID | None, typer.Option(help="Only of this payment.")] = None,
    event: Annotated[LedgerEvent | None, typer.Option(help="Only about this.")] = None,
    account: Annotated[LedgerAccount | None, typer.Option(help="Only of this account.")] = None,
    since: Annotated[
        date | None, typer.Option("--from", parser=parse_day, metavar="DAY", help="First day.")
    ] = None,
    until: Annotated[
        date | None, typer.Option(parser=parse_day, metavar="DAY", help="The day after the last.")
    ] = None,
    issuer: options.Issuer = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many.")] = _SHOWN,
    promoter: Owner = DEFAULT_PROMOTER,
    json: options.AsJson = False,
) -> None:
    """Show entries of an issuer's books, newest first."""
    with open_invoices(read_session, promoter) as (session, owner):
        place, who = find_who(session, owner, community, member)
        paid = find_paid(session, owner, [invoice] if invoice else None)
        wanted = EntryFilter(
            issuer_id=choose_issuer(session, owner, issuer).id,
            community_id=place,
            member_id=who,
            invoice_id=paid[0] if paid else None,
            payment_id=payment,
            event=event,
            account=account,
            since=since,
            until=until,
        )
        rows = list_entries(session, promoter_id=owner, wanted=wanted, limit=limit)
    (print_json if json else print_entries)(rows)


def _describe(session: Session, owner: UUID, payment: Payment) -> list[dict[str, Any]]:
    """Describe a payment as it stands now."""
    names = map_named_members(session, promoter_id=owner, member_ids=[payment.member_id])
    gone = map_gone_money(session, promoter_id=owner, payments=[payment])
    return describe_payments([payment], names, gone)
