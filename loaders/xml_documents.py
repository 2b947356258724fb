"""XML as it comes in and goes out: nothing is expanded, fetched or unbounded; equal is equal."""

from collections.abc import Iterable
from typing import TypeAlias

from lxml import etree

from models.values.errors import InvalidDataError

XmlNode: TypeAlias = "tuple[str, str | Iterable[XmlNode] | None]"
"""An element's name and what is in it: text, elements, or None when it is left out."""

MOST_XML_BYTES = 16_000_000
"""Largest document that is read."""


class UnreadableXmlError(InvalidDataError):
    """A document is not XML, or XML that is not read.

    Attributes
    ----------
    reason : str
        What is wrong with it.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(f"XML cannot be read: {reason}")
        self.reason = reason


def parse_xml(content: bytes) -> etree._Element:
    """Read a document without expanding entities or fetching anything.

    Parameters
    ----------
    content : bytes
        The document.

    Returns
    -------
    lxml.etree._Element
        Its root.

    Raises
    ------
    UnreadableXmlError
        If it is not well-formed, declares a document type, or has more than 16 MB.

    Examples
    --------
    >>> parse_xml(b"<a>1</a>").text
    '1'
    """
    if len(content) > MOST_XML_BYTES:
        raise UnreadableXmlError(f"has {len(content)} bytes, more than {MOST_XML_BYTES}")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise UnreadableXmlError(str(error)) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise UnreadableXmlError("declares a document type, which could hide entities")
    return root


def add_elements(
    parent: etree._Element, nodes: Iterable[XmlNode], namespace: str | None = None
) -> None:
    """Add elements to another one, in order.

    Parameters
    ----------
    parent : lxml.etree._Element
        Where to.
    nodes : iterable of XmlNode
        Names and contents; one whose content is None is left out.
    namespace : str or None
        That of all of them.

    Examples
    --------
    >>> root = etree.Element("a")
    >>> add_elements(root, [("b", [("c", "1 < 2")]), ("d", None)])
    >>> etree.tostring(root)
    b'<a><b><c>1 &lt; 2</c></b></a>'
    """
    for name, content in nodes:
        if content is None:
            continue
        child = etree.SubElement(parent, etree.QName(namespace, name))
        if isinstance(content, str):
            child.text = content
        else:
            add_elements(child, content, namespace)


def format_xml(root: etree._Element) -> bytes:
    r"""Write a document as bytes.

    Parameters
    ----------
    root : lxml.etree._Element
        Its root.

    Returns
    -------
    bytes
        UTF-8 with a declaration, without spaces between the elements.

    Examples
    --------
    >>> format_xml(etree.Element("a"))
    b"<?xml version='1.0' encoding='UTF-8'?>\n<a/>"
    """
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return written
