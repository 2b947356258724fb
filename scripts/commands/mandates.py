"""``reparto collection``: with what an issuer collects, and under which mandates."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

import typer
from sqlmodel import Session

from api.clock import now
from api.secret_keys import load_keyring
from api.services.collection.describe_debits import (
    describe_creditor,
    describe_known_debits,
    describe_mandates,
)
from api.services.collection.mandate_records import (
    list_histories,
    read_histories,
    require_mandate,
)
from api.services.collection.named_members import map_named_members
from api.services.collection.record_mandates import (
    AccountWish,
    MandateWish,
    change_account,
    record_mandate,
    revoke_mandate,
)
from api.services.collection.set_creditor_account import CreditorAccountWish, set_creditor_account
from api.services.communities.find_community import require_community_of_code
from api.services.invoices.list_invoices import find_member
from api.settings import read_settings
from models.session import read_session, write_session
from models.tables import Mandate
from models.values.calendar import LAW_CLOCK, local_day
from models.values.creditor_id import CreditorId
from models.values.direct_debits import MandateKind, PainVersion
from models.values.sepa_reference import SepaReference
from scripts import collection_options as options
from scripts.collection_options import choose_issuer, read_iban
from scripts.collection_tables import print_revoked, print_row, print_rows
from scripts.console import print_json
from scripts.invoice_options import Community, open_invoices
from scripts.option_values import parse_day
from scripts.promoter_option import DEFAULT_PROMOTER, Owner

app = typer.Typer(add_completion=False)

Signer = Annotated[str, typer.Argument(metavar="MEMBER", help="Code of the member.")]
SignedOn = Annotated[
    date, typer.Option("--signed-on", parser=parse_day, metavar="DAY", help="Day of the signature.")
]
LastUsedOn = Annotated[
    date | None,
    typer.Option(parser=parse_day, metavar="DAY", help="Last collection with it, made elsewhere."),
]


@app.command()
def creditor(
    creditor_id: Annotated[str, typer.Argument(help="Identifier of the creditor (AT-02).")],
    iban: options.Account = "-",
    bic: Annotated[str | None, typer.Option(help="Of its bank; for the form of 2009.")] = None,
    notice_days: Annotated[int, typer.Option(help="Days that payers are told ahead.")] = 14,
    lead_days: Annotated[int, typer.Option(help="Business days that the bank wants.")] = 1,
    form: Annotated[PainVersion, typer.Option(help="That the bank takes.")] = PainVersion.V08,
    issuer: options.Issuer = None,
    promoter: Owner = DEFAULT_PROMOTER,
    json: options.AsJson = False,
) -> None:
    """Set with which account and identifier an issuer collects by direct debit."""
    wish = CreditorAccountWish(
        creditor_id=CreditorId(creditor_id),
        iban=read_iban(iban),
        bic=bic,
        notice_days=notice_days,
        lead_days=lead_days,
        pain_version=form,
    )
    keyring = load_keyring(read_settings())
    with open_invoices(write_session, promoter) as (session, owner):
        whose = choose_issuer(session, owner, issuer)
        account = set_creditor_account(
            session, promoter_id=owner, issuer_id=whose.id, wish=wish, keyring=keyring
        )
        row = describe_creditor(account)
    (print_json if json else print_row)(row)


@app.command()
def mandates(
    issuer: options.Issuer = None,
    promoter: Owner = DEFAULT_PROMOTER,
    json: options.AsJson = False,
) -> None:
    """Show the mandates of an issuer, ended ones too, accounts masked."""
    with open_invoices(read_session, promoter) as (session, owner):
        whose = choose_issuer(session, owner, issuer)
        histories = list_histories(session, promoter_id=owner, issuer_id=whose.id)
        signers = [each.mandate.member_id for each in histories]
        members = map_named_members(session, promoter_id=owner, member_ids=signers)
        rows = describe_mandates(histories, members)
    (print_json if json else print_rows)(rows)


@app.command()
def mandate(
    community: Community,
    member: Signer,
    holder: options.Holder,
    signed_on: SignedOn,
    iban: options.Account = "-",
    kind: Annotated[MandateKind, typer.Option(help="For one debit or many.")] = (
        MandateKind.RECURRENT
    ),
    reference: Annotated[str | None, typer.Option(help="That it bears; made if left out.")] = None,
    last_used_on: LastUsedOn = None,
    issuer: options.Issuer = None,
    promoter: Owner = DEFAULT_PROMOTER,
    json: options.AsJson = False,
) -> None:
    """Record a mandate that a member signed; it is collected with 21 days later."""
    account = AccountWish(holder, read_iban(iban))
    with open_invoices(write_session, promoter) as (session, owner):
        place = require_community_of_code(session, promoter_id=owner, code=community)
        wish = MandateWish(
            issuer_id=choose_issuer(session, owner, issuer).id,
            member_id=find_member(session, promoter_id=owner, community_id=place.id, code=member),
            account=account,
            signed_on=signed_on,
            kind=kind,
            reference=None if reference is None else SepaReference(reference),
            last_used_on=last_used_on,
        )
        keyring = load_keyring(read_settings())
        made = record_mandate(session, promoter_id=owner, wish=wish, keyring=keyring, now=now())
        row = _describe(session, made)
    (print_json if json else print_row)(row)


@app.command()
def account(
    reference: options.Reference,
    holder: options.Holder,
    iban: options.Account = "-",
    closes_previous: Annotated[
        bool, typer.Option("--closed", help="The account before can be debited no more.")
    ] = False,
    issuer: options.Issuer = None,
    promoter: Owner = DEFAULT_PROMOTER,
    json: options.AsJson = False,
) -> None:
    """Let a mandate name another account; it is collected from 21 days later."""
    wish = AccountWish(holder, read_iban(iban))
    with open_invoices(write_session, promoter) as (session, owner):
        found = _find(session, owner, issuer, reference)
        change_account(
            session,
            promoter_id=owner,
            mandate_id=found.id,
            account=wish,
            closes_previous=closes_previous,
            keyring=load_keyring(read_settings()),
            now=now(),
        )
        row = _describe(session, found)
    (print_json if json else print_row)(row)


@app.command()
def revoke(
    reference: options.Reference,
    on: options.Day = None,
    issuer: options.Issuer = None,
    promoter: Owner = DEFAULT_PROMOTER,
    json: options.AsJson = False,
) -> None:
    """Take a mandate back, and tell which of its debits are at the bank already."""
    instant = now()
    with open_invoices(write_session, promoter) as (session, owner):
        done = revoke_mandate(
            session,
            promoter_id=owner,
            mandate_id=_find(session, owner, issuer, reference).id,
            revoked_on=on or local_day(instant, LAW_CLOCK),
            now=instant,
        )
        underway = describe_known_debits(session, promoter_id=owner, debits=done.underway)
        described = {"mandate": _describe(session, done.mandate), "underway": underway}
    (print_json if json else print_revoked)(described)


def _find(session: Session, owner: UUID, issuer: str | None, reference: str) -> Mandate:
    whose = choose_issuer(session, owner, issuer)
    return require_mandate(session, promoter_id=owner, issuer_id=whose.id, reference=reference)


def _describe(session: Session, mandate: Mandate) -> dict[str, Any]:
    owner = mandate.promoter_id
    histories = read_histories(session, promoter_id=owner, mandates=[mandate])
    members = map_named_members(session, promoter_id=owner, member_ids=[mandate.member_id])
    (row,) = describe_mandates(histories.values(), members)
    return row
