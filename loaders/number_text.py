"""Numbers as machines write them: digits and a decimal point, nothing else."""

import re
from pathlib import Path

NUMBER_PATTERN = r"^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$"
"""Understood alike by ``re`` and RE2; without what ``float`` takes beyond it: ``nan``, ``1_0``."""

_NUMBER = re.compile(NUMBER_PATTERN)
_COMMA_NUMBER = re.compile(r"^[+-]?[0-9]+,[0-9]+$")
_NOT_FINITE = re.compile(r"^[+-]?(?:nan|inf|infinity|#n/a|n/a|na|null|none)$", re.IGNORECASE)
_EXCERPT = 40


def parse_number(text: str) -> float:
    """Read a number; what overflows becomes infinite.

    Parameters
    ----------
    text : str
        Such as ``0.459`` or ``1e-05``.

    Returns
    -------
    float
        The number; NaN when the text is none.

    Examples
    --------
    >>> parse_number("0.459"), parse_number("0,459")
    (0.459, nan)
    """
    # fullmatch, because ``$`` would let a line end pass
    return float(text) if _NUMBER.fullmatch(text) else float("nan")


def explain_number(text: str) -> str:
    """Say why a text is not a finite number.

    Parameters
    ----------
    text : str
        A text that ``parse_number`` makes NaN or infinite.

    Returns
    -------
    str
        The reason, to stand after the name of the column.

    Examples
    --------
    >>> explain_number("0,5")
    "is '0,5', with a decimal comma; write a point"
    """
    if not text:
        return "is empty"
    excerpt = excerpt_of(text)
    if _COMMA_NUMBER.fullmatch(text):
        return f"is {excerpt}, with a decimal comma; write a point"
    if _NOT_FINITE.fullmatch(text) or _NUMBER.fullmatch(text):
        return f"is {excerpt}, not a finite number"
    return f"is {excerpt}, not a number"


def excerpt_of(text: str) -> str:
    """Quote a text for a message, cut to a readable length.

    Parameters
    ----------
    text : str
        Any text, however long or hostile.

    Returns
    -------
    str
        It in quotes, unprintable characters escaped.

    Examples
    --------
    >>> excerpt_of("V01")
    "'V01'"
    """
    return repr(text) if len(text) <= _EXCERPT else f"{text[:_EXCERPT]!r}..."


def show_name(path: Path | str) -> str:
    r"""Give a file's name or path, or another name, as any terminal can print it.

    Parameters
    ----------
    path : Path or str
        It may hold bytes that are no text, which the operating system allows, or characters that
        steer a terminal.

    Returns
    -------
    str
        The same, with these escaped.

    Examples
    --------
    >>> show_name("caf\udce9.txt")
    'caf\\udce9.txt'
    >>> show_name("\x1b[31mred")
    '\\x1b[31mred'
    """
    text = str(path).encode(errors="backslashreplace").decode()
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode() for each in text
    )
