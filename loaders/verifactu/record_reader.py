"""Reads a stored record back: what its fingerprint covers, in the very characters of it."""

from datetime import date

from lxml import etree

from loaders.verifactu.records import (
    ChainLink,
    ChainRecord,
    InvoiceIdentity,
    RecordKind,
    UnfitRecordError,
)
from loaders.verifactu.schemas import RECORD_NAMESPACE, find_schema_faults
from loaders.xml_documents import parse_xml
from models.values.nif import Nif

_NAMES = {"sf": RECORD_NAMESPACE}


def read_record(xml: bytes) -> ChainRecord:
    """Read a record of registration or cancellation.

    Parameters
    ----------
    xml : bytes
        Its document.

    Returns
    -------
    ChainRecord
        Whether its fingerprint is right is not looked at.

    Raises
    ------
    UnreadableFileError
        If it is no XML that is read.
    UnfitRecordError
        If the tax agency's schema refuses it, or a date is none.
    InvalidIdentifierError
        If a tax number fails its check.
    """
    root = parse_xml(xml)
    if faults := find_schema_faults(root):
        raise UnfitRecordError("the record", *faults)
    kind = _tell_kind(root)
    cancelled = "Anulada" if kind is RecordKind.CANCELLATION else ""
    previous = root.find("sf:Encadenamiento/sf:RegistroAnterior", _NAMES)
    return ChainRecord(
        kind=kind,
        invoice=read_identity(root.find("sf:IDFactura", _NAMES), cancelled),
        invoice_kind=_text(root, "sf:TipoFactura"),
        quota_total=_text(root, "sf:CuotaTotal"),
        total=_text(root, "sf:ImporteTotal"),
        previous=(
            ChainLink(read_identity(previous), _text(previous, "sf:Huella"))
            if previous is not None
            else None
        ),
        generated_at=_text(root, "sf:FechaHoraHusoGenRegistro"),
        fingerprint=_text(root, "sf:Huella"),
    )


def read_identity(element: etree._Element, cancelled: str = "") -> InvoiceIdentity:
    """Read which invoice an element names.

    Parameters
    ----------
    element : lxml.etree._Element
        Holds issuer, number and date.
    cancelled : str
        What is added to their names in a cancellation.

    Returns
    -------
    InvoiceIdentity
        Issuer, number and date.

    Raises
    ------
    UnfitRecordError
        If the date is none.
    InvalidIdentifierError
        If the tax number fails its check.
    """
    issued_on = _text(element, f"sf:FechaExpedicionFactura{cancelled}")
    try:
        day, month, year = map(int, issued_on.split("-"))
        issued = date(year, month, day)
    except ValueError as error:
        raise UnfitRecordError("the record", f"{issued_on[:20]!r} is no date") from error
    return InvoiceIdentity(
        issuer=Nif(_text(element, f"sf:IDEmisorFactura{cancelled}")),
        number=_text(element, f"sf:NumSerieFactura{cancelled}"),
        issued_on=issued,
    )


def _tell_kind(root: etree._Element) -> RecordKind:
    """Tell a record by its root: a whole submission is valid by the schema, too."""
    name = etree.QName(root).localname
    if name not in set(RecordKind):
        raise UnfitRecordError("the record", f"{name} is no record")
    return RecordKind(name)


def _text(element: etree._Element, path: str) -> str:
    text: str = element.findtext(path, "", _NAMES)
    return text.strip()
