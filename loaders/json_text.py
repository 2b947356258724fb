"""JSON of untrusted files: one object, keys that stand once, nothing that JSON does not know."""

import json
from collections import Counter
from decimal import Decimal, InvalidOperation

from loaders.decoding import UnreadableFileError
from loaders.number_text import excerpt_of


def parse_json(text: str, *, keeps_decimals: bool = False) -> object:
    """Parse JSON strictly.

    Parameters
    ----------
    text : str
        The whole file.
    keeps_decimals : bool
        Whether every number becomes a ``Decimal`` with the digits of the text, instead of an
        integer or the nearest float.

    Returns
    -------
    object
        What it says.

    Raises
    ------
    UnreadableFileError
        If it is not JSON, is nested too deep, names a key twice in one object, or holds ``NaN``,
        ``Infinity`` or an integer of thousands of digits.

    Examples
    --------
    >>> parse_json('{"value": 0.10}', keeps_decimals=True)
    {'value': Decimal('0.10')}
    """
    number = Decimal if keeps_decimals else None
    try:
        content: object = json.loads(
            text,
            object_pairs_hook=_refuse_repeated_keys,
            parse_constant=_refuse_constant,
            parse_float=number,
            parse_int=number,
        )
    except json.JSONDecodeError as error:
        raise UnreadableFileError(f"is not JSON ({error.msg})", f"line {error.lineno}") from error
    except RecursionError as error:
        raise UnreadableFileError("is nested too deep") from error
    except (ValueError, InvalidOperation) as error:  # digits or an exponent without end
        raise UnreadableFileError("holds a number with too many digits") from error
    return content


def parse_json_object(text: str, *, keeps_decimals: bool = False) -> dict[str, object]:
    """Parse JSON strictly, when it must be one object.

    Parameters
    ----------
    text : str
        The whole file.
    keeps_decimals : bool
        As in ``parse_json``.

    Returns
    -------
    dict of str to object
        The object.

    Raises
    ------
    UnreadableFileError
        As ``parse_json``, or if it is something else than an object.
    """
    content = parse_json(text, keeps_decimals=keeps_decimals)
    if not isinstance(content, dict):
        raise UnreadableFileError("is not a JSON object")
    return content


def _refuse_repeated_keys(pairs: list[tuple[str, object]]) -> dict[str, object]:
    content = dict(pairs)
    if len(content) < len(pairs):
        repeated = Counter(key for key, _ in pairs).most_common(1)[0][0]
        raise UnreadableFileError(f"key {excerpt_of(repeated)} stands twice in one object")
    return content


def _refuse_constant(name: str) -> object:
    raise UnreadableFileError(f"holds {name}, which is not JSON")
