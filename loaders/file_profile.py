"""Profiles of the distributor's file: how it is written where the law leaves it open."""

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

from models.values.calendar import HourIndex
from models.values.certainty import Certainty
from models.values.errors import InvalidArgumentError


class UnknownProfileError(InvalidArgumentError):
    """No profile has this name.

    Attributes
    ----------
    name : str
        What was asked for.
    """

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        super().__init__(f"there is no file profile {name!r}; choose one of {', '.join(known)}")
        self.name = name


class LineEnd(StrEnum):
    """What ends a line."""

    CRLF = "crlf"
    LF = "lf"

    @property
    def text(self) -> str:
        """The characters themselves."""
        return "\r\n" if self is LineEnd.CRLF else "\n"


class HourDigits(StrEnum):
    """How many digits an hour has: always four, or as many as it needs."""

    FOUR = "four"
    AS_NEEDED = "as-needed"


class RowOrder(StrEnum):
    """What an hourly file goes through first: all supply points of an hour, or all hours of one."""

    HOUR = "hour"
    SUPPLY = "supply"


@dataclass(frozen=True, slots=True)
class FileProfile:
    """How a distributor's file is written.

    Attributes
    ----------
    name : str
        What it is called.
    line_end : LineEnd
        What ends a line.
    has_final_line_end : bool
        Whether the last line has one, too.
    hour_digits : HourDigits
        Digits of an hour.
    row_order : RowOrder
        Order of the lines of an hourly file.
    hour_index : HourIndex
        How hours are numbered where the clock changes.
    source : str
        Who writes files so.
    certainty : Certainty
        How this is known.
    """

    name: str
    line_end: LineEnd
    has_final_line_end: bool
    hour_digits: HourDigits
    row_order: RowOrder
    hour_index: HourIndex
    source: str
    certainty: Certainty


@cache
def read_profiles() -> MappingProxyType[str, FileProfile]:
    """Read the profiles that this package knows.

    Returns
    -------
    mapping of str to FileProfile
        By name, the recommended one first.

    Examples
    --------
    >>> next(iter(read_profiles()))
    'default'
    """
    text = files("loaders").joinpath("file_profiles.toml").read_text("utf-8")
    rows = tomllib.loads(text)
    return MappingProxyType({name: _parse_profile(name, row) for name, row in rows.items()})


def find_profile(name: str) -> FileProfile:
    """Find a profile by its name.

    Parameters
    ----------
    name : str
        Such as ``default``.

    Returns
    -------
    FileProfile
        The profile.

    Raises
    ------
    UnknownProfileError
        If there is none of that name.

    Examples
    --------
    >>> find_profile("lf").line_end
    <LineEnd.LF: 'lf'>
    """
    profiles = read_profiles()
    if name not in profiles:
        raise UnknownProfileError(name, tuple(profiles))
    return profiles[name]


def _parse_profile(name: str, row: dict[str, Any]) -> FileProfile:
    return FileProfile(
        name=name,
        line_end=LineEnd(row["line_end"]),
        has_final_line_end=row["has_final_line_end"],
        hour_digits=HourDigits(row["hour_digits"]),
        row_order=RowOrder(row["row_order"]),
        hour_index=HourIndex(row["hour_index"]),
        source=row["source"],
        certainty=Certainty(row["certainty"]),
    )


DEFAULT_PROFILE: Final = find_profile("default")
"""What is written unless a distributor is known to take something else."""
