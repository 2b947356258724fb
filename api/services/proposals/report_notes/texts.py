"""The fixed texts of the notes."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from models.values.language import Language


@cache
def read_texts(language: Language) -> dict[str, Any]:
    """Read a language's notes.

    Parameters
    ----------
    language : Language
        One TOML file each beside this one.

    Returns
    -------
    dict
        As the file says.
    """
    return tomllib.loads(files(__package__).joinpath(f"{language}.toml").read_text("utf-8"))
