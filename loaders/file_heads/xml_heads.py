"""XML by its root element, found as text: nothing is parsed, so no entity is ever expanded."""

import re

from loaders.file_formats import Detection, FileFormat
from loaders.number_text import excerpt_of

_ROOT = re.compile(r"<(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)([^>]*)")
_PROCESS = re.compile(r"<CodigoDelProceso>([A-Z0-9]{2})</CodigoDelProceso>")
_PASS = re.compile(r"<CodigoDePaso>([0-9]{2})</CodigoDePaso>")
_PAYMENT = re.compile(r"urn:iso:std:iso:20022:tech:xsd:((?:pain|camt)\.([0-9]{3})[0-9.]*)")
_FACTURAE = "facturae.gob.es/formato"
_MOST_PROLOGUE = 100  # comments and instructions before the root element

_BANK_MESSAGES = {
    "camt.053": (FileFormat.CAMT_053, "a bank's statement of an account"),
    "camt.054": (FileFormat.CAMT_054, "a bank's notification of bookings"),
    "pain.002": (FileFormat.PAIN_002, "a bank's report on a file of payments"),
}
_PROCESSES = {
    "A3": "a new supply",
    "B1": "the end of a contract",
    "C1": "a change of retailer",
    "C2": "a change of retailer with changes of the contract",
    "D1": "a change that the distributor announces",
    "F1": "an invoice of the distributor",
    "M1": "a change of the access contract",
    "R1": "a complaint",
    "W1": "a reading of one's own",
}


def detect_xml(text: str) -> Detection:
    """Tell which XML a text is.

    Parameters
    ----------
    text : str
        The beginning of it.

    Returns
    -------
    Detection
        A bank's message, or a market message, a Facturae invoice, another SEPA message or a schema,
        all of which are refused; otherwise unknown, by the name of its root element.
    """
    root = _ROOT.match(text, _skip_prologue(text))
    if not root:
        return Detection.none("begins with < and has no root element")
    name, attributes = root[1], root[2]
    payment = _PAYMENT.search(attributes)
    if name == "schema":
        what = payment[1] if payment else "Facturae" if _FACTURAE in attributes else "some XML"
        return Detection(FileFormat.XML_SCHEMA, f"is the schema of {what}, not a document")
    if name.startswith("Mensaje"):
        return Detection(FileFormat.ATR_XML, f"is {_describe_message(name, text)}; not imported")
    if name == "Facturae" or _FACTURAE in attributes:
        return Detection(FileFormat.FACTURAE_XML, "is a Facturae invoice; not imported")
    if payment:
        return _describe_payment(payment)
    if name.lower() == "html":
        return Detection.none("is a web page, perhaps an error or a login; download the file anew")
    return Detection.none(f"is XML whose root element is {excerpt_of(name)}")


def _describe_payment(payment: re.Match[str]) -> Detection:
    """Tell a bank's messages that are read from those that are not."""
    message = payment[1]
    what = _BANK_MESSAGES.get(message[: len("camt.053")])
    if what is None:
        return Detection(FileFormat.SEPA_XML, f"is a SEPA message {message}; not imported")
    form, meaning = what
    return Detection(form, f"is {meaning} ({message})")


def _skip_prologue(text: str) -> int:
    """Find where the root element begins: behind instructions, comments and a document type."""
    place = 0
    for _ in range(_MOST_PROLOGUE):
        place = len(text) - len(text[place:].lstrip())
        if text.startswith("<?", place):
            end = text.find("?>", place) + 2
        elif text.startswith("<!--", place):
            end = text.find("-->", place) + 3
        elif text.startswith("<!", place):
            end = _find_end_of_type(text, place) + 1
        else:
            break
        if end <= place:
            break
        place = end
    return place


def _find_end_of_type(text: str, place: int) -> int:
    """Find the end of a document type, which may declare entities between brackets."""
    end, bracket = text.find(">", place), text.find("[", place)
    return text.find(">", text.find("]", bracket)) if 0 <= bracket < end else end


def _describe_message(root: str, text: str) -> str:
    """Name a message of the electricity market by its process and its step."""
    process, step = _PROCESS.search(text), _PASS.search(text)
    if not process:
        return f"a message of the electricity market ({excerpt_of(root)})"
    meaning = _PROCESSES.get(process[1])
    of_what = f", {meaning}," if meaning else ""
    at_step = f" step {step[1]}" if step else ""
    return f"a message of the electricity market: {process[1]}{of_what}{at_step} ({root[:60]})"
