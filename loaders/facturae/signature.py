"""Signs a Facturae invoice: XAdES-EPES by the signature policy 3.1."""

from base64 import b64encode
from datetime import datetime
from hashlib import sha256

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
from signxml.util import SigningSettings, namespaces
from signxml.xades.xades import XAdESDataObjectFormat, XAdESSignaturePolicy, XAdESSigner

from loaders.certificate_files import CertifiedKey, UnfitCertificateError
from loaders.xml_documents import XmlNode, add_elements, format_xml, parse_xml
from models.values.errors import InvalidArgumentError

SIGNATURE_POLICY = XAdESSignaturePolicy(
    Identifier="http://www.facturae.es/politica_de_firma_formato_facturae/politica_de_firma_formato_facturae_v3_1.pdf",
    Description="Política de Firma FacturaE v3.1",
    DigestMethod=DigestAlgorithm.SHA1,
    DigestValue="Ohixl6upD6av8N7pEvDABhEL6hM=",
)
"""The policy's address and the digest of its document, as every invoice cites them."""

_DS = {"ds": namespaces.ds}


def sign_facturae(
    invoice: bytes, *, signer: CertifiedKey, signed_at: datetime, is_third_party: bool = False
) -> bytes:
    """Sign an invoice.

    Parameters
    ----------
    invoice : bytes
        A Facturae document without a signature.
    signer : CertifiedKey
        Its issuer, or the third party that issues it.
    signed_at : datetime
        Aware instant.
    is_third_party : bool
        Whether the signer is that third party.

    Returns
    -------
    bytes
        The document with an enveloped signature; the same for the same instant.

    Raises
    ------
    InvalidArgumentError
        If the instant is naive.
    UnfitCertificateError
        If the certificate is not valid at that instant, or its key is not an RSA key.
    UnreadableFileError
        If the invoice is no XML that is read.

    Notes
    -----
    XAdES-EPES with RSA and SHA-256, by the "Política de firma electrónica Facturae" 3.1.
    """
    if signed_at.tzinfo is None:
        raise InvalidArgumentError(f"instant {signed_at} of a signature needs an offset")
    signer.check_validity(signed_at)
    if not isinstance(signer.key, RSAPrivateKey):
        raise UnfitCertificateError("its key is not an RSA key, as signing an invoice needs")
    certificate = signer.certificate
    role = "tercero" if is_third_party else "emisor"
    signing = _FacturaeSigner(certificate, signed_at, role)
    return format_xml(signing.sign(parse_xml(invoice), key=signer.key, cert=[certificate]))


def is_signed_copy(signed: bytes, *, invoice: bytes, signer: CertifiedKey) -> bool:
    """Tell whether a document is an invoice as somebody signed it before.

    Parameters
    ----------
    signed : bytes
        A document that ``sign_facturae`` may have made; the signature is not verified.
    invoice : bytes
        The invoice without a signature.
    signer : CertifiedKey
        Who would sign it now.

    Returns
    -------
    bool
        Whether the content and the certificate are the same.

    Raises
    ------
    UnreadableFileError
        If either is no XML that is read.
    """
    root = parse_xml(signed)
    signatures = root.findall("ds:Signature", _DS)
    certificate = b64encode(signer.certificate.public_bytes(Encoding.DER)).decode()
    shown = {
        "".join((each.text or "").split())
        for each in root.iterfind("ds:Signature/ds:KeyInfo/ds:X509Data/ds:X509Certificate", _DS)
    }
    for signature in signatures:
        root.remove(signature)
    return certificate in shown and _canonize(root) == _canonize(parse_xml(invoice))


def _canonize(root: etree._Element) -> bytes:
    canonical: bytes = etree.tostring(root, method="c14n")
    return canonical


class _FacturaeSigner(XAdESSigner):
    """Signs at a given instant, with the elements that the policy names."""

    def __init__(self, certificate: x509.Certificate, signed_at: datetime, role: str) -> None:
        super().__init__(
            signature_policy=SIGNATURE_POLICY,
            claimed_roles=[role],
            data_object_format=XAdESDataObjectFormat("Factura electrónica", "text/xml"),
            signature_algorithm=SignatureMethod.RSA_SHA256,
            digest_algorithm=DigestAlgorithm.SHA256,
            c14n_algorithm=CanonicalizationMethod.CANONICAL_XML_1_0,
        )
        self._certificate = certificate
        self._signed_at = signed_at
        self._n_tokens = 0

    def _get_token(self, length: int = 4) -> str:
        """Count the parts of the signature, which the library names at random."""
        self._n_tokens += 1
        return f"{self._n_tokens:0{2 * length}}"

    def add_signing_time(
        self,
        signed_signature_properties: etree._Element,
        sig_root: etree._Element,  # noqa: ARG002
        signing_settings: SigningSettings,  # noqa: ARG002
    ) -> None:
        """State the instant that was given, not that of the clock."""
        time: list[XmlNode] = [("SigningTime", self._signed_at.isoformat(timespec="seconds"))]
        add_elements(signed_signature_properties, time, namespaces.xades)

    def add_signing_certificate(
        self,
        signed_signature_properties: etree._Element,
        sig_root: etree._Element,  # noqa: ARG002
        signing_settings: SigningSettings,  # noqa: ARG002
    ) -> None:
        """State the certificate by ``SigningCertificate``: the policy is older than its V2."""
        certificate = self._certificate
        digest = sha256(certificate.public_bytes(Encoding.DER)).digest()
        cert: list[XmlNode] = [("Cert", [("CertDigest", []), ("IssuerSerial", [])])]
        listed: list[XmlNode] = [("SigningCertificate", cert)]
        add_elements(signed_signature_properties, listed, namespaces.xades)
        cert_digest, issuer_serial = signed_signature_properties[-1][0]
        digest_nodes: list[XmlNode] = [
            ("DigestMethod", []),
            ("DigestValue", b64encode(digest).decode()),
        ]
        add_elements(cert_digest, digest_nodes, namespaces.ds)
        cert_digest[0].set("Algorithm", DigestAlgorithm.SHA256.value)
        issuer_nodes: list[XmlNode] = [
            ("X509IssuerName", certificate.issuer.rfc4514_string()),
            ("X509SerialNumber", str(certificate.serial_number)),
        ]
        add_elements(issuer_serial, issuer_nodes, namespaces.ds)
