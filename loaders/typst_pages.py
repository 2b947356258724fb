"""What documents set by typst share: their texts, their template, and words that fit a column."""

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

_LONGEST_WORD = re.compile(r"\S{16}(?=\S)")
_ZERO_WIDTH_SPACE = "\u200b"


@cache
def read_texts(package: str, language: str) -> dict[str, Any]:
    """Read the fixed texts of a document.

    Parameters
    ----------
    package : str
        Where the document stands, such as ``loaders.sharing_agreement``.
    language : str
        ISO 639-1 code.

    Returns
    -------
    dict of str to Any
        What ``<language>.toml`` holds; not to be changed.
    """
    return tomllib.loads(files(package).joinpath(f"{language}.toml").read_text("utf-8"))


@cache
def read_template(package: str) -> bytes:
    """Read the template of a document.

    Parameters
    ----------
    package : str
        Where the document stands.

    Returns
    -------
    bytes
        What ``template.typ`` holds.
    """
    return files(package).joinpath("template.typ").read_bytes()


def wrap_words(text: str) -> str:
    """Let a line break inside words that no column could hold.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        The text with a space of no width after every 16 characters of a long word.

    Examples
    --------
    >>> wrap_words("short words") == "short words"
    True
    """
    return _LONGEST_WORD.sub(lambda word: word[0] + _ZERO_WIDTH_SPACE, text)
