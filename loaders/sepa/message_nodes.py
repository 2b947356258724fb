"""XML messages of banks (ISO 20022), read without trusting them."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple, Self

from lxml import etree

from loaders.decoding import UnreadableFileError
from loaders.faults import Fault, FaultyInputError, FileFaults
from loaders.number_text import excerpt_of, show_name
from loaders.xml_documents import parse_xml
from models.values.errors import InvalidIdentifierError
from models.values.iban import Iban

LARGEST_MESSAGE_BYTES = 1 << 25
"""Bytes of a message; a statement with 10,000 debits needs about two thirds."""

LARGEST_CENTS = 10**15
"""Largest amount [cents], so that sums stay in 64 bits."""

_NAMESPACE = re.compile(r"urn:iso:std:iso:20022:tech:xsd:([a-z]{4}\.[0-9]{3})\.001\.[0-9]{2}")
_AMOUNT = re.compile(r"[0-9]{1,18}(?:\.[0-9]{0,5})?")
_CURRENCY = re.compile(r"[A-Z]{3}")
_DAY_LENGTH = len("2026-12-01")


class FaultyMessageError(UnreadableFileError):
    """A bank's message contradicts its form or itself.

    Attributes
    ----------
    faults : tuple of Fault
        All of them, in order.
    """

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__(str(FaultyInputError(faults)))
        self.faults = faults


class Amount(NamedTuple):
    """An amount without sign [hundredths of its currency]."""

    cents: int
    currency: str


class MessageNode:
    """An element of a message; what is wrong with it is noted, with its line."""

    __slots__ = ("_element", "_faults", "_prefix")

    def __init__(self, element: etree._Element, prefix: str, faults: FileFaults) -> None:
        self._element = element
        self._prefix = prefix
        self._faults = faults

    def refuse(self, reason: str) -> None:
        """Note a fault of the element."""
        self._faults.add(f"line {self._element.sourceline}", reason)

    def nodes(self, path: str) -> Iterator[Self]:
        """Give the elements of a path such as ``NtryDtls/TxDtls``."""
        for element in self._find(path):
            yield type(self)(element, self._prefix, self._faults)

    def _find(self, path: str) -> list[etree._Element]:
        # ten times faster than lxml's own paths, and there are dozens for each payment
        found = [self._element]
        for name in path.split("/"):
            tag = self._prefix + name
            found = [child for parent in found for child in parent.iterchildren(tag)]
        return found

    def node(self, *paths: str) -> Self | None:
        """Give the first element of the first path that there is."""
        return next((node for path in paths for node in self.nodes(path)), None)

    def texts(self, path: str) -> tuple[str, ...]:
        """Give what stands in the elements of a path, spaces single, empty ones left out."""
        texts = (" ".join((element.text or "").split()) for element in self._find(path))
        return tuple(text if text.isprintable() else show_name(text) for text in texts if text)

    def text(self, *paths: str) -> str | None:
        """Give the first text of the first path that has one."""
        return next((text for path in paths for text in self.texts(path)), None)

    @property
    def content(self) -> str:
        """The text of the element itself."""
        return self._element.text or ""

    @property
    def currency(self) -> str:
        """The currency of an element that holds an amount; empty if it names none."""
        return self._element.get("Ccy") or ""

    def require(self, *paths: str) -> None:
        """Note a fault if none of the paths is there."""
        if self.node(*paths) is None:
            self.refuse(f"has no {' or '.join(paths)}")

    def amount(self, *paths: str) -> Amount | None:
        """Give the first amount of the first path that there is; None when it is at fault."""
        node = self.node(*paths)
        if node is None:
            return None
        text, currency = node.content.strip(), node.currency
        exact = Decimal(text) * 100 if _AMOUNT.fullmatch(text) else None
        if exact is None or exact != exact.to_integral_value() or exact > LARGEST_CENTS:
            node.refuse(f"amount is {excerpt_of(text)}, not one in whole cents")
            return None
        if not _CURRENCY.fullmatch(currency):
            node.refuse(f"currency is {excerpt_of(currency)}, not 3 capital letters")
            return None
        return Amount(int(exact), currency)

    def day(self, *paths: str) -> date | None:
        """Give the first day of the first path that there is, as it is written there."""
        node = self.node(*paths)
        if node is None:
            return None
        text = node.content.strip()
        try:
            return date.fromisoformat(text[:_DAY_LENGTH])
        except ValueError:
            node.refuse(f"day is {excerpt_of(text)}, not one as 2026-12-31")
            return None

    def count(self, path: str) -> int | None:
        """Give the whole number of a path; None when it is not there or at fault."""
        text = self.text(path)
        if text is None:
            return None
        if re.fullmatch(r"[0-9]{1,15}", text):
            return int(text)
        self.refuse(f"{path} is {excerpt_of(text)}, not a whole number")
        return None

    def iban(self, path: str) -> Iban | None:
        """Give the account of a path; None when it is not there or masked."""
        try:
            return Iban(self.text(path) or "")
        except InvalidIdentifierError:
            return None


def read_message(data: bytes, kind: str, body: str) -> tuple[MessageNode, FileFaults]:
    """Parse a message.

    Parameters
    ----------
    data : bytes
        XML in UTF-8, or in Latin-1 if it says so.
    kind : str
        Which message it must be, such as ``camt.053``, in any version.
    body : str
        Name of the element that holds it all.

    Returns
    -------
    MessageNode
        That element.
    FileFaults
        Takes what is wrong with it.

    Raises
    ------
    UnreadableFileError
        If it is too large, is no XML, has a document type, or is another message.
    """
    root = parse_xml(data, LARGEST_MESSAGE_BYTES)
    name = etree.QName(root)
    message = _NAMESPACE.fullmatch(name.namespace or "")
    if name.localname != "Document" or message is None:
        raise UnreadableFileError(f"is no ISO 20022 message but {excerpt_of(name.text)}")
    if message[1] != kind:
        raise UnreadableFileError(f"is a message {message[1]}, not {kind}")
    faults = FileFaults(kind)
    node = MessageNode(root, f"{{{name.namespace}}}", faults).node(body)
    if node is None:
        raise UnreadableFileError(f"is a message {kind} without {body}")
    return node, faults


def refuse_faulty(faults: FileFaults) -> None:
    """Refuse a message of which something is wrong.

    Parameters
    ----------
    faults : FileFaults
        What was noted while it was read.

    Raises
    ------
    FaultyMessageError
        If that is anything; it carries all of it.
    """
    found = faults.all()
    if found:
        raise FaultyMessageError(tuple(found))
