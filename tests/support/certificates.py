"""Certificates that vouch for themselves: of services that tests encrypt, and of who signs."""

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from cryptography.x509.oid import NameOID


def write_certificate(path: Path, host: str) -> None:
    """Write a key and the certificate of a host, both into one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, SHA256())
    )
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(secret + certificate.public_bytes(Encoding.PEM))


def certify(
    key: CertificateIssuerPrivateKeyTypes,
    name: str = "Comunitat, «prova» 12345678Z",
    valid_from: datetime = datetime(2020, 1, 1, tzinfo=UTC),
    valid_until: datetime = datetime(2090, 1, 1, tzinfo=UTC),
) -> x509.Certificate:
    """Make a certificate of a person who vouches for themselves."""
    names = [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "ES"),
        x509.NameAttribute(NameOID.COMMON_NAME, name),
    ]
    builder = x509.CertificateBuilder().subject_name(x509.Name(names))
    builder = builder.issuer_name(x509.Name(names)).public_key(key.public_key())
    builder = builder.serial_number(1234567890123456789)
    builder = builder.not_valid_before(valid_from).not_valid_after(valid_until)
    return builder.sign(key, SHA256())


@cache
def make_key() -> rsa.RSAPrivateKey:
    """Make the key of a person, the same for all tests of a process."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pack(
    key: CertificateIssuerPrivateKeyTypes,
    certificate: x509.Certificate | None,
    password: bytes | None = None,
) -> bytes:
    """Pack a key and its certificate as PKCS#12."""
    how = BestAvailableEncryption(password) if password else NoEncryption()
    return serialize_key_and_certificates(b"prova", key, certificate, None, how)
