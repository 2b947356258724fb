"""The signature verifies, covers the whole invoice, and is the same for the same instant."""

from base64 import b64decode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID
from lxml import etree
from signxml.exceptions import InvalidDigest, InvalidSignature
from signxml.xades.xades import XAdESSignatureConfiguration, XAdESVerifier

from loaders.facturae.invoice_writer import write_facturae
from loaders.facturae.signature import (
    SIGNATURE_POLICY,
    UnfitCertificateError,
    read_signer,
    sign_facturae,
)
from loaders.xml_documents import UnreadableXmlError
from models.values.errors import InvalidArgumentError
from models.values.language import Language
from tests.support.facturae import CENTRES, check_by_schema
from tests.support.invoices import TOWN_HALL, build_invoice

AT = datetime(2026, 11, 5, 9, 30, tzinfo=UTC)
INVOICE = write_facturae(
    replace(build_invoice(), recipient=TOWN_HALL), centres=CENTRES, language=Language.SPANISH
)
NAMES = {
    "ds": "http://www.w3.org/2000/09/xmldsig#",
    "xades": "http://uri.etsi.org/01903/v1.3.2#",
}


@cache
def make_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def certify(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    """Make a self-signed certificate of 2026, as PEM."""
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "ES"),
            x509.NameAttribute(NameOID.COMMON_NAME, "Comunitat, «prova» 12345678Z"),
        ]
    )
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name)
    builder = builder.public_key(key.public_key()).serial_number(1234567890123456789)
    builder = builder.not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
    builder = builder.not_valid_after(datetime(2027, 1, 1, tzinfo=UTC))
    return builder.sign(key, SHA256()).public_bytes(Encoding.PEM)


def dump(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, password: bytes | None = None
) -> bytes:
    how = BestAvailableEncryption(password) if password else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how)


def sign(at: datetime = AT, *, is_third_party: bool = False) -> bytes:
    signer = read_signer(certify(make_key()), dump(make_key()))
    return sign_facturae(INVOICE, signer=signer, signed_at=at, is_third_party=is_third_party)


def verify(signed: bytes) -> list[object]:
    return XAdESVerifier().verify(
        signed,
        x509_cert=certify(make_key()).decode(),
        expect_signature_policy=SIGNATURE_POLICY,
        expect_config=XAdESSignatureConfiguration(expect_references=3),
    )


@pytest.fixture(scope="module")
def signed() -> bytes:
    return sign()


def test_the_signature_verifies_and_the_schema_takes_it(signed: bytes) -> None:
    whole, *_ = verify(signed)
    covered = whole.signed_xml  # type: ignore[attr-defined]
    assert etree.tostring(covered, method="c14n") == etree.tostring(
        etree.fromstring(INVOICE), method="c14n"
    )
    check_by_schema(signed)


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"<InvoiceTotal>25.17", b"<InvoiceTotal>15.17"), (b"T09:30:00+00:00", b"T09:30:01+00:00")],
)
def test_a_changed_invoice_does_not_verify(signed: bytes, old: bytes, new: bytes) -> None:
    assert old in signed
    with pytest.raises((InvalidDigest, InvalidSignature)):
        verify(signed.replace(old, new))


def test_the_policy_and_the_certificate_are_named(signed: bytes) -> None:
    root = etree.fromstring(signed)

    def say(path: str) -> str:
        text: str = root.findtext(f".//{path}", None, NAMES)
        return text

    assert say("xades:SigningTime") == "2026-11-05T09:30:00+00:00"
    assert "politica_de_firma_formato_facturae_v3_1" in say("xades:SigPolicyId/xades:Identifier")
    assert say("xades:SigPolicyHash/ds:DigestValue") == "Ohixl6upD6av8N7pEvDABhEL6hM="
    assert say("xades:ClaimedRole") == "emisor"
    assert say("ds:X509SerialNumber") == "1234567890123456789"
    assert say("ds:X509IssuerName") == "CN=Comunitat\\, «prova» 12345678Z,C=ES"
    der = x509.load_pem_x509_certificate(certify(make_key())).public_bytes(Encoding.DER)
    assert b64decode(say("xades:CertDigest/ds:DigestValue")) == sha256(der).digest()
    assert root.find(".//xades:SigningCertificateV2", NAMES) is None
    assert b">tercero<" in sign(is_third_party=True)


def test_the_same_instant_makes_the_same_bytes(signed: bytes) -> None:
    assert sign() == signed
    assert sign(AT + timedelta(seconds=1)) != signed


def test_instants_outside_the_certificate_are_refused() -> None:
    with pytest.raises(UnfitCertificateError, match="not valid on 2027-01-02"):
        sign(datetime(2027, 1, 2, tzinfo=UTC))
    with pytest.raises(InvalidArgumentError, match="needs an offset"):
        sign(AT.replace(tzinfo=None))


def test_what_is_no_invoice_is_refused() -> None:
    signer = read_signer(certify(make_key()), dump(make_key(), b"secret"), b"secret")
    with pytest.raises(UnreadableXmlError):
        sign_facturae(b"<a", signer=signer, signed_at=AT)


def test_certificates_and_keys_that_cannot_sign_are_refused() -> None:
    certificate, key = certify(make_key()), dump(make_key())
    closed = dump(make_key(), b"secret")
    other = ec.generate_private_key(ec.SECP256R1())
    for pem, key_pem, password in (
        (b"nothing", key, None),
        (certificate, b"nothing", None),
        (certificate, closed, None),
        (certificate, closed, b"wrong"),
        (certificate, key, b"needless"),
    ):
        with pytest.raises(UnfitCertificateError, match="cannot be read"):
            read_signer(pem, key_pem, password)
    with pytest.raises(UnfitCertificateError, match="not an RSA key"):
        read_signer(certify(other), dump(other))
    another = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    with pytest.raises(UnfitCertificateError, match="another certificate"):
        read_signer(certificate, dump(another))
