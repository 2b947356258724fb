"""XML as it comes in and goes out: nothing is expanded, fetched or unbounded; equal is equal."""

import re
from collections.abc import Iterable
from typing import TypeAlias

from lxml import etree

from loaders.decoding import UnreadableFileError, decode_text

XmlNode: TypeAlias = "tuple[str, str | Iterable[XmlNode] | None]"
"""An element's name and what is in it: text, elements, or None when it is left out."""

MOST_XML_BYTES = 16_000_000
"""Largest document that is read, unless its reader needs larger ones."""

MOST_TAGS = 2_000_000
"""Tags of a document, and attributes: each becomes an object, however few bytes it takes."""

_LATIN = re.compile(rb"<\?xml[^>]{0,100}(?:iso-8859-15?|windows-1252)[\"']", re.IGNORECASE)


def parse_xml(content: bytes, most_bytes: int = MOST_XML_BYTES) -> etree._Element:
    """Parse XML that nobody vouches for, without expanding entities or fetching anything.

    What is parsed is exactly the text that was looked at before: one encoding, no document type,
    bounded in bytes and in tags.

    Parameters
    ----------
    content : bytes
        UTF-8, or Latin-1 if it says so.
    most_bytes : int
        Largest document that is read.

    Returns
    -------
    lxml.etree._Element
        The root, without comments and processing instructions.

    Raises
    ------
    UnreadableFileError
        If it is larger, has more than ``MOST_TAGS`` tags or attributes, has a document type, or is
        no well-formed XML.

    Examples
    --------
    >>> parse_xml(b"<a>1</a>").text
    '1'
    """
    if len(content) > most_bytes:
        raise UnreadableFileError(f"is larger than {most_bytes} bytes")
    text = decode_text(content, "latin-1" if _LATIN.match(content) else None)
    if max(text.count("<"), text.count("=")) > MOST_TAGS:
        raise UnreadableFileError(f"has more than {MOST_TAGS} tags or attributes")
    if "<!DOCTYPE" in text:
        raise UnreadableFileError("has a document type, which could hide entities")
    parser = etree.XMLParser(
        encoding="utf-8",  # instead of the one that it declares
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as error:
        raise UnreadableFileError(f"is no well-formed XML ({error.msg})") from error


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
