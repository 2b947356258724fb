"""Reads a file that holds a certificate and its private key: PKCS#12, as authorities give it."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization.pkcs12 import load_key_and_certificates

from loaders.decoding import UnreadableFileError, read_bytes
from models.values.errors import InvalidDataError

_MOST_BYTES = 1 << 20


class UnfitCertificateError(InvalidDataError):
    """A certificate and its key cannot be used.

    Attributes
    ----------
    reason : str
        Why not; never a part of the key.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(f"the certificate cannot be used: {reason}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class CertifiedKey:
    """A private key, and the certificate that says whose it is.

    Attributes
    ----------
    certificate : x509.Certificate
        Names the holder.
    key : PrivateKeyTypes
        Its private key.
    authorities : tuple of x509.Certificate
        Who vouches for the holder, nearest first.

    Raises
    ------
    UnfitCertificateError
        If the key is that of another certificate.
    """

    certificate: x509.Certificate
    key: PrivateKeyTypes = field(repr=False)
    authorities: tuple[x509.Certificate, ...] = ()

    def __post_init__(self) -> None:
        if self.certificate.public_key() != self.key.public_key():
            raise UnfitCertificateError("the key is that of another certificate")

    def check_validity(self, now: datetime) -> None:
        """Refuse a certificate outside of its time.

        Parameters
        ----------
        now : datetime
            Aware instant of its use.

        Raises
        ------
        UnfitCertificateError
            If it is not valid then.
        """
        held = self.certificate
        if not held.not_valid_before_utc <= now <= held.not_valid_after_utc:
            first, last = held.not_valid_before_utc.date(), held.not_valid_after_utc.date()
            raise UnfitCertificateError(f"it is valid from {first} to {last}, not on {now.date()}")


def read_certified_key(content: bytes, password: bytes | None = None) -> CertifiedKey:
    """Read a certificate with its private key.

    Parameters
    ----------
    content : bytes
        PKCS#12, as files that end in ``.p12`` and ``.pfx`` are.
    password : bytes or None
        What opens it; None when it is open.

    Returns
    -------
    CertifiedKey
        Whether it is valid today is not looked at.

    Raises
    ------
    UnfitCertificateError
        If the file or its password is another, a part is missing, or the parts do not belong
        together.
    """
    try:
        key, certificate, authorities = load_key_and_certificates(content, password)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise UnfitCertificateError("the file is no PKCS#12, or its password is another") from error
    if key is None or certificate is None:
        raise UnfitCertificateError("the file lacks the certificate or its private key")
    return CertifiedKey(certificate, key, tuple(authorities))


def read_certificate_file(path: Path, password: str | None = None) -> CertifiedKey:
    """Read a file with a certificate and its private key.

    Parameters
    ----------
    path : Path
        Where it is.
    password : str or None
        What opens it; None when it is open.

    Returns
    -------
    CertifiedKey
        Whether it is valid today is not looked at.

    Raises
    ------
    UnfitCertificateError
        If there is none that can be read.
    """
    try:
        content = read_bytes(path, _MOST_BYTES)
    except UnreadableFileError as error:
        raise UnfitCertificateError(f"{path} cannot be read ({error.reason})") from error
    return read_certified_key(content, None if password is None else password.encode())
