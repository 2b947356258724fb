"""The options of ``reparto collection``: what each takes, and what its help says."""

import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from sqlmodel import Session

from api.services.communities.find_community import require_community_of_code
from api.services.invoices.find_invoices import find_invoice, list_issuers
from api.services.invoices.list_invoices import find_member
from models.tables import InvoiceIssuer
from models.values.errors import InvalidArgumentError
from models.values.iban import Iban
from scripts.option_values import parse_cents, parse_day
from scripts.texts import say

Invoice = Annotated[str, typer.Argument(metavar="INVOICE", help="Series and number, or id.")]
Issuer = Annotated[
    str | None, typer.Option(metavar="NIF", help="Whose books; not needed where there is one.")
]
Community = Annotated[str | None, typer.Option(help="Code of the member's community.")]
Member = Annotated[str | None, typer.Option(help="Code of the member.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Day = Annotated[
    date | None, typer.Option("--on", parser=parse_day, metavar="DAY", help="Today if left out.")
]
Days = Annotated[
    list[date],
    typer.Option("--on", parser=parse_day, metavar="DAY", help="Day of a part; once for each."),
]
Payment = Annotated[UUID, typer.Argument(metavar="PAYMENT", help="Id, as `payments` shows it.")]
Reference = Annotated[str, typer.Argument(metavar="MANDATE", help="Reference of the mandate.")]
SomeInvoices = Annotated[
    list[str] | None,
    typer.Option(
        "--invoice", help="Ordinary invoice that it pays, once for each; else the oldest."
    ),
]
Amount = Annotated[
    int | None,
    typer.Option("--amount", parser=parse_cents, metavar="EUR", help="All of it if left out."),
]
Key = Annotated[str, typer.Option(help="Your own name of it: the same again is the same one.")]
Because = Annotated[str, typer.Option(help="Why; it is kept.")]
Account = Annotated[
    str,
    typer.Option(
        "--iban", help="Account; asked for, or read from standard input, if left out or -."
    ),
]
Holder = Annotated[str, typer.Option(help="Holder of the account.")]
File = Annotated[Path, typer.Argument(help="camt.053, camt.054, or a table with --mapping.")]
MappingFile = Annotated[
    Path | None, typer.Option("--mapping", help="TOML that says what the columns of a table mean.")
]


class MemberOfNoCommunityError(InvalidArgumentError):
    """A member is named, and not of which community."""

    def __init__(self) -> None:
        super().__init__("name the community of the member with --community")


class IssuerChoiceError(InvalidArgumentError):
    """It is not clear whose books are meant."""

    def __init__(self, tax_numbers: list[str]) -> None:
        known = ", ".join(tax_numbers) or "there is none: record one by `reparto invoices issuer`"
        super().__init__(f"name the issuer with --issuer: {known}")
        self.tax_numbers = tax_numbers


def choose_issuer(session: Session, owner: UUID, tax_number: str | None) -> InvoiceIssuer:
    """Find the issuer that is named, or the only one."""
    issuers = list_issuers(session, promoter_id=owner)
    named = [each for each in issuers if tax_number in (None, each.tax_number)]
    if len(named) != 1:
        raise IssuerChoiceError([each.tax_number for each in issuers])
    return named[0]


def find_who(
    session: Session, owner: UUID, community: str | None, member: str | None
) -> tuple[UUID | None, UUID | None]:
    """Find the community and the member that are named."""
    if member is not None and community is None:
        raise MemberOfNoCommunityError
    if community is None:
        return None, None
    place = require_community_of_code(session, promoter_id=owner, code=community).id
    if member is None:
        return place, None
    return place, find_member(session, promoter_id=owner, community_id=place, code=member)


def find_paid(session: Session, owner: UUID, names: Sequence[str] | None) -> tuple[UUID, ...]:
    """Find the invoices that are named."""
    found = (find_invoice(session, promoter_id=owner, name=name) for name in names or ())
    return tuple(invoice.id for invoice in found)


def read_iban(typed: str) -> Iban:
    """Read an account, best without the shell's history knowing it."""
    if typed != "-":
        return Iban(typed)
    if sys.stdin.isatty():
        return Iban(typer.prompt(say("collection.iban")))
    return Iban(sys.stdin.readline().strip())
