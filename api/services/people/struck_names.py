"""Strike the names of one person out of texts and documents, and leave all else as it stands."""

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any

STRUCK = "erased"
"""What stands where a name stood."""

_SHORTEST_INSIDE = 4
"""A shorter name is struck out only where it is all that a text says: inside it may be a word."""


class StruckNames:
    """The names of one person, each with what takes its place.

    Parameters
    ----------
    names : mapping of str to str
        Codes, names, numbers and addresses; large and small letters are the same.

    Examples
    --------
    >>> struck = StruckNames({"Ana Puig": "erased", "M1": "x"})
    >>> struck.mend({"M1": ["for ana puig, M1", "M1", 7]})
    {'x': ['for erased, M1', 'x', 7]}
    >>> struck.tells("Ana Puigdemont"), struck.tells({"M1": None})
    (False, True)
    """

    def __init__(self, names: Mapping[str, str]) -> None:
        self._by_name = {name.casefold(): token for name, token in names.items() if name.strip()}

    @cached_property
    def _inside(self) -> re.Pattern[str] | None:
        longest_first = sorted(self._by_name, key=len, reverse=True)
        names = [re.escape(name) for name in longest_first if len(name) >= _SHORTEST_INSIDE]
        if not names:
            return None
        return re.compile(rf"(?<!\w)(?:{'|'.join(names)})(?!\w)", re.IGNORECASE)

    def mend(self, value: Any) -> Any:
        """Strike the names out of a text or a document.

        Parameters
        ----------
        value : object
            A text, or a value of JSON.

        Returns
        -------
        object
            The same without them, keys of objects included; equal to it if it tells none.
        """
        if isinstance(value, str):
            return self._mend_text(value)
        if isinstance(value, list):
            return [self.mend(each) for each in value]
        if isinstance(value, dict):
            return {self.mend(key): self.mend(each) for key, each in value.items()}
        return value

    def tells(self, value: Any) -> bool:
        """Tell whether a text or a document names the person.

        Parameters
        ----------
        value : object
            A text, or a value of JSON.

        Returns
        -------
        bool
        """
        return bool(self.mend(value) != value)

    def _mend_text(self, text: str) -> str:
        whole = self._by_name.get(text.casefold())
        if whole is not None:
            return whole
        if self._inside is None:
            return text
        return self._inside.sub(self._token_of, text)

    def _token_of(self, found: re.Match[str]) -> str:
        return self._by_name.get(found[0].casefold(), STRUCK)
