"""Elements of an invoice, found by their names; what cannot be understood is noted, all of it."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation

from lxml import etree

from loaders.number_text import excerpt_of

_MOST_ROWS = 5_000
_LARGEST = Decimal(10) ** 12
_DECIMALS = 12


class InvoiceNode:
    """An element; what is not there or cannot be understood is noted, and read as nothing."""

    def __init__(self, element: etree._Element | None, faults: list[str]) -> None:
        self._element = element
        self._faults = faults

    def one(self, *path: str) -> "InvoiceNode":
        """Find an element below."""
        return InvoiceNode(self._find(path), self._faults)

    def all(self, *path: str, faults: list[str] | None = None) -> Iterator["InvoiceNode"]:
        """Find every element below, one after another."""
        held = (
            []
            if self._element is None
            else self._element.findall("/".join(f"{{*}}{name}" for name in path))
        )
        if len(held) > _MOST_ROWS:
            self._faults.append(f"{path[-1]}: more than {_MOST_ROWS}")
            held = held[:_MOST_ROWS]
        for element in held:
            yield InvoiceNode(element, self._faults if faults is None else faults)

    @property
    def is_there(self) -> bool:
        """Whether there is such an element."""
        return self._element is not None

    def text(self, *path: str) -> str:
        """Read text; empty where there is none."""
        element = self._find(path)
        return "" if element is None or element.text is None else element.text.strip()

    def number(self, *path: str, missing: Decimal | None = Decimal(0)) -> Decimal:
        """Read a number; a fault where there is none and none is allowed."""
        text = self.text(*path)
        if not text and missing is not None:
            return missing
        try:
            value = Decimal(text)
        except InvalidOperation:
            return self._fault(path, text, "is no number")
        if not value.is_finite() or abs(value) >= _LARGEST or value != round(value, _DECIMALS):
            return self._fault(path, text, f"is no number of at most {_DECIMALS} decimals")
        return value

    def day(self, *path: str) -> date:
        """Read a day."""
        text = self.text(*path)
        try:
            return date.fromisoformat(text)
        except ValueError:
            self._fault(path, text, "is no date")
            return date.min

    def optional_day(self, *path: str) -> date | None:
        """Read a day that may be left out."""
        return self.day(*path) if self.text(*path) else None

    def optional_number(self, *path: str) -> Decimal | None:
        """Read a number that may be left out."""
        return self.number(*path) if self.text(*path) else None

    def _fault(self, path: tuple[str, ...], text: str, reason: str) -> Decimal:
        self._faults.append(f"{'/'.join(path)}: {excerpt_of(text) if text else 'nothing'} {reason}")
        return Decimal(0)

    def _find(self, path: tuple[str, ...]) -> etree._Element | None:
        element = self._element
        for name in path:
            element = None if element is None else element.find(f"{{*}}{name}")
        return element
