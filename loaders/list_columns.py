"""What lists from spreadsheets call their columns, in Spanish, Catalan and English."""

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from loaders.meter_files.text_table import plain_name


def simplify_name(name: str) -> str:
    """Reduce a heading to what tells it from others.

    Parameters
    ----------
    name : str
        As somebody typed it.

    Returns
    -------
    str
        Small letters and digits without accents, spaces and signs; ``%`` as a word.

    Examples
    --------
    >>> simplify_name("Potència contractada (kW)"), simplify_name("%")
    ('potenciacontractadakw', 'percent')
    """
    return plain_name(name.replace("%", "percent"))


def find_list_columns(header: Sequence[str], kind: str) -> dict[str, list[int]]:
    """Find which columns of a table are those of a list.

    Parameters
    ----------
    header : sequence of str
        Headings.
    kind : str
        ``columns`` for members and candidates, ``coefficient_columns`` for coefficients.

    Returns
    -------
    dict of str to list of int
        Positions of the headings that name each column. Of several names the one that
        ``list_columns.toml`` tells first is taken, ``id`` before ``nombre``; more than one
        position is ambiguous.

    Examples
    --------
    >>> find_list_columns(["Nombre", "ID", "CUPS"], "columns")
    {'member_id': [1], 'cups': [2]}
    """
    named: dict[str, dict[int, list[int]]] = {}
    for position, heading in enumerate(header):
        name = _synonyms()[kind].get(simplify_name(heading))
        if name is not None:
            named.setdefault(name.column, {}).setdefault(name.rank, []).append(position)
    return {column: ranks[min(ranks)] for column, ranks in named.items()}


def find_role(text: str) -> str | None:
    """Tell which role a word means.

    Parameters
    ----------
    text : str
        As somebody typed it, such as ``Lista de espera``.

    Returns
    -------
    str or None
        ``member`` or ``reserve``; None for another word.

    Examples
    --------
    >>> find_role("Lista de espera"), find_role("jefe")
    ('reserve', None)
    """
    name = _synonyms()["roles"].get(simplify_name(text))
    return None if name is None else name.column


class _Name(NamedTuple):
    """What a heading names, and its place among the names of that."""

    column: str
    rank: int


@cache
def _synonyms() -> Mapping[str, Mapping[str, _Name]]:
    """Read what each heading names, kind by kind."""
    text = files("loaders").joinpath("list_columns.toml").read_text(encoding="utf-8")
    return {
        kind: {
            simplify_name(name): _Name(column, rank)
            for column, names in table.items()
            for rank, name in enumerate(names)
        }
        for kind, table in tomllib.loads(text).items()
    }
