"""What a record of the chain says of itself, and the fingerprint that seals it."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from hashlib import sha256

from loaders.invoice_parts import Party
from models.values.errors import InvalidDataError
from models.values.nif import Nif

_LONGEST = {"name": 30, "system_id": 2, "version": 50, "installation": 100}


class UnfitRecordError(InvalidDataError):
    """A record is not one that the tax agency's schema allows.

    Attributes
    ----------
    subject : str
        Which record, or which part of the billing system.
    reasons : tuple of str
        What the schema says.
    reason : str
        All of them as one text.
    """

    def __init__(self, subject: str, *reasons: str) -> None:
        super().__init__(f"{subject} does not fit the tax agency's schema: {'; '.join(reasons)}")
        self.subject = subject
        self.reasons = reasons
        self.reason = "; ".join(reasons)


class RecordKind(StrEnum):
    """What a record does, by the name of its element."""

    REGISTRATION = "RegistroAlta"
    CANCELLATION = "RegistroAnulacion"


@dataclass(frozen=True, slots=True)
class InvoiceIdentity:
    """What tells an invoice from all others.

    Attributes
    ----------
    issuer : Nif
        Whose it is.
    number : str
        Series and number together.
    issued_on : date
        Date of issue.
    """

    issuer: Nif
    number: str
    issued_on: date


@dataclass(frozen=True, slots=True)
class ChainLink:
    """A record, as the next one names it.

    Attributes
    ----------
    invoice : InvoiceIdentity
        The invoice it is about.
    fingerprint : str
        64 hexadecimal digits in capitals.
    """

    invoice: InvoiceIdentity
    fingerprint: str


@dataclass(frozen=True, slots=True)
class ChainRecord:
    """What a fingerprint covers, in the very characters of the record.

    Attributes
    ----------
    kind : RecordKind
        Registration or cancellation.
    invoice : InvoiceIdentity
        The invoice it is about.
    invoice_kind, quota_total, total : str
        Of a registration; empty in a cancellation.
    previous : ChainLink or None
        The record before; None in the first one.
    generated_at : str
        Instant with offset.
    fingerprint : str
        That the record bears.
    """

    kind: RecordKind
    invoice: InvoiceIdentity
    invoice_kind: str
    quota_total: str
    total: str
    previous: ChainLink | None
    generated_at: str
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class BillingSystem:
    """The software that makes the records, as its declaration of conformity names it.

    Attributes
    ----------
    producer : Party
        Who made it; with a tax number.
    name : str
        Of the software, at most 30 characters.
    system_id : str
        The producer's code of it, at most 2 characters.
    version : str
        At most 50 characters.
    installation : str
        Which installation, at most 100 characters.
    is_only_verifactu : bool
        Whether it can only work by sending its records.
    serves_several : bool
        Whether it can keep chains for several issuers.
    has_several : bool
        Whether it does.

    Raises
    ------
    UnfitRecordError
        If the producer has no tax number, or a text is blank, too long or unprintable.
    """

    producer: Party
    name: str
    system_id: str
    version: str
    installation: str
    is_only_verifactu: bool = True
    serves_several: bool = True
    has_several: bool = True

    def __post_init__(self) -> None:
        if self.producer.nif is None:
            raise UnfitRecordError("billing system", "its producer has no NIF")
        for field, most in _LONGEST.items():
            text = getattr(self, field)
            if not text.strip() or len(text) > most or not text.isprintable():
                reason = f"{field} needs 1 to {most} printable characters, not {text[:40]!r}"
                raise UnfitRecordError("billing system", reason)


def format_day(day: date) -> str:
    """Write a date as the records do.

    Parameters
    ----------
    day : date
        The date.

    Returns
    -------
    str
        Day, month and year.

    Examples
    --------
    >>> format_day(date(2025, 6, 1))
    '01-06-2025'
    """
    return f"{day.day:02}-{day.month:02}-{day.year:04}"


def compute_fingerprint(record: ChainRecord) -> str:
    """Compute the fingerprint that a record must bear.

    Parameters
    ----------
    record : ChainRecord
        Its own ``fingerprint`` is not read.

    Returns
    -------
    str
        SHA-256, 64 hexadecimal digits in capitals.

    Notes
    -----
    Names and values joined by ``=`` and ``&`` in a fixed order, in UTF-8, as the tax agency's
    "Especificaciones técnicas para generación de la huella o hash" 0.1.2 say; not URL-escaped.

    Examples
    --------
    >>> invoice = InvoiceIdentity(Nif("A00000000"), "PRUEBA-0001", date(2025, 6, 1))
    >>> at = "2025-06-01T10:20:30+02:00"
    >>> record = ChainRecord(RecordKind.REGISTRATION, invoice, "F2", "2.10", "12.10", None, at)
    >>> compute_fingerprint(record)[:16]
    'F223F0A84F7D0C70'
    """
    cancelled = "Anulada" if record.kind is RecordKind.CANCELLATION else ""
    fields = {
        f"IDEmisorFactura{cancelled}": str(record.invoice.issuer),
        f"NumSerieFactura{cancelled}": record.invoice.number,
        f"FechaExpedicionFactura{cancelled}": format_day(record.invoice.issued_on),
    }
    if not cancelled:
        fields["TipoFactura"] = record.invoice_kind
        fields["CuotaTotal"] = record.quota_total
        fields["ImporteTotal"] = record.total
    fields["Huella"] = record.previous.fingerprint if record.previous else ""
    fields["FechaHoraHusoGenRegistro"] = record.generated_at
    text = "&".join(f"{name}={value.strip()}" for name, value in fields.items())
    return sha256(text.encode()).hexdigest().upper()
