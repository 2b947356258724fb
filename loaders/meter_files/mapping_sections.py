"""Fields of a mapping that somebody wrote as TOML or JSON, checked one by one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Self, TypeVar

from loaders.number_text import excerpt_of

MOST_ITEMS = 50
"""Items of one list."""

LONGEST_TEXT = 200
"""Characters of a name, a format or a word."""

Option = TypeVar("Option", bound=Enum)


@dataclass(frozen=True, slots=True)
class MappingSection:
    """One table of a mapping.

    Attributes
    ----------
    content : mapping of str to object
        Its fields.
    place : str
        Where it stands, as ``values[0]``.
    faults : list of str
        Takes everything that is wrong.
    known : set of str
        Fields that were asked for.
    """

    content: Mapping[str, object]
    place: str
    faults: list[str]
    known: set[str] = field(default_factory=set)

    def section(self, key: str, *, optional: bool = False) -> Self:
        """Give a table inside; empty when it is at fault."""
        content = self.take(key)
        if content is None and optional:
            content = {}
        return self._inner(content, self.path(key))

    def sections(self, key: str) -> list[Self]:
        """Give a list of tables."""
        content = self.take(key)
        if not isinstance(content, list) or not 0 < len(content) <= MOST_ITEMS:
            self.fault(key, f"is no list of 1 to {MOST_ITEMS} tables")
            return []
        return [
            self._inner(item, f"{self.path(key)}[{number}]") for number, item in enumerate(content)
        ]

    def _inner(self, content: object, place: str) -> Self:
        if isinstance(content, Mapping) and all(isinstance(key, str) for key in content):
            return type(self)(content, place, self.faults)
        self.faults.append(f"{place}: is missing or no table")
        return type(self)({}, place, self.faults)

    def text(self, key: str, *, optional: bool = False) -> str | None:
        """Give a text that is not empty."""
        value = self.take(key)
        if value is None and optional:
            return None
        if isinstance(value, str) and 0 < len(value) <= LONGEST_TEXT:
            return value
        self.fault(key, f"is missing or no text of 1 to {LONGEST_TEXT} characters")
        return None

    def texts(self, key: str, *, optional: bool = False) -> tuple[str, ...]:
        """Give a list of texts."""
        value = self.take(key)
        if value is None and optional:
            return ()
        if isinstance(value, list) and 0 < len(value) <= MOST_ITEMS:
            texts = [item for item in value if isinstance(item, str) and len(item) <= LONGEST_TEXT]
            if len(texts) == len(value):
                return tuple(texts)
        self.fault(key, "is missing or no list of texts")
        return ()

    def number(self, key: str, least: int, most: int, default: int | None) -> int:
        """Give a whole number between two others."""
        value = self.take(key)
        if value is None and default is not None:
            return default
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        if is_whole and isinstance(value, int) and least <= value <= most:
            return value
        self.fault(key, f"is missing or no whole number between {least} and {most}")
        return least

    def flag(self, key: str) -> bool:
        """Give true or false, which is false when it is missing."""
        value = self.take(key)
        if isinstance(value, bool) or value is None:
            return bool(value)
        self.fault(key, "is neither true nor false")
        return False

    def choice(self, key: str, choices: tuple[str, ...], default: str) -> str:
        """Give one of a few texts."""
        value = self.take(key)
        if value is None or value in choices:
            return default if value is None else str(value)
        self.fault(key, f"is none of {' '.join(choices)}")
        return default

    def option(self, key: str, options: type[Option], fallback: Option) -> Option:
        """Give one of the options of an enumeration."""
        value = self.take(key)
        for option in options:
            if value == option.value:
                return option
        self.fault(key, f"is none of {', '.join(str(option.value) for option in options)}")
        return fallback

    def take(self, key: str) -> object:
        """Give whatever stands there, and note that it was asked for."""
        self.known.add(key)
        return self.content.get(key)

    def path(self, key: str) -> str:
        """Name a field with the tables around it."""
        return f"{self.place}.{key}" if self.place else key

    def fault(self, key: str, reason: str) -> None:
        """Note what is wrong with a field."""
        self.faults.append(f"{self.path(key)}: {reason}")

    def refuse_unknown(self) -> None:
        """Refuse fields that nobody asked for: they are slips."""
        for key in self.content:
            if key not in self.known:
                self.fault(excerpt_of(key), "is not known")
