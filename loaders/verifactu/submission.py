"""Writes the message that sends records to the tax agency, and reads what it answers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from lxml import etree

from loaders.decoding import UnreadableFileError
from loaders.invoice_parts import Party
from loaders.verifactu.record_reader import read_identity, read_record
from loaders.verifactu.record_writer import list_party
from loaders.verifactu.records import InvoiceIdentity, UnfitRecordError
from loaders.verifactu.schemas import (
    ANSWER_NAMESPACE,
    RECORD_NAMESPACE,
    SUBMISSION_NAMESPACE,
    find_schema_faults,
)
from loaders.xml_documents import XmlNode, add_elements, format_xml, parse_xml
from models.values.errors import InvalidDataError, UnavailableError

MOST_RECORDS = 1000
"""Most records of one message (Orden HAC/1177/2024, article 16)."""

_SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
_NAMES = {
    "soap": _SOAP,
    "sf": RECORD_NAMESPACE,
    "sfLR": SUBMISSION_NAMESPACE,
    "sfR": ANSWER_NAMESPACE,
}
_SECONDS = re.compile(r"[0-9]{1,4}", re.ASCII)
_ERROR_CODE = re.compile(r"[0-9]{1,9}", re.ASCII)


class UnfitSubmissionError(InvalidDataError):
    """Records cannot be sent in one message.

    Attributes
    ----------
    issuer : str
        Tax number of whose message it would be.
    reason : str
        Why not.
    """

    def __init__(self, issuer: str, reason: str) -> None:
        super().__init__(f"the records of {issuer} cannot be sent together: {reason}")
        self.issuer = issuer
        self.reason = reason


class UnreadableAnswerError(UnavailableError):
    """The tax agency's answer is not one; whether it keeps the records is unknown.

    Attributes
    ----------
    reason : str
        What is wrong with it.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(f"the tax agency's answer cannot be read: {reason}; send the records anew")
        self.reason = reason


class RefusedSubmissionError(UnavailableError):
    """The tax agency refused a message as a whole.

    Attributes
    ----------
    fault_code, fault_text : str
        As it says.
    is_retryable : bool
        Whether the fault is the agency's own, and the same message may be sent later.
    """

    def __init__(self, fault_code: str, fault_text: str) -> None:
        super().__init__(f"the tax agency refused the message: {fault_code}: {fault_text}")
        self.fault_code = fault_code
        self.fault_text = fault_text
        self.is_retryable = fault_code.endswith("Server")


class SubmissionStatus(StrEnum):
    """What became of a message."""

    ACCEPTED = "Correcto"
    PARTLY_ACCEPTED = "ParcialmenteCorrecto"
    REJECTED = "Incorrecto"


class RecordStatus(StrEnum):
    """What became of a record."""

    ACCEPTED = "Correcto"
    ACCEPTED_WITH_ERRORS = "AceptadoConErrores"
    """Kept, and to be mended by another record."""
    REJECTED = "Incorrecto"


class RecordAction(StrEnum):
    """What a record was to do, as an answer says it."""

    REGISTRATION = "Alta"
    CANCELLATION = "Anulacion"


class KeptStatus(StrEnum):
    """What the agency already keeps under the name of a record that it rejects as a duplicate."""

    ACCEPTED = "Correcta"
    ACCEPTED_WITH_ERRORS = "AceptadaConErrores"
    CANCELLED = "Anulada"


@dataclass(frozen=True, slots=True)
class RecordAnswer:
    """What became of one record.

    Attributes
    ----------
    invoice : InvoiceIdentity
        The invoice it is about.
    action : RecordAction
        Registration or cancellation.
    status : RecordStatus
        Accepted or not.
    error_code : int or None
        The agency's code of what is wrong.
    error_text : str
        The same in its words; empty when nothing is.
    kept : KeptStatus or None
        For a duplicate, what the agency keeps already.
    """

    invoice: InvoiceIdentity
    action: RecordAction
    status: RecordStatus
    error_code: int | None
    error_text: str
    kept: KeptStatus | None


@dataclass(frozen=True, slots=True)
class SubmissionAnswer:
    """What became of a message.

    Attributes
    ----------
    status : SubmissionStatus
        Of it as a whole.
    receipt : str
        The agency's verification code (CSV); empty when it rejected everything.
    wait_seconds : int
        How long to wait before the next message [s].
    records : tuple of RecordAnswer
        What became of each record.
    """

    status: SubmissionStatus
    receipt: str
    wait_seconds: int
    records: tuple[RecordAnswer, ...]


def write_submission(
    records: Sequence[bytes],
    *,
    issuer: Party,
    representative: Party | None = None,
    has_incident: bool = False,
) -> bytes:
    """Write the message that sends records.

    Parameters
    ----------
    records : sequence of bytes
        Documents of 1 to 1,000 records of one issuer, in the order of its chain.
    issuer : Party
        Whose they are.
    representative : Party or None
        Who made them in the issuer's name.
    has_incident : bool
        Whether they are late because of a technical incident.

    Returns
    -------
    bytes
        A SOAP 1.1 envelope with ``RegFactuSistemaFacturacion``.

    Raises
    ------
    UnfitSubmissionError
        If there are none or too many, or one is another issuer's.
    UnfitRecordError
        If the schema refuses the message.
    UnreadableFileError
        If a document is not XML that is read.
    InvalidIdentifierError
        If a tax number in a record fails its check.

    Notes
    -----
    Orden HAC/1177/2024, article 16, and the agency's ``SistemaFacturacion.wsdl``.
    """
    if not 1 <= len(records) <= MOST_RECORDS:
        reason = f"{len(records)} records, not 1 to {MOST_RECORDS}"
        raise UnfitSubmissionError(str(issuer.nif), reason)
    submission = etree.Element(
        etree.QName(SUBMISSION_NAMESPACE, "RegFactuSistemaFacturacion"),
        nsmap={"sfLR": SUBMISSION_NAMESPACE, "sf": RECORD_NAMESPACE},
    )
    header = etree.SubElement(submission, etree.QName(SUBMISSION_NAMESPACE, "Cabecera"))
    add_elements(header, _list_header(issuer, representative, has_incident), RECORD_NAMESPACE)
    for xml in records:
        found = read_record(xml).invoice
        if found.issuer != issuer.nif:
            reason = f"invoice {found.number} is issued by {found.issuer}"
            raise UnfitSubmissionError(str(issuer.nif), reason)
        place = etree.SubElement(submission, etree.QName(SUBMISSION_NAMESPACE, "RegistroFactura"))
        place.append(parse_xml(xml))
    if faults := find_schema_faults(submission):
        raise UnfitRecordError("the message", *faults)
    return _put_in_envelope(submission)


def read_submission(content: bytes) -> list[etree._Element]:
    """Read the records of a message that we wrote.

    Parameters
    ----------
    content : bytes
        The message.

    Returns
    -------
    list of lxml.etree._Element
        The records, in the order of their chain.

    Raises
    ------
    UnreadableFileError
        If it is no XML that is read.
    """
    records: list[etree._Element] = parse_xml(content).findall(
        "soap:Body/sfLR:RegFactuSistemaFacturacion/sfLR:RegistroFactura/sf:*", _NAMES
    )
    return records


def read_answer(content: bytes) -> SubmissionAnswer:
    """Read the tax agency's answer to a message.

    Parameters
    ----------
    content : bytes
        A SOAP 1.1 envelope with ``RespuestaRegFactuSistemaFacturacion`` or a fault.

    Returns
    -------
    SubmissionAnswer
        What became of the message and of each of its records.

    Raises
    ------
    RefusedSubmissionError
        If it is a fault.
    UnreadableAnswerError
        If it is anything else, or lacks what an answer must say.
    """
    try:
        root = parse_xml(content)
    except UnreadableFileError as error:
        raise UnreadableAnswerError(error.reason) from error
    fault = root.find("soap:Body/soap:Fault", _NAMES)
    if fault is not None:
        code, text = fault.findtext("faultcode", ""), fault.findtext("faultstring", "")
        raise RefusedSubmissionError(code.strip(), text.strip())
    answer = root.find("soap:Body/sfR:RespuestaRegFactuSistemaFacturacion", _NAMES)
    if answer is None:
        raise UnreadableAnswerError(f"{etree.QName(root).localname} holds no answer")
    seconds = _text(answer, "sfR:TiempoEsperaEnvio")
    if not _SECONDS.fullmatch(seconds):
        raise UnreadableAnswerError(f"waiting time {seconds[:20]!r}")
    try:
        return SubmissionAnswer(
            status=SubmissionStatus(_text(answer, "sfR:EstadoEnvio")),
            receipt=_text(answer, "sfR:CSV"),
            wait_seconds=int(seconds),
            records=tuple(map(_read_line, answer.iterfind("sfR:RespuestaLinea", _NAMES))),
        )
    except (ValueError, InvalidDataError) as error:
        raise UnreadableAnswerError(str(error)) from error


def _read_line(line: etree._Element) -> RecordAnswer:
    code = _text(line, "sfR:CodigoErrorRegistro")
    if code and not _ERROR_CODE.fullmatch(code):
        raise UnreadableAnswerError(f"error code {code[:20]!r}")
    identity = line.find("sfR:IDFactura", _NAMES)
    if identity is None:
        raise UnreadableAnswerError("a line names no invoice")
    kept = _text(line, "sfR:RegistroDuplicado/sf:EstadoRegistroDuplicado")
    return RecordAnswer(
        invoice=read_identity(identity),
        action=RecordAction(_text(line, "sfR:Operacion/sf:TipoOperacion")),
        status=RecordStatus(_text(line, "sfR:EstadoRegistro")),
        error_code=int(code) if code else None,
        error_text=_text(line, "sfR:DescripcionErrorRegistro"),
        kept=KeptStatus(kept) if kept else None,
    )


def _list_header(issuer: Party, representative: Party | None, has_incident: bool) -> list[XmlNode]:
    return [
        ("ObligadoEmision", list_party(issuer)),
        ("Representante", list_party(representative) if representative else None),
        ("RemisionVoluntaria", [("Incidencia", "S")] if has_incident else None),
    ]


def _put_in_envelope(content: etree._Element) -> bytes:
    envelope = etree.Element(etree.QName(_SOAP, "Envelope"), nsmap={"soap": _SOAP})
    body = etree.SubElement(envelope, etree.QName(_SOAP, "Body"))
    body.append(content)
    return format_xml(envelope)


def _text(element: etree._Element, path: str) -> str:
    text: str = element.findtext(path, "", _NAMES)
    return text.strip()
