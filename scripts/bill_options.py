"""The options of ``reparto bill``: what each takes, and what its help says."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from api.services.bills.bill_question import BillQuestion
from api.services.bills.contract_document import ContractsDocument, read_contracts_file
from api.services.bills.segment_terms import LawChoice
from models.regulation.assumptions import Assumption
from models.values.errors import InvalidArgumentError
from scripts.option_values import parse_day, parse_share

Year = Annotated[int | None, typer.Option(min=2000, max=2099, help="Local calendar year to bill.")]
Since = Annotated[
    date | None,
    typer.Option("--from", parser=parse_day, metavar="DAY", help="First day, instead of a year."),
]
Until = Annotated[
    date | None,
    typer.Option(parser=parse_day, metavar="DAY", help="The day after the last."),
]
ContractFile = Annotated[
    Path | None,
    typer.Option(
        "--contract",
        metavar="FILE",
        help="TOML file of retail contracts; see docs/retail-contracts.md.",
    ),
]
RecordedFile = Annotated[
    Path,
    typer.Argument(
        metavar="FILE", help="TOML file of retail contracts; see docs/retail-contracts.md."
    ),
]
ValidFrom = Annotated[
    date,
    typer.Option("--from", parser=parse_day, metavar="DAY", help="First day on which they hold."),
]
ProfileFile = Annotated[
    Path,
    typer.Option(
        "--profile",
        metavar="FILE",
        help="How generation is spread over a year, in the form of production.*: the profile of "
        "RD 413/2014, annex IV.",
    ),
]
DocumentsOn = Annotated[
    date,
    typer.Option(
        "--documents-on",
        parser=parse_day,
        metavar="DAY",
        help="Day on which the distributor had the documents.",
    ),
]
ActivatedOn = Annotated[
    date | None,
    typer.Option(
        "--activated-on", parser=parse_day, metavar="DAY", help="Day of the activation, if any."
    ),
]
LawYear = Annotated[
    int | None,
    typer.Option(
        "--law-year",
        min=2000,
        max=2099,
        metavar="YEAR",
        help="Take tolls, charges and taxes of this year for the same days.",
    ),
]
Assume = Annotated[
    list[Assumption] | None, typer.Option(help="Reading to take where the law is open.")
]
OfProposal = Annotated[
    UUID | None, typer.Option("--proposal", help="Proposal whose coefficients hold.")
]
OfAgreement = Annotated[
    UUID | None, typer.Option("--agreement", help="Agreement whose coefficients hold.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
WithLines = Annotated[bool, typer.Option("--lines", help="Print the lines of every bill.")]
Powers = Annotated[
    str | None,
    typer.Option(metavar="KW,KW,...", help="Powers to choose from, ascending."),
]
LastChange = Annotated[
    date | None,
    typer.Option(
        "--last-changed-on", parser=parse_day, metavar="DAY", help="Last change of the power."
    ),
]


class BilledDaysError(InvalidArgumentError):
    """Neither a year nor both days are given, or both."""

    def __init__(self) -> None:
        super().__init__("give either --year, or both --from and --until")


def ask_for_bills(
    year: int | None,
    since: date | None,
    until: date | None,
    contract: Path | None = None,
    law_year: int | None = None,
    assume: Sequence[Assumption] | None = None,
    proposal: UUID | None = None,
    agreement: UUID | None = None,
) -> BillQuestion:
    """Put the options together."""
    if (year is None) == (since is None) or (since is None) != (until is None):
        raise BilledDaysError
    start, end = since, until
    if start is None or end is None:
        assert year is not None
        start, end = date(year, 1, 1), date(year + 1, 1, 1)
    return BillQuestion(
        start=start,
        end=end,
        contracts=ContractsDocument() if contract is None else read_contracts_file(contract),
        choice=LawChoice(frozenset(assume or ()), law_year),
        proposal_id=proposal,
        agreement_id=agreement,
    )


def parse_powers(text: str | None) -> tuple[Decimal, ...] | None:
    """Read powers with commas between them."""
    return None if text is None else tuple(parse_share(part.strip()) for part in text.split(","))
