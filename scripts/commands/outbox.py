"""``reparto outbox``: e-mails that wait, that went out, and that a person has to look at."""

import sys
from typing import Annotated
from uuid import UUID

import typer

from api.clock import now
from api.logs import configure_quiet_logs
from api.mail_settings import find_mail_route
from api.services.accounts.ensure_promoter import require_promoter
from api.services.invoices.find_invoices import find_invoice
from api.services.outbox.find_messages import TROUBLED, page_messages, resend_message
from api.services.outbox.mail_invoices import MailedInvoices, mail_billing_run, mail_invoices
from api.services.outbox.run_sending import require_route
from api.services.outbox.send_due_messages import send_due_messages
from api.settings import read_settings
from models.session import read_session, write_session
from models.tables import MessageState, OutboxMessage
from scripts.commands.database import ready_database
from scripts.console import print_json
from scripts.invoice_options import AsJson, open_invoices
from scripts.outbox_tables import print_messages
from scripts.promoter_option import DEFAULT_PROMOTER, Owner
from scripts.texts import say

app = typer.Typer(
    add_completion=False, help="Send e-mails, and see what became of them.", no_args_is_help=True
)


@app.callback()
def outbox() -> None:
    """Send e-mails, and see what became of them."""


@app.command("list")
def list_messages(
    troubled: Annotated[
        bool, typer.Option("--troubled", help="Only those that failed or are uncertain.")
    ] = False,
    most: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 100,
    promoter: Owner = DEFAULT_PROMOTER,
    json: AsJson = False,
) -> None:
    """List e-mails, newest first."""
    states = TROUBLED if troubled else tuple(MessageState)
    with open_invoices(read_session, promoter) as (session, owner):
        page = page_messages(session, promoter_id=owner, states=states, first=most)
    (print_json if json else print_messages)([_describe(message) for message in page.items])


@app.command()
def mail(
    invoices: Annotated[
        list[str] | None, typer.Argument(metavar="INVOICE", help="Number or id of an invoice.")
    ] = None,
    run: Annotated[UUID | None, typer.Option(help="All invoices of this billing run.")] = None,
    promoter: Owner = DEFAULT_PROMOTER,
) -> None:
    """Queue invoices to be mailed to those who pay them; each goes out once, ever."""
    if (run is None) == (not invoices):
        raise typer.BadParameter(say("outbox.invoices_or_run"))
    with open_invoices(write_session, promoter) as (session, owner):
        if run is not None:
            mailed = mail_billing_run(session, promoter_id=owner, run_id=run, now=now())
        else:
            found = [find_invoice(session, promoter_id=owner, name=name) for name in invoices or ()]
            ids = [invoice.id for invoice in found]
            mailed = mail_invoices(session, promoter_id=owner, invoice_ids=ids, now=now())
    _tell(mailed)


@app.command()
def send(promoter: Owner = DEFAULT_PROMOTER) -> None:
    """Send now what is due, as the worker does every minute."""
    settings = read_settings()
    configure_quiet_logs()
    route = require_route(find_mail_route(settings))
    with ready_database(settings) as engine:
        with read_session(engine) as session:
            owner = require_promoter(session, name=promoter).id
        counts = send_due_messages(engine=engine, promoter_id=owner, route=route, clock=now)
    for outcome, count in counts.items():
        sys.stdout.write(f"{say(f'outbox.{outcome}')}: {count}\n")


@app.command()
def resend(
    message: Annotated[UUID, typer.Argument(help="Id of the e-mail, as `list` shows it.")],
    to: Annotated[str | None, typer.Option(help="Another address.")] = None,
    promoter: Owner = DEFAULT_PROMOTER,
) -> None:
    """Send an e-mail again that failed, or of which nobody knows whether it arrived."""
    with open_invoices(write_session, promoter) as (session, owner):
        resend_message(session, promoter_id=owner, message_id=message, now=now(), recipient=to)
    sys.stdout.write(f"{say('outbox.waits')}\n")


def _tell(mailed: MailedInvoices) -> None:
    sys.stdout.write(f"{say('outbox.queued', count=len(mailed.messages))}\n")
    for left in mailed.unmailed:
        by = left.replaced_by and left.replaced_by.full_number
        reason = say(f"outbox.{left.reason}", by=by)
        sys.stdout.write(f"{say('outbox.left', number=left.invoice.full_number, reason=reason)}\n")


def _describe(message: OutboxMessage) -> dict[str, object]:
    return {
        "id": str(message.id),
        "state": message.state,
        "recipient": message.recipient,
        "subject": message.subject,
        "created_at": message.created_at,
        "sent_at": message.sent_at,
        "attempts": message.attempts,
        "failed_because": message.failed_because,
    }
