"""The tax QR of an invoice: the address it holds, its image and the legends around it."""

from decimal import Decimal
from enum import StrEnum
from io import BytesIO
from urllib.parse import urlencode

import segno

from loaders.invoice_record import InvoiceRecord
from loaders.verifactu.records import InvoiceIdentity, format_day
from models.values.money import round_to_cents

QR_HEADING = "QR tributario:"
"""What stands above the image (Orden HAC/1177/2024, article 20)."""

VERIFIABLE_LEGEND = "Factura verificable en la sede electrónica de la AEAT"
"""What stands below it where records are sent."""

SHORT_VERIFIABLE_LEGEND = "VERI*FACTU"
"""What may stand there instead."""

_QUIET_MODULES = 4


class TaxAgencyHost(StrEnum):
    """Where the address of a QR leads."""

    PRODUCTION = "www2.agenciatributaria.gob.es"
    TEST = "prewww2.aeat.es"


def write_qr_address(record: InvoiceRecord, *, host: TaxAgencyHost, is_verifiable: bool) -> str:
    """Write the address that an invoice's QR holds.

    Parameters
    ----------
    record : InvoiceRecord
        The invoice.
    host : TaxAgencyHost
        Of production or of tests.
    is_verifiable : bool
        Whether the issuer's records are sent (VERI*FACTU).

    Returns
    -------
    str
        URL-encoded.

    Notes
    -----
    The tax agency's "Características del QR y especificaciones del servicio de cotejo" 0.5.0.
    """
    identity = InvoiceIdentity(record.issuer_nif, str(record.number), record.issued_on)
    return write_identity_address(
        identity, record.total_eur, host=host, is_verifiable=is_verifiable
    )


def write_identity_address(
    invoice: InvoiceIdentity, total_eur: Decimal, *, host: TaxAgencyHost, is_verifiable: bool
) -> str:
    """Write the address that the QR of an invoice holds, of which only its identity is known.

    Parameters
    ----------
    invoice : InvoiceIdentity
        Which one.
    total_eur : Decimal
        Its total [EUR].
    host : TaxAgencyHost
        Of production or of tests.
    is_verifiable : bool
        Whether the issuer's records are sent (VERI*FACTU).

    Returns
    -------
    str
        URL-encoded.

    Notes
    -----
    As ``write_qr_address``.
    """
    service = "ValidarQR" if is_verifiable else "ValidarQRNoVerifactu"
    query = {
        "nif": invoice.issuer,
        "numserie": invoice.number,
        "fecha": format_day(invoice.issued_on),
        "importe": str(round_to_cents(total_eur)),
    }
    return f"https://{host}/wlpl/TIKE-CONT/{service}?{urlencode(query)}"


def draw_qr_svg(address: str) -> bytes:
    """Draw a QR as SVG, with its quiet zone and no size of its own.

    Parameters
    ----------
    address : str
        What it holds.

    Returns
    -------
    bytes
        The image; to be shown 30 to 40 mm wide.

    Notes
    -----
    ISO/IEC 18004 with error correction M, as the law wants: not the higher level that would fit.
    """
    image = BytesIO()
    _make(address).save(image, kind="svg", border=_QUIET_MODULES, omitsize=True, xmldecl=False)
    return image.getvalue()


def _make(address: str) -> segno.QRCode:
    return segno.make(address, error="m", boost_error=False, micro=False)
