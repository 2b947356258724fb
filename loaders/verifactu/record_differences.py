"""What records of registration and of cancellation say otherwise than they should."""

from collections.abc import Collection

from lxml import etree

from loaders.invoice_record import InvoiceRecord
from loaders.verifactu.record_writer import (
    PriorRejection,
    identify_invoice,
    list_circumstances,
    list_identity,
    list_registration,
)
from loaders.verifactu.records import InvoiceIdentity, RecordKind
from loaders.verifactu.schemas import RECORD_NAMESPACE
from loaders.xml_documents import XmlNode, add_elements, parse_xml

_OF_THE_RECORD = {
    "IDVersion",
    "Encadenamiento",
    "SistemaInformatico",
    "FechaHoraHusoGenRegistro",
    "TipoHuella",
    "Huella",
}
"""Parts that tell neither of the invoice nor of the records before of the same invoice."""

_NAMES = frozenset({"NombreRazonEmisor", "NombreRazon"})


def list_registration_differences(
    record: InvoiceRecord,
    xml: bytes,
    *,
    mends_record: bool = False,
    prior_rejection: PriorRejection | None = None,
) -> list[str]:
    """List the parts of a registration that say something else than they should.

    Parameters
    ----------
    record : InvoiceRecord
        The invoice.
    xml : bytes
        Document of its record.
    mends_record : bool
        Whether it mends an earlier one: it may then name the same parties in another way.
    prior_rejection : PriorRejection or None
        What the agency knows of that earlier one.

    Returns
    -------
    list of str
        Names of the elements, in the order of the alphabet; empty when it registers the invoice.

    Raises
    ------
    UnreadableFileError
        If it is no XML that is read.
    """
    content = list_registration(record, mends_record=mends_record, prior_rejection=prior_rejection)
    identity = list_identity(identify_invoice(record))
    expected = _make_element([("IDFactura", identity), *content])
    return _compare(expected, parse_xml(xml), _NAMES if mends_record else ())


def list_cancellation_differences(
    invoice: InvoiceIdentity, xml: bytes, *, is_unregistered: bool, is_rejected_before: bool
) -> list[str]:
    """List the parts of a cancellation that say something else than they should.

    Parameters
    ----------
    invoice : InvoiceIdentity
        The invoice.
    xml : bytes
        Document of its record.
    is_unregistered : bool
        Whether the agency has no record of the invoice.
    is_rejected_before : bool
        Whether an earlier cancellation was rejected.

    Returns
    -------
    list of str
        Names of the elements, in the order of the alphabet; empty when it cancels the invoice.

    Raises
    ------
    UnreadableFileError
        If it is no XML that is read.
    """
    content = list_circumstances(is_unregistered, is_rejected_before)
    identity = list_identity(invoice, RecordKind.CANCELLATION)
    return _compare(_make_element([("IDFactura", identity), *content]), parse_xml(xml))


def list_sent_differences(sent: etree._Element, xml: bytes) -> list[str]:
    """List the parts of a record that say something else than the message that holds it.

    Parameters
    ----------
    sent : lxml.etree._Element
        The record in the message.
    xml : bytes
        The same record as it is stored.

    Returns
    -------
    list of str
        Names of the elements, in the order of the alphabet; empty when both are the same.

    Raises
    ------
    UnreadableFileError
        If it is no XML that is read.
    """
    stored = parse_xml(xml)
    kinds = {etree.QName(each).localname for each in (sent, stored)}
    return sorted(kinds) if len(kinds) > 1 else _compare(sent, stored, but_for=())


def _make_element(nodes: list[XmlNode]) -> etree._Element:
    root = etree.Element("expected")
    add_elements(root, nodes, RECORD_NAMESPACE)
    return root


def _compare(
    expected: etree._Element,
    found: etree._Element,
    left_out: Collection[str] = (),
    but_for: Collection[str] = _OF_THE_RECORD,
) -> list[str]:
    ours, theirs = _read_parts(expected, left_out), _read_parts(found, left_out)
    told = {name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name)}
    return sorted(told.difference(but_for))


def _read_parts(
    root: etree._Element, left_out: Collection[str]
) -> dict[str, list[tuple[str, str]]]:
    """Read names and texts of each part, without the space between them."""
    return {
        etree.QName(part).localname: [
            (str(each.tag), (each.text or "").strip())
            for each in part.iter()
            if etree.QName(each).localname not in left_out
        ]
        for part in root
    }
