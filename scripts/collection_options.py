"""The options of ``reparto collection``: what each takes, and what its help says."""

from datetime import date
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from sqlmodel import Session

from api.services.invoices.find_invoices import list_issuers
from models.tables import InvoiceIssuer
from models.values.errors import InvalidArgumentError
from scripts.option_values import parse_day

Invoice = Annotated[str, typer.Argument(metavar="INVOICE", help="Series and number, or id.")]
Owner = Annotated[str, typer.Option("--promoter", help="Whose books they are.")]
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
File = Annotated[Path, typer.Argument(help="camt.053, camt.054, or a table with --mapping.")]
MappingFile = Annotated[
    Path | None, typer.Option("--mapping", help="TOML that says what the columns of a table mean.")
]


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
