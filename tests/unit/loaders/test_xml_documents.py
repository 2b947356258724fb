from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from loaders.decoding import UnreadableFileError
from loaders.xml_documents import add_elements, format_xml, parse_xml

BILLION_LAUGHS = (
    b'<!DOCTYPE a [<!ENTITY b "x"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><a>&c;</a>'
)
OUTER_ENTITY = b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (BILLION_LAUGHS, "document type"),
        (OUTER_ENTITY, "document type"),
        (b"<!DOCTYPE a><a/>", "document type"),
        (b"", "is no well-formed XML"),
        (b"<a>", "Premature end"),
        (b"not xml", "Start tag expected"),
        (b"\xff\xfe\x00", "is not UTF-8"),
        (b"<a>" * 2_000_001, "has more than 2000000 tags or attributes"),
        (b"<a>" * 300 + b"</a>" * 300, "Excessive depth|too deep|depth"),
    ],
)
def test_what_is_not_read(content: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFileError, match=reason):
        parse_xml(content)


def test_size_is_bounded() -> None:
    assert parse_xml(b"<a>123</a>", 10).text == "123"
    with pytest.raises(UnreadableFileError, match="is larger than 10 bytes"):
        parse_xml(b"<a>1234</a>", 10)


def test_text_comes_back_as_it_went() -> None:
    root = etree.Element("a")
    add_elements(root, [("b", "<&>\"' ñ · 名"), ("left_out", None), ("c", [("d", "1")])], "urn:x")
    written = format_xml(root)
    assert parse_xml(written).findtext("{urn:x}b") == "<&>\"' ñ · 名"
    assert [etree.QName(each).localname for each in root.iter()] == ["a", "b", "c", "d"]
    assert format_xml(parse_xml(written)) == written


@given(content=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_anything_is_read_or_refused(content: bytes) -> None:
    with suppress(UnreadableFileError):
        parse_xml(content)
