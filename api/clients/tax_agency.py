"""The tax agency's service that takes records of invoices (VERI*FACTU).

Its ``SistemaFacturacion.wsdl``: SOAP 1.1 over TLS, to which the sender shows a certificate.
"""

from api.clients.client_certificates import ClientCertificate
from api.clients.transport import Transport, TransportLimits

AGENCY_LIMITS = TransportLimits(
    connect_seconds=10.0, read_seconds=60.0, total_seconds=120.0, most_bytes=1 << 23, attempts=1
)
"""An answer to 1,000 records has some megabytes at most."""


def submit_to_agency(message: bytes, *, url: str, certificate: ClientCertificate) -> bytes:
    """Send a message with records once, and give the agency's answer, which may be a fault.

    Parameters
    ----------
    message : bytes
        A SOAP 1.1 envelope.
    url : str
        Address of the service.
    certificate : ClientCertificate
        The sender's.

    Returns
    -------
    bytes
        Another envelope, or whatever came in its place.

    Raises
    ------
    UnsafeAddressError
        If the address is not HTTPS, nor this machine's own.
    UnpresentableCertificateError
        If TLS does not take the certificate.
    RemoteUnreachableError
        If no whole answer comes in time; the agency may have the records all the same.
    RemoteStatusError
        If the agency refuses or fails.
    RemoteNonsenseError
        If it redirects, or answers with more than an answer can hold.
    """
    folder, _, name = url.rpartition("/")
    with Transport(
        "the tax agency", folder, limits=AGENCY_LIMITS, certificate=certificate
    ) as transport:
        return transport.post_soap(name, message)
