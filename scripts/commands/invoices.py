"""``reparto invoices``: what members pay the community, from the preview to what was issued."""

import sys
from hashlib import sha256

import typer

from api.clock import now
from api.invoice_settings import choose_qr_target, require_billing_system
from api.services.communities.find_community import require_community_of_code
from api.services.energy.allocate_month import allocate_community
from api.services.invoices.describe_invoices import (
    describe_heads,
    describe_invoice,
    describe_outcomes,
    describe_preview,
    describe_run,
)
from api.services.invoices.find_invoices import find_invoice
from api.services.invoices.issue_billing_run import BillingRunWish, issue_billing_run
from api.services.invoices.list_invoices import ListWish, list_invoices, list_runs
from api.services.invoices.preview_billing_run import preview_billing_run
from api.services.invoices.verify_invoices import verify_invoices
from api.settings import read_settings
from models.session import read_session, write_session
from models.values.errors import InvalidDataError
from models.values.period import Period
from scripts import invoice_options as options
from scripts.commands.invoice_changes import app as changes
from scripts.commands.invoice_setup import app as setup
from scripts.console import print_json
from scripts.invoice_options import open_invoices, read_period
from scripts.invoice_tables import (
    print_invoice,
    print_invoices,
    print_months,
    print_preview,
    print_runs,
)
from scripts.promoter_option import DEFAULT_PROMOTER, Owner
from scripts.texts import say

app = typer.Typer(
    add_completion=False, help="Invoice what members pay the community.", no_args_is_help=True
)

app.add_typer(setup)

_NOT_READY = 2
_DUE_DAYS = 20


class BrokenInvoicesError(InvalidDataError):
    """Issued invoices are not what they were, or some are gone."""

    def __init__(self, findings: list[str]) -> None:
        super().__init__("the invoices are not sound:\n" + "\n".join(findings))
        self.findings = findings


@app.callback()
def invoices() -> None:
    """Invoice what members pay the community."""


@app.command()
def allocate(
    community: options.Community,
    promoter: Owner = DEFAULT_PROMOTER,
    json: options.AsJson = False,
) -> None:
    """Share out the months whose readings or coefficients have changed, as happens every night."""
    with open_invoices(write_session, promoter) as (session, owner):
        found = require_community_of_code(session, promoter_id=owner, code=community)
        outcomes = allocate_community(session, promoter_id=owner, community_id=found.id, now=now())
    (print_json if json else print_months)(describe_outcomes(outcomes))


@app.command()
def preview(
    community: options.Community,
    month: options.Month = None,
    since: options.Since = None,
    until: options.Until = None,
    cups: options.SomeCups = None,
    lines: options.WithLines = False,
    promoter: Owner = DEFAULT_PROMOTER,
    json: options.AsJson = False,
) -> None:
    """Show what a billing run would issue; nothing is stored. Exit 2 if something is missing."""
    period = read_period(month, since, until)
    with open_invoices(read_session, promoter) as (session, owner):
        found = require_community_of_code(session, promoter_id=owner, code=community)
        shown = preview_billing_run(
            session,
            promoter_id=owner,
            community_id=found.id,
            period=period,
            cups=cups or None,
            now=now(),
        )
    described = describe_preview(shown)
    if json:
        print_json(described)
    else:
        print_preview(described, lines=lines)
    if shown.missing:
        raise typer.Exit(_NOT_READY)


@app.command()
def issue(
    community: options.Community,
    series: options.Series,
    month: options.Month = None,
    since: options.Since = None,
    until: options.Until = None,
    cups: options.SomeCups = None,
    looked_at: options.LookedAt = None,
    due_days: options.DueDays = _DUE_DAYS,
    key: options.Key = None,
    promoter: Owner = DEFAULT_PROMOTER,
    json: options.AsJson = False,
) -> None:
    """Issue the invoices of a period: all of them or none, and each only once."""
    period = read_period(month, since, until)
    system = require_billing_system(read_settings())
    with open_invoices(write_session, promoter) as (session, owner):
        found = require_community_of_code(session, promoter_id=owner, code=community)
        wish = BillingRunWish(
            community_id=found.id,
            period=period,
            series=series,
            cups=tuple(cups) if cups else None,
            looked_at=frozenset(looked_at or ()),
            due_days=due_days,
        )
        run = issue_billing_run(
            session,
            promoter_id=owner,
            wish=wish,
            idempotency_key=key or _name_run(community, period, series, cups),
            system=system,
            now=now(),
        )
    described = describe_run(run)
    if json:
        print_json(described)
        return
    print_runs([described])
    sys.stdout.write(f"RUN {run.id}\n")


@app.command("runs")
def show_runs(
    community: options.Community,
    promoter: Owner = DEFAULT_PROMOTER,
    json: options.AsJson = False,
) -> None:
    """List the billing runs of a community, newest first."""
    with open_invoices(read_session, promoter) as (session, owner):
        found = require_community_of_code(session, promoter_id=owner, code=community)
        runs = list_runs(session, promoter_id=owner, community_id=found.id)
    (print_json if json else print_runs)([describe_run(run) for run in runs])


@app.command("list")
def show_list(
    community: options.Community,
    member: options.OfMember = None,
    since: options.Since = None,
    until: options.Until = None,
    issuer: options.OfIssuer = None,
    series: options.SomeSeries = None,
    kind: options.OfKind = None,
    cancelled: options.Cancelled = None,
    promoter: Owner = DEFAULT_PROMOTER,
    json: options.AsJson = False,
) -> None:
    """List invoices by number; of days, those that charge one of them."""
    wish = ListWish(
        community=community,
        member=member,
        issuer=issuer,
        period_from=since,
        period_until=until,
        series=series,
        kind=kind,
        is_cancelled=cancelled,
    )
    with open_invoices(read_session, promoter) as (session, owner):
        found = list_invoices(session, promoter_id=owner, wish=wish)
        described = describe_heads(session, promoter_id=owner, invoices=found)
    (print_json if json else print_invoices)(described)


@app.command()
def show(
    invoice: options.Invoice,
    promoter: Owner = DEFAULT_PROMOTER,
    json: options.AsJson = False,
) -> None:
    """Show an invoice with its lines, taxes, records, and what became of it."""
    qr = choose_qr_target(read_settings())
    with open_invoices(read_session, promoter) as (session, owner):
        found = find_invoice(session, promoter_id=owner, name=invoice)
        described = describe_invoice(session, promoter_id=owner, invoice=found, qr=qr)
    (print_json if json else print_invoice)(described)


app.add_typer(changes)


@app.command("verify")
def verify(promoter: Owner = DEFAULT_PROMOTER) -> None:
    """Verify every chain of records, and that no number is missing."""
    with open_invoices(read_session, promoter) as (session, owner):
        reports = verify_invoices(session, promoter_id=owner)
    for report in reports:
        state = say("invoices.sound" if report.is_sound else "invoices.broken")
        counted = {"tax_number": report.issuer.tax_number, "count": report.chain.n_sound}
        sys.stdout.write(f"{say('invoices.verified', **counted, state=state)}\n")
    if findings := [finding for report in reports for finding in report.list_findings()]:
        raise BrokenInvoicesError(findings)


def _name_run(community: str, period: Period, series: str, cups: list[str] | None) -> str:
    """Name a run after what it bills, so that the same command again finds the same run."""
    name = f"{community} {period.start} {period.end} {series} {' '.join(sorted(cups or ()))}"
    return sha256(name.encode()).hexdigest()
