"""A certificate with which we show a service who we are."""

import secrets
from dataclasses import dataclass, field
from pathlib import Path
from ssl import SSLContext, SSLError
from tempfile import TemporaryDirectory

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
)

from models.values.errors import InvalidDataError


class UnpresentableCertificateError(InvalidDataError):
    """TLS does not take a certificate and its key; neither is told."""

    def __init__(self) -> None:
        super().__init__("TLS does not take the certificate and its key: ask for another one")


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """A certificate and its key.

    Attributes
    ----------
    chain : tuple of x509.Certificate
        Ours, then those who vouch for it.
    key : PrivateKeyTypes
        The private key.
    """

    chain: tuple[x509.Certificate, ...]
    key: PrivateKeyTypes = field(repr=False)


def present_certificate(context: SSLContext, certificate: ClientCertificate) -> None:
    """Let connections present a certificate to whoever asks for one.

    Python reads it from files only: they are in a folder of our own for that moment, and the key
    is locked by a password that nobody else learns.

    Raises
    ------
    UnpresentableCertificateError
        If TLS refuses it.
    """
    password = secrets.token_bytes(32).hex()
    locked = certificate.key.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(password.encode())
    )
    chain = b"".join(each.public_bytes(Encoding.PEM) for each in certificate.chain)
    with TemporaryDirectory(prefix="reparto-") as folder:
        path = Path(folder, "certificate.pem")
        path.touch(mode=0o600)
        path.write_bytes(locked + chain)
        try:
            context.load_cert_chain(path, password=password)
        except SSLError as error:
            raise UnpresentableCertificateError from error
