"""What the database holds of people, and what becomes of it when somebody is erased.

The inventory is data: ``personal_data.toml`` names every column of every table.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_suffix(".toml")


class Fate(StrEnum):
    """What becomes of a person's rows of a table."""

    NOBODY = "nobody"
    """They are no person's."""
    KEPT = "kept"
    BLANKED = "blanked"
    """They stay without what names the person."""
    DELETED = "deleted"


class Keys(StrEnum):
    """Rows that are a person's, or tell of one, by which others are found."""

    MEMBER = "member"
    POINTS = "points"
    ACCOUNTS = "accounts"
    """With which the person signs in, and nobody else."""
    APPLICATIONS = "applications"
    INVOICES = "invoices"
    PAYMENTS = "payments"
    MANDATES = "mandates"
    DEBITS = "debits"
    RUNS = "runs"
    """Files for banks that hold debits of the person."""
    MESSAGES = "messages"
    AGREEMENTS = "agreements"
    PROPOSALS = "proposals"
    """That reckon with the person."""
    DRAFTS = "drafts"
    """Those of them on which no agreement rests."""
    STUDIES = "studies"
    UPLOADS = "uploads"
    """Files that were sent and not yet taken in, whoever they tell of."""


class Blank(StrEnum):
    """What takes the place of something that names a person."""

    NOTHING = "nothing"
    ONE = "one"
    WORD = "word"
    CODE = "code"
    CUPS = "cups"
    """A code of no distributor, sound by its check letters."""
    REFERENCE = "reference"
    ACCOUNT = "account"
    """A number of no bank, sealed as any other is."""
    EMAIL = "email"
    """Nothing in place of a payer's address, which no invoice needs; all else of it stays."""
    FILE = "file"
    """A mark, sealed as the file was."""


@dataclass(frozen=True, slots=True)
class RetentionLaw:
    """Why rows stay.

    Attributes
    ----------
    text : str
        The law.
    years : int or None
        For how long, from the end of the year of the last entry; None for what names nobody.
    """

    text: str
    years: int | None = None


@dataclass(frozen=True, slots=True)
class PersonalTable:
    """What a table holds of people.

    Attributes
    ----------
    name : str
        The table.
    fate : Fate
        What becomes of a person's rows.
    of : mapping of str to Keys
        Columns that lead to a person's rows; a row is hers if any of them does.
    tells, plain : frozenset of str
        Columns that tell of a person, or may, and all others.
    law : RetentionLaw or None
        Why rows stay.
    blank : mapping of str to Blank
        What takes the place of columns.
    mended : tuple of str
        Columns in which names are struck out, of whichever row.
    secret : frozenset of str
        Columns that nobody is shown.
    """

    name: str
    fate: Fate
    of: Mapping[str, Keys]
    tells: frozenset[str]
    plain: frozenset[str]
    law: RetentionLaw | None
    blank: Mapping[str, Blank]
    mended: tuple[str, ...]
    secret: frozenset[str]


@cache
def read_inventory() -> dict[str, PersonalTable]:
    """Read what the database holds of people, by table.

    Returns
    -------
    dict of str to PersonalTable
        Every table.

    Examples
    --------
    >>> read_inventory()["reading"].fate
    <Fate.DELETED: 'deleted'>
    """
    document = tomllib.loads(_FILE.read_text("utf-8"))
    laws = {name: RetentionLaw(**law) for name, law in document["laws"].items()}
    return {name: _read_table(name, row, laws) for name, row in document["tables"].items()}


def _read_table(name: str, row: dict[str, Any], laws: Mapping[str, RetentionLaw]) -> PersonalTable:
    return PersonalTable(
        name=name,
        fate=Fate(row["fate"]),
        of={column: Keys(keys) for column, keys in row.get("of", {}).items()},
        tells=frozenset(row.get("tells", "").split()),
        plain=frozenset(row["plain"].split()),
        law=laws[row["law"]] if "law" in row else None,
        blank={column: Blank(token) for column, token in row.get("blank", {}).items()},
        mended=tuple(row.get("mended", "").split()),
        secret=frozenset(row.get("secret", "").split()),
    )
