"""How much a JSON text of a stranger can become, told before it is parsed."""

MOST_JSON_VALUES = 3_000_000
"""Values that one text may hold, each of which becomes an object; a year of quarter-hours of one
supply point needs a tenth."""

_BEFORE_VALUES = (b",", b"{", b"[")


def bound_json_values(text: bytes) -> int:
    """Bound the number of values in a JSON text from above, without parsing it.

    Every member of an object and every item of a list follows one of three signs, and only the
    outermost value follows none. Signs inside strings count too.

    Parameters
    ----------
    text : bytes
        The whole text; it need not be sound.

    Returns
    -------
    int
        Members of all objects and items of all lists together, at most.

    Examples
    --------
    >>> bound_json_values(b'{"a": 1, "b": [2, 3]}')
    4
    """
    return sum(text.count(sign) for sign in _BEFORE_VALUES)
