"""The signature verifies, covers the whole invoice, and is the same for the same instant."""

from base64 import b64decode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree
from signxml.exceptions import InvalidDigest, InvalidSignature
from signxml.xades.xades import XAdESSignatureConfiguration, XAdESVerifier

from loaders.certificate_files import CertifiedKey, UnfitCertificateError
from loaders.decoding import UnreadableFileError
from loaders.facturae.invoice_writer import write_facturae
from loaders.facturae.signature import SIGNATURE_POLICY, is_signed_copy, sign_facturae
from models.values.errors import InvalidArgumentError
from models.values.language import Language
from tests.support.certificates import certify, make_key
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


SIGNER = CertifiedKey(
    certify(make_key(), valid_from=AT.replace(month=1), valid_until=AT.replace(year=2027, month=1)),
    make_key(),
)


def sign(at: datetime = AT, *, is_third_party: bool = False) -> bytes:
    return sign_facturae(INVOICE, signer=SIGNER, signed_at=at, is_third_party=is_third_party)


def verify(signed: bytes) -> list[object]:
    return XAdESVerifier().verify(
        signed,
        x509_cert=SIGNER.certificate.public_bytes(Encoding.PEM).decode(),
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
    der = SIGNER.certificate.public_bytes(Encoding.DER)
    assert b64decode(say("xades:CertDigest/ds:DigestValue")) == sha256(der).digest()
    assert root.find(".//xades:SigningCertificateV2", NAMES) is None
    assert b">tercero<" in sign(is_third_party=True)


def test_the_same_instant_makes_the_same_bytes(signed: bytes) -> None:
    assert sign() == signed
    assert sign(AT + timedelta(seconds=1)) != signed


def test_instants_outside_the_certificate_are_refused() -> None:
    with pytest.raises(UnfitCertificateError, match="to 2027-01-05, not on 2027-02-02"):
        sign(datetime(2027, 2, 2, tzinfo=UTC))
    with pytest.raises(InvalidArgumentError, match="needs an offset"):
        sign(AT.replace(tzinfo=None))


def test_what_is_no_invoice_is_refused() -> None:
    with pytest.raises(UnreadableFileError):
        sign_facturae(b"<a", signer=SIGNER, signed_at=AT)


def test_only_rsa_keys_sign() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    with pytest.raises(UnfitCertificateError, match="not an RSA key"):
        sign_facturae(INVOICE, signer=CertifiedKey(certify(key), key), signed_at=AT)


def test_a_signed_copy_is_of_this_invoice_by_this_signer(signed: bytes) -> None:
    def is_copy(invoice: bytes = INVOICE, signer: CertifiedKey = SIGNER) -> bool:
        return is_signed_copy(signed, invoice=invoice, signer=signer)

    assert is_copy()
    assert not is_copy(invoice=INVOICE.replace(b"<InvoiceTotal>25.17", b"<InvoiceTotal>15.17"))
    assert not is_copy(signer=CertifiedKey(certify(make_key(), "Another"), make_key()))
    assert not is_signed_copy(INVOICE, invoice=INVOICE, signer=SIGNER)
