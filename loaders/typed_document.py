"""Documents that people type: the text of a TOML file, and the faults of what it says."""

import re
import tomllib
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from loaders.number_text import excerpt_of, show_name
from models.values.errors import InvalidArgumentError

_MOST_BYTES = 1_000_000
_MOST_DOTS = 1000
_MOST_NAMED = 5
_LONGEST_LINE = 1000

_NUMBER = re.compile(r"([+-]?[0-9]{1,20}),([0-9]{1,20})", re.ASCII)
_COMMA = re.compile(rf"[^#\"'\[]*= *{_NUMBER.pattern}", re.ASCII)
_WITH_POINT = "write {number} with a point"
_FORMS = {
    "decimal_parsing": "write a number, such as 2.40",
    "decimal_type": "write a number, such as 2.40",
    "model_type": "write its parts in braces, {{ name = value }}",
    "tuple_type": "write a list in brackets, [ first, second ]",
    "greater_than": "has to be above {gt}",
    "greater_than_equal": "has to be {ge} at least",
    "less_than_equal": "has to be {le} at most",
    "finite_number": "has to be a finite number",
    "decimal_max_digits": "has more than {max_digits} digits",
    "string_too_short": "may not be empty",
    "string_too_long": "has more than {max_length} characters",
    "too_short": "may not be an empty list",
    "too_long": "lists more than {max_length}",
    "missing": "is missing",
    "extra_forbidden": "is no key that is known here",
}
"""What is wrong with a form, or what to write, by the kind of the fault."""


class UnreadableDocumentError(InvalidArgumentError):
    """A file is not there, too large, or not TOML.

    Attributes
    ----------
    reason : str
        Which file, and why.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def read_toml_file(path: Path) -> dict[str, Any]:
    """Read a TOML file whoever wrote it; numbers with a point become Decimals.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    dict
        Its content.

    Raises
    ------
    UnreadableDocumentError
        If there is no such file, it is larger than 1,000,000 bytes, or not TOML.
    """
    try:
        with path.open("rb") as file:
            text = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise UnreadableDocumentError(f"{path.name} cannot be read: {error.strerror}") from error
    if len(text) > _MOST_BYTES:
        raise UnreadableDocumentError(f"{path.name} is larger than {_MOST_BYTES:,} bytes")
    try:
        content = text.decode("utf-8-sig")
        return parse_toml(content, Decimal)
    except tomllib.TOMLDecodeError as error:
        reason = _find_comma(content) or excerpt_of(str(error))
        raise UnreadableDocumentError(f"{path.name} is not TOML: {reason}") from error
    except (ValueError, ArithmeticError, RecursionError) as error:
        reason = excerpt_of(str(error))
        raise UnreadableDocumentError(f"{path.name} is not TOML: {reason}") from error


def parse_toml(text: str, parse_float: Callable[[str], Any] = float) -> dict[str, Any]:
    """Parse TOML whose keys are not chained beyond measure, which would take for ever.

    Parameters
    ----------
    text : str
        The document.
    parse_float : callable, optional
        What makes a number with a point.

    Returns
    -------
    dict
        Its content.

    Raises
    ------
    ValueError
        If it is no TOML, or a line has more than 1,000 dots.
    RecursionError
        If it is nested too deeply.
    """
    for number, line in enumerate(text.splitlines(), start=1):
        if line.count(".") > _MOST_DOTS:
            raise ValueError(f"line {number} has more than {_MOST_DOTS} dots")
    return tomllib.loads(text, parse_float=parse_float)


def _find_comma(text: str) -> str | None:
    """Find the first number of a document that is written with a comma."""
    for number, line in enumerate(text.splitlines(), start=1):
        if len(line) <= _LONGEST_LINE and (found := _COMMA.match(line)):
            return f"line {number}: {_WITH_POINT.format(number='.'.join(found.groups()))}"
    return None


def describe_faults(error: ValidationError) -> list[str]:
    """Say where each fault of a document is, counting from one, and what is wrong.

    Parameters
    ----------
    error : ValidationError
        What checking it raised.

    Returns
    -------
    list of str
        A sentence each.
    """
    return [_describe(fault) for fault in error.errors()]


def _describe(fault: Any) -> str:
    place = ".".join(str(at + 1) if isinstance(at, int) else at for at in fault["loc"])
    reason = describe_fault(fault)
    return f"{place}: {reason}" if place else reason


def describe_fault(fault: Any) -> str:
    """Say what is wrong with one value, or what to write instead.

    Parameters
    ----------
    fault : dict
        One of ``ValidationError.errors()``.

    Returns
    -------
    str
        A sentence, in our own words for all that is common.
    """
    if fault["type"] == "decimal_parsing" and (found := _NUMBER.fullmatch(str(fault["input"]))):
        return _WITH_POINT.format(number=".".join(found.groups()))
    if form := _FORMS.get(fault["type"]):
        return form.format_map(fault.get("ctx", {}))
    reason = fault["msg"].removeprefix("Value error, ")
    return f"{reason[:1].lower()}{reason[1:]}"


def name_some(texts: Sequence[str], separator: str) -> str:
    """Name the first few, as any terminal can print them, and count the others.

    Parameters
    ----------
    texts : sequence of str
        Names, or faults.
    separator : str
        What stands between them.

    Returns
    -------
    str
        One line.

    Examples
    --------
    >>> name_some(["a", "b", "c", "d", "e", "f", "g"], ", ")
    'a, b, c, d, e, and 2 more'
    """
    shown = separator.join(show_name(text) for text in texts[:_MOST_NAMED])
    others = len(texts) - _MOST_NAMED
    return shown if others <= 0 else f"{shown}{separator}and {others:,} more"
