"""A tax agency on a real socket: it wants a certificate, holds messages against the official
schema, remembers what it took, and fails in the ways that a test asks for."""

import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import distribution
from pathlib import Path

from lxml import etree

from loaders.verifactu.schemas import ANSWER_NAMESPACE, RECORD_NAMESPACE, SUBMISSION_NAMESPACE

HOST = "agency.test"
PATH = "/wlpl/TIKE-CONT/ws/SistemaFacturacion/VerifactuSOAP"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
NAMES = {
    "soap": SOAP,
    "sf": RECORD_NAMESPACE,
    "sfLR": SUBMISSION_NAMESPACE,
    "sfR": ANSWER_NAMESPACE,
}


class Failure(StrEnum):
    """A way in which the agency does not answer as it should."""

    SLOW = "slow"
    STATUS_503 = "status 503"
    STATUS_403 = "status 403"
    CUT = "takes all and hangs up"
    GARBAGE = "garbage"
    HUGE = "huge"
    REDIRECT = "redirect"
    CLIENT_FAULT = "client fault"
    SERVER_FAULT = "server fault"
    FOREIGN = "speaks of another invoice"
    SILENT = "speaks of no record"
    FORGETFUL = "leaves the last record out"


@dataclass(slots=True)
class TaxAgency:
    """What it remembers, and how it behaves."""

    url: str = ""
    wait_seconds: int = 60
    messages: list[etree._Element] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    kept: dict[tuple[str, str], str] = field(default_factory=dict)
    last_fingerprint: str = ""
    gate: threading.Event | None = None

    def numbers(self) -> list[list[str]]:
        """Give which invoices each message was about."""
        return [[_number(each) for each in _records(message)] for message in self.messages]

    def has_incident(self) -> list[bool]:
        """Give which messages said that they are late."""
        path = ".//sf:RemisionVoluntaria/sf:Incidencia"
        return [message.findtext(path, "", NAMES) == "S" for message in self.messages]

    def answer(self, body: bytes) -> tuple[int, bytes]:
        """Take a message and give the status and content of the answer."""
        content = etree.fromstring(body).find("soap:Body/*", NAMES)
        if not _read_schema("SuministroLR.xsd").validate(content):
            return 500, fault("Client", "Codigo[4102].El XML no cumple el esquema.")
        self.messages.append(content)
        if self.gate is not None:
            self.gate.wait(30)
        return 200, self._write(content, [self._take(record) for record in _records(content)])

    def _take(self, record: etree._Element) -> str:
        """Take a record, and give its line of the answer."""
        number, action = _number(record), _action(record)
        previous = record.findtext("sf:Encadenamiento/sf:RegistroAnterior/sf:Huella", "", NAMES)
        if fault := self._find_fault(record):
            return _line(record, "Incorrecto", fault)
        if (number, action) in self.kept and not _says(record, "Subsanacion"):
            state = {"Correcto": "Correcta", "AceptadoConErrores": "AceptadaConErrores"}
            return _line(record, "Incorrecto", 3000, state[self.kept[number, action]])
        if number in self.refused:
            return _line(record, "Incorrecto", 1100)
        status = "Correcto" if previous == self.last_fingerprint else "AceptadoConErrores"
        self.kept[number, action] = status
        self.last_fingerprint = record.findtext("sf:Huella", "", NAMES)
        return _line(record, status, None if status == "Correcto" else 2000)

    def _find_fault(self, record: etree._Element) -> int | None:
        """Tell whether a record supposes that another is kept which is not, or the reverse."""
        is_kept = (_number(record), "Alta") in self.kept
        if _action(record) == "Anulacion":
            supposes = not _says(record, "SinRegistroPrevio")
        elif _says(record, "Subsanacion"):
            supposes = not _says(record, "RechazoPrevio", "X")
        else:
            return None
        return None if supposes == is_kept else (3000 if is_kept else 3002)

    def _write(self, message: etree._Element, lines: list[str]) -> bytes:
        n_refused = sum("<sfR:EstadoRegistro>Incorrecto" in line for line in lines)
        status = "ParcialmenteCorrecto" if n_refused or "AceptadoCon" in "".join(lines) else ""
        status = "Incorrecto" if n_refused == len(lines) else status or "Correcto"
        receipt = "" if status == "Incorrecto" else "<sfR:CSV>A-1B2C3D4E5F6G7H</sfR:CSV>"
        header = etree.tostring(message.find("sfLR:Cabecera/sf:ObligadoEmision", NAMES)).decode()
        answer = (
            f'<sfR:RespuestaRegFactuSistemaFacturacion xmlns:sfR="{ANSWER_NAMESPACE}"'
            f' xmlns:sf="{RECORD_NAMESPACE}">{receipt}<sfR:Cabecera>{header}</sfR:Cabecera>'
            f"<sfR:TiempoEsperaEnvio>{self.wait_seconds}</sfR:TiempoEsperaEnvio>"
            f"<sfR:EstadoEnvio>{status}</sfR:EstadoEnvio>{''.join(lines)}"
            "</sfR:RespuestaRegFactuSistemaFacturacion>"
        )
        schema = _read_schema("RespuestaSuministro.xsd")
        assert schema.validate(etree.fromstring(answer)), schema.error_log
        return _envelop(answer)


def fault(code: str, text: str) -> bytes:
    """Write a SOAP fault."""
    return _envelop(
        f"<env:Fault><faultcode>env:{code}</faultcode><faultstring>{text}</faultstring></env:Fault>"
    )


@contextmanager
def run_tax_agency(certificate: Path, authority: Path) -> Iterator[TaxAgency]:
    """Serve over TLS to who shows a certificate of an authority, until the end of the block."""
    agency = TaxAgency()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == PATH, self.path
            assert self.headers["content-type"] == "text/xml; charset=utf-8"
            body = self.rfile.read(int(self.headers["content-length"]))
            failure = agency.failures.pop(0) if agency.failures else None
            reply = _fail(agency, failure, body) if failure else agency.answer(body)
            if reply is not None:
                status, content = reply
                self.send_response(status)
                self.send_header("content-length", str(len(content)))
                self.send_header("location", "https://elsewhere.test/")
                self.end_headers()
                self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """Say nothing of callers who hang up."""

        def finish_request(self, request: object, client_address: object) -> None:
            # Here, in a thread of its own, a handshake that fails harms nobody else.
            with context.wrap_socket(request, server_side=True) as encrypted:
                super().finish_request(encrypted, client_address)

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(authority)
    with Server(("127.0.0.1", 0), Handler) as server:
        agency.url = f"https://{HOST}:{server.server_address[1]}{PATH}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield agency
        finally:
            server.shutdown()
            thread.join()


def _fail(agency: TaxAgency, failure: Failure, body: bytes) -> tuple[int, bytes] | None:
    match failure:
        case Failure.SLOW:
            time.sleep(0.6)
        case Failure.CUT:
            agency.answer(body)
            return None
        case Failure.STATUS_503 | Failure.STATUS_403:
            return int(failure[-3:]), b"<html/>"
        case Failure.GARBAGE:
            return 200, b"<html>\x00 maintenance"
        case Failure.HUGE:
            return 200, b" " * 300_000
        case Failure.REDIRECT:
            return 307, b""
        case Failure.CLIENT_FAULT:
            return 500, fault("Client", "Codigo[4116].El NIF no está autorizado.")
        case Failure.SERVER_FAULT:
            return 500, fault("Server", "Codigo[-1].Vuelva a intentarlo.")
    return _distort(agency, failure, body)


def _distort(agency: TaxAgency, failure: Failure, body: bytes) -> tuple[int, bytes]:
    """Answer, but not to what was asked."""
    status, content = agency.answer(body)
    root = etree.fromstring(content)
    lines = root.findall(".//sfR:RespuestaLinea", NAMES)
    if failure is Failure.FOREIGN:
        lines[0].find(".//sf:NumSerieFactura", NAMES).text = "OTHER-1"
    for line in {Failure.SILENT: lines, Failure.FORGETFUL: lines[-1:]}.get(failure, []):
        line.getparent().remove(line)
    return status, etree.tostring(root)


def _records(message: etree._Element) -> list[etree._Element]:
    return message.findall("sfLR:RegistroFactura/*", NAMES)


def _action(record: etree._Element) -> str:
    return {"RegistroAlta": "Alta", "RegistroAnulacion": "Anulacion"}[etree.QName(record).localname]


def _says(record: etree._Element, name: str, value: str = "S") -> bool:
    return record.findtext(f"sf:{name}", "", NAMES) == value


def _identity(record: etree._Element) -> list[str]:
    return [each.text for each in record.find("sf:IDFactura", NAMES)]


def _number(record: etree._Element) -> str:
    return _identity(record)[1]


def _line(
    record: etree._Element, status: str, code: int | None, duplicate_of: str | None = None
) -> str:
    issuer, number, day = _identity(record)
    error = (
        f"<sfR:CodigoErrorRegistro>{code}</sfR:CodigoErrorRegistro>"
        f"<sfR:DescripcionErrorRegistro>Error {code} &lt;ñ&gt;</sfR:DescripcionErrorRegistro>"
        if code
        else ""
    )
    duplicate = (
        "<sfR:RegistroDuplicado><sf:IdPeticionRegistroDuplicado>1</sf:IdPeticionRegistroDuplicado>"
        f"<sf:EstadoRegistroDuplicado>{duplicate_of}</sf:EstadoRegistroDuplicado>"
        "</sfR:RegistroDuplicado>"
        if duplicate_of
        else ""
    )
    return (
        f"<sfR:RespuestaLinea><sfR:IDFactura><sf:IDEmisorFactura>{issuer}</sf:IDEmisorFactura>"
        f"<sf:NumSerieFactura>{number}</sf:NumSerieFactura>"
        f"<sf:FechaExpedicionFactura>{day}</sf:FechaExpedicionFactura></sfR:IDFactura>"
        f"<sfR:Operacion><sf:TipoOperacion>{_action(record)}</sf:TipoOperacion></sfR:Operacion>"
        f"<sfR:EstadoRegistro>{status}</sfR:EstadoRegistro>{error}{duplicate}"
        "</sfR:RespuestaLinea>"
    )


def _envelop(content: str) -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><env:Envelope xmlns:env="{SOAP}"><env:Header/>'
        f"<env:Body>{content}</env:Body></env:Envelope>"
    ).encode()


@cache
def _read_schema(name: str) -> etree.XMLSchema:
    path = distribution("verifactu-sdk").locate_file(f"verifactu_sdk/schemas/{name}")
    return etree.XMLSchema(etree.parse(str(path)))
